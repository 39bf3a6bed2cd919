"""What a column may hold, as JSON says it: checked before the database is asked."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d")


def _whole(value: Any) -> Any:
    """Neither a text nor a truth is a number in JSON; 1.0 is the integer 1 there."""
    if isinstance(value, (str, bool)):
        raise ValueError("Input should be an integer")
    return value


def _number(value: Any) -> Any:
    if isinstance(value, (str, bool)):
        raise ValueError("Input should be a number")
    return value


def _decimal(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("Input should be a number, or its digits as text")
    return value


def _truth(value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError("Input should be true or false")
    return value


def _dated(value: Any) -> Any:
    """Seconds since 1970 are no date."""
    if isinstance(value, str) and not _DATE.match(value):
        raise ValueError("Input should be a date in ISO 8601")
    if not isinstance(value, (str, dt.date)):
        raise ValueError("Input should be a text")
    return value


def _timed(value: Any) -> Any:
    if not isinstance(value, dt.time) and not (isinstance(value, str) and _TIME.match(value)):
        raise ValueError("Input should be a time in ISO 8601")
    return value


def _without_zone(value: Any) -> Any:
    if value.tzinfo is None:
        return value
    if isinstance(value, dt.datetime):
        try:
            value = value.astimezone(dt.UTC)
        except OverflowError:
            raise ValueError("Input should be a moment of the years 1 to 9999") from None
    return value.replace(tzinfo=None)


def _in_utc(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        return value.replace(tzinfo=dt.UTC)
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("Input should be a moment of the years 1 to 9999") from None


def _no_zero(value: str) -> str:
    if "\0" in value:
        raise ValueError("Input should have no character U+0000")
    return value


Int2Value = Annotated[int, Field(ge=-(2**15), le=2**15 - 1)]
Int4Value = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
#: Described by its format: a description's limits are doubles, which miss those of 64 bits.
Int8Value = Annotated[int, Field(ge=-(2**63), le=2**63 - 1), WithJsonSchema({"type": "integer", "format": "int64"})]
Int2 = Annotated[Int2Value, BeforeValidator(_whole)]
Int4 = Annotated[Int4Value, BeforeValidator(_whole)]
Int8 = Annotated[Int8Value, BeforeValidator(_whole)]
Float = Annotated[float, BeforeValidator(_number)]
Boolean = Annotated[bool, BeforeValidator(_truth)]
Text = Annotated[str, AfterValidator(_no_zero), WithJsonSchema({"type": "string", "pattern": "^[^\\x00]*$"})]
Date = Annotated[dt.date, BeforeValidator(_dated)]
Time = Annotated[dt.time, BeforeValidator(_timed), AfterValidator(_without_zone)]
Timestamp = Annotated[dt.datetime, BeforeValidator(_dated), AfterValidator(_without_zone)]
TimestampTz = Annotated[dt.datetime, BeforeValidator(_dated), AfterValidator(_in_utc)]
Interval = Annotated[
    str,
    Field(
        pattern=r"^P(-?[0-9]{1,6}Y)?(-?[0-9]{1,6}M)?(-?[0-9]{1,6}D)?"
        r"(T(-?[0-9]{1,6}H)?(-?[0-9]{1,6}M)?(-?[0-9]{1,18}(\.[0-9]{1,6})?S)?)?$"
    ),
]
Bytes = Annotated[str, Field(pattern=r"^\\x([0-9a-f]{2})*$")]
Uuid = UUID


def varchar(length: int) -> Any:
    """Text of at most so many characters."""
    return Annotated[
        str,
        AfterValidator(_no_zero),
        Field(max_length=length),
        WithJsonSchema({"type": "string", "pattern": "^[^\\x00]*$", "maxLength": length}),
    ]


def _rounded(value: Decimal, scale: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, Context(prec=100))


def numeric(precision: int | None = None, scale: int = 0) -> Any:
    """A decimal number: a JSON number, or its digits as text where a double would lose some; digits come back.

    Further digits are rounded away as the column would; a column without a precision keeps ten, and refuses others.
    """
    bare = precision is None
    scale = 10 if bare else scale
    whole = (38 if precision is None else precision) - scale
    largest = 10**whole - 1
    schema = {
        "anyOf": [
            {"type": "number", "minimum": -largest, "maximum": largest},
            {"type": "string", "pattern": rf"^-?[0-9]{{1,{max(whole, 1)}}}(\.[0-9]{{1,{max(scale, 1)}}})?$"},
        ]
    }
    return Annotated[
        Decimal,
        BeforeValidator(_decimal),
        Field(gt=-(10**whole), lt=10**whole, allow_inf_nan=False),
        AfterValidator(lambda value: value if bare else _rounded(value, scale)),
        PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
        WithJsonSchema(schema, mode="validation"),
    ]


def vector(size: int) -> Any:
    """So many numbers."""
    return Annotated[list[Float], Field(min_length=size, max_length=size)]
