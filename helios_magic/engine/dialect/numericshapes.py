"""Numerics of different scale side by side: the branches of CASE, the rows of VALUES, the sides of UNION and of `*`.

DuckDB gives them one DECIMAL.  Where the widest whole part and the longest fraction together have more than 38
digits it keeps the whole part and rounds the fractions off: 0.25 beside a DECIMAL(38,0) became 0.  Here such
branches are cast to the longest fraction first, so that a value is kept exactly or is an error.
"""

from __future__ import annotations

import re

from sqlglot import exp

from helios_magic.engine.dialect.pgtypes import BARE_SCALE, base, is_array
from helios_magic.engine.dialect.typed import Node, base_of, sql, type_of

_MOST = 38
_NARROW = 18
"""The digits of a DECIMAL that is kept in 64 bits."""
_WIDENED = f"({{0}} * CAST(1 AS DECIMAL({_NARROW + 1},0)))"
_INTEGERS = {"int2": 5, "int4": 10, "int8": 19}
_COMPUTED = 20
"""The scale of quotients, averages and roots; no number that is computed has a longer fraction."""
_CAST = re.compile(r"CAST\(.* AS DECIMAL\((\d+),(\d+)\)\)$", re.S)
_FIXED = {"pg_exact(": BARE_SCALE, "pg_float_numeric(": 15}
"""The scales of what our macros make."""
_ROUNDED = re.compile(r"(?:round|trunc)\(\{0\}(?:, (-?\d+))?\)$|(?:floor|ceil|sign)\(\{0\}\)$")
_DECLARED = re.compile(r"numeric\((\d+),(\d+)\)$")
_SAME = ("min(", "max(", "abs(", "any_value(", "first_value(", "last_value(", "(-{0})")
_Shape = tuple[int, int]
"""The most digits before the point that DuckDB makes room for, and those after it."""


def aligned(values: list[Node], kind: str, *, always: bool = False) -> list[Node]:
    """The values that are to become one column of type `kind`, cast where DuckDB would lose digits of one.

    `always`: wherever the scales differ, as in a recursive query, whose columns keep the type of the first term.
    """
    if base(kind) != "numeric" or len(values) < 2:
        return values
    shapes = [_shape(value) for value in values]
    known = [shape for shape in shapes if shape is not None]
    scales = {scale for _, scale in known}
    told = len(known) == len([value for value in values if _is_number(value)])
    if told and (len(scales) < 2 or (not always and max(whole for whole, _ in known) + max(scales) <= _MOST)):
        return values
    target = f"DECIMAL({_MOST},{max(scales, default=0) if told else max(_COMPUTED, *scales, 0)})"
    return [sql(f"CAST({{0}} AS {target})", value, pg="numeric") if _is_number(value) else value for value in values]


def combined(sign: str, left: Node, right: Node) -> Node:
    """`left + right`, `-` and `*` of numerics, in 128 bits where the result may have more digits than 64 bits hold.

    DuckDB makes of two DECIMALs of at most 18 digits one of at most 18: what is longer is an error there, a number in
    PostgreSQL.
    """
    one, other = _size(left), _size(right)
    digits = _digits(sign, one, other) if one and other else _MOST
    wide = any(size and sum(size) > _NARROW for size in (one, other))
    if digits > _NARROW and not wide:
        cast = f"CAST({{0}} AS DECIMAL({_NARROW + 1},{one[1]}))" if one else _WIDENED
        left = sql(cast, left, pg="numeric")
    result = sql(f"({{0}} {sign} {{1}})", left, right, pg="numeric")
    result.meta["size"] = digits if digits <= _NARROW else _MOST
    return result


def shape_of(value: Node) -> _Shape | None:
    """The most digits before the point of DuckDB's own type, and those after it; None where it cannot be told."""
    if str(value.args.get("template", "")).startswith("pg_div("):
        return _MOST - _COMPUTED, _COMPUTED
    return _shape(value)


def _digits(sign: str, one: _Shape, other: _Shape) -> int:
    """How many digits DuckDB makes room for."""
    if sign == "*":
        return sum(one) + sum(other)
    return max(one[0], other[0]) + max(one[1], other[1]) + 1


