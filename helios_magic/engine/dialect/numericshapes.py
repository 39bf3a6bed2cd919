"""Numerics of different scale side by side: the branches of CASE, the rows of VALUES, the two sides of UNION.

DuckDB gives them one DECIMAL.  Where the widest whole part and the longest fraction together have more than 38
digits it keeps the whole part and rounds the fractions off: 0.25 beside a DECIMAL(38,0) became 0.  Here such
branches are cast to the longest fraction first, so that a value is kept exactly or is an error.
"""

from __future__ import annotations

import re

from sqlglot import exp

from helios_magic.engine.dialect.pgtypes import base
from helios_magic.engine.dialect.typed import Node, base_of, sql, type_of

_MOST = 38
_INTEGERS = {"int2": 5, "int4": 10, "int8": 19}
_COMPUTED = 20
"""The scale of quotients, averages and roots."""
_CAST = re.compile(r"CAST\(.* AS DECIMAL\((\d+),(\d+)\)\)$", re.S)
_DECLARED = re.compile(r"numeric\((\d+),(\d+)\)$")
_SAME = ("min(", "max(", "abs(", "any_value(", "first_value(", "last_value(")


def aligned(values: list[Node], kind: str, *, always: bool = False) -> list[Node]:
    """The values that are to become one column of type `kind`, cast where DuckDB would lose digits of one.

    `always`: wherever the scales differ, as in a recursive query, whose columns keep the type of the first term.
    """
    if base(kind) != "numeric" or len(values) < 2:
        return values
    shapes = [_shape(value) for value in values]
    known = [shape for shape in shapes if shape is not None]
    scales = {scale for _, scale in known}
    if len(scales) < 2 or (not always and max(whole for whole, _ in known) + max(scales) <= _MOST):
        return values
    target = f"DECIMAL({_MOST},{max(scales)})"
    return [
        value if shape is None else sql(f"CAST({{0}} AS {target})", value, pg="numeric")
        for value, shape in zip(values, shapes, strict=True)
    ]


def _shape(value: Node) -> tuple[int, int] | None:
    """The most digits before and after the point, as far as they can be told; None for what is no number."""
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
    if isinstance(value, exp.Column):
        # A column of a table has a scale; that of a subquery may have any.
        scale = value.meta.get("scale")
        return (_MOST, _COMPUTED) if scale is None else (_MOST - scale, scale)
    return _of_template(value, str(value.args.get("template", "")))


def _of_template(value: Node, template: str) -> tuple[int, int]:
    cast = _CAST.match(template)
    if cast:
        return int(cast[1]) - int(cast[2]), int(cast[2])
    parts = value.expressions
    if template.startswith("sum(") and parts:
        inner = _shape(parts[0])
        scale = inner[1] if inner is not None else _COMPUTED
        return _MOST - scale, scale
    if parts and (template == "{0}" or template.startswith(_SAME)):
        return _shape(parts[0]) or (_MOST, _COMPUTED)
    return _MOST - _COMPUTED, _COMPUTED
