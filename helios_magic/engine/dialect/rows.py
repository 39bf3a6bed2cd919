"""Rows of values: (a, b) and ROW(a, b), compared member by member, with values, lists and subqueries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlglot import exp

from helios_magic.engine.dialect.alternatives import any_of
from helios_magic.engine.dialect.conversion import settle
from helios_magic.engine.dialect.expressions import row_of, rule, visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def members(node: Node) -> list[Node] | None:
    """What stands in a row, or None for anything else."""
    if isinstance(node, exp.Tuple):
        return list(node.expressions)
    if isinstance(node, exp.Anonymous) and name_of(node) == "row":
        return list(node.expressions)
    return None


@rule(exp.Tuple)
def made(binder: Binder, node: Node, scope: Scope) -> Node:
    """ROW(a, b) and (a, b) as a value: a row whose columns are called f1, f2, …; t.* in it stands for its columns."""
    values: list[Node] = []
    for part in members(node) or []:
        value = settle(binder, visit(binder, part, scope))
        spread = isinstance(part, exp.Column) and isinstance(part.this, exp.Star)
        values += value.expressions if spread else [value]
    row = row_of([f"f{number}" for number in range(1, len(values) + 1)], values)
    row.meta["made"] = True
    return row


def comparison(binder: Binder, node: Node, scope: Scope) -> Node:
    """`row <op> row`: equal member by member, or ordered by the first that differs."""
    from helios_magic.engine.dialect.operators import compare

    left, right = members(node.this) or [], members(node.expression)
    if right is None:
        return _with_query(binder, node, left, scope)
    if len(left) != len(right):
        message = "unequal number of entries in row expressions"
        raise Refusal("42601", message, place=place_of(node.expression))
    pairs = [(visit(binder, a, scope), visit(binder, b, scope)) for a, b in zip(left, right, strict=True)]
    kind = type(node)
    if kind in (exp.EQ, exp.NEQ):
        same = _all([compare(binder, exp.EQ, a, b, node) for a, b in pairs])
        return same if kind is exp.EQ else sql("(NOT {0})", same, pg="bool")
    if kind in (exp.NullSafeEQ, exp.NullSafeNEQ):
        same = _all([compare(binder, exp.NullSafeEQ, a, b, node) for a, b in pairs])
        return same if kind is exp.NullSafeEQ else sql("(NOT {0})", same, pg="bool")
    strict = exp.LT if kind in (exp.LT, exp.LTE) else exp.GT
    *first, last = pairs
    result = compare(binder, kind, *last, node)
    for a, b in reversed(first):
        # The first pair that is not equal decides; a NULL in it leaves the answer open.
        before = compare(binder, strict, a.copy(), b.copy(), node)
        same = compare(binder, exp.EQ, a, b, node)
        result = sql("CASE WHEN {0} THEN {1} ELSE {2} END", same, result, before, pg="bool")
    return result


def _all(parts: list[Node]) -> Node:
    return sql("(" + " AND ".join(f"{{{i}}}" for i in range(len(parts))) + ")", *parts, pg="bool")


def _with_query(binder: Binder, node: Node, left: list[Node], scope: Scope) -> Node:
    """`(a, b) = (SELECT x, y …)`: the one row of the subquery, NULL where there is none."""
    query: Any = node.expression.this if isinstance(node.expression, exp.Subquery) else node.expression
    if not isinstance(query, exp.Query) or not isinstance(node, (exp.EQ, exp.NEQ)):
        raise unsupported("this comparison of rows", place=place_of(node))
    same, body, names = _compared(binder, node, left, cast("Node", query), scope)
    found = sql(f"(SELECT {{0}} FROM ({{1}}) AS _r({names}))", same, body, pg="bool")
    return found if isinstance(node, exp.EQ) else sql("(NOT {0})", found, pg="bool")


def within(binder: Binder, node: Node, scope: Scope) -> Node:
    """`row IN (row, …)` and `row IN (SELECT …)`."""
    left, query = members(node.this) or [], node.args.get("query")
    if query is not None:
        return _within_query(binder, node, left, query.this if isinstance(query, exp.Subquery) else query, scope)
    choices = []
    for row in node.expressions:
        if isinstance(row, exp.Values):
            raise unsupported("a row IN (VALUES …)", place=place_of(node), hint="Write IN ((…), (…)).")
        if members(row) is None:
            raise Refusal("42601", "unequal number of entries in row expressions", place=place_of(row))
        choices.append(comparison(binder, exp.EQ(this=node.this.copy(), expression=row), scope))
    return any_of(choices)


def _within_query(binder: Binder, node: Node, left: list[Node], query: Node, scope: Scope) -> Node:
    """By comparing with each row: true if one is the same, NULL if one may be, else false."""
    same, body, names = _compared(binder, node, left, query, scope)
    return sql(
        "(SELECT CASE WHEN coalesce(bool_or({0}), false) THEN true WHEN count(*) > count({0}) THEN NULL ELSE false END "
        f"FROM ({{1}}) AS _r({names}))",
        same,
        body,
        pg="bool",
    )


def is_null(binder: Binder, node: Node, parts: list[Node], scope: Scope) -> Node:
    """`row IS NULL`: all members are; `row IS NOT NULL`: none is."""
    values = [settle(binder, visit(binder, part, scope)) for part in parts]
    word = "IS NOT NULL" if node.args.get("negate") else "IS NULL"
    return sql("(" + " AND ".join(f"{{{i}}} {word}" for i in range(len(values))) + ")", *values, pg="bool")


def _compared(binder: Binder, node: Node, left: list[Node], query: Node, scope: Scope) -> tuple[Node, Node, str]:
    """Whether the row is the same as one of the query's, called `_r`; the query; and the names of `_r`'s columns."""
    from helios_magic.engine.dialect.operators import compare

    body, fields = binder.query(query, scope)
    if len(fields) != len(left):
        few = len(fields) < len(left)
        raise Refusal("42601", f"subquery has too {'few' if few else 'many'} columns", place=place_of(node))
    values = [visit(binder, part, scope) for part in left]
    sides = [sql(f'_r."c{i}"', pg=f.type) for i, f in enumerate(fields)]
    same = _all([compare(binder, exp.EQ, a, b, node) for a, b in zip(values, sides, strict=True)])
    return same, body, ", ".join(f'"c{i}"' for i in range(len(fields)))
