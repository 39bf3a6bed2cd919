"""Bulk loading: an Arrow table into a table of the branch, in one transaction.

The rows are read by DuckDB where they are; what is inserted goes through the dialect like any INSERT … SELECT, so
that types, defaults, checks, identities and foreign keys are the same as everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from helios_magic.engine import foreign_keys
from helios_magic.engine.arrowtypes import postgres_type, readable
from helios_magic.engine.execute import Work
from helios_magic.engine.face import LoadMode, Statement
from helios_magic.engine.links import Touched, links
from helios_magic.engine.names import quoted
from helios_magic.engine.plans import Planned, plan, reached
from helios_magic.engine.rules import nearest
from helios_magic.engine.vectors.spaces import record
from helios_magic.errors import AlreadyExistsError, NotFoundError, QueryError, ValidationError
from helios_magic.models.spaces import SPACE_FIELD, Space
from helios_magic.schema import Column, Schema, Table

if TYPE_CHECKING:
    import pyarrow as pa


def load(work: Work, name: str, rows: pa.Table, mode: LoadMode, key: str | None) -> int:
    """Add the rows within the transaction of `work`; how many."""
    before = _done_before(work, name, mode, key)
    if before is not None:
        return before
    spaces = _spaces(rows)
    rows = readable(rows)
    _check_names(rows)
    schema = work.schema()[1]
    table = _find(schema, name)
    if mode == "create" and table is not None:
        raise AlreadyExistsError(
            f"the table “{name}” exists already",
            hint="Load with mode append or replace, or choose another name.",
            details={"resource": "table", "table": name},
        )
    if mode == "append" and table is None:
        known = [table.name for table in schema.tables if table.kind == "table"]
        raise NotFoundError(
            f"there is no table “{name}”",
            hint=nearest(name, known) or "Load with mode create to make it.",
            details={"resource": "table", "table": name},
        )
    if table is None:
        table = _create(work, name, rows)
    elif mode == "replace":
        work.change(f"DELETE FROM {quoted(table.schema)}.{quoted(table.name)}")
        work.wrote(reached(schema, {table.full_name}))
    _record_spaces(work, name, spaces)
    inserted = _insert(work, table, rows)
    if mode == "replace":
        parents = tuple(link for link in links(work.schema()[1]) if link.parent.name == table.name)
        work.defer(foreign_keys.after(work, Touched(removed=parents), "replace", checked=True))
    if key is not None:
        work.change(
            "INSERT INTO _helios.loads VALUES ($1, $2, $3, $4, now())", {"1": key, "2": name, "3": mode, "4": inserted}
        )
    return inserted


def _spaces(rows: pa.Table) -> dict[str, Space]:
    """Of which space the rows' vectors are said to be, by column."""
    said = {field.name: (field.metadata or {}).get(SPACE_FIELD) for field in rows.schema}
    return {
        name: Space(model.decode("utf-8", "replace"), rows.schema.field(name).type.list_size)
        for name, model in said.items()
        if model is not None and hasattr(rows.schema.field(name).type, "list_size")
    }


def _record_spaces(work: Work, table: str, spaces: Mapping[str, Space]) -> None:
    """Before the rows come: whether a column holds vectors of another space is asked of those that are there."""
    for column, space in spaces.items():
        record(work, table, column, space)


def _done_before(work: Work, name: str, mode: str, key: str | None) -> int | None:
    """The count of the load that used this key, where there was one."""
    if key is None:
        return None
    found = work.ask("SELECT table_name, mode, inserted FROM _helios.loads WHERE key = $1", {"1": key})
    if not found:
        return None
    if found[0][:2] != (name, mode):
        raise ValidationError(
            f"the idempotency key was used before, to {found[0][1]} rows into “{found[0][0]}”",
            hint="Use a new key for each load.",
            details={"field": "Idempotency-Key"},
        )
    return int(found[0][2])


