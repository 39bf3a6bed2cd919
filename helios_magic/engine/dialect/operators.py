"""Arithmetic, comparison and the operators of text, jsonb and arrays, chosen by PostgreSQL's operand types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import rows, vectors
from helios_magic.engine.dialect.conversion import coerce, common_type, exact_scale, to_text
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.grammar import Absolute
from helios_magic.engine.dialect.jsonmembers import has_members, plain_members
from helios_magic.engine.dialect.numericshapes import combined, gathered
from helios_magic.engine.dialect.pgtypes import (
    INTEGERS,
    NUMBERS,
    STRINGS,
    TIMES,
    UNKNOWN,
    base,
    duckdb_type,
    element,
    is_array,
    long_name,
    modifiers,
)
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, base_of, is_string, place_of, sql, type_of, typed

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_SIGNS: dict[type[exp.Expression], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%", exp.Pow: "^",
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "#",
    exp.BitwiseLeftShift: "<<", exp.BitwiseRightShift: ">>",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM",
}  # fmt: skip


def no_operator(node: Node, sign: str, left: Node, right: Node) -> Refusal:
    return Refusal(
        "42883",
        f"operator does not exist: {long_name(base_of(left))} {sign} {long_name(base_of(right))}",
        place=place_of(node) if place_of(left) is None else place_of(left),
        sign=(sign, place_of(right)),
        hint="No operator matches the given name and argument types. You might need to add explicit type casts.",
    )


def not_unique(node: Node, sign: str, left: Node, right: Node) -> Refusal:
    refusal = no_operator(node, sign, left, right)
    refusal.sqlstate = "42725"
    refusal.message = f"operator is not unique: unknown {sign} unknown"
    refusal.hint = "Could not choose a best candidate operator. You might need to add explicit type casts."
    return refusal


def _pair(binder: Binder, node: Node, scope: Scope) -> tuple[Node, Node]:
    return visit(binder, node.this, scope), visit(binder, node.expression, scope)


@rule(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, parts=("typed", "safe"))
def _arithmetic(binder: Binder, node: Node, scope: Scope) -> Node:
    left, right = _pair(binder, node, scope)
    sign = _SIGNS[type(node)]
    one, other = base_of(left), base_of(right)
    if sign == "-" and one == "jsonb":
        return _json_minus(binder, node, left, right)
    if "vector" in (one, other):
        found = vectors.arithmetic(binder, sign, left, right)
        if found is None:
            raise no_operator(node, sign, left, right)
        return found
    if {one, other} & {*TIMES, "interval", "time"}:
        from helios_magic.engine.dialect.temporal import time_arithmetic

        found = time_arithmetic(binder, node, sign, left, right)
        if found is None:
            raise no_operator(node, sign, left, right)
        return found
    if one == other == UNKNOWN:
        raise not_unique(node, sign, left, right)
    if one == UNKNOWN and other in NUMBERS:
        left, one = coerce(binder, left, other), other
    elif other == UNKNOWN and one in NUMBERS:
        right, other = coerce(binder, right, one), one
    if one not in NUMBERS or other not in NUMBERS:
        raise no_operator(node, sign, left, right)
    kind = common_type([one, other], sign)
    if sign == "%" and kind in ("float4", "float8"):
        raise no_operator(node, sign, left, right)
    if "float4" in (one, other) and one != other:
        kind = "float8"
    return _number(node, sign, left, right, kind)


def _number(node: Node, sign: str, left: Node, right: Node, kind: str) -> Node:
    if kind in INTEGERS:
        left, right = (_as(side, kind) for side in (left, right))
        return sql(f"({{0}} {'//' if sign == '/' else sign} {{1}})", left, right, pg=kind)
    if kind == "numeric":
        left, right = (as_decimal(side) for side in (left, right))
        if sign == "/":
            from helios_magic.engine.dialect.numerictexts import quotient

            return quotient(left, right)
        exact = all(exact_scale(side) or base_of(side) in INTEGERS for side in (left, right))
        result = sql("({0} % {1})", left, right, pg="numeric") if sign == "%" else combined(sign, left, right)
        result.meta["exact_scale"] = exact
        return result
    left, right = (_as(side, kind) for side in (left, right))
    if sign == "/":
        return sql("({0} / {1})", left, right, pg=kind)
    return sql(f"({{0}} {sign} {{1}})", left, right, pg=kind)


def _as(side: Node, kind: str) -> Node:
    """DuckDB computes in the wider type of the two; a literal would stay as small as it is."""
    if base_of(side) == kind and not isinstance(side, exp.Literal):
        return side
    return sql(f"CAST({{0}} AS {duckdb_type(kind)})", side, pg=kind)


def as_decimal(side: Node) -> Node:
    kind = base_of(side)
    if kind in INTEGERS:
        digits = {"int2": 5, "int4": 10, "int8": 19}[kind]
        if isinstance(side, exp.Literal):
            digits = len(side.name)
        return sql(f"CAST({{0}} AS DECIMAL({digits},0))", side, pg=kind)
    return side


@rule(exp.Pow)
def _power(binder: Binder, node: Node, scope: Scope) -> Node:
    left, right = _pair(binder, node, scope)
    from helios_magic.engine.dialect.calls import known

    kinds = {base_of(left), base_of(right)}
    if not kinds <= {*NUMBERS, UNKNOWN}:
        raise no_operator(node, "^", left, right)
    return known(binder, "power", [left, right], node)


@rule(exp.Sqrt)
def _root(binder: Binder, node: Node, scope: Scope) -> Node:
    return sql("pg_float_sqrt({0})", coerce(binder, visit(binder, node.this, scope), "float8"), pg="float8")


@rule(exp.Neg, Absolute, exp.BitwiseNot)
def _prefix(binder: Binder, node: Node, scope: Scope) -> Node:
    value = visit(binder, node.this, scope)
    kind = base_of(value)
    template = {exp.Neg: "(-{0})", Absolute: "abs({0})", exp.BitwiseNot: "(~{0})"}[type(node)]
    good = (
        INTEGERS
        if isinstance(node, exp.BitwiseNot)
        else (*NUMBERS, *(("interval",) if isinstance(node, exp.Neg) else ()))
    )
    digits = node.this.name if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) else ""
    if digits == "9223372036854775808":
        return sql("CAST('-9223372036854775808' AS BIGINT)", pg="int8")
    if digits == "2147483648":
        return sql("CAST('-2147483648' AS INTEGER)", pg="int4")
    if kind not in good:
        sign = {exp.Neg: "-", Absolute: "@", exp.BitwiseNot: "~"}[type(node)]
        place = place_of(node)
        if kind == UNKNOWN:
            raise Refusal(
                "42725",
                f"operator is not unique: {sign} unknown",
                place=place,
                hint="Could not choose a best candidate operator. You might need to add explicit type casts.",
            )
        raise Refusal(
            "42883",
            f"operator does not exist: {sign} {long_name(kind)}",
            place=place,
            hint="No operator matches the given name and argument type. You might need to add an explicit type cast.",
        )
    result = sql(template, value, pg=kind)
    for key in ("exact_scale", "digits"):
        if key in value.meta:
            result.meta[key] = value.meta[key]
    return result


@rule(exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseLeftShift, exp.BitwiseRightShift)
def _bits(binder: Binder, node: Node, scope: Scope) -> Node:
    left, right = _pair(binder, node, scope)
    sign = _SIGNS[type(node)]
    if base_of(left) not in INTEGERS or base_of(right) not in INTEGERS:
        if base_of(left) in INTEGERS and base_of(right) == UNKNOWN:
            right = coerce(binder, right, base_of(left))
        else:
            raise no_operator(node, sign, left, right)
    if sign in ("<<", ">>"):
        kind = base_of(left)
        bits = {"int2": 16, "int4": 32, "int8": 64}[kind]
        # PostgreSQL leaves it to the processor: int2 is shifted as int4, and the number of places wraps around.
        macro = "pg_shift_left" if sign == "<<" else "pg_shift_right"
        template = f"CAST({macro}({{0}}, CAST({{1}} AS BIGINT), {max(bits, 32)}, {bits}) AS {duckdb_type(kind)})"
        return sql(template, left, right, pg=kind)
    kind = common_type([base_of(left), base_of(right)], sign)
    template = "xor({0}, {1})" if sign == "#" else f"({{0}} {sign} {{1}})"
    return sql(template, _as(left, kind), _as(right, kind), pg=kind)


@rule(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
def _comparison(binder: Binder, node: Node, scope: Scope) -> Node:
    whole = cast_whole(node)
    if whole is not node:
        return visit(binder, whole, scope)
    if isinstance(node.expression, (exp.Any, exp.All)) or _is_all(node.expression):
        from helios_magic.engine.dialect.arrays import quantified

        return quantified(binder, node, scope)
    if rows.members(node.this) is not None:
        return rows.comparison(binder, node, scope)
    left, right = _pair(binder, node, scope)
    return compare(binder, type(node), left, right, node)


def cast_whole(node: Node) -> Node:
    """`x = ANY (…)::type` and `(…) OVERLAPS (…)::type` with the cast around all of it; any other node as it is.

    In PostgreSQL what stands in brackets there belongs to the operator, and is no side of its own.
    """
    within = isinstance(node.expression, (exp.Any, exp.All))
    side = node.expression.this if within else node.expression
    kinds = []
    while isinstance(side, exp.Cast):
        kinds.append(side.args["to"])
        side = side.this
    if not kinds or not (within or _is_all(side) or isinstance(node, exp.Overlaps)):
        return node
    whole: Node = type(node)(this=node.this, expression=type(node.expression)(this=side) if within else side)
    for kind in reversed(kinds):
        whole = exp.Cast(this=whole, to=kind)
    return whole


def _is_all(node: Node) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in ("all", "some")


def compare(binder: Binder, kind: type[exp.Expression], left: Node, right: Node, at: Node | None = None) -> Node:
    """`left <kind> right` where PostgreSQL has such an operator; both sides as one type."""
    sign = _SIGNS[kind]
    left, right, common = unify(binder, left, right, sign, at)
    if common == "json":
        raise no_operator(at or left, sign, left, right)
    if common == "jsonb":
        key = "pg_json_same({0})" if sign in ("=", "<>") or sign.startswith("IS") else "pg_json_order({0})"
        left, right = (sql(key, side, pg="text") for side in (left, right))
    if common == "bpchar":
        left, right = _without_blanks(left, right, sign)
    return sql(f"({{0}} {sign} {{1}})", left, right, pg="bool")


def _without_blanks(left: Node, right: Node, sign: str) -> tuple[Node, Node]:
    """char(n) is compared without its blanks; a literal is given them instead, so that an index can serve."""
    if isinstance(left, exp.Column) and is_string(right) and sign in ("=", "<>") and "(" in type_of(left):
        padded = exp.Literal.string(right.name.rstrip(" ").ljust(modifiers(type_of(left))[0]))
        return left, typed(padded, "bpchar")
    bare = [sql("rtrim({0}, ' ')", side, pg="bpchar") for side in (left, right)]
    return bare[0], bare[1]


def unify(binder: Binder, left: Node, right: Node, sign: str, at: Node | None = None) -> tuple[Node, Node, str]:
    one, other = base_of(left), base_of(right)
    if one == other == UNKNOWN:
        return coerce(binder, left, "text"), coerce(binder, right, "text"), "text"
    if one == UNKNOWN:
        return coerce(binder, left, other if other != "numeric" else "numeric"), right, other
    if other == UNKNOWN:
        return left, coerce(binder, right, one), one
    if one == other:
        if one == "record":
            raise unsupported("comparing record values", place=place_of(at))
        if one == "vector" and type_of(left) != type_of(right):
            return vectors.of_any_length(left), vectors.of_any_length(right), one
        return left, right, one
    try:
        common = common_type([one, other], sign)
    except Refusal:
        raise no_operator(at if at is not None else left, sign, left, right) from None
    if "bpchar" in (one, other) and common in STRINGS:
        if "varchar" in (one, other):
            return left, right, "bpchar"
        return to_text(left), to_text(right), "text"
    if common in NUMBERS or common in STRINGS:
        if common in ("float4", "float8"):
            return _as(left, "float8"), _as(right, "float8"), "float8"
        return left, right, common
    return coerce(binder, left, common), coerce(binder, right, common), common


@rule(exp.DPipe, parts=("safe",))
def _join_up(binder: Binder, node: Node, scope: Scope) -> Node:
    """|| of text, jsonb and arrays."""
    left, right = _pair(binder, node, scope)
    one, other = base_of(left), base_of(right)
    if is_array(one) or is_array(other):
        return _join_arrays(binder, node, left, right)
    if "vector" in (one, other):
        found = vectors.arithmetic(binder, "||", left, right)
        if found is None:
            raise no_operator(node, "||", left, right)
        return found
    if one == "jsonb" or other == "jsonb":
        if {one, other} - {"jsonb", UNKNOWN}:
            raise no_operator(node, "||", left, right)
        return sql(
            "CAST(pg_json_join({0}, {1}) AS JSON)",
            coerce(binder, left, "jsonb"),
            coerce(binder, right, "jsonb"),
            pg="jsonb",
        )
    if "bytea" in (one, other) and {one, other} <= {"bytea", UNKNOWN}:
        return sql("({0} || {1})", coerce(binder, left, "bytea"), coerce(binder, right, "bytea"), pg="bytea")
    texts = {one, other} & {*STRINGS, UNKNOWN}
    if not texts:
        raise no_operator(node, "||", left, right)
    left, right = (
        coerce(binder, side, "text") if base_of(side) == UNKNOWN else to_text(side) for side in (left, right)
    )
    return sql("({0} || {1})", left, right, pg="text")


def _join_arrays(binder: Binder, node: Node, left: Node, right: Node) -> Node:
    one, other = base_of(left), base_of(right)
    array = _joined_type(node, left, right)
    if UNKNOWN in (one, other):
        # A bare literal beside an array is an array's own text in PostgreSQL.
        left, right = coerce(binder, left, array), coerce(binder, right, array)
        one = other = array
    if array == "numeric[]":
        left, right = gathered([left, right])
        one, other = base_of(left), base_of(right)
    parts = []
    for side, kind in ((left, one), (right, other)):
        if is_array(kind) and kind != element(array):
            parts.append(coerce(binder, side, array) if kind != array else side)
        else:
            parts.append(sql("[{0}]", coerce(binder, side, element(array)), pg=array))
    if not (is_array(one) and is_array(other)):
        return sql("list_concat({0}, {1})", *parts, pg=array)
    # NULL beside NULL is NULL: list_concat would make an empty list of them.
    both = "list_filter([{0}, {1}], lambda pg_side: pg_side IS NOT NULL)"
    return sql(f"flatten(nullif({both}, []))", *parts, pg=array)


def _joined_type(node: Node, left: Node, right: Node) -> str:
    """The array type of both sides of ||: an element joins an array, an array one of arrays."""
    one, other = base_of(left), base_of(right)
    if is_array(one) and is_array(element(one)) and is_array(other):
        return one
    if is_array(other) and is_array(element(other)) and is_array(one):
        return other
    found = [element(kind) if is_array(kind) else kind for kind in (one, other) if kind != UNKNOWN]
    try:
        return base(common_type(found, "||")) + "[]"
    except Refusal:
        raise no_operator(node, "||", left, right) from None


def _json_minus(binder: Binder, node: Node, left: Node, right: Node) -> Node:
    if base_of(right) in INTEGERS:
        return sql("CAST(pg_json_without_item({0}, CAST({1} AS BIGINT)) AS JSON)", left, right, pg="jsonb")
    if is_array(base_of(right)):
        return sql("CAST(pg_json_without_keys({0}, {1}) AS JSON)", left, right, pg="jsonb")
    return sql("CAST(pg_json_without({0}, {1}) AS JSON)", left, coerce(binder, right, "text"), pg="jsonb")


@rule(exp.ArrayContainsAll, exp.ArrayContainedBy, exp.ArrayOverlaps)
def _containment(binder: Binder, node: Node, scope: Scope) -> Node:
    """@>, <@ and && of arrays, @> and <@ of jsonb."""
    left, right = _pair(binder, node, scope)
    one, other = base_of(left), base_of(right)
    overlaps = isinstance(node, exp.ArrayOverlaps)
    sign = "&&" if overlaps else "@>" if isinstance(node, exp.ArrayContainsAll) else "<@"
    if is_array(one) or is_array(other):
        kind = one if is_array(one) else other
        if UNKNOWN not in (one, other) and one != other:
            raise no_operator(node, sign, left, right)
        left, right = coerce(binder, left, kind), coerce(binder, right, kind)
        if base(type_of(left)) != base(type_of(right)):
            raise no_operator(node, sign, left, right)
        if kind == "numeric[]":
            left, right = gathered([left, right])
        macro = {
            "&&": "pg_array_overlaps({0}, {1})",
            "@>": "pg_array_contains({0}, {1})",
            "<@": "pg_array_contains({1}, {0})",
        }[sign]
        return sql(macro, left, right, pg="bool")
    if not overlaps and {one, other} <= {"jsonb", UNKNOWN} and "jsonb" in (one, other):
        members = plain_members(right) if sign == "@>" and one == "jsonb" else None
        if members is not None:
            return has_members(left, members)
        left, right = coerce(binder, left, "jsonb"), coerce(binder, right, "jsonb")
        return sql(
            "pg_json_contains({0}, {1})" if sign == "@>" else "pg_json_contains({1}, {0})", left, right, pg="bool"
        )
    raise no_operator(node, sign, left, right)
