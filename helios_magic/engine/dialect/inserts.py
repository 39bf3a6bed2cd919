"""INSERT: its columns, its rows, DEFAULT, OVERRIDING, what a column GENERATED ALWAYS takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import literalrows, sources
from helios_magic.engine.dialect.assignments import find_column, foresee_long, is_default, stored_as
from helios_magic.engine.dialect.conflicts import insert_rows, inserted, on_conflict
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.grammar import Sql
from helios_magic.engine.dialect.prepared import Change, TableName
from helios_magic.engine.dialect.proposals import checked, one_default_row, proposed
from helios_magic.engine.dialect.returning import needs_rows, returned_natively
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, identifier, place_of, quoted, sql
from helios_magic.engine.sequences import drawn_from
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_VECTOR = 2048
"""Rows that DuckDB handles at once, in one thread."""


def insert(binder: Binder, node: exp.Insert, table: Table, alias: str, scope: Scope) -> list[Node | str]:
    """The steps of an INSERT into a table."""
    for part in ("overwrite", "ignore", "by_name", "partition", "settings", "source", "exists", "where"):
        if node.args.get(part):
            raise Refusal(SYNTAX, f"syntax error in INSERT ({part})", place=place_of(node))
    columns = _columns(node, table)
    body = node.args.get("expression")
    if body is None:
        if columns:
            raise Refusal(SYNTAX, "syntax error: no values", place=place_of(node))
        return _default_row(binder, node, table, alias, scope)
    overriding = (node.this if isinstance(node.this, exp.Expression) else node).meta.get("overriding")
    body, columns = _rows(binder, table, columns, body, scope, overriding)
    if not columns:
        return _default_row(binder, node, table, alias, scope)
    several = not (isinstance(body, exp.Values) and len(body.expressions) == 1)
    if node.args.get("conflict") is not None:
        rows = checked(binder, table, proposed(binder, table, columns, body))
        return on_conflict(binder, node, table, alias, rows, columns, scope, several=several)
    if needs_rows(node, others=False) or (table.schema, table.name) in binder.writing.tracked:
        return insert_rows(binder, node, table, alias, proposed(binder, table, columns, body), scope)
    node.set("expression", body)
    node.set("this", exp.Schema(this=sources.table_node(table), expressions=[identifier(c.name) for c in columns]))
    _draw_in_order(binder, node, table, {c.name for c in columns})
    binder.writing.changes.append(Change("insert", TableName(table.schema, table.name)))
    returned_natively(binder, node, Scope(ctes=scope.ctes, sources=[inserted(table, alias)]))
    return [node]


def _columns(node: exp.Insert, table: Table) -> list[Column]:
    named = node.this.expressions if isinstance(node.this, exp.Schema) else []
    columns = [find_column(table, name) for name in named]
    names = [column.name for column in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Refusal("42701", f'column "{twice}" specified more than once', place=place_of(node.this))
    return columns


def _default_row(binder: Binder, node: exp.Insert, table: Table, alias: str, scope: Scope) -> list[Node | str]:
    if node.args.get("conflict") is not None:
        rows = checked(binder, table, one_default_row(binder, table))
        return on_conflict(binder, node, table, alias, rows, [], scope, several=False)
    return insert_rows(binder, node, table, alias, one_default_row(binder, table), scope)


def _rows(
    binder: Binder, table: Table, columns: list[Column], body: Node, scope: Scope, overriding: str | None
) -> tuple[Node, list[Column]]:
    """The rows as the columns' types, and the columns they fill: fewer values leave the last to their defaults."""
    named = bool(columns)
    targets = columns or list(table.columns)
    if isinstance(body, exp.Values):
        rows = [list(row.expressions) if isinstance(row, exp.Tuple) else [row] for row in body.expressions]
        width = len(rows[0])
        if any(len(row) != width for row in rows):
            raise Refusal(SYNTAX, "VALUES lists must all be the same length", place=place_of(body))
        count_values(width, targets, named=named, at=body)
        targets = targets[:width]
        fits = partial(_value, binder, scope=scope)
        kept = [i for i, c in enumerate(targets) if _is_kept(c, [row[i] for row in rows], overriding, fits)]
        if not kept and len(rows) > 1:
            raise unsupported("INSERT of several rows of nothing but DEFAULT", place=place_of(body))
        if binder.literal_rows is not None:
            return literalrows.body(binder.literal_rows, targets, rows[0], fits, binder), targets
        bound = [[_value(binder, row[i], targets[i], scope) for i in kept] for row in rows]
        body.set("expressions", [exp.Tuple(expressions=values) for values in bound])
        return body, [targets[i] for i in kept]
    body, fields = binder.query(body, scope, targets=[c.type for c in targets])
    count_values(len(fields), targets, named=named, at=body)
    targets = targets[: len(fields)]
    kept = [i for i, c in enumerate(targets) if not (overriding == "user" and c.identity is not None)]
    for i in kept:
        refuse_given(targets[i], overriding)
    if len(kept) < len(targets):
        names = ", ".join(quoted(f"v{i}") for i in range(len(targets)))
        chosen = ", ".join(quoted(f"v{i}") for i in kept) or "1"
        body = sql(f"SELECT {chosen} FROM ({{0}}) AS _rows({names})", body, pg="record")
    return body, [targets[i] for i in kept]


