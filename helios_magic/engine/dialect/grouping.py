"""What GROUP BY and DISTINCT allow beside them, checked while the names are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.scope import Scope, Source
from helios_magic.engine.dialect.typed import Node, place_of


def check_grouped(node: exp.Select, scope: Scope) -> None:
    """Every column outside of aggregates is grouped.  Raises `Refusal` 42803 with the column's full name."""
    group = node.args.get("group")
    parts = [*node.expressions, *(node.args[part] for part in ("having", "order") if node.args.get(part))]
    if group is None and not any(_is_aggregate(inner) for part in parts for inner in _own(part)):
        return
    keys = list(_leaves(group)) if group is not None else []
    sources = {source.printed: source for source in scope.sources}
    for part in parts:
        for column in _loose(part, keys):
            source = sources.get(column.table)
            if source is not None:
                raise _not_grouped(column, source)


def _not_grouped(column: exp.Column, source: Source) -> Refusal:
    name = next((f.name for f in source.fields if f.printed == column.name), column.name)
    message = f'column "{source.alias}.{name}" must appear in the GROUP BY clause or be used in an aggregate function'
    return Refusal("42803", message, place=place_of(column))


def _is_aggregate(node: Any) -> bool:
    return bool(node.meta.get("aggregate"))


def _own(part: Node) -> Iterator[Any]:
    """The nodes of an expression, without those of queries in it."""
    yield from part.walk(prune=lambda inner: isinstance(inner, exp.Query) or _is_aggregate(inner))


def _leaves(group: Node) -> Iterator[Node]:
    for value in group.args.values():
        for key in value if isinstance(value, list) else ():
            if isinstance(key, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Tuple):
                yield from _leaves(key)
            else:
                yield key.this if isinstance(key, exp.Paren) else key


def _loose(part: Node, keys: list[Node]) -> Iterator[exp.Column]:
    def settled(inner: Any) -> bool:
        return isinstance(inner, exp.Query) or _is_aggregate(inner) or any(inner == key for key in keys)

    for inner in part.walk(prune=settled):
        if isinstance(inner, exp.Column) and not settled(inner):
            yield inner


def check_distinct(node: exp.Select) -> None:
    """ORDER BY goes by what DISTINCT keeps.  Raises `Refusal` 42P10."""
    distinct, order = node.args.get("distinct"), node.args.get("order")
    if distinct is None or order is None:
        return
    keys = [ordered.this for ordered in order.expressions]
    on = distinct.args.get("on")
    if on is None:
        for key in keys:
            if (
                not _is_ordinal(key)
                and not key.meta.get("listed")
                and not any(key == column.unalias() for column in node.expressions)
            ):
                message = "for SELECT DISTINCT, ORDER BY expressions must appear in select list"
                raise Refusal("42P10", message, place=place_of(key))
        return
    wanted = on.expressions if isinstance(on, exp.Tuple) else [on]
    for key in keys[: len(wanted)]:
        if not any(_same(key, other, node) for other in wanted):
            message = "SELECT DISTINCT ON expressions must match initial ORDER BY expressions"
            raise Refusal("42P10", message, place=place_of(key))


def _same(key: Node, other: Node, node: exp.Select) -> bool:
    """Whether ORDER BY and DISTINCT ON name one thing: by an expression, a column's position or its name."""
    one, two = (node.expressions[int(k.name) - 1].unalias() if _is_ordinal(k) else k for k in (key, other))
    return bool(one.meta.get("of", one) == two.meta.get("of", two))


def _is_ordinal(key: Node) -> bool:
    return isinstance(key, exp.Literal) and not key.is_string
