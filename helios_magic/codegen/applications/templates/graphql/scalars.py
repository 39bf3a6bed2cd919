"""Scalars that GraphQL has not: each is text in JSON, and is checked when it comes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from ariadne import ScalarType

_INTERVAL = re.compile(r"P(-?\d+[YMWD])*(T(-?\d+(\.\d+)?[HMS])*)?")
_BYTES = re.compile(r"\\x([0-9a-f]{2})*")


def _read(kind: str, convert: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A parser that says which value is none of the kind."""

    def parse(value: Any) -> Any:
        try:
            return convert("true" if isinstance(value, bool) else str(value))
        except (ValueError, InvalidOperation):
            raise ValueError(f"{value!r} is no {kind}") from None

    return parse


def _big(text: str) -> int:
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError
    return number


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError
    return number


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        return text

    return check


def _scalar(name: str, convert: Callable[[str], Any], write: Callable[[Any], Any] = str) -> ScalarType:
    return ScalarType(name, serializer=write, value_parser=_read(name, convert))


def _digits(value: Any) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _iso(value: Any) -> str:
    return value if isinstance(value, str) else str(value.isoformat())


SCALARS = [
    _scalar("BigInt", _big),
    _scalar("Decimal", _decimal, _digits),
    _scalar("UUID", UUID),
    _scalar("Date", dt.date.fromisoformat, _iso),
    _scalar("Time", dt.time.fromisoformat, _iso),
    _scalar("DateTime", dt.datetime.fromisoformat, _iso),
    _scalar("Interval", _matching(_INTERVAL)),
    _scalar("Bytes", _matching(_BYTES)),
    ScalarType("JSON", serializer=lambda value: value, value_parser=lambda value: value),
]
