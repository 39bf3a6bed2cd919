"""Interval literals, read as PostgreSQL reads them and written so that DuckDB cannot read them otherwise."""

from __future__ import annotations

import re
from decimal import Decimal

from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.typed import Node, sql

_UNITS: dict[str, tuple[int, int, int | Decimal]] = {
    "microsecond": (0, 0, Decimal("0.000001")), "us": (0, 0, Decimal("0.000001")),
    "millisecond": (0, 0, Decimal("0.001")), "ms": (0, 0, Decimal("0.001")), "msec": (0, 0, Decimal("0.001")),
    "second": (0, 0, 1), "sec": (0, 0, 1), "s": (0, 0, 1),
    "minute": (0, 0, 60), "min": (0, 0, 60), "m": (0, 0, 60),
    "hour": (0, 0, 3600), "hr": (0, 0, 3600), "h": (0, 0, 3600),
    "day": (0, 1, 0), "d": (0, 1, 0), "week": (0, 7, 0), "w": (0, 7, 0),
    "month": (1, 0, 0), "mon": (1, 0, 0), "year": (12, 0, 0), "yr": (12, 0, 0), "y": (12, 0, 0),
    "decade": (120, 0, 0), "century": (1200, 0, 0), "centurie": (1200, 0, 0),
}  # fmt: skip
_PART = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*([a-zA-Z]+)|\s*([+-]?)(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?")


def interval(text: str, place: int | None, unit: str | None = None) -> Node:
    """`1 month 2 days 03:00`, or a bare number of `unit`.  Fractions of days and months are refused."""
    months, days, seconds = 0, 0, Decimal(0)
    body = text.strip()
    ago = body.endswith(" ago")
    body = body.removesuffix(" ago")
    if re.fullmatch(r"[+-]?\d+(\.\d+)?", body):
        body = f"{body} {unit or 'second'}"
    at = 0
    while at < len(body):
        part = _PART.match(body, at)
        if part is None:
            if not body[at:].strip() and at:
                break
            raise Refusal("22007", f'invalid input syntax for type interval: "{text}"', place=place)
        if part[2]:
            more = _unit(Decimal(part[1]), part[2].lower(), text, place)
            months, days, seconds = months + more[0], days + more[1], seconds + more[2]
        else:
            clock = Decimal(part[4]) * 3600 + Decimal(part[5]) * 60 + Decimal(part[6] or 0)
            seconds += -clock if part[3] == "-" else clock
        at = part.end()
    sign = -1 if ago else 1
    micro = int(sign * seconds * 1_000_000)
    return sql(f"(to_months({sign * months}) + to_days({sign * days}) + to_microseconds({micro}))", pg="interval")


def _unit(count: Decimal, name: str, text: str, place: int | None) -> tuple[int, int, Decimal]:
    size = _UNITS.get(name) or _UNITS.get(name.removesuffix("s"))
    if size is None:
        raise Refusal("22007", f'invalid input syntax for type interval: "{text}"', place=place)
    months, days, seconds = size
    if (months or days) and count != int(count):
        raise unsupported(
            "a fraction of days or months in an interval", place=place, hint="Write it in a smaller unit."
        )
    return int(count) * months, int(count) * days, count * Decimal(seconds)
