"""`x = ANY (ARRAY[…])` as `x IN (…)`: how PostgreSQL itself writes an IN of a constraint, and a dump repeats it."""

from __future__ import annotations

from sqlglot import exp

from helios_magic.engine.dialect.failures import unsupported
from helios_magic.engine.dialect.typed import Node, place_of


def spelled_out(tree: Node) -> Node:
    """The tree with each array that a value is compared with written out; DuckDB takes ANY for a subquery.

    Raises `Refusal` 0A000 for ANY and ALL over other arrays.
    """
    return tree.transform(_spelled_out)


def _spelled_out(node: Node) -> Node:
    array = _quantified(node.args.get("expression"), isinstance(node, exp.NEQ))
    if array is None:
        return node
    members = _members(array)
    if not members or not isinstance(node, (exp.EQ, exp.NEQ)):
        raise unsupported("ANY or ALL over this array in a constraint", place=place_of(node))
    found = exp.In(this=node.this, expressions=members)
    return exp.Paren(this=found if isinstance(node, exp.EQ) else exp.Not(this=found))


def _quantified(node: object, negated: bool) -> Node | None:
    """The array of ANY, and of ALL: the parser takes that for a function."""
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "all" and len(node.expressions) == 1:
        return node.expressions[0] if negated else exp.Null()
    if isinstance(node, (exp.Any, exp.All)):
        return node.this if isinstance(node, exp.All) == negated else exp.Null()
    return None


def _members(array: Node) -> list[Node]:
    """The elements of an array that is written out, each cast as the whole is; none for any other."""
    if isinstance(array, exp.Paren):
        return _members(array.this)
    if isinstance(array, exp.Array):
        return [element.copy() for element in array.expressions]
    if isinstance(array, exp.Cast) and isinstance(array.to, exp.DataType) and array.to.this == exp.DType.ARRAY:
        inner = array.to.expressions
        return [exp.Cast(this=member, to=inner[0].copy()) for member in _members(array.this)] if inner else []
    return []
