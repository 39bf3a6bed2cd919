"""Arrays: constructors, literals, subscripts and ANY / ALL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import coerce, common_type, to_text
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.numericshapes import aligned, aligned_with_query, gathered
from helios_magic.engine.dialect.operators import _SIGNS, compare
from helios_magic.engine.dialect.pgtypes import UNKNOWN, base, duckdb_type, element, is_array, long_name
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, base_of, is_string, name_of, place_of, sql, type_of, typed

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: Questions about a member of an array, answered by the array's values.
_MEMBERSHIP = {("=", "ANY"): "pg_has_member({1}, {0})", ("<>", "ALL"): "(NOT pg_has_member({1}, {0}))"}


@rule(exp.Array, parts=("bracket_notation",))
def _array(binder: Binder, node: Node, scope: Scope) -> Node:
    if any(isinstance(part, exp.Query) for part in node.expressions):
        return from_query(binder, node.expressions[0], scope)
    parts = [visit(binder, part, scope) for part in node.expressions]
    if not parts:
        raise Refusal(
            "42P18", "cannot determine type of empty array", place=place_of(node), hint="Cast it: ARRAY[]::int[]."
        )
    kind = common_type([type_of(part) for part in parts], "ARRAY")
    kind = "text" if kind == UNKNOWN else base(kind)
    slots = ", ".join(f"{{{i}}}" for i in range(len(parts)))
    scales = {part.meta.get("digits") for part in parts}
    exact = all(part.meta.get("exact_scale") for part in parts) and len(scales) == 1
    parts = aligned([coerce(binder, part, kind) for part in parts], kind)
    result = sql(f"pg_rectangular([{slots}])" if is_array(kind) else f"[{slots}]", *parts, pg=kind + "[]")
    if exact:
        result.meta["exact_scale"] = True
    return result


def from_query(binder: Binder, query: Node, scope: Scope) -> Node:
    """ARRAY(SELECT …); an empty result is an empty array, not NULL."""
    body, fields = binder.query(query, scope)
    if len(fields) != 1 or is_array(fields[0].type):
        raise unsupported("ARRAY(…) of this query", place=place_of(query))
    kind = base(fields[0].type)
    return sql(f"coalesce(ARRAY({{0}}), CAST([] AS {duckdb_type(kind, binder.enums)}[]))", body, pg=kind + "[]")


def literal_array(binder: Binder, node: Node, text: str, target: str) -> Node:
    """`'{1,2,NULL,"a b"}'` as an array."""
    members = _members(node, text)
    kind = element(target)
    if is_array(kind):
        raise unsupported("a literal of arrays within arrays", place=place_of(node))
    parts = []
    for member in members:
        value = typed(exp.Null() if member is None else exp.Literal.string(member), UNKNOWN)
        if node.meta.get("start") is not None:
            value.meta["start"] = node.meta["start"]
        parts.append(coerce(binder, value, kind))
    slots = ", ".join(f"{{{i}}}" for i in range(len(parts)))
    return sql(
        f"CAST([{slots}] AS {duckdb_type(base(kind) if 'numeric' not in kind else kind, binder.enums)}[])",
        *parts,
        pg=target,
    )


def _members(node: Node, text: str) -> list[str | None]:
    body = text.strip()
    if not body.startswith("{") or not body.endswith("}"):
        raise Refusal("22P02", f'malformed array literal: "{text}"', place=place_of(node))
    members: list[str | None] = []
    current, quoted, at, inside = "", False, 1, False
    if body[1:-1].strip() == "":
        return []
    while at < len(body):
        mark = body[at]
        if inside:
            if mark == "\\":
                at += 1
                current += body[at]
            elif mark == '"':
                inside = False
            else:
                current += mark
        elif mark == '"':
            inside = quoted = True
        elif mark == "{":
            raise unsupported("a literal of arrays within arrays", place=place_of(node))
        elif mark in ",}":
            bare = current if quoted else current.strip()
            if not bare and not quoted:
                raise Refusal("22P02", f'malformed array literal: "{text}"', place=place_of(node))
            members.append(None if not quoted and bare.upper() == "NULL" else bare)
            current, quoted = "", False
        elif mark == "\\":
            at += 1
            current += body[at]
        else:
            current += mark
        at += 1
    return members


@rule(exp.Bracket, parts=("offset", "step"))
def _subscript(binder: Binder, node: Node, scope: Scope) -> Node:
    if isinstance(node.this, exp.Bracket):
        nested = _in_two_dimensions(binder, node, scope)
        if nested is not None:
            return nested
    value = visit(binder, node.this, scope)
    kind = base_of(value)
    if not is_array(kind):
        if kind == "jsonb" and isinstance(node, exp.Bracket):
            from helios_magic.engine.dialect.jsoncalls import subscript

            return subscript(binder, node, value, scope)
        raise Refusal(
            "42804",
            f"cannot subscript type {long_name(kind)} because it does not support subscripting",
            place=place_of(node),
        )
    if len(node.expressions) != 1:
        raise unsupported("several subscripts in one bracket", place=place_of(node))
    if is_array(element(kind)):
        return _too_few_subscripts(binder, node, value, scope)
    index = node.expressions[0]
    if isinstance(index, exp.Slice):
        if index.args.get("step") is not None:
            raise Refusal("42601", "syntax error in a slice", place=place_of(node))
        low = (
            coerce(binder, visit(binder, index.this, scope), "int4") if index.this is not None else sql("1", pg="int4")
        )
        high = (
            coerce(binder, visit(binder, index.expression, scope), "int4")
            if index.expression is not None
            else sql("2147483647", pg="int4")
        )
        return sql("pg_slice({0}, {1}, {2})", value, low, high, pg=kind)
    at = coerce(binder, visit(binder, index, scope), "int4")
    # Below 1 there is nothing in PostgreSQL; DuckDB counts from the end.
    if kind in ("int2vector", "oidvector"):
        return sql("pg_item({0}, {1} + 1)", value, at, pg=element(kind))
    return sql("pg_item({0}, {1})", value, at, pg=element(kind))


def _in_two_dimensions(binder: Binder, node: Node, scope: Scope) -> Node | None:
    """a[i][j] of an array of arrays; None where the value is something else."""
    inner = node.this
    value = visit(binder, inner.this, scope)
    inner.set("this", value)
    kind = base_of(value)
    if not is_array(kind) or (not is_array(element(kind)) and base_of(value) != "jsonb"):
        if is_array(kind) and not isinstance(inner.expressions[0], exp.Slice):
            # More subscripts than dimensions: there is nothing.
            visit(binder, node.expressions[0], scope)
            return sql(f"CAST(NULL AS {duckdb_type(element(kind), binder.enums)})", pg=element(kind))
        if is_array(kind):
            raise unsupported("subscripts of a slice", place=place_of(node))
        return None
    places = [inner.expressions[0], node.expressions[0]]
    if any(isinstance(place, exp.Slice) for place in places) or is_array(element(element(kind))):
        raise unsupported("slices of arrays of arrays", place=place_of(node))
    first, second = (coerce(binder, visit(binder, place, scope), "int4") for place in places)
    return sql("pg_item(pg_item({0}, {1}), {2})", value, first, second, pg=element(element(kind)))


def _too_few_subscripts(binder: Binder, node: Node, value: Node, scope: Scope) -> Node:
    """One subscript of an array of arrays is NULL in PostgreSQL, a slice is one of rows."""
    index, kind = node.expressions[0], base_of(value)
    if isinstance(index, exp.Slice):
        raise unsupported("slices of arrays of arrays", place=place_of(node))
    visit(binder, index, scope)
    innermost = element(kind)
    while is_array(innermost):
        innermost = element(innermost)
    return sql(f"CAST(NULL AS {duckdb_type(innermost, binder.enums)})", pg=innermost)


def quantified(binder: Binder, node: Node, scope: Scope) -> Node:
    """`x = ANY(array)`, `x <> ALL(array)`, and the same over a query."""
    left, right = visit(binder, node.this, scope), node.expression
    word = (
        "ALL" if isinstance(right, exp.All) or (isinstance(right, exp.Anonymous) and name_of(right) == "all") else "ANY"
    )
    inner = right.expressions[0] if isinstance(right, exp.Anonymous) else right.this
    while isinstance(inner, (exp.Paren, exp.Subquery)) and isinstance(inner.this, exp.Expression):
        inner = inner.this
    if _SIGNS[type(node)].startswith("IS"):
        raise unsupported(f"{node.key} ANY", place=place_of(node))
    if name_of(inner) == "array" and inner.expressions and isinstance(inner.expressions[0], exp.Query):
        inner = inner.expressions[0]
    if isinstance(inner, exp.Select | exp.SetOperation | exp.Values):
        return _over_query(binder, node, left, word, inner, scope)
    return _over_array(binder, node, left, word, inner, scope)


def _over_query(binder: Binder, node: Node, left: Node, word: str, query: Node, scope: Scope) -> Node:
    body, fields = binder.query(query, scope)
    compare(binder, type(node), left.copy(), sql("x", pg=fields[0].type), node)
    left = coerce(binder, left, fields[0].type) if base_of(left) == UNKNOWN else left
    left, body = aligned_with_query(left, body, fields[0].type)
    return sql(f"({{0}} {_SIGNS[type(node)]} {word} ({{1}}))", left, body, pg="bool")


def _over_array(binder: Binder, node: Node, left: Node, word: str, inner: Node, scope: Scope) -> Node:
    sign = _SIGNS[type(node)]
    varies = inner.find(exp.Column, exp.Query) is not None
    array = visit(binder, inner, scope)
    if base_of(left) == "bpchar":
        left = to_text(left)
    if base_of(array) == UNKNOWN:
        array = coerce(binder, array, ("text" if base_of(left) == UNKNOWN else base_of(left)) + "[]")
    kind = base_of(array)
    if not is_array(kind):
        raise Refusal("42809", f"op {word} (array) requires array on right side", place=place_of(node))
    if base_of(left) == UNKNOWN:
        left = coerce(binder, left, element(kind))
    compare(binder, type(node), left.copy(), sql("x", pg=element(kind)), node)
    if element(kind) in ("json", "jsonb"):
        raise unsupported(f"{word} over json", place=place_of(node))
    if is_string(left):
        left = coerce(binder, left, element(kind))
    if kind == "numeric[]" and base_of(left) == "numeric":
        left, array = gathered([left, array])
    if varies:
        # DuckDB makes a join of ANY, whose NULLs are wrong over some arrays that differ from row to row.
        if (sign, word) in _MEMBERSHIP:
            return sql(_MEMBERSHIP[sign, word], left, array, pg="bool")
        return over_members(array, left, f"{{1}} {sign} m", word)
    # Over a NULL array DuckDB answers false, PostgreSQL nothing.
    return sql(f"CASE WHEN {{1}} IS NOT NULL THEN ({{0}} {sign} {word} ({{1}})) END", left, array, pg="bool")


def over_members(array: Node, left: Node, test: str, word: str) -> Node:
    """A test of the left side, `{1}`, with ANY or ALL members of an array, `m`: NULL where it cannot be decided."""
    tests = f"list_transform({{0}}, lambda m: {test})"
    decisive, other = ("false", "true") if word == "ALL" else ("true", "false")
    # The one answer that decides, else NULL where a member or the left side is NULL.
    return sql(
        f"CASE WHEN {{0}} IS NULL THEN NULL WHEN list_contains({tests}, {decisive}) THEN {decisive}"
        f" WHEN len(list_filter({tests}, lambda t: t IS NULL)) > 0 THEN NULL ELSE {other} END",
        array, left, pg="bool",
    )  # fmt: skip
