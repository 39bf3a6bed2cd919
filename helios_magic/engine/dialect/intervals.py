"""Interval literals, read as PostgreSQL reads them and written so that DuckDB cannot read them otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.typed import Node, sql

_SECOND = Decimal(1_000_000)
#: Unit → months, days and microseconds of one.
_UNITS: dict[str, tuple[int, int, Decimal]] = {}
for _names, _size in (
    ("microsecond microseconds microsecon us usec usecs usecond useconds", (0, 0, Decimal(1))),
    ("millisecond milliseconds ms msec msecs msecond mseconds", (0, 0, _SECOND / 1000)),
    ("second seconds sec secs s", (0, 0, _SECOND)),
    ("minute minutes min mins m", (0, 0, 60 * _SECOND)),
    ("hour hours hr hrs h", (0, 0, 3600 * _SECOND)),
    ("day days d", (0, 1, Decimal(0))),
    ("week weeks w", (0, 7, Decimal(0))),
    ("month months mon mons", (1, 0, Decimal(0))),
    ("year years yr yrs y", (12, 0, Decimal(0))),
    ("decade decades dec decs", (120, 0, Decimal(0))),
    ("century centuries cent c", (1200, 0, Decimal(0))),
    ("millennium millennia mil mils", (12000, 0, Decimal(0))),
):
    _UNITS |= dict.fromkeys(_names.split(), _size)
_PART = re.compile(
    r"\s*(?:"
    r"(?P<csign>[+-]?)\s*(?P<h>\d+):(?P<m>\d+)(?::(?P<s>\d+(?:\.\d*)?)|(?P<f>\.\d*))?"
    r"|(?P<ysign>[+-]?)(?P<y>\d+)-(?P<mo>\d+)"
    r"|(?P<sign>[+-]?)\s*(?P<n>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>[a-zA-Z]*)"
    r")(?=$|[\s+\-\d])"
)
_ISO = re.compile(r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+|[YMWDHST]")
_ISO_DATE, _ISO_TIME = {"Y": "year", "M": "month", "W": "week", "D": "day"}, {"H": "hour", "M": "minute", "S": "second"}


@dataclass(slots=True)
class Span:
    """An interval: whole months and days, and microseconds."""

    months: int = 0
    days: int = 0
    micro: Decimal = Decimal(0)

    def add(self, count: Decimal, unit: str) -> None:
        """Fractions go on to the smaller units: of years to months, of months to days of 30, of days to time."""
        months, days, micro = _UNITS[unit]
        self.micro += count * micro
        if months >= 12:
            self.months += int(count * months + _half(count))
        elif months:
            whole = int(count)
            self.months += whole
            self._days((count - whole) * 30)
        elif days:
            self._days(count * days)

    def _days(self, count: Decimal) -> None:
        whole = int(count)
        self.days += whole
        self.micro += (count - whole) * 86400 * _SECOND


def _half(count: Decimal) -> Decimal:
    return Decimal("0.5") if count >= 0 else Decimal("-0.5")


def interval(text: str, place: int | None, unit: str | None = None) -> Node:
    """`1 month 2 days 03:00`, ISO 8601, SQL's `1-2` and `3 4:05:06`; a bare number counts `unit`s."""
    span = read(text, place, unit)
    micro = int(span.micro.to_integral_value(ROUND_HALF_EVEN))
    return sql(f"(to_months({span.months}) + to_days({span.days}) + to_microseconds({micro}))", pg="interval")


_ORDER = ("year", "month", "day", "hour", "minute", "second")


def limited(text: str, place: int | None, first: str, last: str) -> Node:
    """INTERVAL '…' first TO last: a bare number counts the last field, and what is smaller is cut off."""
    low = last.lower()
    if low not in _ORDER or first.lower() not in _ORDER[: _ORDER.index(low) + 1]:
        raise Refusal("42601", f'syntax error at or near "{last}"', place=place)
    span = read(text, place, low)
    if low in ("year", "month"):
        span.months = int(span.months / 12) * 12 if low == "year" else span.months
        span.days, span.micro = 0, Decimal(0)
    elif low == "day":
        span.micro = Decimal(0)
    elif low in ("hour", "minute"):
        size = (3600 if low == "hour" else 60) * _SECOND
        span.micro = int(span.micro / size) * size
    return interval(f"{span.months} mons {span.days} days {span.micro} us", place)


def read(text: str, place: int | None, unit: str | None = None) -> Span:
    """The interval that a text stands for; 22007 if none."""
    body = text.strip()
    if body.lower().lstrip("+-") in ("infinity", "inf") and body:
        raise Refusal("0A000", "an infinite interval is not supported", place=place)
    span = _iso(body[1:]) if body[:1] == "P" else _words(body.lower(), unit or "second")
    if span is None:
        raise Refusal("22007", f'invalid input syntax for type interval: "{text}"', place=place)
    if abs(span.months) >= 2**31 or abs(span.days) >= 2**31 or abs(span.micro) >= 2**63:
        raise Refusal("22008", f'interval field value out of range: "{text}"', place=place)
    return span


def _words(body: str, unit: str) -> Span | None:
    ago = bool(re.search(r"\bago$", body))
    body = re.sub(r"\s*\bago$", "", body).removeprefix("@")
    parts: list[re.Match[str]] = []
    at = 0
    while body[at:].strip():
        part = _PART.match(body, at)
        if part is None or (part["unit"] and part["unit"] not in _UNITS):
            return None
        parts.append(part)
        at = part.end()
    if not parts:
        return None
    span = Span()
    for position, part in enumerate(parts):
        before_clock = position + 1 < len(parts) and parts[position + 1]["h"] is not None
        _add(span, part, "day" if before_clock else unit if position == len(parts) - 1 else "")
    return Span(-span.months, -span.days, -span.micro) if ago else span


def _add(span: Span, part: re.Match[str], unit: str) -> None:
    if part["h"] is not None:
        first, second = Decimal(part["h"]), Decimal(part["m"])
        clock = first * 60 + second + Decimal("0" + part["f"]) if part["f"] else None
        whole = clock if clock is not None else first * 3600 + second * 60 + Decimal(part["s"] or 0)
        span.micro += (-whole if part["csign"] == "-" else whole) * _SECOND
    elif part["y"] is not None:
        months = int(part["y"]) * 12 + int(part["mo"])
        span.months += -months if part["ysign"] == "-" else months
    else:
        count = Decimal(part["n"])
        span.add(-count if part["sign"] == "-" else count, part["unit"] or unit or "second")


def _iso(body: str) -> Span | None:
    span, units = Span(), _ISO_DATE
    alternative = re.fullmatch(r"(\d+)-(\d+)-(\d+)(?:T(\d+):(\d+):(\d+(?:\.\d*)?))?", body)
    if alternative is not None:
        years, months, days = (int(alternative[i]) for i in (1, 2, 3))
        clock = [Decimal(alternative[i] or 0) for i in (4, 5, 6)]
        return Span(years * 12 + months, days, (clock[0] * 3600 + clock[1] * 60 + clock[2]) * _SECOND)
    pieces = _ISO.findall(body)
    if not pieces or "".join(pieces) != body:
        return None
    while pieces:
        head = pieces.pop(0)
        if head == "T" and units is _ISO_DATE:
            units = _ISO_TIME
        elif head in "YMWDHST" or not pieces or pieces[0] not in units:
            return None
        else:
            span.add(Decimal(head), units[pieces.pop(0)])
    return span
