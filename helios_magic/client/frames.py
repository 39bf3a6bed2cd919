"""One mapping from PostgreSQL types to pandas, for every answer.

| PostgreSQL | pandas |
| --- | --- |
| int2, int4, int8 | numpy int16, int32, int64; with NULL the nullable Int16, Int32, Int64, never float |
| bool | numpy bool; with NULL the nullable boolean |
| float4, float8 | numpy float32, float64, NULL as NaN |
| numeric(p,s) | `pd.ArrowDtype(decimal128(p, s))`: exact and vectorised |
| text, varchar, uuid, enums | `str` |
| date, timestamp, timestamptz | datetime64[s], datetime64[us], datetime64[us, UTC] |
| time | object, `datetime.time` |
| interval | object, `pd.DateOffset` |
| json, jsonb | object, the decoded value |
| bytea | object, `bytes` |
| arrays | object, Python lists |
| vector | object, numpy float32 arrays |
"""

from __future__ import annotations

import decimal
import json
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.internals import create_dataframe_from_blocks  # type: ignore[import-not-found]  # no stub yet

from helios_magic.models.pgtypes import pg_type, split

#: What a DataFrame keeps a column as: numpy's array, or one of pandas' own, whose way from Arrow its stubs leave out.
Values = Any

#: Up to here a column at a time costs less than pyarrow's conversion of a whole table, whose fixed cost is high.
SMALL_ROWS = 1_000
_DAY_END = 86_400_000_000
"""`24:00:00` in microseconds: a time that PostgreSQL has and Python has not."""


def to_frame(table: pa.Table, *, owned: bool = False) -> pd.DataFrame:
    """The table as a DataFrame that can be written to; column order and names kept, duplicate names too.

    `owned`: nobody else looks at the table any more, so the frame may take its memory over instead of copying it.
    """
    many = _plain_columns(table, owned) if table.num_rows > SMALL_ROWS else {}
    blocks: list[tuple[Any, Any]] = []
    for place, field in enumerate(table.schema):
        values = many[place] if place in many else _converter(field)(table.column(place))
        # A block of numpy's holds columns as its rows.
        blocks.append((values.reshape(1, -1) if isinstance(values, np.ndarray) else values, np.array([place])))
    # A view: an index has a name, which its owner may change.
    columns = _column_names(tuple(table.column_names)).view()
    frame: pd.DataFrame = create_dataframe_from_blocks(blocks, pd.RangeIndex(range(table.num_rows)), columns)
    return frame


@lru_cache(maxsize=64)
def _column_names(names: tuple[str, ...]) -> pd.Index[Any]:
    """Kept, for pandas takes longer to make it than the rest of a small frame."""
    return pd.Index(names, dtype="str")


def _plain_columns(table: pa.Table, owned: bool) -> dict[int, Values]:
    """Columns for which pyarrow's own conversion is the mapping: many at once, in parallel, without extra copies."""
    places = [place for place, field in enumerate(table.schema) if _is_plain(field, table.column(place))]
    # A new table: the schema metadata of the old one would be read as pandas' own, and names may come twice.
    part = pa.table([table.column(place) for place in places], names=[str(place) for place in places])
    frame = part.to_pandas(split_blocks=True)
    return {place: _unwrapped(frame[str(place)].array, table.column(place), owned) for place in places}


def _unwrapped(array: Any, column: pa.ChunkedArray, owned: bool) -> Values:
    """The values as a DataFrame keeps them; what pyarrow did not have to copy is read-only, which a frame is not."""
    if isinstance(array, pd.arrays.DatetimeArray):
        values = np.asarray(array.view("i8"))
        if values.flags.writeable:
            return array
        taken = _taken_over(column.chunk(0), values) if owned and array.tz is None else None
        return array.copy() if taken is None else taken.view(array.dtype)
    if not isinstance(array, pd.arrays.NumpyExtensionArray):
        return array
    values = array.to_numpy()
    if values.flags.writeable:
        return values
    taken = _taken_over(column.chunk(0), values) if owned else None
    return values.copy() if taken is None else taken


def _taken_over(chunk: pa.Array, values: Values) -> Values | None:
    """The chunk's own memory in place of a read-only view of it; None where it may not be written to."""
    memory = chunk.buffers()[1]
    if not memory.is_mutable:
        return None
    return np.frombuffer(memory, values.dtype)[chunk.offset : chunk.offset + len(chunk)]


def _is_plain(field: pa.Field, column: pa.ChunkedArray) -> bool:
    convert = _converter(field)
    return convert in {_numpy, _texts, _moments} or (convert is _whole and not column.null_count)


def _converter(field: pa.Field) -> Callable[[pa.ChunkedArray], Values]:
    convert = _CONVERTERS.get(field.type.id, _objects)
    if convert is _texts and split(pg_type(field))[0] in {"json", "jsonb"}:
        return _decoded
    if pa.types.is_list(field.type) and split(pg_type(field)) == ("vector", (), 0):
        return _vectors_of_any_length
    return convert


def _numpy(column: pa.ChunkedArray) -> Values:
    """What numpy has a type for, and objects of pyarrow's own choice; a copy, for Arrow's memory is read-only."""
    values = column.to_numpy()
    return values if values.flags.writeable else values.copy()


