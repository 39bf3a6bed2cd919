"""Rows of Python values as JSON values: the same that `rows` makes of the same rows as an Arrow table.

What `msgspec` writes as decisions.md wants it (dates, moments without a fraction, UUIDs, text) is left as it is.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from helios_magic.emulator.rows import EXACT_INTEGER, NOT_FINITE, integer_or_text
from helios_magic.engine.face import Values
from helios_magic.models.pgtypes import split

T = TypeVar("T")
_fraction = attrgetter("microsecond")


def to_lists(values: Values) -> list[Any]:
    """The rows, each a sequence of values in column order."""
    rows, columns = values.rows, values.by_column
    changed: dict[int, list[Any]] = {}
    for index, (name, column) in enumerate(zip(values.types, columns, strict=True)):
        convert = _CONVERSIONS.get(split(name)[0])
        converted = None if convert is None else convert(column)
        if converted is not None:
            changed[index] = converted
    if not changed:
        return rows
    return list(zip(*(changed.get(index, column) for index, column in enumerate(columns)), strict=True))


def _known(column: Sequence[T | None]) -> Sequence[T]:
    return [value for value in column if value is not None] if None in column else column  # type: ignore[return-value]


def _integers(column: Sequence[int | None]) -> list[Any] | None:
    known = _known(column)
    if not known or (min(known) >= -EXACT_INTEGER and max(known) <= EXACT_INTEGER):
        return None
    return [None if value is None else integer_or_text(value) for value in column]


def _floats(column: Sequence[float | None]) -> list[Any] | None:
    if all(map(math.isfinite, _known(column))):
        return None
    return [value if value is None or math.isfinite(value) else NOT_FINITE[repr(value)] for value in column]


def _moments(column: Sequence[dt.datetime | None]) -> list[Any] | None:
    """`msgspec` writes all six digits of a fraction, PostgreSQL none of the zeros at its end."""
    if not any(map(_fraction, _known(column))):
        return None
    return [
        value if value is None or not value.microsecond else value.isoformat(timespec="microseconds").rstrip("0")
        for value in column
    ]


def _documents(column: Sequence[str | None]) -> list[Any]:
    return [None if text is None else msgspec.Raw(text.encode()) for text in column]


_CONVERSIONS: dict[str, Callable[[Sequence[Any]], list[Any] | None]] = {
    "int8": _integers,
    "float8": _floats,
    "timestamp": _moments,
    "json": _documents,
    "jsonb": _documents,
}
"""By PostgreSQL type; what is not among them needs no look.  None from one: the column is well as it is."""
