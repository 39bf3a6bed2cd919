"""Arrow columns as JSON values (decisions.md, "SQL", JSON values).

Whole columns are converted at once; Python looks at single values only where a column holds some that need it
(a number beyond a double, NaN, an infinite date).  Values are what `msgspec` encodes: numbers, text, lists, None.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from helios_magic.models.pgtypes import pg_type, split
from helios_magic.models.seam import encode_json

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Every integer up to here survives a double.
EXACT_INTEGER = 2**53
#: A decimal of at most 15 significant digits survives a double, and 10^22 is the last exact power of ten.
_EXACT_UNITS, _EXACT_SCALE = 10**15, 22
#: Rows that are converted in one go, which takes a few milliseconds.
_PIECE = 2048
_SHORTEST_FLOAT4 = range(6, 9)


def to_lists(table: pa.Table) -> list[Any]:
    """The rows, each a sequence of values in column order."""
    return list(zip(*_columns(table), strict=True))


def to_json(table: pa.Table) -> Any:
    """What `to_lists` answers, for `msgspec` to write: of many rows, the JSON itself.

    Converting and writing hold the interpreter's lock, so many rows are done in pieces, and others come in between.
    """
    if table.num_rows <= _PIECE:
        return to_lists(table)
    pieces = [encode_json(to_lists(table.slice(first, _PIECE)))[1:-1] for first in range(0, table.num_rows, _PIECE)]
    return msgspec.Raw(b"[" + b",".join(pieces) + b"]")


def to_objects(table: pa.Table) -> list[dict[str, Any]]:
    """The rows, each an object by column name."""
    names = table.column_names
    return [dict(zip(names, row, strict=True)) for row in zip(*_columns(table), strict=True)]


def _columns(table: pa.Table) -> list[list[Any]]:
    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        values: list[Any] = []
        for chunk in column.chunks:
            values += _values(chunk, pg_type(field))
        columns.append(values)
    return columns


def _values(array: pa.Array, type_name: str) -> list[Any]:
    """The column's values; how is chosen once, by its types."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_dictionary(kind):
        return _values(array.cast(kind.value_type), type_name)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _lists(array, type_name)
    if split(type_name)[0] in {"json", "jsonb"} and pa.types.is_string(kind):
        # Already JSON: it goes into the answer as it stands, its numbers included.
        return [None if text is None else msgspec.Raw(text.encode()) for text in array.to_pylist()]
    for applies, convert in _CONVERSIONS:
        if getattr(pa.types, applies)(kind):
            return convert(array)
    if pa.types.is_nested(kind):
        return list(array.to_pylist())
    return list(array.cast(pa.string()).to_pylist())


def _plain(array: pa.Array) -> list[Any]:
    return list(array.to_pylist())


def _lists(array: pa.Array, type_name: str) -> list[Any]:
    import pyarrow.compute as pc

    element = type_name.removesuffix("[]")
    values = _values(array.flatten(), element)
    lists: list[Any] = []
    end = 0
    for length in pc.list_value_length(array).to_pylist():
        if length is None:
            lists.append(None)
        else:
            lists.append(values[end : end + length])
            end += length
    return lists


def _integers(array: pa.Array) -> list[Any]:
    import pyarrow.compute as pc

    values: list[Any] = array.to_pylist()
    span = pc.min_max(array)
    low, high = span["min"].as_py(), span["max"].as_py()
    if low is not None and (low < -EXACT_INTEGER or high > EXACT_INTEGER):
        return [None if value is None else integer_or_text(value) for value in values]
    return values


def integer_or_text(value: int) -> int | str:
    """The integer, as text where a double would change it."""
    return value if int(float(value)) == value else str(value)


def _floats(array: pa.Array) -> list[Any]:
    import numpy as np
    import pyarrow.compute as pc

    if array.type.bit_width == 32:
        array = _shortest_float4(array)
    values: list[Any] = array.to_pylist()
    if pc.all(pc.is_finite(array), min_count=0).as_py():
        return values
    special = np.flatnonzero(~np.isfinite(array.fill_null(0).to_numpy(zero_copy_only=False)))
    for index in special.tolist():
        values[index] = NOT_FINITE[repr(values[index])]
    return values


NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _shortest_float4(array: pa.Array) -> pa.Array:
    """A float4 as the double that prints shortest and still reads as the same float4: 0.1, not 0.10000000149."""
    import numpy as np
    import pyarrow as pa

    missing = array.is_null().to_numpy(zero_copy_only=False)
    single = array.fill_null(0).to_numpy(zero_copy_only=False)
    double = single.astype(np.float64)
    open_: np.ndarray[Any, Any] = np.isfinite(double) & (double != 0)
    with np.errstate(all="ignore"):
        magnitude = np.floor(np.log10(np.abs(np.where(open_, double, 1.0))))
        for digits in _SHORTEST_FLOAT4:
            candidate = _rounded(np.where(open_, double, 0.0), digits - 1 - magnitude)
            fits = open_ & (candidate.astype(np.float32) == single)
            double = np.where(fits, candidate, double)
            open_ = open_ & ~fits
    return pa.array(double, mask=missing)


