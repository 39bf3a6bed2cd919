"""Operators and calls of json beyond `->`: paths of several keys, `?|`, `?&`, `#-`, subscripts, raw json members."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.arraycalls import unknown_function
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.operators import no_operator
from helios_magic.engine.dialect.pgtypes import INTEGERS, STRINGS, UNKNOWN
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.textcalls import spread
from helios_magic.engine.dialect.typed import Node, base_of, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

Build = Callable[["Binder", Node, list[Node]], Node]


@rule(exp.JSONBContainsAnyTopKeys, exp.JSONBContainsAllTopKeys)
def _any_or_all_keys(binder: Binder, node: Node, scope: Scope) -> Node:
    left, right = visit(binder, node.this, scope), visit(binder, node.expression, scope)
    every = isinstance(node, exp.JSONBContainsAllTopKeys)
    if base_of(left) != "jsonb" or base_of(right) not in ("text[]", "varchar[]", UNKNOWN):
        raise no_operator(node, "?&" if every else "?|", left, right)
    macro = "pg_json_has_all" if every else "pg_json_has_any"
    return sql(f"{macro}({{0}}, {{1}})", left, coerce(binder, right, "text[]"), pg="bool")


@rule(exp.JSONBDeleteAtPath)
def _delete_path(binder: Binder, node: Node, scope: Scope) -> Node:
    left, right = visit(binder, node.this, scope), visit(binder, node.expression, scope)
    if base_of(left) != "jsonb" or base_of(right) not in ("text[]", "varchar[]", UNKNOWN):
        raise no_operator(node, "#-", left, right)
    return sql("CAST(pg_json_without_path({0}, {1}) AS JSON)", left, coerce(binder, right, "text[]"), pg="jsonb")


def subscript(binder: Binder, node: exp.Bracket, value: Node, scope: Scope) -> Node:
    """j['key'] and j[1]: `->`, but that a scalar has no items."""
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        raise Refusal("0A000", "jsonb subscript does not support slices", place=place_of(node))
    at = visit(binder, node.expressions[0], scope)
    if base_of(at) in INTEGERS:
        return sql("CAST(pg_json_path({0}, [CAST({1} AS VARCHAR)]) AS JSON)", value, at, pg="jsonb")
    if base_of(at) not in (*STRINGS, UNKNOWN):
        raise Refusal("42804", f"subscript type {base_of(at)} is not supported", place=place_of(node))
    return sql("CAST(pg_json_path({0}, [{1}]) AS JSON)", value, coerce(binder, at, "text"), pg="jsonb")


def _extract(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """json(b)_extract_path(_text)(json, key, …)."""
    name = name_of(node)
    kind = name.split("_")[0]
    if not arguments or base_of(arguments[0]) not in (kind, UNKNOWN):
        raise unknown_function(node, arguments)
    value = coerce(binder, arguments[0], kind)
    array = spread(arguments[1:])
    if array is None:
        keys = [coerce(binder, key, "text") for key in arguments[1:]]
        array = sql("CAST([" + ", ".join(f"{{{i}}}" for i in range(len(keys))) + "] AS VARCHAR[])", *keys, pg="text[]")
    return at_path(value, array, text=name.endswith("_text"))


def at_path(value: Node, path: Node, *, text: bool) -> Node:
    """What stands at a path of keys and indexes."""
    kind = base_of(value)
    found = sql("pg_raw_path({0}, {1})" if kind == "json" else "pg_json_path({0}, {1})", value, path, pg=kind)
    if text:
        return sql("pg_json_scalar_text({0})" if kind == "jsonb" else "pg_raw_text({0})", found, pg="text")
    return sql("CAST({0} AS JSON)", found, pg=kind)


def _strip(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """json_strip_nulls."""
    if len(arguments) != 1 or base_of(arguments[0]) not in ("json", UNKNOWN):
        raise unknown_function(node, arguments)
    return sql("CAST(pg_raw_stripped({0}) AS JSON)", coerce(binder, arguments[0], "json"), pg="json")


SPECIAL: dict[str, Build] = {
    "json_extract_path": _extract,
    "json_extract_path_text": _extract,
    "jsonb_extract_path": _extract,
    "jsonb_extract_path_text": _extract,
    "json_strip_nulls": _strip,
}
