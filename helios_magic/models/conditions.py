"""A condition on rows as a tree, and the SQL that it stands for: its values are parameters, never text.

| node | means |
| --- | --- |
| `{"column": "lang", "op": "=", "value": "en"}` | `=`, `<>`, `<`, `<=`, `>`, `>=`, `like`, `ilike` |
| `{"column": "lang", "op": "in", "value": ["en", "de"]}` | `in`, `not in` |
| `{"column": "year", "op": "between", "value": [1990, 1999]}` | both ends are in |
| `{"column": "lang", "op": "is null"}` | `is null`, `is not null` |
| `{"and": […]}`, `{"or": […]}`, `{"not": …}` | of other nodes |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helios_magic.errors import ValidationError
from helios_magic.schema import quoted

_COMPARED = ("=", "<>", "<", "<=", ">", ">=", "like", "ilike")
_OPERATORS = (*_COMPARED, "in", "not in", "between", "is null", "is not null")
_DEEPEST, _MOST_VALUES = 32, 1000
_EXAMPLE = 'For example {"column": "lang", "op": "=", "value": "en"}, or {"and": [such, such]}.'


def to_sql(condition: Mapping[str, Any], params: list[Any]) -> str:
    """The condition as SQL; its values are appended to `params` and stand there as `$n`.

    Raises `ValidationError` for what is no condition.
    """
    return _node(condition, params, "filter", 0)


def _node(node: Any, params: list[Any], where: str, depth: int) -> str:
    if not isinstance(node, Mapping):
        raise _refused(where, "an object", type(node).__name__)
    if depth > _DEEPEST:
        raise _refused(where, f"at most {_DEEPEST} levels", "more")
    for word in ("and", "or"):
        if set(node) == {word}:
            return _several(node[word], word, params, f"{where}.{word}", depth)
    if set(node) == {"not"}:
        return f"NOT ({_node(node['not'], params, f'{where}.not', depth + 1)})"
    return _leaf(node, params, where)


def _several(nodes: Any, word: str, params: list[Any], where: str, depth: int) -> str:
    if not isinstance(nodes, list) or not nodes:
        raise _refused(where, "a list of conditions", "an empty list" if nodes == [] else type(nodes).__name__)
    parts = [_node(each, params, f"{where}[{place}]", depth + 1) for place, each in enumerate(nodes)]
    return "(" + f" {word.upper()} ".join(f"({part})" for part in parts) + ")"


def _leaf(node: Mapping[str, Any], params: list[Any], where: str) -> str:
    unknown = sorted(set(node) - {"column", "op", "value"})
    column, op = node.get("column"), node.get("op", "=")
    if unknown or not isinstance(column, str) or not column:
        raise _refused(where, "“column”, “op” and “value”, or one of “and”, “or”, “not”", ", ".join(map(str, node)))
    if op not in _OPERATORS:
        raise _refused(f"{where}.op", f"one of {', '.join(_OPERATORS)}", str(op))
    name = quoted(column)
    if op.startswith("is "):
        return f"{name} {op.upper()}"
    if "value" not in node:
        raise _refused(f"{where}.value", f"a value for “{op}”", "none")
    value = node["value"]
    if op in ("in", "not in"):
        if not isinstance(value, list) or not 0 < len(value) <= _MOST_VALUES:
            raise _refused(f"{where}.value", f"a list of 1 to {_MOST_VALUES} values", _count(value))
        return f"{name} {op.upper()} ({', '.join(_bound(each, params, f'{where}.value') for each in value)})"
    if op == "between":
        if not isinstance(value, list) or len(value) != 2:
            raise _refused(f"{where}.value", "a list of two values", _count(value))
        low, high = (_bound(each, params, f"{where}.value") for each in value)
        return f"{name} BETWEEN {low} AND {high}"
    return f"{name} {op.upper()} {_bound(value, params, f'{where}.value')}"


def _bound(value: Any, params: list[Any], where: str) -> str:
    if value is None:
        raise _refused(where, "a value; for NULL use “is null”", "null")
    if isinstance(value, dict | list):
        raise _refused(where, "a text, a number or a boolean", type(value).__name__)
    params.append(value)
    return f"${len(params)}"


def _count(value: Any) -> str:
    return f"{len(value)} values" if isinstance(value, list) else type(value).__name__


def _refused(where: str, expected: str, got: str) -> ValidationError:
    return ValidationError(
        f"“{where}” must be {expected}, not {got}",
        hint=_EXAMPLE,
        details={"field": where, "expected": expected, "got": got},
    )
