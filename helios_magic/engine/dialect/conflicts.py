"""INSERT … ON CONFLICT: DO NOTHING without losing rows, DO UPDATE natively where that is faithful, else as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.arbiters import Arbiter, arbiters, chosen
from helios_magic.engine.dialect.assignments import assignments
from helios_magic.engine.dialect.changesets import ChangeSet, raising
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.prepared import Change, TableName
from helios_magic.engine.dialect.proposals import stored
from helios_magic.engine.dialect.returning import needs_rows, returned_from_rows, returned_natively
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.typed import Node, identifier, place_of, quoted, sql
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_TWICE = "ON CONFLICT DO UPDATE command cannot affect row a second time"


def source_of(table: Table, alias: str) -> Source:
    return Source(alias, [Field(c.name, c.type) for c in table.columns], table)


def inserted(table: Table, alias: str) -> Source:
    """The target of a plain INSERT: DuckDB's RETURNING knows it by its own name only."""
    source = source_of(table, alias)
    source.printed = table.name
    return source


def on_conflict(
    binder: Binder,
    node: exp.Insert,
    table: Table,
    alias: str,
    rows: str,
    given: list[Column],
    scope: Scope,
    *,
    several: bool,
) -> list[Node | str]:
    """The steps of an INSERT with ON CONFLICT whose proposed rows are `rows`; `several` if they may be many."""
    conflict = node.args["conflict"]
    keys = chosen(binder, table, conflict)
    unknown = not keys and bool(conflict.args.get("conflict_keys"))
    node.set("conflict", None)
    if "NOTHING" in conflict.args["action"].name.upper():
        if unknown:
            binder.foreseen.append(_no_such_key(conflict))
        return _do_nothing(binder, node, table, alias, rows, keys or arbiters(binder, table), scope, several=several)
    if not keys and not unknown:
        raise Refusal(
            SYNTAX,
            "ON CONFLICT DO UPDATE requires inference specification or constraint name",
            hint="For example, ON CONFLICT (column_name).",
        )
    inner = Scope(ctes=scope.ctes, sources=[source_of(table, alias), source_of(table, "excluded")])
    pairs = assignments(binder, conflict.expressions, table, inner)
    where = conflict.args.get("where")
    if where is not None:
        from helios_magic.engine.dialect.queries import boolean

        where = boolean(binder, visit(binder, where.this, inner), "WHERE")
    if unknown:
        binder.foreseen.append(_no_such_key(conflict))
        return []
    if _is_native(binder, node, table, keys, pairs, where, given, several=several):
        return _natively(binder, node, table, alias, rows, keys[0], pairs, where, several=several)
    return _as_rows(binder, node, table, alias, rows, keys[0], pairs, where, scope)


def _no_such_key(conflict: exp.OnConflict) -> Refusal:
    """What PostgreSQL finds when it plans, after the statement was read and its constants were computed."""
    message = "there is no unique or exclusion constraint matching the ON CONFLICT specification"
    return Refusal("42P10", message, place=place_of(conflict))


def _is_native(
    binder: Binder,
    node: exp.Insert,
    table: Table,
    keys: list[Arbiter],
    pairs: list[Node],
    where: Node | None,
    given: list[Column],
    *,
    several: bool,
) -> bool:
    """Whether DuckDB's own ON CONFLICT DO UPDATE does the same: one key can be met, no indexed column is set."""
    if len(keys) > 1 or not keys[0].plain or needs_rows(node, others=False) or (several and where is not None):
        return False
    if any(part.find(exp.Query, exp.Subquery) is not None for part in (*pairs, *([where] if where else []))):
        return False
    if (table.schema, table.name) in binder.writing.tracked or any("(SELECT" in text(part.copy()) for part in pairs):
        return False
    indexed = {name for index in table.indexes for name in index.columns}
    if any(pair.this.name in indexed for pair in pairs) or any(c.generated is not None for c in table.columns):
        return False
    named = {column.name for column in given}
    return all(other == keys[0] or _is_drawn(table, other, named) for other in arbiters(binder, table))


