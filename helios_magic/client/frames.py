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
from typing import TYPE_CHECKING, Any

from helios_magic.models.pgtypes import pg_type, split

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_DAY_END = 86_400_000_000
"""`24:00:00` in microseconds: a time that PostgreSQL has and Python has not."""


def to_frame(table: pa.Table) -> pd.DataFrame:
    """The table as a DataFrame; column order and names kept, duplicate names too."""
    import pandas as pd

    plain = [index for index, field in enumerate(table.schema) if _is_plain(field, table.column(index))]
    names = table.column_names
    if len(plain) == table.num_columns and plain:
        if len(set(names)) == len(names):
            return _plain_frame(table.columns, names)
        return _renamed(_plain_frame(table.columns, _places(table)), names)
    arrays: dict[int, Any] = {}
    if plain:
        part = table.select(plain)
        part = _plain_frame(part.columns, _places(part))
        arrays.update((index, part.iloc[:, place].array) for place, index in enumerate(plain))
    for index, field in enumerate(table.schema):
        if index not in arrays:
            arrays[index] = _converter(field)(table.column(index))
    frame = pd.DataFrame(
        {index: arrays[index] for index in range(table.num_columns)}, index=pd.RangeIndex(table.num_rows), copy=False
    )
    return _renamed(frame, names)


def _places(table: pa.Table) -> list[str]:
    """Stand-ins for names that come twice."""
    return [str(place) for place in range(table.num_columns)]


def _renamed(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    import pandas as pd

    frame.columns = pd.Index(names, dtype="str")
    return frame


def _plain_frame(columns: list[pa.ChunkedArray], names: list[str]) -> pd.DataFrame:
    """Columns for which pyarrow's own conversion is the mapping: many at once, in parallel, without extra copies."""
    import pyarrow as pa

    # A new table: the schema metadata of the old one would be read as pandas' own.
    frame: pd.DataFrame = pa.table(columns, names=names).to_pandas(split_blocks=True)
    return frame


def _is_plain(field: pa.Field, column: pa.ChunkedArray) -> bool:
    import pyarrow.types as kinds

    kind = field.type
    if kinds.is_integer(kind) or kinds.is_boolean(kind):
        return not column.null_count
    if kinds.is_string(kind) or kinds.is_large_string(kind):
        return split(pg_type(field))[0] not in {"json", "jsonb"}
    return bool(kinds.is_floating(kind) or kinds.is_timestamp(kind) or kinds.is_interval(kind) or kinds.is_binary(kind))


def _converter(field: pa.Field) -> Callable[[pa.ChunkedArray], Any]:
    import pyarrow.types as kinds

    kind, base = field.type, split(pg_type(field))[0]
    if kinds.is_integer(kind) or kinds.is_boolean(kind):
        return _nullable
    if kinds.is_decimal(kind):
        return _decimals
    if kinds.is_date(kind):
        return _dates
    if kinds.is_time(kind):
        return _times
    if kinds.is_fixed_size_list(kind):
        return _vectors
    if base in {"json", "jsonb"}:
        return _decoded
    if kinds.is_dictionary(kind):
        return lambda column: column.cast(kind.value_type).to_pandas().array
    return _objects


def _nullable(column: pa.ChunkedArray) -> Any:
    import pandas as pd

    kinds: dict[str, Any] = {
        "bool": pd.BooleanDtype,
        "int8": pd.Int8Dtype,
        "int16": pd.Int16Dtype,
        "int32": pd.Int32Dtype,
        "int64": pd.Int64Dtype,
    }
    return kinds[str(column.type)]().__from_arrow__(column)


def _decimals(column: pa.ChunkedArray) -> Any:
    import pandas as pd

    return pd.array(column, dtype=pd.ArrowDtype(column.type))


def _dates(column: pa.ChunkedArray) -> Any:
    import pyarrow as pa

    # Seconds of a 64-bit count hold every date that a 32-bit count of days does.
    return column.cast(pa.timestamp("s")).to_pandas().array


def _times(column: pa.ChunkedArray) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    end = pc.equal(column.cast(pa.int64()), _DAY_END)
    if not pc.any(end).as_py():
        return _objects(column)
    kept = pc.if_else(end, pa.scalar(None, column.type), column)
    marks = end.to_pylist()
    return _object_array(["24:00:00" if mark else value for mark, value in zip(marks, kept.to_pylist(), strict=True)])


def _decoded(column: pa.ChunkedArray) -> Any:
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


def _vectors(column: pa.ChunkedArray) -> Any:
    """Each row a numpy float32 array; a NULL inside a vector is NaN."""
    import numpy as np

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


def _objects(column: pa.ChunkedArray) -> Any:
    return _object_array(column.to_pylist())


def _object_array(values: list[Any]) -> Any:
    """A one-dimensional object column.

    numpy alone would make lists of equal length a matrix, and pandas alone would make an all-text column a `str`.
    """
    import numpy as np
    import pandas as pd

    array = np.empty(len(values), dtype=object)
    for index, value in enumerate(values):
        array[index] = value
    return pd.Series(array, dtype=object, copy=False)


def for_polars(table: pa.Table) -> pa.Table:
    """The table with what polars has no type for made text: an interval as ISO 8601 writes it."""
    import pyarrow as pa
    import pyarrow.types as kinds

    for index, field in enumerate(table.schema):
        if kinds.is_interval(field.type):
            texts = [None if value is None else _iso(value) for value in table.column(index).to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table


def _iso(interval: pa.MonthDayNano) -> str:
    seconds = decimal.Decimal(interval.nanoseconds) / 1_000_000_000
    return f"P{interval.months}M{interval.days}DT{seconds.normalize():f}S"
