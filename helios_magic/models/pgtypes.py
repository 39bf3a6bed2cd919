"""PostgreSQL type names and the Arrow types that carry them.

A column travels as Arrow with its PostgreSQL name in the field's metadata under `pg_type`; over JSON the name
travels in `types`.  Both ends read this table, so that JSON and Arrow become the same DataFrame.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

PG_TYPE = b"pg_type"
"""The key of the field metadata that holds the PostgreSQL type name."""

_NAME = re.compile(r"(?P<base>[^(\[]+)(?:\((?P<args>[^)]*)\))?(?P<array>(?:\[\])*)$")


@lru_cache(maxsize=1024)
def split(name: str) -> tuple[str, tuple[int, ...], int]:
    """`numeric(10,2)[]` → `("numeric", (10, 2), 1)`: base name, modifiers, array depth."""
    match = _NAME.match(name.strip())
    if match is None:
        return name, (), 0
    args = match["args"]
    numbers = tuple(int(part) for part in args.split(",")) if args and re.fullmatch(r"[\d\s,]+", args) else ()
    return match["base"].strip(), numbers, len(match["array"]) // 2


@lru_cache(maxsize=1024)
def arrow_type(name: str) -> pa.DataType:
    """The Arrow type of a PostgreSQL type; anything unknown travels as text, as PostgreSQL would print it."""
    import pyarrow as pa

    base, modifiers, depth = split(name)
    if base == "numeric":
        precision, scale = (*modifiers, 0)[:2] if modifiers else (38, 10)
        kind: pa.DataType = pa.decimal128(precision, scale)
    elif base == "vector":
        kind = pa.list_(pa.float32(), *modifiers)
    else:
        kind = _simple().get(base, pa.string())
    for _ in range(depth):
        kind = pa.list_(kind)
    return kind


def pg_type(field: pa.Field) -> str:
    """The PostgreSQL name of a field that the engine made."""
    metadata = field.metadata or {}
    return str(metadata.get(PG_TYPE, b"text"), "utf-8")


def _simple() -> dict[str, pa.DataType]:
    import pyarrow as pa

    return {
        "bool": pa.bool_(),
        "int2": pa.int16(),
        "int4": pa.int32(),
        "int8": pa.int64(),
        "float4": pa.float32(),
        "float8": pa.float64(),
        "timestamp": pa.timestamp("us"),
        "timestamptz": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
        "time": pa.time64("us"),
        "interval": pa.month_day_nano_interval(),
        "bytea": pa.binary(),
        "oid": pa.int64(),
    }
