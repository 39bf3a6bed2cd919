"""JSON values as decisions.md, "SQL", says a server writes them: an oracle of its own, value by value."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any

import numpy as np


def as_json(values: list[Any], kind: str) -> list[Any]:
    return [None if value is None else _value(value, kind) for value in values]


def _value(value: Any, kind: str) -> Any:
    if kind.endswith("[]"):
        return [None if item is None else _value(item, kind[:-2]) for item in value]
    base = kind.partition("(")[0]
    if base in {"int2", "int4", "int8"}:
        return value if int(float(value)) == value else str(value)
    if base in {"float4", "float8"}:
        return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if base == "numeric":
        near = float(value)
        return near if decimal.Decimal(repr(near)) == value else format(value, "f")
    if base == "date":
        return str(np.datetime64(value, "D")) if value >= -719_162 else _before_christ(value)
    if base == "time":
        hours, rest = divmod(value, 3_600_000_000)
        minutes, rest = divmod(rest, 60_000_000)
        return f"{hours:02}:{minutes:02}:{rest // 1_000_000:02}.{rest % 1_000_000:06}".rstrip("0").rstrip(".")
    if base in {"timestamp", "timestamptz"}:
        days, rest = divmod(value, 86_400_000_000)
        text = f"{_value(days, 'date')}T{_value(rest, 'time')}"
        return text + "Z" if base == "timestamptz" else text
    if base == "interval":
        months, days, nanoseconds = value
        sign = "-" if nanoseconds < 0 else ""
        seconds, fraction = divmod(abs(nanoseconds), 1_000_000_000)
        return f"P{months}M{days}DT{sign}{seconds}.{fraction:09}S"
    if base == "bytea":
        return "\\x" + value.hex()
    return value


def _before_christ(days: int) -> str:
    cycles = (days - 719_468) // 146_097
    within = dt.date.fromordinal(days - cycles * 146_097 + 719_163)
    year = within.year + 400 * cycles
    return f"{year:05d}-{within.month:02}-{within.day:02}" if year < 0 else f"{year:04d}-{within:%m-%d}"
