"""Rows of Python values as JSON values: the same that `rows` makes of the same rows as an Arrow table.

What `msgspec` writes as decisions.md wants it (dates, moments without a fraction, UUIDs, text) is left as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from helios_magic.emulator.rows import EXACT_INTEGER, NOT_FINITE, integer_or_text
from helios_magic.engine.face import Values
from helios_magic.models.pgtypes import split


def to_lists(values: Values) -> list[Any]:
    """The rows, each a sequence of values in column order."""
    rows = values.rows
    changed: dict[int, list[Any]] = {}
    for index, name in enumerate(values.types):
        convert = _CONVERSIONS.get(split(name)[0])
        column = None if convert is None else convert([row[index] for row in rows])
        if column is not None:
            changed[index] = column
    if not changed:
        return rows
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for index, column in changed.items():
        columns[index] = column
    return list(zip(*columns, strict=True))


def _integers(column: list[int | None]) -> list[Any] | None:
    known = [value for value in column if value is not None] if None in column else column
    if not known or (min(known) >= -EXACT_INTEGER and max(known) <= EXACT_INTEGER):  # type: ignore[type-var, operator]
        return None
    return [None if value is None else integer_or_text(value) for value in column]


def _floats(column: list[float | None]) -> list[Any] | None:
    known = [value for value in column if value is not None] if None in column else column
    if all(map(math.isfinite, known)):  # type: ignore[arg-type]
        return None
    return [value if value is None or math.isfinite(value) else NOT_FINITE[repr(value)] for value in column]


def _moments(column: list[Any]) -> list[Any] | None:
    """`msgspec` writes all six digits of a fraction, PostgreSQL none of the zeros at its end."""
    if not any(value is not None and value.microsecond for value in column):
        return None
    return [
        value if value is None or not value.microsecond else value.isoformat(timespec="microseconds").rstrip("0")
        for value in column
    ]


def _documents(column: list[str | None]) -> list[Any]:
    return [None if text is None else msgspec.Raw(text.encode()) for text in column]


_CONVERSIONS: dict[str, Callable[[list[Any]], list[Any] | None]] = {
    "int8": _integers,
    "float8": _floats,
    "timestamp": _moments,
    "json": _documents,
    "jsonb": _documents,
}
"""By PostgreSQL type; what is not among them needs no look.  None from one: the column is well as it is."""
