"""Keys are looked at row by row: PostgreSQL refuses an UPDATE in which a row takes a key that a later row still has.

The rows are taken in the order in which they are stored, which is PostgreSQL's too where none was moved since.  Two
rows that have one key in the end are the engine's to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from helios_magic.engine.dialect.arbiters import Arbiter, arbiters
from helios_magic.engine.dialect.assignments import VOLATILE
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.schema import Table

if TYPE_CHECKING:
    from collections.abc import Collection

    from helios_magic.engine.dialect.queries import Binder


def changed_keys(binder: Binder, table: Table, assigned: Collection[str]) -> list[Arbiter]:
    """The keys of whole columns, of all rows, that an assignment may change."""
    return [key for key in arbiters(binder, table) if key.plain and set(key.columns) & set(assigned)]


def among_rows(binder: Binder, table: Table, rows: str, assigned: Collection[str]) -> list[str]:
    """Steps that refuse (23505) what kept rows do to each other: `_at` is their order, `o…` and `n…` their columns."""
    number = {column.name: i for i, column in enumerate(table.columns)}
    steps = []
    for key in changed_keys(binder, table, assigned):
        same = " AND ".join(f"_a.n{number[name]} = _b.o{number[name]}" for name in key.columns)
        steps.append(
            f"SELECT CASE WHEN count(*) > 0 THEN {_refused(key)} END FROM {rows} AS _a JOIN {rows} AS _b "
            f"ON _a._at < _b._at AND {same} WHERE _a._act IN ('UPDATE', 'INSERT') AND _b._act IN ('UPDATE', 'DELETE')"
        )
    return steps


def condition(binder: Binder, table: Table, alias: str, values: Mapping[str, str], where: str | None) -> str | None:
    """What refuses the same in one UPDATE, beside its own condition; None where no row can meet another.

    `values` are the assigned columns' values that are made of the row's own; a constant never takes the key of a row
    that gives it up.
    """
    keys = [key for key in changed_keys(binder, table, values) if not any(map(VOLATILE.search, values.values()))]
    if not keys or (where is not None and VOLATILE.search(where)):
        return None
    place = f"{quoted(table.schema)}.{quoted(table.name)}"
    parts = []
    for key in keys:
        own = [f"{quoted(alias)}.{quoted(name)}" for name in key.columns]
        listed = [f"{old} AS o{i}" for i, old in enumerate(own)]
        listed += [f"{values.get(name, own[i])} AS n{i}" for i, name in enumerate(key.columns)]
        rows = f"SELECT {quoted(alias)}.rowid AS _at, {', '.join(listed)} FROM {place} AS {quoted(alias)}"
        rows += f" WHERE {where}" if where is not None else ""
        same = " AND ".join(f"_a.n{i} = _b.o{i}" for i in range(len(own)))
        met = f"SELECT count(*) FROM ({rows}) AS _a JOIN ({rows}) AS _b ON _a._at < _b._at AND {same}"
        parts.append(f"CASE WHEN ({met}) > 0 THEN CAST({_refused(key)} AS BOOLEAN) ELSE true END")
    return " AND ".join(parts)


def _refused(key: Arbiter) -> str:
    message = literal(f'[23505] duplicate key value violates unique constraint "{key.name}"')
    return f"error({message})"
