"""JSON values to Arrow columns, by PostgreSQL type.

The answer of a server that speaks only JSON becomes the same table as an Arrow answer (decisions.md, "SQL", says how
each type is written), so that one mapping to DataFrames serves both.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from helios_magic.errors import ServerError
from helios_magic.models.pgtypes import PG_TYPE, arrow_type, split

if TYPE_CHECKING:
    import pyarrow as pa


def table_of_rows(columns: Sequence[str], types: Sequence[str] | None, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """A table of a SELECT's `rows`.  Without `types`, from a server that sends the reference's shape only, they are
    read off the values.

    Raises ServerError when a value is not of its column's type: it is never bent to fit.
    """
    import pyarrow as pa

    values = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in columns]
    if types is None:
        types = [inferred(column) for column in values]
    if len(types) != len(columns) or len(values) != len(columns):
        raise ServerError(
            f"the server answered {len(columns)} columns, {len(types)} types and {len(values)} values a row"
        )
    if not columns:
        return _without_columns(len(rows))
    arrays, fields = [], []
    for name, pg_type, column in zip(columns, types, values, strict=True):
        try:
            arrays.append(_array(column, pg_type))
        except (ValueError, TypeError, ArithmeticError) as problem:
            raise ServerError(f"the server's value in column “{name}” is no {pg_type}: {problem}") from None
        fields.append(pa.field(name, arrays[-1].type, metadata={PG_TYPE: pg_type.encode()}))
    return pa.table(arrays, schema=pa.schema(fields))


def table_of_objects(rows: Sequence[dict[str, Any]], types: dict[str, str] | None) -> pa.Table:
    """A table of a RETURNING's objects."""
    columns = list(types) if types is not None else list(dict.fromkeys(key for row in rows for key in row))
    values = [[row.get(name) for name in columns] for row in rows]
    return table_of_rows(columns, list(types.values()) if types is not None else None, values)


def _without_columns(count: int) -> pa.Table:
    """`SELECT FROM t`: rows without columns."""
    import pyarrow as pa

    rows = pa.RecordBatch.from_struct_array(pa.array([{}] * count, pa.struct([])))
    return pa.Table.from_batches([rows])


