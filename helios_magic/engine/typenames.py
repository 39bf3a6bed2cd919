"""PostgreSQL names of the types that DuckDB's catalogue spells its own way."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMES = {
    "BOOLEAN": "bool",
    "TINYINT": "int2",
    "SMALLINT": "int2",
    "INTEGER": "int4",
    "BIGINT": "int8",
    "UTINYINT": "int2",
    "USMALLINT": "int4",
    "UINTEGER": "int8",
    "UBIGINT": "numeric(20,0)",
    "HUGEINT": "numeric(38,0)",
    "FLOAT": "float4",
    "DOUBLE": "float8",
    "VARCHAR": "text",
    "JSON": "json",
    "BLOB": "bytea",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "TIME WITH TIME ZONE": "timetz",
    "INTERVAL": "interval",
    "UUID": "uuid",
    "BIT": "varbit",
    '"NULL"': "text",
    "NULL": "text",
}
_ARRAY = re.compile(r"(?P<of>.*)\[(?P<size>\d*)\]$", re.DOTALL)
_LABEL = re.compile(r"'((?:[^']|'')*)'")


def from_declaration(declaration: str, enums: Mapping[tuple[str, ...], str]) -> str | None:
    """`DECIMAL(10,2)` → `numeric(10,2)`, `FLOAT[3]` → `vector(3)`, an ENUM → the name of the one with its labels.

    None where PostgreSQL has no such type (a record, a map, a union).
    """
    array = _ARRAY.match(declaration)
    if array is not None:
        of = from_declaration(array["of"], enums)
        return f"vector({array['size']})" if array["size"] and of == "float4" else f"{of}[]" if of else None
    if declaration.startswith("DECIMAL("):
        return "numeric" + declaration.removeprefix("DECIMAL").replace(" ", "")
    if declaration.startswith("ENUM("):
        labels = tuple(label.replace("''", "'") for label in _LABEL.findall(declaration))
        return enums.get(labels, "text")
    return _NAMES.get(declaration)
