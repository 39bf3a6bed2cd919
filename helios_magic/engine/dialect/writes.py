"""Statements that write: INSERT, UPDATE, DELETE and MERGE, alone or as the parts of one WITH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import rowbyrow, sources
from helios_magic.engine.dialect.assignments import assignments
from helios_magic.engine.dialect.changesets import ChangeSet
from helios_magic.engine.dialect.conflicts import source_of
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.inserts import insert
from helios_magic.engine.dialect.merges import merge
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import Change, TableName
from helios_magic.engine.dialect.returning import needs_rows, returned_from_rows, returned_natively
from helios_magic.engine.dialect.scope import Field, Scope
from helios_magic.engine.dialect.typed import Node, identifier, name_of, place_of, quoted, sql
from helios_magic.schema import Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def resolve(binder: Binder, node: Node) -> Plan:
    """The plan of a statement that writes and has no WITH, or one that DuckDB can run as it is."""
    scope = Scope()
    binder.with_clause(node, scope)
    steps, fields = write(binder, node, scope)
    return plan(binder, node, [*binder.writing.steps, *steps], fields)


def plan(binder: Binder, node: Node, steps: list[Node | str], fields: list[Field]) -> Plan:
    kind = node.key
    returning = node.args.get("returning") is not None
    names = [f.name for f in fields] if returning else None
    types = [None if f.type in ("unknown", "record") else f.type for f in fields] if returning else None
    return Plan(kind, kind.upper(), steps, binder, returns_rows=returning, columns=names, types=types)  # type: ignore[arg-type]


def takes_steps(node: Node) -> bool:
    """Whether a statement may be computed first and applied then: its WITH must be kept for all of its steps."""
    if isinstance(node, exp.Merge) or (isinstance(node, exp.Insert) and node.args.get("conflict") is not None):
        return True
    return needs_rows(node, others=_has_others(node))


def _has_others(node: Node) -> bool:
    return bool(node.args.get("from_") or node.args.get("using")) and not isinstance(node, exp.Insert)


def write(binder: Binder, node: Node, scope: Scope) -> tuple[list[Node | str], list[Field]]:
    """The steps of one part that writes, and the columns that it returns."""
    into = node.this.this if isinstance(node, exp.Insert) and isinstance(node.this, exp.Schema) else node.this
    table, alias = _target(binder, into, place_of(node))
    if isinstance(node, exp.Insert):
        steps = insert(binder, node, table, alias, scope)
    elif isinstance(node, exp.Update):
        steps = _update(binder, node, table, alias, scope)
    elif isinstance(node, exp.Delete):
        steps = _delete(binder, node, table, alias, scope)
    elif isinstance(node, exp.Merge):
        steps = merge(binder, node, table, alias, scope)
    else:
        raise unsupported(node.key.upper(), place=place_of(node))
    return steps, list(node.meta.get("fields", ()))


def _target(binder: Binder, node: exp.Table, place: int | None) -> tuple[Table, str]:
    if not isinstance(node, exp.Table):
        raise Refusal(SYNTAX, "syntax error: a table is expected", place=place)
    if not isinstance(node.this, exp.Identifier):
        raise Refusal(SYNTAX, "a table is expected", place=place_of(node))
    if node.args.get("catalog") is not None:
        raise unsupported("a name in three parts", place=place_of(node))
    if node.args.get("joins"):
        raise Refusal(SYNTAX, 'syntax error at or near ","', place=place_of(node))
    schema = node.args.get("db")
    table = sources.find_table(
        binder, name_of(node.this), name_of(schema) or "public", place_of(node), shown=schema is not None, rows=True
    )
    if table.kind == "materialized view":
        raise Refusal("42809", f'cannot change materialized view "{table.name}"', place=place_of(node))
    if table.kind != "table":
        raise unsupported("writing to a view", place=place_of(node), hint="Write to the table behind it.")
    binder.writes.add(TableName(table.schema, table.name))
    alias = node.args.get("alias")
    return table, name_of(alias) if alias is not None and alias.this is not None else table.name


def _aliased(table: Table, alias: str) -> exp.Table:
    node = sources.table_node(table)
    node.set("alias", exp.TableAlias(this=identifier(alias)))
    return node


def _where(binder: Binder, node: Node, scope: Scope) -> None:
    from helios_magic.engine.dialect.queries import condition

    where = node.args.get("where")
    if where is not None and where.meta.get("cursor") is not None:
        cursor = where.meta["cursor"]
        raise Refusal("34000", f'cursor "{name_of(cursor)}" does not exist', place=place_of(cursor))
    condition(binder, node, "where", scope)


def _update(binder: Binder, node: exp.Update, table: Table, alias: str, scope: Scope) -> list[Node | str]:
    if node.args.get("order") or node.args.get("limit") or not node.expressions:
        raise Refusal(SYNTAX, "syntax error: UPDATE takes no ORDER BY or LIMIT", place=place_of(node))
    inner = Scope(ctes=scope.ctes, outer=scope.outer, sources=[source_of(table, alias)])
    clause = node.args.get("from_")
    if clause is not None:
        clause.set("this", sources.bind_joined(binder, clause.this, inner))
    pairs = assignments(binder, node.expressions, table, inner)
    _where(binder, node, inner)
    values = {pair.this.name: text(pair.expression) for pair in pairs}
    names = list(values)
    meeting = clause is not None and bool(rowbyrow.changed_keys(binder, table, names))
    if not pairs or meeting or needs_rows(node, others=clause is not None) or _tells_rows(binder, table, names):
        change = ChangeSet(binder, table, alias)
        items = [clause.this] if clause is not None else []
        return _as_rows(binder, node, change, inner, items, "UPDATE", values)
    _look_row_by_row(binder, node, table, alias, {p.this.name: values[p.this.name] for p in pairs if _moves(p)})
    node.set("expressions", pairs)
    node.set("this", _aliased(table, alias))
    binder.writing.changes.append(Change("update", TableName(table.schema, table.name), tuple(names)))
    returned_natively(binder, node, inner)
    return [node]


def _moves(pair: Node) -> bool:
    """Whether the rows are assigned values of their own."""
    return pair.expression.find(exp.Column, exp.Query) is not None


def _look_row_by_row(binder: Binder, node: exp.Update, table: Table, alias: str, values: dict[str, str]) -> None:
    where = node.args.get("where")
    own = text(where.this) if where is not None else None
    met = rowbyrow.condition(binder, table, alias, values, own)
    if met is not None:
        both = met if own is None else f"({own}) AND {met}"
        node.set("where", exp.Where(this=sql(both.replace("{", "{{").replace("}", "}}"), pg="bool")))


def _delete(binder: Binder, node: exp.Delete, table: Table, alias: str, scope: Scope) -> list[Node | str]:
    if node.args.get("order") or node.args.get("limit") or node.args.get("tables"):
        raise Refusal(SYNTAX, "syntax error in DELETE", place=place_of(node))
    inner = Scope(ctes=scope.ctes, outer=scope.outer, sources=[source_of(table, alias)])
    using = [sources.bind_joined(binder, item, inner) for item in node.args.get("using") or ()]
    if using:
        node.set("using", using)
    _where(binder, node, inner)
    if needs_rows(node, others=bool(using)) or (table.schema, table.name) in binder.writing.tracked:
        return _as_rows(binder, node, ChangeSet(binder, table, alias), inner, using, "DELETE", {})
    node.set("this", _aliased(table, alias))
    binder.writing.changes.append(Change("delete", TableName(table.schema, table.name)))
    returned_natively(binder, node, inner)
    return [node]


def _tells_rows(binder: Binder, table: Table, assigned: list[str]) -> bool:
    """Whether the rows must be kept: another part writes the table, or children follow its key (within WITH)."""
    if (table.schema, table.name) in binder.writing.tracked:
        return True
    if not binder.writing.shared:
        return False
    label = table.name if table.schema == "public" else f"{table.schema}.{table.name}"
    return any(
        key.references == label and set(key.references_columns) & set(assigned)
        for child in binder.schema.tables
        for key in child.foreign_keys
    )


def _as_rows(
    binder: Binder, node: Node, change: ChangeSet, scope: Scope, items: list[Node], act: str, values: dict[str, str]
) -> list[Node | str]:
    """UPDATE or DELETE whose rows are computed first; of several matches of one row the first counts."""
    table, alias = change.table, change.alias
    mine = quoted(alias)
    others = change.keep(scope)
    after = []
    for i, column in enumerate(table.columns):
        if column.generated is None:
            name = f"{mine}.{quoted(column.name)}"
            value = values.get(column.name, name) if act == "UPDATE" else f"CASE WHEN false THEN {name} END"
            after.append(f"{value} AS n{i}")
    listed = ", ".join([*change.old_columns(alias), *after, *change.foreign_columns()])
    where = node.args.get("where")
    conditions = [f"({text(where.this)})"] if where is not None else []
    untouched = change.untouched(alias)
    if untouched is not None:
        conditions.append(untouched)
    query = (
        f"SELECT {mine}.rowid AS _row, '{act}' AS _act, row_number() OVER (ORDER BY {mine}.rowid) AS _at, {listed} "
        f"FROM {', '.join([f'{change.place} AS {mine}', *map(text, items)])}"
        f"{' WHERE ' + ' AND '.join(conditions) if conditions else ''}"
    )
    if items:
        query += f" QUALIFY row_number() OVER (PARTITION BY {mine}.rowid) = 1"
    steps: list[Node | str] = [*change.steps(query, (act,), list(values), ())]
    return [*steps, returned_from_rows(binder, node, change, others)]
