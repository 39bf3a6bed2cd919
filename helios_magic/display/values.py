"""One value of a result as text, by its PostgreSQL type: the way PostgreSQL would print it, where a table can."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import struct
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from helios_magic.display.quantities import count

NUMERIC = frozenset({"int2", "int4", "int8", "float4", "float8", "numeric", "money", "oid"})
_SHOWN_BYTES = 24
_SHOWN_ITEMS = 24
_SHOWN_DIMENSIONS = 4
_MICROSECOND_NS = 1_000
#: JSON numbers of a `numeric` have lost their places.
_SCALE = re.compile(r"numeric\(\d+,(\d+)\)$")


def base_type(name: str) -> str:
    """`numeric(10,2)` → `numeric`; an array keeps its brackets: `int4[]`."""
    head, _, rest = name.partition("(")
    return head + ("[]" if rest.endswith("[]") else "")


def is_numeric(name: str) -> bool:
    """Whether the column's values are numbers: shown right-aligned, in tabular figures."""
    return base_type(name) in NUMERIC


def text(value: Any, type_name: str) -> str:
    """A value that is not NULL as one text, not yet escaped."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)) and (places := _SCALE.match(type_name)):
        return f"{Decimal(repr(value)):.{places[1]}f}"
    if isinstance(value, float):
        return _float4(value) if base_type(type_name).startswith("float4") else _float(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return _moment(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _bytes(bytes(value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if hasattr(value, "months") and hasattr(value, "nanoseconds"):
        return _interval(value.months, value.days, value.nanoseconds)
    if isinstance(value, Sequence) or hasattr(value, "tolist"):
        return _list(list(value), type_name)
    return str(value)


def _float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    shown = repr(value)
    return shown.removesuffix(".0") if "e" not in shown else shown.replace("e+", "e")


def _float4(value: float) -> str:
    """The shortest digits that name the same 32-bit number: 0.1, not 0.10000000149011612."""
    if not math.isfinite(value):
        return _float(value)
    for digits in range(6, 10):
        shorter = float(f"{value:.{digits}g}")
        if struct.pack("f", shorter) == struct.pack("f", value):
            return _float(shorter)
    return _float(value)


def _moment(value: dt.date | dt.time | dt.timedelta) -> str:
    if isinstance(value, dt.datetime):
        shown = value.replace(tzinfo=None).isoformat(" ")
        offset = value.utcoffset()
        return shown if offset is None else shown + _offset(offset)
    if isinstance(value, dt.timedelta):
        return _interval(0, value.days, (value - dt.timedelta(days=value.days)) // dt.timedelta(microseconds=1) * 1000)
    return value.isoformat()


def _offset(offset: dt.timedelta) -> str:
    """`+00`, `+05:30`"""
    minutes = int(offset.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}" + (f":{rest:02}" if rest else "")


def _interval(months: int, days: int, nanoseconds: int) -> str:
    """PostgreSQL's own spelling: `1 year 2 mons 3 days 04:05:06`"""
    years, months = int(months / 12), int(math.fmod(months, 12))
    parts = [
        f"{number} {unit}" + ("" if number == 1 else "s")
        for number, unit in ((years, "year"), (months, "mon"), (days, "day"))
        if number
    ]
    if nanoseconds or not parts:
        seconds, micros = divmod(abs(nanoseconds) // _MICROSECOND_NS, 1_000_000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        fraction = f".{micros:06}".rstrip("0") if micros else ""
        parts.append(("-" if nanoseconds < 0 else "") + clock + fraction)
    return " ".join(parts)


def _bytes(value: bytes) -> str:
    shown = "\\x" + value[:_SHOWN_BYTES].hex()
    return shown if len(value) <= _SHOWN_BYTES else f"{shown}… {count(len(value))} bytes"


def _list(values: list[Any], type_name: str) -> str:
    vector = type_name.startswith("vector")
    limit = _SHOWN_DIMENSIONS if vector else _SHOWN_ITEMS
    item_type = "float4" if vector else type_name.removesuffix("[]")
    shown = ", ".join("NULL" if item is None else _item(item, item_type) for item in values[:limit])
    if len(values) <= limit:
        return f"[{shown}]"
    return f"[{shown}, …] {count(len(values))} {'dimensions' if vector else 'items'}"


def _item(value: Any, type_name: str) -> str:
    shown = text(value, type_name)
    return json.dumps(shown, ensure_ascii=False) if isinstance(value, str) else shown
