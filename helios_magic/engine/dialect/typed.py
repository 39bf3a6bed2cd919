"""Typed nodes: every expression carries its PostgreSQL type from the moment it is resolved."""

from __future__ import annotations

from sqlglot import exp

from helios_magic.engine.dialect.grammar import Sql
from helios_magic.engine.dialect.pgtypes import UNKNOWN, base
from helios_magic.schema import literal as literal
from helios_magic.schema import quoted as quoted

Node = exp.Expression


def type_of(node: Node) -> str:
    """The type with modifiers."""
    return str(node.meta.get("pg", UNKNOWN))


def base_of(node: Node) -> str:
    return base(type_of(node))


def typed(node: Node, pg: str) -> Node:
    node.meta["pg"] = pg
    return node


def sql(template: str, *parts: Node, pg: str) -> Node:
    """DuckDB text around typed parts, as a node of type `pg`."""
    return typed(Sql(template=template, expressions=list(parts)), pg)


def identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)


def name_of(node: Node | None) -> str:
    """An identifier as PostgreSQL looks it up: folded unless quoted."""
    if node is None:
        return ""
    if isinstance(node, exp.Identifier):
        return str(node.this) if node.quoted else str(node.this).lower()
    inner = node.args.get("this")
    if isinstance(inner, exp.Identifier):
        return name_of(inner)
    return node.name.lower()


def place_of(node: Node | None) -> int | None:
    """Where the node begins in the parsed text (from 0), as far as the parser kept it."""
    if node is None:
        return None
    meta = node.meta
    if "place" not in meta:
        _find_places(node)
    place: int | None = meta["place"]
    return place


def _find_places(root: Node) -> None:
    """The place of every node below, kept in each: looking again at every visit would cost the square of the depth."""
    nodes, parents = [root], [0]
    at = 0
    while at < len(nodes):
        if "place" not in nodes[at].meta:
            for child in nodes[at].iter_expressions():
                nodes.append(child)
                parents.append(at)
        at += 1
    for at in range(len(nodes) - 1, -1, -1):
        meta = nodes[at].meta
        place = meta.setdefault("place", meta.get("start"))
        above = nodes[parents[at]].meta
        if at and place is not None and place < above.get("start", place + 1):
            above["start"] = place


def is_string(node: Node) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def is_null(node: Node) -> bool:
    return isinstance(node, exp.Null)


def is_parameter(node: Node) -> bool:
    return isinstance(node, exp.Parameter)


def constant_int(node: Node | None) -> int | None:
    """The value of an integer literal, signed or not."""
    if isinstance(node, exp.Neg):
        inner = constant_int(node.this)
        return None if inner is None else -inner
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        return int(node.name)
    return None