def _is_drawn(table: Table, arbiter: Arbiter, given: set[str]) -> bool:
    """Whether a part of a key is drawn anew for each row, so that no row can have it already."""
    left_out = [table.column(name) for name in arbiter.columns if name not in given]
    return any(column is not None and "pg_nextval" in (column.default or "") for column in left_out)


def _natively(
    binder: Binder,
    node: exp.Insert,
    table: Table,
    alias: str,
    rows: str,
    key: Arbiter,
    pairs: list[Node],
    where: Node | None,
    *,
    several: bool,
) -> list[Node | str]:
    columns = stored(table)
    if several:
        parts = ", ".join(key.key("_q"))
        again = raising(f"_same > 1 AND {key.holds('_q')}", "21000", _TWICE)
        rows = (
            f"SELECT * FROM (SELECT *, count(*) OVER (PARTITION BY {parts}) AS _same FROM ({rows}) AS _q) AS _q WHERE "
            f"CASE {again} ELSE true END"
        )
    _put(node, table, alias, f"SELECT {_listed(columns)} FROM ({rows}) AS _new ORDER BY _at")
    conflict = exp.OnConflict(
        conflict_keys=[exp.Column(this=identifier(name)) for name in key.columns],
        action=exp.var("DO UPDATE"),
        expressions=pairs,
        where=exp.Where(this=where) if where is not None else None,
    )
    node.set("conflict", conflict)
    name = TableName(table.schema, table.name)
    binder.writing.changes += [Change("insert", name), Change("update", name, tuple(p.this.name for p in pairs))]
    returned_natively(binder, node, Scope(sources=[source_of(table, alias)]))
    return [node]


def _as_rows(
    binder: Binder,
    node: exp.Insert,
    table: Table,
    alias: str,
    rows: str,
    key: Arbiter,
    pairs: list[Node],
    where: Node | None,
    scope: Scope,
) -> list[Node | str]:
    """Any key, any assignment: each proposed row beside the row that has its key."""
    if binder.writing.touched.get((table.schema, table.name)):
        raise unsupported(f'ON CONFLICT DO UPDATE of "{table.name}" beside another part of WITH that writes it')
    change = ChangeSet(binder, table, alias)
    values = {pair.this.name: text(pair.expression) for pair in pairs}
    mine = quoted(alias)
    after = []
    for i, column in enumerate(table.columns):
        if column.generated is None:
            name = quoted(column.name)
            value = values.get(column.name, f"{mine}.{name}")
            after.append(f"CASE WHEN {mine}.rowid IS NULL THEN excluded.{name} ELSE {value} END AS n{i}")
    act = f"CASE WHEN {text(where)} THEN 'UPDATE' ELSE 'NOTHING' END" if where is not None else "'UPDATE'"
    keys = ", ".join(f"{part} AS _k{i}" for i, part in enumerate(key.key("excluded")))
    partition = ", ".join(f"_k{i}" for i in range(len(key.parts)))
    query = (
        f"SELECT {mine}.rowid AS _row, CASE WHEN {mine}.rowid IS NULL THEN 'INSERT' ELSE {act} END AS _act, "
        f"excluded._at, {', '.join([*change.old_columns(alias), *after])}, {keys}, "
        f"({key.holds('excluded')}) AS _known FROM ({rows}) AS excluded "
        f"LEFT JOIN {change.place} AS {mine} ON {key.same('excluded', alias)}"
    )
    before = (
        f"count(*) FILTER (_act <> 'NOTHING') OVER (PARTITION BY {partition} ORDER BY _at "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    )
    query = (
        f"SELECT * EXCLUDE (_before, _known, {partition}) FROM (SELECT *, {before} AS _before FROM ({query})) WHERE "
        f"CASE {raising('_known AND _before > 0', '21000', _TWICE)} ELSE true END"
    )
    steps: list[Node | str] = [*change.steps(query, ("UPDATE", "INSERT"), [p.this.name for p in pairs], stored(table))]
    return [*steps, returned_from_rows(binder, node, change, Scope(ctes=scope.ctes))]


def _listed(columns: list[Column]) -> str:
    return ", ".join(quoted(column.name) for column in columns)