def _rounded(values: np.ndarray[Any, Any], places: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rounded to decimal places; a negative number of places is divided first, so that the result is the nearest."""
    import numpy as np

    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    rounded: np.ndarray[Any, Any] = np.rint(values * up / down) / up * down
    return rounded


def _decimals(array: pa.Array) -> list[Any]:
    """Doubles where they are exact.  Arrow's own cast is not: it makes 0.000055 one unit too small."""
    import numpy as np
    import pyarrow as pa

    scale = array.type.scale
    if not pa.types.is_decimal128(array.type):
        array = array.cast(pa.decimal128(38, scale))
    # Two little-endian words a value; the high one only repeats the sign where the number fits the low one.
    words = np.frombuffer(array.buffers()[1], np.int64).reshape(-1, 2)[array.offset : array.offset + len(array)]
    low, high = words[:, 0], words[:, 1]
    exact = (high == low >> 63) & (low < _EXACT_UNITS) & (low > -_EXACT_UNITS) & (0 <= scale <= _EXACT_SCALE)
    values: list[Any] = (low / 10.0 ** min(max(scale, 0), _EXACT_SCALE)).tolist()
    for index in np.flatnonzero(~exact | array.is_null().to_numpy(zero_copy_only=False)).tolist():
        value = array[index].as_py()
        values[index] = None if value is None else _number_or_text(value)
    return values


def _number_or_text(value: Decimal) -> float | str:
    near = float(value)
    return near if Decimal(repr(near)) == value else format(value, "f")


def _moments(array: pa.Array) -> list[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    zone = array.type.tz
    ticks = array.cast(pa.int64())
    infinite = pc.is_in(ticks, value_set=pa.array([2**63 - 1, -(2**63) + 1]))
    text = pc.if_else(infinite, pa.scalar(0, pa.int64()), ticks).cast(pa.timestamp(array.type.unit)).cast(pa.string())
    text = pc.replace_substring(_without_zeros(text, array.type.unit), " ", "T", max_replacements=1)
    if zone is not None:  # an Arrow timestamp with any zone is a moment in UTC
        text = pc.binary_join_element_wise(text, "Z", "")
    return _with_infinities(text.to_pylist(), ticks.to_pylist(), infinite, 2**63 - 1)


def _dates(array: pa.Array) -> list[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    days = array.cast(pa.int32())
    infinite = pc.is_in(days, value_set=pa.array([2**31 - 1, -(2**31) + 1], pa.int32()))
    text = pc.if_else(infinite, pa.scalar(0, pa.int32()), days).cast(pa.date32()).cast(pa.string())
    return _with_infinities(text.to_pylist(), days.to_pylist(), infinite, 2**31 - 1)


def _with_infinities(texts: list[Any], ticks: list[Any], infinite: pa.Array, positive: int) -> list[Any]:
    import pyarrow.compute as pc

    if pc.any(infinite).as_py():
        for index in pc.indices_nonzero(infinite).to_pylist():
            texts[index] = "infinity" if ticks[index] == positive else "-infinity"
    return texts


def _times(array: pa.Array) -> list[Any]:
    import pyarrow as pa

    return list(_without_zeros(array.cast(pa.string()), array.type.unit).to_pylist())


def _without_zeros(text: pa.Array, unit: str) -> pa.Array:
    """Seconds without the zeros at the end of their fraction, as PostgreSQL prints them."""
    import pyarrow.compute as pc

    # Arrow writes the whole fraction of the unit, so a point is there whenever the unit has one.
    return text if unit == "s" else pc.ascii_rtrim(pc.ascii_rtrim(text, "0"), ".")


def _intervals(array: pa.Array) -> list[Any]:
    return [None if value is None else _duration(*value) for value in array.to_pylist()]


def _duration(months: int, days: int, nanoseconds: int) -> str:
    """ISO 8601 as PostgreSQL's `intervalstyle = iso_8601` prints it: `P1Y2M3DT4H5M6.7S`, `PT0S`."""
    sign, rest = (-1, -nanoseconds) if nanoseconds < 0 else (1, nanoseconds)
    seconds, fraction = divmod(rest // 1000, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    years, months = int(months / 12), months - 12 * int(months / 12)
    date = "".join(f"{number}{unit}" for number, unit in ((years, "Y"), (months, "M"), (days, "D")) if number)
    time = "".join(f"{sign * number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number)
    if seconds or fraction:
        digits = f"{seconds}.{fraction:06}".rstrip("0").rstrip(".")
        time += f"{'-' if sign < 0 else ''}{digits}S"
    if not date and not time:
        return "PT0S"
    return f"P{date}{'T' if time else ''}{time}"


def _bytes(array: pa.Array) -> list[Any]:
    return [None if value is None else f"\\x{value.hex()}" for value in array.to_pylist()]


_CONVERSIONS: tuple[tuple[str, Callable[[Any], list[Any]]], ...] = (
    ("is_string", _plain),
    ("is_int64", _integers),
    ("is_integer", _plain),
    ("is_floating", _floats),
    ("is_boolean", _plain),
    ("is_decimal", _decimals),
    ("is_timestamp", _moments),
    ("is_date32", _dates),
    ("is_time", _times),
    ("is_interval", _intervals),
    ("is_binary", _bytes),
    ("is_large_string", _plain),
    ("is_null", _plain),
)
