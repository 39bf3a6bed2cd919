"""A condition as a user writes it, as the tree that a search takes: columns compared with values, and, or, not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from helios_magic.errors import UsageError

_COMPARED: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.Like: "like",
    exp.ILike: "ilike",
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_HINT = "Compare columns with values: lang = 'en' AND (year >= 2020 OR draft IS NULL)"


def condition(text: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """`lang = 'en' AND year >= :since` as the tree of `POST /vectors/search`; `values` are those of the names.

    Raises UsageError for anything else than columns compared with values.
    """
    try:
        tree = parse_one(text, dialect="postgres")
    except SqlglotError:
        raise UsageError(f"“{text}” is no condition.", hint=_HINT) from None
    return _node(tree, values)


def _node(node: exp.Expr, values: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(node, exp.Paren):
        return _node(node.this, values)
    if isinstance(node, exp.And | exp.Or):
        word = "and" if isinstance(node, exp.And) else "or"
        return {word: [_node(each, values) for each in node.flatten()]}
    if isinstance(node, exp.Not):
        return {"not": _node(node.this, values)}
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return {"column": _column(node.this), "op": "is null"}
    if isinstance(node, exp.In) and node.expressions:
        return {"column": _column(node.this), "op": "in", "value": [_value(each, values) for each in node.expressions]}
    if isinstance(node, exp.Between):
        ends = [_value(node.args[end], values) for end in ("low", "high")]
        return {"column": _column(node.this), "op": "between", "value": ends}
    op = _COMPARED.get(type(node))
    if op is None:
        raise _refused(node)
    left, right = node.this, node.expression
    if not isinstance(left, exp.Column) and op in _TURNED:
        left, right, op = right, left, _TURNED[op]
    return {"column": _column(left), "op": op, "value": _value(right, values)}


def _column(node: exp.Expr) -> str:
    if not isinstance(node, exp.Column) or node.table:
        raise _refused(node)
    name = node.this
    return str(name.this) if name.args.get("quoted") else str(name.this).lower()


def _value(node: exp.Expr, values: Mapping[str, Any]) -> Any:
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return -_number(node.this)
    if isinstance(node, exp.Literal):
        return node.this if node.is_string else _number(node)
    if isinstance(node, exp.Boolean):
        return node.this
    if isinstance(node, exp.Placeholder) and node.name in values:
        return values[node.name]
    if isinstance(node, exp.Placeholder):
        raise UsageError(f"No variable is called “{node.name}”.", hint="Set it in a cell above.")
    raise _refused(node)


def _number(node: exp.Literal) -> int | float:
    text = str(node.this)
    return int(text) if text.isdecimal() else float(text)


def _refused(node: exp.Expr) -> UsageError:
    return UsageError(f"“{node.sql('postgres')}” cannot stand in the condition of a search.", hint=_HINT)