def _whole(column: pa.ChunkedArray) -> Values:
    """Integers and booleans, whose NULL numpy has no place for."""
    return _NULLABLE[str(column.type)].__from_arrow__(column) if column.null_count else _numpy(column)


def _texts(column: pa.ChunkedArray) -> Values:
    return _TEXT.__from_arrow__(column)


def _moments(column: pa.ChunkedArray) -> Values:
    zone = column.type.tz
    return _numpy(column) if zone is None else pd.DatetimeTZDtype(column.type.unit, zone).__from_arrow__(column)


def _decimals(column: pa.ChunkedArray) -> Values:
    dtype: Any = pd.ArrowDtype(column.type)
    return dtype.__from_arrow__(column)


def _dates(column: pa.ChunkedArray) -> Values:
    # Seconds of a 64-bit count hold every date that a 32-bit count of days does.
    return _numpy(column.cast(pa.timestamp("s")))


def _of_dictionary(column: pa.ChunkedArray) -> Values:
    return _texts(column.cast(column.type.value_type))


def _times(column: pa.ChunkedArray) -> Values:
    end = pc.equal(column.cast(pa.int64()), _DAY_END)
    if not pc.any(end).as_py():
        return _objects(column)
    kept = pc.if_else(end, pa.scalar(None, column.type), column)
    marks = end.to_pylist()
    return _object_array(["24:00:00" if mark else value for mark, value in zip(marks, kept.to_pylist(), strict=True)])


def _decoded(column: pa.ChunkedArray) -> Values:
    return _object_array(_json_values(column.to_pylist()))


def _json_values(values: list[Any]) -> list[Any]:
    import msgspec

    decode = msgspec.json.decode
    decoded: list[Any] = []
    for value in values:
        if value is None or isinstance(value, list):
            decoded.append(None if value is None else _json_values(value))
            continue
        try:
            decoded.append(decode(value))
        except msgspec.DecodeError:
            # Numbers beyond a double: legal in JSON, refused by msgspec.
            decoded.append(json.loads(value, parse_float=_float))
    return decoded


def _float(text: str) -> float | decimal.Decimal:
    number = float(text)
    return number if math.isfinite(number) else decimal.Decimal(text)


def _vectors(column: pa.ChunkedArray) -> Values:
    """Each row a numpy float32 array; a NULL inside a vector is NaN."""
    size = column.type.list_size
    rows: list[Any] = []
    for chunk in column.chunks:
        # `values` starts at the buffer, not at the slice.
        flat = chunk.values.slice(chunk.offset * size, len(chunk) * size).to_numpy(zero_copy_only=False)
        matrix = np.array(flat, dtype=np.float32).reshape(len(chunk), size)
        present = chunk.is_valid().to_pylist() if chunk.null_count else None
        pairs = zip(matrix, present, strict=True) if present is not None else ((row, True) for row in matrix)
        rows.extend(row if there else None for row, there in pairs)
    return _object_array(rows)


def _vectors_of_any_length(column: pa.ChunkedArray) -> Values:
    """The same where each row has a length of its own."""
    rows: list[Any] = []
    for chunk in column.chunks:
        flat = np.array(chunk.values, dtype=np.float32)
        ends = chunk.offsets.to_pylist()
        present = chunk.is_valid().to_pylist()
        rows.extend(flat[a:b].copy() if there else None for a, b, there in zip(ends, ends[1:], present, strict=False))
    return _object_array(rows)


def _objects(column: pa.ChunkedArray) -> Values:
    return _object_array(column.to_pylist())


def _object_array(values: list[Any]) -> Values:
    """A one-dimensional object column.

    numpy alone would make lists of equal length a matrix.
    """
    array = np.empty(len(values), dtype=object)
    for index, value in enumerate(values):
        array[index] = value
    return array


_TEXT: Any = pd.StringDtype(na_value=np.nan)
_NULLABLE: dict[str, Any] = {
    "bool": pd.BooleanDtype(),
    "int8": pd.Int8Dtype(),
    "int16": pd.Int16Dtype(),
    "int32": pd.Int32Dtype(),
    "int64": pd.Int64Dtype(),
    "uint8": pd.UInt8Dtype(),
    "uint16": pd.UInt16Dtype(),
    "uint32": pd.UInt32Dtype(),
    "uint64": pd.UInt64Dtype(),
}
#: By the kind of Arrow type, whatever its parameters; any other becomes objects of Python's.
_CONVERTERS: dict[int, Callable[[pa.ChunkedArray], Values]] = {
    kind.id: convert
    for convert, kinds in (
        (_whole, (pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64())),
        (_whole, (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())),
        (_numpy, (pa.float16(), pa.float32(), pa.float64(), pa.month_day_nano_interval(), pa.binary())),
        (_texts, (pa.string(), pa.large_string())),
        (_moments, (pa.timestamp("us"),)),
        (_decimals, (pa.decimal128(1), pa.decimal256(1))),
        (_dates, (pa.date32(), pa.date64())),
        (_times, (pa.time32("s"), pa.time64("us"))),
        (_vectors, (pa.list_(pa.float32(), 1),)),
        (_of_dictionary, (pa.dictionary(pa.int32(), pa.string()),)),
    )
    for kind in kinds
}