def _is_kept(
    column: Column, values: list[Node], overriding: str | None, fits: Callable[[Node, Column], object]
) -> bool:
    """Whether a column's values are inserted; those of a generated one are all DEFAULT and left out.

    That a value `fits` the column is looked at before whether it may have one.
    """
    if overriding == "user" and column.identity is not None:
        return False
    if column.identity != "ALWAYS" and column.generated is None:
        return True
    given = [value for value in values if not is_default(value)]
    if given and (column.generated is not None or overriding != "system"):
        for value in given:
            fits(value, column)
        refuse_given(column, overriding)
    return column.generated is None


def refuse_given(column: Column, overriding: str | None) -> None:
    """GENERATED ALWAYS takes no value but DEFAULT (428C9)."""
    if column.generated is not None:
        raise Refusal(
            "428C9",
            f'cannot insert a non-DEFAULT value into column "{column.name}"',
            hint=f'Column "{column.name}" is a generated column.',
        )
    if column.identity == "ALWAYS" and overriding != "system":
        raise Refusal(
            "428C9",
            f'cannot insert a non-DEFAULT value into column "{column.name}"',
            hint=f'Column "{column.name}" is an identity column defined as GENERATED ALWAYS. '
            "Use OVERRIDING SYSTEM VALUE to override.",
        )


def count_values(width: int, targets: list[Column], *, named: bool, at: Node) -> None:
    """Refuse (42601) more values than columns, or fewer than the columns that were named."""
    if width > len(targets):
        raise Refusal(SYNTAX, "INSERT has more expressions than target columns", place=place_of(at))
    if named and width < len(targets):
        raise Refusal(SYNTAX, "INSERT has more target columns than expressions", place=place_of(at))


def _value(binder: Binder, value: Node, column: Column, scope: Scope) -> Node:
    if is_default(value):
        return exp.Var(this="DEFAULT")
    value = visit(binder, value, Scope(ctes=scope.ctes, outer=scope.outer))
    foresee_long(binder, value, column.type)
    return stored_as(binder, value, column)


def _draw_in_order(binder: Binder, node: exp.Insert, table: Table, given: set[str]) -> None:
    """Numbers of sequences go to the rows in their order: an OFFSET keeps DuckDB from drawing in several threads."""
    body = node.args["expression"]
    if isinstance(body, exp.Values):
        several = len(body.expressions) > _VECTOR and not any(map(is_default, body.find_all(exp.Var, exp.Column)))
    else:
        several = True
    if not several:
        return
    drawn = {s.counter for c in table.columns if c.name not in given for s in drawn_from(c.default)}
    binder.drawn |= drawn
    if drawn or any("pg_nextval(" in part.args["template"] for part in body.find_all(Sql)):
        node.set("expression", sql("SELECT * FROM ({0}) AS _drawn OFFSET 0", body, pg="record"))
