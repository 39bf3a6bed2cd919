"""What the engine shows, compared with what the oracle holds: the first difference in words, or None."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from helios_magic.engine.face import Conflict, Merged, Resolution, TableChange
from helios_magic.schema import Schema
from tests.branching.merging import Expected, RowConflict, definition
from tests.branching.model import WIRE, Table, Version, multiset, named, plain
from tests.branching.oracle import Difference, image

ROW_KINDS = {"modify_modify", "delete_modify", "modify_delete", "add_add", "cardinality"}


def unlike_structure(schema: Schema, version: Version) -> str | None:
    told = {t.name: t for t in schema.tables}
    wanted = {t.name for t in version.tables.values()} | set(version.views)
    if set(told) != wanted:
        return f"tables and views are {sorted(told)}, not {sorted(wanted)}"
    found = (_unlike_table(told[table.name], table, version) for table in version.tables.values())
    return next((unlike for unlike in found if unlike is not None), None)


def _unlike_table(told: Any, table: Table, version: Version) -> str | None:
    columns = {c.name: (c.type, c.nullable) for c in told.columns}
    own = {c.name: (WIRE[c.type], c.nullable) for c in table.columns.values()}
    if columns != own:
        return f"{table.name} has columns {columns}, not {own}"
    key = tuple(table.columns[c].name for c in table.key)
    if told.primary_key != key:
        return f"{table.name} has the key {told.primary_key}, not {key}"
    indexes = sorted((i.columns, i.unique) for i in told.indexes if not i.primary)
    made = [i for i in version.indexes.values() if i.table == table.id]
    if indexes != sorted((tuple(table.columns[c].name for c in i.columns), i.unique) for i in made):
        return f"{table.name} has indexes {indexes}, not {made}"
    if len(told.foreign_keys) != len(table.foreign_keys) or len(told.checks) != len(table.checks):
        return f"{table.name} has lost or won a constraint: {told.foreign_keys} {told.checks}"
    return None


def unlike_rows(rows: Callable[[str], list[dict[str, Any]]], version: Version) -> str | None:
    """The rows of every table and view; `rows` reads them by name."""
    wanted = [(table.name, multiset(table)) for table in version.tables.values()]
    for view in version.views.values():
        table = version.tables[view.table]
        wanted.append((view.name, Counter(named(table, row) for row in version.rows_of(view))))
    for name, own in wanted:
        found = image(rows(name))
        if found != own:
            return f"{name}: too many {dict(found - own)}, lost {dict(own - found)}"
    return None


def unlike_counts(told: dict[str, TableChange], old: Version, new: Version) -> str | None:
    for table in new.tables.values():
        before = old.tables.get(table.id)
        if before is None or definition(before) != definition(table) or set(before.columns) != set(table.columns):
            continue
        difference = Difference.of(before, table)
        wanted = (difference.inserted, difference.updated, difference.deleted) if difference else (0, 0, 0)
        change = told.get(table.name)
        found = (change.inserted, change.updated, change.deleted) if change else (0, 0, 0)
        if wanted != found:
            return f"changes of {table.name} are {found}, not {wanted}"
    return None


def key_of(key: Any) -> tuple[tuple[str, Any], ...]:
    return () if key is None else tuple(sorted(key.to_pylist()[0].items()))


def resolution(of: tuple[str, Any, str | None], take: Any) -> Resolution:
    table, key, column = of
    values = {name: value if isinstance(value, (int, str)) else str(value) for name, value in key}
    if isinstance(take, list):
        return Resolution(table, values, "value", take[0], column)
    return Resolution(table, values, take, None, column)


def told_conflicts(merged: Merged) -> str:
    return "; ".join(f"{c.kind} in {c.table} {key_of(c.key)} {c.columns}" for c in merged.conflicts)


def page_rows(page: Any) -> Counter[Any]:
    """The rows of a diff as the oracle counts them."""
    if page is None:
        return Counter()
    found: Counter[Any] = Counter()
    rows = zip(page.kinds, page.old.to_pylist(), page.new.to_pylist(), strict=True)
    for kind, old, new in rows:
        before = tuple(sorted((c, plain(v)) for c, v in old.items()))
        after = tuple(sorted((c, plain(v)) for c, v in new.items()))
        found[(kind, None if kind == "inserted" else before, None if kind == "deleted" else after)] += 1
    return found


def unlike_conflicts(expected: Expected, merged: Merged) -> str | None:
    """Why these conflicts are not the expected ones; None: they are."""
    if expected.open or expected.schema:
        return None
    rows = [c for c in merged.conflicts if c.kind in ROW_KINDS]
    if expected.rows:
        wanted, found = Counter(map(_counted, expected.rows)), Counter(_row_conflict(c) for c in rows)
        if not merged.truncated and wanted != found:
            return f"rows: wanted {dict(wanted - found)}, got {dict(found - wanted)}"
        return None
    if rows:
        return f"no row is in conflict, only {expected.constraints}"
    kinds = {(c.table, c.kind) for c in merged.conflicts}
    return None if kinds and kinds <= set(expected.constraints) else f"constraints: {expected.constraints}"


def _counted(conflict: RowConflict) -> RowConflict:
    """Rows without a key are counted only."""
    return RowConflict(conflict.table, conflict.kind, (), frozenset()) if conflict.kind == "cardinality" else conflict


def _row_conflict(told: Conflict) -> RowConflict:
    sides = [None if side is None else side.to_pylist()[0] for side in (told.base, told.target, told.source)]
    values = ((name, *(None if side is None else plain(side.get(name)) for side in sides)) for name in told.columns)
    return _counted(RowConflict(told.table, told.kind, key_of(told.key), frozenset(told.columns), frozenset(values)))