def _find(schema: Schema, name: str) -> Table | None:
    space, _, rest = name.rpartition(".")
    table = schema.table(name) or (schema.table(rest, space) if space else None)
    if table is not None and table.kind != "table":
        raise QueryError(
            f"“{name}” is a view; rows can be loaded into tables only",
            hint="Load into the table below it.",
            details={"sqlstate": "42809", "table": name},
        )
    return table


def _check_names(rows: pa.Table) -> None:
    if not rows.column_names:
        raise ValidationError("there is nothing to load: the rows have no columns", details={"field": "rows"})
    twice = [name for name, count in Counter(rows.column_names).items() if count > 1]
    if twice:
        raise ValidationError(
            f"the column “{twice[0]}” appears twice in the rows", hint="Rename one.", details={"field": twice[0]}
        )
    if "" in rows.column_names:
        raise ValidationError("a column of the rows has no name", hint="Name it.", details={"field": "rows"})


def _create(work: Work, name: str, rows: pa.Table) -> Table:
    """A table with PostgreSQL types for the rows' columns, made by the dialect's own DDL."""
    columns = ", ".join(f"{quoted(field.name)} {postgres_type(field)}" for field in rows.schema)
    statement = Statement(f"CREATE TABLE {quoted(name)} ({columns})")
    work.run(statement, work.plan(statement))
    made = _find(work.schema()[1], name)
    if made is None:
        raise AssertionError("a table that was just made is in the catalogue")
    return made


def _insert(work: Work, table: Table, rows: pa.Table) -> int:
    targets = [_target(table, name) for name in rows.column_names]
    schema = work.schema()[1]
    source = _free_name(schema)
    kinds = [postgres_type(field) for field in rows.schema]
    # What comes as jsonb or char(n) is only said to be normalised: it is on its way into the table.
    kinds = ["json" if kind == "jsonb" else "text" if kind.startswith("bpchar") else kind for kind in kinds]
    incoming = Table(source, tuple(Column(field.name, kind) for field, kind in zip(rows.schema, kinds, strict=True)))
    picked = [
        quoted(here.name) if here.type == there.type else f"CAST({quoted(here.name)} AS {there.type})"
        for here, there in zip(incoming.columns, targets, strict=True)
    ]
    statement = Statement(
        f"INSERT INTO {quoted(table.schema)}.{quoted(table.name)} ({', '.join(quoted(c.name) for c in targets)}) "
        f"SELECT {', '.join(picked)} FROM {quoted(source)}"
    )
    known = replace(schema, tables=(*schema.tables, incoming))
    planned = _unqualified(plan(statement.query, known, work.guard.check), source)
    if planned.touched is not None:
        # One look at the table afterwards is cheaper than keeping millions of keys.
        planned = replace(planned, touched=replace(planned.touched, returning=False))
    work.cursor.register(source, rows)
    try:
        return work.run(statement, planned).affected_rows or 0
    except QueryError as error:
        for place in ("position", "line", "column"):
            error.details.pop(place, None)  # it stood in a text that nobody sent
        raise
    finally:
        work.forget(source)


def _unqualified(planned: Planned, source: str) -> Planned:
    """The registered rows belong to the cursor, not to the schema in which the dialect found them."""
    steps = tuple(step.replace(f'"public".{quoted(source)}', quoted(source)) for step in planned.prepared.steps)
    return replace(planned, prepared=replace(planned.prepared, steps=steps))


def _target(table: Table, name: str) -> Column:
    column = table.column(name) or table.column(name.lower())
    if column is None:
        raise QueryError(
            f"{table.name} has no column “{name}”",
            hint=nearest(name, (column.name for column in table.columns))
            or f"Its columns are {', '.join(column.name for column in table.columns)}.",
            details={"sqlstate": "42703", "table": table.name, "column_name": name},
        )
    if column.generated is not None:
        raise QueryError(
            f'column "{column.name}" is a generated column and cannot be loaded',
            hint="Leave it out of the rows.",
            details={"sqlstate": "428C9", "table": table.name, "column_name": name},
        )
    return column


def _free_name(schema: Schema) -> str:
    known = {table.name for table in schema.tables}
    name = "loaded_rows"
    while name in known:
        name += "_"
    return name