def inferred(values: Iterable[Any]) -> str:
    """The PostgreSQL type that JSON values of one column may have come from."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "bool"
    if kinds == {int}:
        return "int8" if all(value is None or -(2**63) <= value < 2**63 for value in values) else "numeric(38,0)"
    if kinds and kinds <= {int, float}:
        return "float8"
    return "jsonb" if kinds & {dict, list} else "text"


def _array(values: list[Any], pg_type: str) -> pa.Array:
    import pyarrow as pa

    base, _, depth = split(pg_type)
    if depth:
        return _lists(values, pg_type.strip()[:-2])
    if base == "vector":
        kind = arrow_type(pg_type)
        return pa.array([None if v is None else [float(x) for x in v] for v in values], kind)
    convert = _CONVERT.get(base)
    if convert is None:
        return pa.array([v if v is None or isinstance(v, str) else _as_text(v) for v in values], pa.string())
    converted = [None if v is None else convert(v) for v in values]
    kind = arrow_type(pg_type)
    if base in _COUNTED:
        return pa.array(converted, pa.int32() if base == "date" else pa.int64()).view(kind)
    return pa.array(converted, kind)


def _lists(values: list[Any], element: str) -> pa.Array:
    """A column of arrays: the elements of all rows as one column of their own, cut at offsets."""
    import pyarrow as pa

    offsets: list[int | None] = []
    flat: list[Any] = []
    for value in values:
        offsets.append(None if value is None else len(flat))
        if value is not None:
            if not isinstance(value, list):
                raise TypeError(f"{value!r} is no array")
            flat.extend(value)
    offsets.append(len(flat))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), _array(flat, element))


def _as_text(value: Any) -> str:
    if isinstance(value, msgspec.Raw):
        # An in-process answer hands JSON over as it is stored.
        return bytes(value).decode()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _integer(value: Any) -> int:
    if isinstance(value, (bool, float)):
        raise TypeError(f"{value!r}")
    return int(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r}")
    return value


def _numeric(value: Any) -> decimal.Decimal:
    # repr of a double is the shortest text that gives it back: the digits that were sent.
    return decimal.Decimal(repr(value) if isinstance(value, float) else str(value))


_EPOCH = dt.date(1970, 1, 1).toordinal()
_DATE = re.compile(r"(?P<year>[+-]?\d{4,})-(?P<month>\d\d)-(?P<day>\d\d)(?P<rest>.*)$")
_TIME = re.compile(
    r"(?P<h>\d\d):(?P<m>\d\d)(?::(?P<s>\d\d)(?:\.(?P<f>\d{1,6})0*)?)?(?P<zone>Z|[+-]\d\d(?::?\d\d){0,2})?$"
)
#: A cycle of the Gregorian calendar: years outside Python's range are moved into it by whole cycles.
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097


def _date(text: str) -> int:
    """Days since 1970; years before 1 and after 9999 too."""
    days, rest = _days(text)
    if rest:
        raise ValueError(text)
    return days


def _days(text: str) -> tuple[int, str]:
    match = _DATE.match(text)
    if match is None:
        raise ValueError(text)
    year, rest = int(match["year"]), match["rest"]
    if rest.endswith(" BC"):
        year, rest = 1 - year, rest.removesuffix(" BC")
    cycles = (year - 2000) // _CYCLE_YEARS
    within = dt.date(year - cycles * _CYCLE_YEARS, int(match["month"]), int(match["day"]))
    return within.toordinal() - _EPOCH + cycles * _CYCLE_DAYS, rest


def _timestamp(text: str) -> int:
    """Microseconds since 1970, UTC where the text has a zone."""
    days, rest = _days(text)
    if rest[:1] not in {"T", " "}:
        raise ValueError(text)
    return days * 86_400_000_000 + _time(rest[1:])


def _time(text: str) -> int:
    match = _TIME.match(text)
    if match is None:
        raise ValueError(text)
    seconds = int(match["h"]) * 3600 + int(match["m"]) * 60 + int(match["s"] or 0) - _offset(match["zone"])
    return seconds * 1_000_000 + int((match["f"] or "").ljust(6, "0"))


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    size = int(digits[:2]) * 3600 + int(digits[2:4] or 0) * 60 + int(digits[4:6] or 0)
    return -size if zone[0] == "-" else size


_PART = re.compile(r"([+-]?\d+)(?:\.(\d+))?([YMWDHS])")
_DURATION = re.compile(r"-?P(?P<date>(?:[+-]?\d+[YMWD])*)(?:T(?P<time>(?:[+-]?\d+(?:\.\d+)?[HMS])+))?$")


def _interval(text: str) -> tuple[int, int, int]:
    """ISO 8601 `P1Y2M3DT4H5M6.7S` to months, days and nanoseconds, which do not add up to each other."""
    match = _DURATION.match(text)
    if match is None or text.endswith("P"):
        raise ValueError(text)
    sign = -1 if text.startswith("-") else 1
    date = {unit: int(count) for count, _, unit in _PART.findall(match["date"])}
    months = date.get("Y", 0) * 12 + date.get("M", 0)
    days = date.get("W", 0) * 7 + date.get("D", 0)
    nanoseconds = 0
    for count, fraction, unit in _PART.findall(match["time"] or ""):
        part = int(count) * 1_000_000_000
        small = int(fraction.ljust(9, "0")[:9]) if fraction else 0
        part += -small if count.startswith("-") else small
        nanoseconds += part * {"H": 3600, "M": 60, "S": 1}[unit]
    return sign * months, sign * days, sign * nanoseconds


def _bytes(text: str) -> bytes:
    if not text.startswith("\\x"):
        raise ValueError(text)
    return bytes.fromhex(text[2:])


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "int2": _integer,
    "int4": _integer,
    "int8": _integer,
    "float4": float,
    "float8": float,
    "bool": _boolean,
    "numeric": _numeric,
    "date": _date,
    "time": _time,
    "timestamp": _timestamp,
    "timestamptz": _timestamp,
    "interval": _interval,
    "bytea": _bytes,
    "json": _as_text,
    "jsonb": _as_text,
}
#: Types that Arrow keeps as a count: days, or microseconds.
_COUNTED = frozenset({"date", "time", "timestamp", "timestamptz"})
