"""Small results row by row: for a few rows DuckDB's DB-API takes a third of the time of its Arrow collector.

`fetch` makes an Arrow table of them, `fetch_values` hands them on as they are, for JSON.

The table: only for types whose Python values say all that their Arrow values say, so that both ways answer the same.
Dates and times are not among them: infinity comes as the largest date, the end of a day as text.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helios_magic.engine import results
from helios_magic.engine.dialect import Prepared
from helios_magic.engine.face import Values
from helios_magic.errors import ServerError
from helios_magic.models.pgtypes import split

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MOST_ROWS = 200
"""More rows are cheaper as Arrow."""
FEW_VALUES = 60
"""More rows are cheaper through NumPy's arrays."""
MOST_VALUES = 5000
"""More rows are cheaper as Arrow, even where they only become JSON."""
_FAITHFUL = frozenset(
    {"bool", "int2", "int4", "int8", "float4", "float8", "numeric", "uuid", "bytea"}
    | {"text", "varchar", "char", "bpchar", "name", "json", "jsonb"}
)


#: PostgreSQL type → the DuckDB types whose Python values are its own.
_PLAIN = {
    "bool": {"boolean"},
    "int2": {"smallint"},
    "int4": {"integer"},
    "int8": {"bigint"},
    "float8": {"double"},
    **{name: {"varchar"} for name in ("text", "varchar", "char", "bpchar", "name")},
    **{name: {"varchar", "json"} for name in ("json", "jsonb")},
    **{name: {name} for name in ("uuid", "timestamp", "date")},
}
#: Those whose values are the same in NumPy's arrays; what is no Python moment comes as a number.
_IN_ARRAYS = frozenset(_PLAIN) - {"uuid", "date"}
#: DuckDB's infinite dates come as the ends of Python's calendar, and what is beyond it as text.
_CALENDAR: dict[str, tuple[type, Any, Any]] = {
    "timestamp": (dt.datetime, dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)),  # noqa: DTZ001
    "date": (dt.date, dt.date.min, dt.date.max),
}


def faithful(prepared: Prepared) -> bool:
    """Whether every column has a type that can be fetched row by row; independent of the number of rows."""
    return _reads_once(prepared) and are_faithful(prepared.types or ())


def are_faithful(types: Sequence[str | None]) -> bool:
    """Whether columns of these types can be fetched row by row."""
    return all(map(_is_faithful, types))


def plain(prepared: Prepared) -> bool:
    """Whether every column has a type whose Python values can be answered; independent of the number of rows."""
    return _reads_once(prepared) and all(name is not None and _base(name) in _PLAIN for name in prepared.types or ())


def _reads_once(prepared: Prepared) -> bool:
    reads = prepared.kind in ("select", "show") and not prepared.writes
    return reads and len(prepared.steps) == 1 and bool(prepared.types)


def small(prepared: Prepared, values: Sequence[Any], limit: int = MOST_ROWS) -> bool:
    """Whether the result is known to be small before it runs."""
    most: Any = prepared.most_rows
    if prepared.limit_parameter is not None:
        most = values[prepared.limit_parameter - 1]
    return type(most) is int and most <= limit


def fetch(
    cursor: duckdb.DuckDBPyConnection, names: Sequence[str | None] | None, types: Sequence[str | None]
) -> pa.Table:
    """The rows of the statement that the cursor has executed, named and typed as `results.fetch` would."""
    import pyarrow as pa

    described = cursor.description or []
    rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(described)
    names = names or (None,) * len(described)
    raw = [_column(values, column[1], column[0]) for values, column in zip(columns, described, strict=True)]
    return results.name_fields(
        [pa.chunked_array([array]) for array in raw],
        [name or column[0] for name, column in zip(names, described, strict=True)],
        [kind or "" for kind in types],
    )


def fetch_values(cursor: duckdb.DuckDBPyConnection, prepared: Prepared, *, many: bool) -> Values | None:
    """The rows of the statement that the cursor has executed, or None where they do not say all that Arrow says.

    `many`: there may be so many that arrays made into Python's values are quicker than DuckDB's rows.
    """
    described = cursor.description or []
    types = [name or "" for name in prepared.types or ()]
    if len(types) != len(described):
        return None
    bases = [_base(name) for name in types]
    if any(column[1].id not in _PLAIN[base] for base, column in zip(bases, described, strict=True)):
        return None
    names_of_results = [column[0] for column in described]
    if many and _IN_ARRAYS.issuperset(bases) and len(set(names_of_results)) == len(described):
        arrays = cursor.fetchnumpy()
        by_column = [arrays[name].tolist() for name in names_of_results]
        rows = list(zip(*by_column, strict=True))
    else:
        rows = cursor.fetchall()
        by_column = list(zip(*rows, strict=True)) if rows else [()] * len(described)
    if not all(_within_calendar(column, base) for base, column in zip(bases, by_column, strict=True)):
        return None
    names = prepared.columns or (None,) * len(described)
    return Values([name or column[0] for name, column in zip(names, described, strict=True)], types, rows, by_column)


def _within_calendar(values: Sequence[Any], base: str) -> bool:
    if base not in _CALENDAR:
        return True
    kind, first, last = _CALENDAR[base]
    kinds = {*map(type, values)}
    if not kinds <= {kind, type(None)}:
        return False
    known = [value for value in values if value is not None] if type(None) in kinds else values
    return not known or (min(known) > first and max(known) < last)


def _is_faithful(name: str | None) -> bool:
    return name is not None and _base(name) in _FAITHFUL


@functools.lru_cache(1024)
def _base(name: str) -> str:
    """The type without modifiers; "" for an array."""
    base, _, depth = split(name)
    return "" if depth else base


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