def _put(node: exp.Insert, table: Table, alias: str | None, query: str) -> None:
    from helios_magic.engine.dialect.sources import table_node

    target = table_node(table)
    if alias is not None:
        target.set("alias", exp.TableAlias(this=identifier(alias)))
    node.set("this", exp.Schema(this=target, expressions=[identifier(c.name) for c in stored(table)]))
    node.set("expression", sql(query.replace("{", "{{").replace("}", "}}"), pg="record"))
    node.set("default", None)


def insert_rows(
    binder: Binder, node: exp.Insert, table: Table, alias: str, rows: str, scope: Scope
) -> list[Node | str]:
    """The steps that insert whole rows, and what they return."""
    if not needs_rows(node, others=False) and (table.schema, table.name) not in binder.writing.tracked:
        _put(node, table, None, f"SELECT {_listed(stored(table))} FROM ({rows}) AS _new ORDER BY _at")
        binder.writing.changes.append(Change("insert", TableName(table.schema, table.name)))
        returned_natively(binder, node, Scope(sources=[inserted(table, alias)]))
        return [node]
    change = ChangeSet(binder, table, alias)
    before = [f"NULL::{kind} AS o{i}" for i, kind in enumerate(_kinds(binder, table))]
    after = [f"_p.{quoted(c.name)} AS n{i}" for i, c in enumerate(table.columns) if c.generated is None]
    query = (
        f"SELECT CAST(NULL AS BIGINT) AS _row, 'INSERT' AS _act, _p._at, {', '.join([*before, *after])} "
        f"FROM ({rows}) AS _p"
    )
    steps: list[Node | str] = [*change.steps(query, ("INSERT",), (), stored(table))]
    return [*steps, returned_from_rows(binder, node, change, Scope(ctes=scope.ctes))]


def _kinds(binder: Binder, table: Table) -> list[str]:
    from helios_magic.engine.dialect.changesets import carrier

    return [carrier(binder, column) for column in table.columns]


def _do_nothing(
    binder: Binder,
    node: exp.Insert,
    table: Table,
    alias: str,
    rows: str,
    keys: list[Arbiter],
    scope: Scope,
    *,
    several: bool,
) -> list[Node | str]:
    """As an INSERT of the rows that are free: DuckDB's own loses rows whose unique columns are NULL.

    A row is free when no row of the table has one of its keys, and no earlier row that is inserted has.
    """
    place = f"{quoted(table.schema)}.{quoted(table.name)}"
    free = [f"NOT EXISTS (SELECT 1 FROM {place} AS _there WHERE {key.same('_there', '_new')})" for key in keys]
    if free:
        rows = f"SELECT * FROM ({rows}) AS _new WHERE {' AND '.join(free)}"
    if several and len(keys) == 1:
        rank = f"row_number() OVER (PARTITION BY {', '.join(keys[0].key('_q'))} ORDER BY _at)"
        rows = (
            f"SELECT * EXCLUDE (_rank) FROM (SELECT *, CASE WHEN {keys[0].holds('_q')} THEN {rank} ELSE 1 END AS _rank "
            f"FROM ({rows}) AS _q) WHERE _rank = 1"
        )
    elif several and keys:
        rows = _first_of_each(rows, keys)
    return insert_rows(binder, node, table, alias, rows, scope)


def _first_of_each(rows: str, keys: list[Arbiter]) -> str:
    """Rows in their order, without those that share one of several keys with a row taken before them."""
    groups = [
        f"CASE WHEN {key.holds('_q')} THEN dense_rank() OVER (ORDER BY {', '.join(key.key('_q'))}) END" for key in keys
    ]
    return (
        f"WITH _f AS MATERIALIZED (SELECT *, [{', '.join(groups)}] AS _groups FROM ({rows}) AS _q) "
        "SELECT * EXCLUDE (_groups) FROM _f WHERE _at IN "
        "(SELECT unnest(pg_first_of_each((SELECT list(_at ORDER BY _at) FROM _f), "
        "(SELECT list(_groups ORDER BY _at) FROM _f))))"
    )
