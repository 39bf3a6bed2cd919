"""Arrow tables as they come in: what PostgreSQL would call their types, and what DuckDB can read of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.errors import QueryError
from helios_magic.models.pgtypes import PG_TYPE

if TYPE_CHECKING:
    import pyarrow as pa


def postgres_type(field: pa.Field) -> str:
    """The PostgreSQL type for a column made from an Arrow field; one that the field's metadata names wins."""
    named = (field.metadata or {}).get(PG_TYPE)
    return str(named, "utf-8") if named is not None else _name(field.type, field.name)


def _name(kind: pa.DataType, label: str) -> str:
    import pyarrow.types as is_

    simple = _simple().get(str(kind))
    if simple is not None:
        return simple
    if is_.is_timestamp(kind):
        return "timestamp" if kind.tz is None else "timestamptz"
    if is_.is_decimal(kind):
        return f"numeric({kind.precision},{max(0, kind.scale)})"
    if is_.is_dictionary(kind):
        return _name(kind.value_type, label)
    if is_.is_fixed_size_list(kind) and str(kind.value_type) in ("float", "halffloat"):
        return f"vector({kind.list_size})"
    if is_.is_struct(kind) or is_.is_map(kind):
        return "jsonb"
    if is_.is_list(kind) or is_.is_large_list(kind) or is_.is_fixed_size_list(kind):
        of = _name(kind.value_type, label)
        return "jsonb" if of == "jsonb" else f"{of}[]"
    if is_.is_time(kind):
        return "time"
    if is_.is_duration(kind):
        return "interval"
    if is_.is_fixed_size_binary(kind):
        return "bytea"
    raise QueryError(
        f"column “{label}” has the Arrow type {kind}, which no PostgreSQL type can hold",
        hint="Cast it to text or to numbers before loading.",
        details={"sqlstate": "0A000", "column": label},
    )


def readable(table: pa.Table) -> pa.Table:
    """The table with what DuckDB cannot read cast to what it can."""
    import pyarrow as pa

    for index, field in enumerate(table.schema):
        instead: pa.DataType | None = None
        if pa.types.is_float16(field.type):
            instead = pa.float32()
        elif pa.types.is_decimal256(field.type):
            if field.type.precision > 38:
                raise QueryError(
                    f"column “{field.name}” has numbers of up to {field.type.precision} digits; a numeric holds 38",
                    details={"sqlstate": "22003", "column": field.name},
                )
            instead = pa.decimal128(field.type.precision, field.type.scale)
        if instead is not None:
            table = table.set_column(index, pa.field(field.name, instead), table.column(index).cast(instead))
    return table


def _simple() -> dict[str, str]:
    return {
        "bool": "bool",
        "int8": "int2",
        "int16": "int2",
        "int32": "int4",
        "int64": "int8",
        "uint8": "int2",
        "uint16": "int4",
        "uint32": "int8",
        "uint64": "numeric(20,0)",
        "halffloat": "float4",
        "float": "float4",
        "double": "float8",
        "string": "text",
        "large_string": "text",
        "string_view": "text",
        "binary": "bytea",
        "large_binary": "bytea",
        "binary_view": "bytea",
        "date32[day]": "date",
        "date64[ms]": "date",
        "month_day_nano_interval": "interval",
        "null": "text",
    }
