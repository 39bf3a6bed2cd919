"""Materialised views: tables of DuckDB's that hold what a query answered when they were last filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect import bookkeeping
from helios_magic.engine.dialect.createtable import storage_parameters
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.pgcatalog.indexes import index_keys
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.sources import find_table, is_taken
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.engine.dialect.views import new_place, read_query, recorded
from helios_magic.schema import Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

KIND = "materialized view"


def create(binder: Binder, words: Reader) -> Plan:
    """CREATE MATERIALIZED VIEW … AS query [WITH [NO] DATA]."""
    words.take("create", "materialized", "view")
    unless_there, at = words.take("if", "not", "exists"), words.place
    names = words.name()
    given = words.columns() if words.is_symbol("(") else ()
    if words.take("using"):
        words.identifier()
    if words.take("with"):
        storage_parameters(words)
    if words.take("tablespace"):
        words.identifier()
    view = read_query(binder, words, given, ("no", "data"), ("data",))
    # What the query names is looked for before the place that the view is to have.
    schema, name = new_place(binder, names, at)
    if is_taken(binder, schema, name):
        if unless_there:
            return Plan("ddl", "CREATE MATERIALIZED VIEW", ["SELECT 1"], binder)
        raise Refusal("42P07", f'relation "{name}" already exists', place=at)
    empty = view.last == ("no", "data")
    place = f"{quoted(schema)}.{quoted(name)}"
    filled = f"CREATE TABLE {place} AS SELECT * FROM ({view.query}) AS _q({view.listed})"
    steps = [
        filled + (" WITH NO DATA" if empty else ""),
        *bookkeeping.record("tables", [(schema, name)]),
        *recorded(schema, name, view, "e" if empty else "m"),
    ]
    return Plan("ddl", "CREATE MATERIALIZED VIEW", steps, binder)


def refresh(binder: Binder, words: Reader) -> Plan:
    """REFRESH MATERIALIZED VIEW: its rows anew; CONCURRENTLY asks for a unique index, as PostgreSQL does."""
    words.take("refresh")
    if not words.take("materialized", "view"):
        raise words.unexpected()
    concurrently = words.take("concurrently")
    at = words.place
    parts = words.name()
    empty = words.take("with", "no", "data")
    if not empty:
        words.take("with", "data")
    words.finish()
    schema = parts[-2] if len(parts) > 1 else "public"
    view = find_table(binder, parts[-1], schema, at, shown=len(parts) > 1)
    if view.kind != KIND:
        raise Refusal("0A000", f'"{view.name}" is not a materialized view', place=at)
    if concurrently:
        _can_be_read_meanwhile(view, at, empty=empty)
    unread(binder, view, at)
    binder.writes.add(TableName(view.schema, view.name))
    place = f"{quoted(view.schema)}.{quoted(view.name)}"
    steps = [f"DELETE FROM {place}"]
    if not empty:
        steps.append(f"INSERT INTO {place} {view.query}")
    if view.populated == empty:
        told = f"table_schema = {literal(view.schema)} AND table_name = {literal(view.name)}"
        kind = "e" if empty else "m"
        steps.append(f"UPDATE _helios.constraints SET kind = '{kind}' WHERE {told} AND kind IN ('m', 'e')")
    return Plan("ddl", "REFRESH MATERIALIZED VIEW", steps, binder)


def unread(binder: Binder, view: Table, place: int) -> None:
    """Refuse (55000) to fill a view from one that is empty itself."""
    for table in binder.schema.tables:
        if table.full_name in view.reads:
            refuse_empty(table, place)


def refuse_empty(table: Table, place: int | None) -> None:
    if not table.populated:
        raise Refusal(
            "55000",
            f'materialized view "{table.name}" has not been populated',
            place=place,
            hint="Use the REFRESH MATERIALIZED VIEW command.",
        )


def _can_be_read_meanwhile(view: Table, place: int, *, empty: bool) -> None:
    if empty:
        raise Refusal("42601", "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together", place=place)
    if not view.populated:
        message = "CONCURRENTLY cannot be used when the materialized view is not populated"
        raise Refusal("0A000", message, place=place)
    whole = [index for index in view.indexes if index.unique and not index.partial]
    if not any(all(key.column is not None for key in index_keys(index)) for index in whole):
        raise Refusal(
            "55000",
            f'cannot refresh materialized view "{view.schema}.{view.name}" concurrently',
            place=place,
            hint="Create a unique index with no WHERE clause on one or more columns of the materialized view.",
        )


def alter(binder: Binder, words: Reader) -> Plan:
    from helios_magic.engine.dialect.views import alter_view

    words.take("alter", "materialized")
    if not words.take("view"):
        raise unsupported("this ALTER", place=words.place)
    return alter_view(binder, words, KIND)
