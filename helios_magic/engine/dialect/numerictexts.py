"""The digits of a numeric as PostgreSQL writes them, where its scale follows from how it was computed.

DuckDB carries quotients and averages with twenty digits after the point; PostgreSQL has as many as the values ask for.
A node whose scale in DuckDB is not PostgreSQL's may know its text all the same: `meta["written"]` makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from helios_magic.engine.dialect.arraycalls import unknown_function
from helios_magic.engine.dialect.conversion import coerce, exact_scale, numeric_text, to_text
from helios_magic.engine.dialect.numericshapes import shape_of
from helios_magic.engine.dialect.pgtypes import INTEGERS, UNKNOWN
from helios_magic.engine.dialect.typed import Node, base_of, constant_int, name_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_CARRIED = 18
"""The most digits after the point that DuckDB is asked to round to."""
_WHOLE = frozenset({"round", "trunc", "ceil", "ceiling", "floor", "sign", "div", "factorial"})


def quotient(left: Node, right: Node) -> Node:
    """`left / right` of numerics, exact to PostgreSQL's own number of digits, which follows from the values."""
    result = sql("pg_div({0}, {1})", left, right, pg="numeric")
    if all(_written(side) for side in (left, right)):
        one, other = left.copy(), right.copy()
        result.meta["written"] = lambda: sql("pg_quotient_text({0}, {1})", to_text(one), to_text(other), pg="text")
    return result


def keeps_scale(name: str, call: Node) -> bool:
    """Whether a function's numeric result has PostgreSQL's scale in DuckDB: none, or that of its arguments."""
    return name in _WHOLE or (name in ("abs", "mod") and all(exact_scale(part) for part in call.expressions))


def _written(value: Node) -> bool:
    return base_of(value) in INTEGERS or exact_scale(value) or "written" in value.meta


def placed(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """round(n, places) and trunc(n, places)."""
    from helios_magic.engine.dialect.calls import known
    from helios_magic.engine.dialect.operators import as_decimal

    name = name_of(node)
    if len(arguments) != 2:
        return known(binder, name, arguments, node)
    if base_of(arguments[0]) not in ("numeric", *INTEGERS, UNKNOWN):
        refusal = unknown_function(node, [arguments[0], sql("0", pg="int4")])
        refusal.hint = "Cast the value: (…)::numeric."
        raise refusal
    places = constant_int(node.expressions[1])
    value = as_decimal(coerce(binder, arguments[0], "numeric") if base_of(arguments[0]) == UNKNOWN else arguments[0])
    if places is None or not -_CARRIED <= places <= _CARRIED:
        digits = coerce(binder, arguments[1], "int4")
        text = sql(f"pg_numeric_{name}(CAST({{0}} AS VARCHAR), {{1}})", value, digits, pg="text")
        return sql("CAST({0} AS DECIMAL(38,20))", text, pg="numeric")
    result = sql(f"{name}({{0}}, {places})", value, pg="numeric")
    whole, scale = shape_of(value) or (38, 0)
    if scale < places and whole + places <= 38:
        # DuckDB adds no zeros.
        result, scale = sql(f"CAST({{0}} AS DECIMAL(38,{places}))", result, pg="numeric"), places
    result.meta["exact_scale"] = scale >= places
    return result


def _numeric(node: Node, arguments: list[Node]) -> Node:
    if len(arguments) != 1 or base_of(arguments[0]) not in (*INTEGERS, "numeric", UNKNOWN):
        raise unknown_function(node, arguments)
    return arguments[0]


def _scale(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """scale(n): how many digits PostgreSQL writes after the point."""
    value = coerce(binder, _numeric(node, arguments), "numeric")
    return sql("CAST(pg_scale({0}) AS INTEGER)", numeric_text(value, "scale of a computed numeric"), pg="int4")


def _trim_scale(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """trim_scale(n): the same number, written without the zeros at its end."""
    value = coerce(binder, _numeric(node, arguments), "numeric")
    result = sql("{0}", value, pg="numeric")
    kept = value.copy()
    result.meta["written"] = lambda: sql("pg_numeric_trimmed(CAST({0} AS VARCHAR))", kept, pg="text")
    return result


SPECIAL: dict[str, Callable[[Binder, Node, list[Node]], Node]] = {
    "round": placed, "trunc": placed, "scale": _scale, "trim_scale": _trim_scale,
}  # fmt: skip
