"""Values of `$1`, `$2`, …: from Python to JSON, exactly.

A number travels as a JSON number when a double keeps it, else as text; the server knows the placeholder's type.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from helios_magic.errors import UsageError

_LARGEST_EXACT = 2**53


def parameters(values: Sequence[Any] | None) -> list[Any]:
    """The values as JSON has them.  Raises UsageError for a value that SQL has no type for, naming its place."""
    if values is None:
        return []
    if isinstance(values, (str, bytes, Mapping)):
        raise UsageError(
            f"The parameters are a {type(values).__name__}, not a list.",
            hint="Write params=[…], in the order of $1, $2, …",
        )
    return [_json(value, place) for place, value in enumerate(values, 1)]


def _json(value: Any, place: int) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, (int, float, decimal.Decimal)):
        return _number(value)
    if isinstance(value, (dt.date, dt.time)):
        # NaT is a datetime that is not equal to itself.
        return value.isoformat() if value == value else None
    if isinstance(value, dt.timedelta):
        # A timedelta's days are days of 24 hours; so are PostgreSQL's, but where a zone changes its clocks.
        return _interval(0, 0, value // dt.timedelta(microseconds=1)) if value == value else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "\\x" + bytes(value).hex()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _json(item, place) for key, item in value.items()}
    if type(value).__name__ == "MonthDayNano":
        return _interval(value.months, value.days, value.nanoseconds // 1000)
    if isinstance(value, (list, tuple)):
        return [_json(item, place) for item in value]
    return _foreign(value, place)


def _foreign(value: Any, place: int) -> Any:
    """numpy's scalars and arrays and pandas' missing value, known by what they can do."""
    if type(value).__name__ == "NAType":
        return None
    if type(value).__module__ == "numpy":
        plain = value.tolist()
        if isinstance(plain, int) and type(value).__name__ in {"datetime64", "timedelta64"}:
            # Nanoseconds do not fit Python's datetime; numpy gives the bare count.
            return _json(value.astype(f"{type(value).__name__}[us]").tolist(), place)
        return _json(plain, place)
    raise UsageError(
        f"${place} is a {type(value).__name__}, which has no SQL type.",
        hint="Known: None, bool, int, float, Decimal, str, bytes, date, time, datetime, timedelta, UUID, list, dict.",
    )


def _number(value: float | decimal.Decimal) -> int | float | str:
    if isinstance(value, int):
        # A subclass, an enumeration say, is sent as the number it is.
        return int(value) if abs(value) <= _LARGEST_EXACT else str(int(value))
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return float(value) if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if not value.is_finite():
        return str(value)
    short = float(value)
    return short if decimal.Decimal(repr(short)) == value else format(value, "f")


def _interval(months: int, days: int, microseconds: int) -> str:
    """`1 months 2 days 3.500000 seconds`, as PostgreSQL reads it: each part with its own sign."""
    sign = "-" if microseconds < 0 else ""
    more, rest = divmod(abs(microseconds), 86_400_000_000)
    days += -more if sign else more
    seconds, fraction = divmod(rest, 1_000_000)
    return f"{months} months {days} days {sign}{seconds}.{fraction:06d} seconds"
