"""LIMIT, OFFSET and FETCH FIRST … WITH TIES."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, constant_int, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def limit(binder: Binder, node: Node, scope: Scope) -> None:
    limit = node.args.get("limit")
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        if options is not None and options.args.get("percent"):
            raise unsupported("FETCH FIRST … PERCENT", place=place_of(limit))
        if options is not None and options.args.get("with_ties"):
            _with_ties(binder, node, limit, scope)
            return
        limit = exp.Limit(expression=limit.args.get("count") or exp.Literal.number(1))
        node.set("limit", limit)
    if isinstance(limit, exp.Limit):
        if limit.args.get("offset") or limit.expressions or limit.args.get("limit_options"):
            raise Refusal(SYNTAX, "LIMIT #,# syntax is not supported", hint="Use separate LIMIT and OFFSET clauses.")
        count = limit.expression
        if isinstance(count, exp.Var) or (isinstance(count, exp.Column) and name_of(count) == "all"):
            node.set("limit", None)
        else:
            limit.set("expression", _count(binder, count, scope))
    offset = node.args.get("offset")
    if offset is not None:
        offset.set("expression", _count(binder, offset.expression, scope, "OFFSET"))


def _with_ties(binder: Binder, node: Node, limit: exp.Fetch, scope: Scope) -> None:
    """FETCH FIRST n ROWS WITH TIES: the rows whose rank is within n, the window standing in QUALIFY."""
    order, count = node.args.get("order"), limit.args.get("count") or exp.Literal.number(1)
    if order is None:
        raise Refusal("42601", "WITH TIES cannot be specified without ORDER BY clause")
    plain = isinstance(node, exp.Select) and not any(node.args.get(part) for part in ("offset", "distinct", "group"))
    if not plain or any(inner.meta.get("aggregate") for column in node.expressions for inner in column.walk()):
        raise unsupported("WITH TIES beside OFFSET, DISTINCT, GROUP BY or UNION", place=place_of(limit))
    keys = []
    for ordered in order.expressions:
        key = ordered.copy()
        if isinstance(key.this, exp.Literal):
            key.set("this", node.expressions[int(key.this.name) - 1].unalias().copy())
        keys.append(key)
    slots = ", ".join(f"{{{i}}}" for i in range(len(keys)))
    rank = sql(f"rank() OVER (ORDER BY {slots}) <= {{{len(keys)}}}", *keys, _count(binder, count, scope), pg="bool")
    node.set("qualify", exp.Qualify(this=rank))
    node.set("limit", None)


def _count(binder: Binder, node: Node, scope: Scope, word: str = "LIMIT") -> Node:
    if constant_int(node) is not None and constant_int(node) < 0:  # type: ignore[operator]
        raise Refusal("2201W" if word == "LIMIT" else "2201X", f"{word} must not be negative")
    if isinstance(node, exp.Literal) and not node.is_string:
        return node
    return coerce(binder, visit(binder, node, Scope(outer=scope.outer, ctes=scope.ctes)), "int8")
