"""jsonb_path_query and its kin, `@?` and `@@`: a constant path is read while the statement is prepared."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import jsonpath
from helios_magic.engine.dialect.arraycalls import unknown_function
from helios_magic.engine.dialect.conversion import cast, coerce
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.operators import no_operator
from helios_magic.engine.dialect.pgtypes import UNKNOWN
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, base_of, is_parameter, is_string, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

Build = Callable[["Binder", Node, list[Node]], Node]


def _path(value: Node, node: Node) -> Node:
    if is_string(value):
        try:
            jsonpath.read(str(value.this))
        except ValueError as error:
            raise Refusal(str(error)[1:6], str(error)[8:], place=place_of(node)) from None
        return value
    if is_parameter(value):
        return sql("CAST({0} AS VARCHAR)", value, pg="text")
    raise unsupported(
        "a computed jsonpath", place=place_of(node), hint="Write the path as a literal, or send it as $1."
    )


def _parts(binder: Binder, node: Node, arguments: list[Node]) -> list[Node]:
    if not 2 <= len(arguments) <= 4 or base_of(arguments[0]) not in ("jsonb", UNKNOWN):
        raise unknown_function(node, arguments)
    variables = coerce(binder, arguments[2], "jsonb") if len(arguments) > 2 else exp.Literal.string("{}")
    silent = coerce(binder, arguments[3], "bool") if len(arguments) > 3 else sql("false", pg="bool")
    return [coerce(binder, arguments[0], "jsonb"), _path(arguments[1], node), variables, silent]


def items(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """All that a path finds, as a list."""
    parts = _parts(binder, node, arguments)
    return sql("CAST(pg_json_path_query({0}, {1}, {2}, {3}) AS JSON[])", *parts, pg="jsonb[]")


def _array(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    found = sql("pg_json_path_query({0}, {1}, {2}, {3})", *_parts(binder, node, arguments), pg="text[]")
    return sql("CAST('[' || pg_array_joined({0}, ', ') || ']' AS JSON)", found, pg="jsonb")


def _first(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return sql("list_extract({0}, 1)", items(binder, node, arguments), pg="jsonb")


def _tested(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    function = "pg_json_path_exists" if name_of(node) == "jsonb_path_exists" else "pg_json_path_match"
    return sql(f"{function}({{0}}, {{1}}, {{2}}, {{3}})", *_parts(binder, node, arguments), pg="bool")


def _standard(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """JSON_EXISTS, JSON_VALUE and JSON_QUERY of the standard, without clauses: false or NULL where the path fails."""
    if len(arguments) != 2 or base_of(arguments[0]) not in ("jsonb", "json", "text", "varchar", UNKNOWN):
        raise unknown_function(node, arguments)
    value, path = cast(binder, arguments[0], "jsonb"), _path(arguments[1], node)
    name = name_of(node)
    if name == "json_exists":
        found = "coalesce(pg_json_path_exists({0}, {1}, '{{}}', true), false)"
        return sql(f"CASE WHEN {{0}} IS NOT NULL THEN {found} END", value, path, pg="bool")
    items = sql("pg_json_path_query({0}, {1}, '{{}}', true)", value, path, pg="text[]")
    if name == "json_query":
        return sql("CASE WHEN len({0}) = 1 THEN CAST(list_extract({0}, 1) AS JSON) END", items, pg="jsonb")
    item = "list_extract({0}, 1)"
    # A truth value is cast to text, not printed as in a document.
    text = f"CASE {item} WHEN 'true' THEN 't' WHEN 'false' THEN 'f' ELSE pg_json_scalar_text({item}) END"
    scalar = f"len({{0}}) = 1 AND NOT regexp_matches({item}, '^[[{{{{]')"
    return sql(f"CASE WHEN {scalar} THEN {text} END", items, pg="text")


@rule(exp.JSONBPathExists)
def _exists(binder: Binder, node: Node, scope: Scope) -> Node:
    return _operator(binder, node, "@?", visit(binder, node.this, scope), visit(binder, node.expression, scope))


@rule(exp.MatchAgainst)
def _match(binder: Binder, node: Node, scope: Scope) -> Node:
    if len(node.expressions) != 1:
        raise unsupported("full text search", place=place_of(node))
    return _operator(binder, node, "@@", visit(binder, node.expressions[0], scope), visit(binder, node.this, scope))


def _operator(binder: Binder, node: Node, sign: str, left: Node, right: Node) -> Node:
    if base_of(left) != "jsonb":
        raise no_operator(node, sign, left, right)
    function = "pg_json_path_exists" if sign == "@?" else "pg_json_path_match"
    return sql(f"{function}({{0}}, {{1}}, '{{{{}}}}', true)", left, _path(right, node), pg="bool")


SPECIAL: dict[str, Build] = {
    "jsonb_path_query_array": _array,
    "jsonb_path_query_first": _first,
    "jsonb_path_exists": _tested,
    "jsonb_path_match": _tested,
    "json_exists": _standard,
    "json_value": _standard,
    "json_query": _standard,
}
