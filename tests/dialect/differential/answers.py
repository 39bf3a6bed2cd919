"""What a server answered, in a form in which both can be compared."""

from __future__ import annotations

import datetime as dt
import json
import struct
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

NUMBERS = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows with their columns, or a count of written rows, or an error."""

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] | None = None
    affected: int | None = None
    sqlstate: str | None = None
    message: str = ""

    @property
    def failed(self) -> bool:
        return self.sqlstate is not None


def plain(value: Any, kind: str) -> Any:
    """A value of a type as both drivers hand it over, without what only the driver adds."""
    if value is None:
        return None
    if kind.endswith("[]"):
        if isinstance(value, str):  # an array of a type that psycopg does not know: an enum
            value = [None if item == "NULL" else item for item in value.strip("{}").split(",") if item]
        item_kind = kind.replace("[]", "")
        return [plain(item, kind if isinstance(item, list) else item_kind) for item in value]
    if kind in ("json", "jsonb"):
        return _document(json.loads(value, parse_float=Decimal, parse_int=Decimal) if isinstance(value, str) else value)
    if kind == "numeric":
        return value.normalize() + 0 if value.is_finite() else str(value)
    if kind == "timestamptz":
        return value if isinstance(value, str) else value.astimezone(dt.UTC).isoformat()
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if kind == "interval":
        return value if isinstance(value, str) else interval_text(*value)
    if kind == "float4":
        return struct.unpack("f", struct.pack("f", value))[0]
    if kind == "uuid":
        return str(value)
    return bytes(value) if kind == "bytea" else value


def _document(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _document(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_document(item) for item in value]
    return value.normalize() + 0 if isinstance(value, Decimal) else value


def interval_text(months: int, days: int, nanoseconds: int) -> str:
    """An interval as PostgreSQL prints it (IntervalStyle postgres)."""
    years, months = int(months / 12), months - int(months / 12) * 12
    parts, negative = [], False
    for number, unit in ((years, "year"), (months, "mon"), (days, "day")):
        if number:
            sign = "+" if negative and number > 0 else ""
            parts.append(f"{sign}{number} {unit}{'' if number == 1 else 's'}")
            negative = number < 0
    if nanoseconds or not parts:
        seconds, fraction = divmod(abs(nanoseconds) // 1000, 1_000_000)
        sign = "-" if nanoseconds < 0 else "+" if negative else ""
        clock = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        parts.append(clock + (f".{fraction:06d}".rstrip("0") if fraction else ""))
    return " ".join(parts)