def _size(value: Node) -> _Shape | None:
    """The digits of DuckDB's own type before and after the point, where there is no doubt of it."""
    template = str(value.args.get("template", ""))
    if cast := _CAST.match(template):
        return int(cast[1]) - int(cast[2]), int(cast[2])
    if isinstance(value, (exp.Paren, exp.Neg)):
        return _size(value.this)
    if template == "(-{0})":
        return _size(value.expressions[0])
    if template.startswith(("pg_div(", "sum(")) or value.meta.get("size") == _MOST:
        return _MOST, 0
    if "size" in value.meta:
        scale = (_shape(value) or (0, 0))[1]
        return value.meta["size"] - scale, scale
    return _shape(value) if isinstance(value, (exp.Literal, exp.Column)) or "(" in type_of(value) else None


def aligned_with_query(value: Node, query: Node, kind: str) -> tuple[Node, Node]:
    """A value, and the query of one column of type `kind` that it is compared with."""
    listed = query.expressions[0].unalias() if isinstance(query, exp.Select) else sql("", pg=kind)
    if not (_is_number(value) and _is_number(listed)):
        return value, query
    left, right = aligned([value, listed], "numeric")
    if left is value:
        return value, query
    member = sql(str(right.args["template"]), sql("x", pg=kind), pg="numeric")
    return left, sql("SELECT {0} FROM ({1}) AS _r(x)", member, query, pg=kind)


def gathered(values: list[Node]) -> list[Node]:
    """Arrays of numerics and elements that become one array, or are compared within one: DuckDB rounds there too."""
    arrays = [is_array(base_of(value)) for value in values]
    shapes = [_of_array(value) if array else _shape(value) for value, array in zip(values, arrays, strict=True)]
    known = [shape for shape in shapes if shape is not None]
    scales = {scale for _, scale in known}
    told = len(known) == len(values)
    if told and (len(scales) < 2 or max(whole for whole, _ in known) + max(scales) <= _MOST):
        return values
    target = f"DECIMAL({_MOST},{max(_COMPUTED, *scales, 0)})"
    return [
        sql(f"CAST({{0}} AS {target}{'[]' * array})", value, pg=f"numeric{'[]' * array}")
        for value, array in zip(values, arrays, strict=True)
    ]


def _of_array(value: Node) -> _Shape | None:
    declared = _DECLARED.match(type_of(value).removesuffix("[]"))
    return (int(declared[1]) - int(declared[2]), int(declared[2])) if declared else None


def _is_number(value: Node) -> bool:
    return base_of(value) == "numeric" or base_of(value) in _INTEGERS


def _shape(value: Node) -> _Shape | None:
    """What DuckDB makes of the value; None for what is no number, and where it cannot be told."""
    kind = base_of(value)
    if kind in _INTEGERS:
        return _INTEGERS[kind], 0
    if kind != "numeric":
        return None
    declared = _DECLARED.match(type_of(value))
    if declared:
        return int(declared[1]) - int(declared[2]), int(declared[2])
    if isinstance(value, (exp.Paren, exp.Neg)):
        return _shape(value.this)
    if isinstance(value, exp.Literal):
        whole, _, fraction = value.name.partition(".")
        return (len(whole), len(fraction)) if (whole + fraction).isdigit() else None
    if isinstance(value, exp.Column):
        # A column of a table has a scale; that of a subquery may have any.
        scale = value.meta.get("scale")
        return None if scale is None else (_MOST - scale, scale)
    return _of_template(value.expressions, str(value.args.get("template", "")))


def _of_template(parts: list[Node], template: str) -> _Shape | None:
    cast = _CAST.match(template)
    if cast:
        return int(cast[1]) - int(cast[2]), int(cast[2])
    if rounded := _ROUNDED.match(template):
        return _with_scale(max(0, int(rounded[1] or 0)))
    for macro, scale in _FIXED.items():
        if template.startswith(macro):
            return _with_scale(scale)
    inner = _shape(parts[0]) if parts else None
    if inner is None:
        return None
    if template.startswith("sum("):
        return _with_scale(inner[1])
    if template == "{0}" or template.startswith(_SAME):
        return inner
    other = _shape(parts[1]) if len(parts) == 2 else None
    if other is None:
        return None
    if template in ("({0} + {1})", "({0} - {1})"):
        return _with_scale(max(inner[1], other[1]))
    return _with_scale(inner[1] + other[1]) if template == "({0} * {1})" else None


def _with_scale(scale: int) -> _Shape | None:
    return (_MOST - scale, scale) if scale <= _MOST else None
