"""Small results row by row: for a few rows DuckDB's DB-API takes a third of the time of its Arrow collector.

Only for types whose Python values say all that their Arrow values say, so that both ways answer the same table.
Dates and times are not among them: infinity comes as the largest date, the end of a day as text.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helios_magic.engine import results
from helios_magic.engine.dialect import Prepared
from helios_magic.errors import ServerError
from helios_magic.models.pgtypes import split

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MOST_ROWS = 200
"""More rows are cheaper as Arrow."""
_FAITHFUL = frozenset(
    {"bool", "int2", "int4", "int8", "float4", "float8", "numeric", "uuid", "bytea"}
    | {"text", "varchar", "char", "bpchar", "name", "json", "jsonb"}
)


def faithful(prepared: Prepared) -> bool:
    """Whether every column has a type that can be fetched row by row; independent of the number of rows."""
    if prepared.kind not in ("select", "show") or prepared.writes or len(prepared.steps) != 1:
        return False
    return bool(prepared.types) and all(map(_is_faithful, prepared.types or ()))


def small(prepared: Prepared, values: Sequence[Any]) -> bool:
    """Whether the result is known to be small before it runs."""
    most: Any = prepared.most_rows
    if prepared.limit_parameter is not None:
        most = values[prepared.limit_parameter - 1]
    return type(most) is int and most <= MOST_ROWS


def fetch(cursor: duckdb.DuckDBPyConnection, prepared: Prepared) -> pa.Table:
    """The rows of the statement that the cursor has executed, named and typed as `results.fetch` would."""
    import pyarrow as pa

    described = cursor.description or []
    rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(described)
    names = prepared.columns or (None,) * len(described)
    raw = [_column(values, column[1], column[0]) for values, column in zip(columns, described, strict=True)]
    return results.name_fields(
        [pa.chunked_array([array]) for array in raw],
        [name or column[0] for name, column in zip(names, described, strict=True)],
        [kind or "" for kind in prepared.types or ()],
    )


@functools.lru_cache(1024)
def _is_faithful(name: str | None) -> bool:
    if name is None:
        return False
    base, _, depth = split(name)
    return depth == 0 and base in _FAITHFUL


def _column(values: Sequence[Any], kind: duckdb.sqltypes.DuckDBPyType, name: str) -> pa.Array:
    """One column as DuckDB's own Arrow would be."""
    import pyarrow as pa

    if kind.id == "uuid":
        values = [None if value is None else str(value) for value in values]
    try:
        return pa.array(values, _arrow_type(kind))
    except pa.ArrowInvalid:
        raise results.overlong(name) from None  # a hugeint goes up to 39 digits, a decimal of 16 bytes to 38


@functools.lru_cache(1024)
def _arrow_type(kind: duckdb.sqltypes.DuckDBPyType) -> pa.DataType:
    import pyarrow as pa

    if kind.id == "decimal":
        (_, precision), (_, scale) = kind.children
        return pa.decimal128(precision, scale)
    plain = {
        "boolean": pa.bool_(),
        "tinyint": pa.int8(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "utinyint": pa.uint8(),
        "usmallint": pa.uint16(),
        "uinteger": pa.uint32(),
        "ubigint": pa.uint64(),
        "float": pa.float32(),
        "double": pa.float64(),
        "varchar": pa.string(),
        "json": pa.string(),
        "hugeint": pa.decimal128(38, 0),
        "uuid": pa.string(),
        "blob": pa.binary(),
    }
    if kind.id not in plain:
        raise ServerError("the engine answered a column of another type than it planned", details={"type": str(kind)})
    return plain[kind.id]
