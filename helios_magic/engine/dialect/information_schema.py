"""information_schema as PostgreSQL shows it, written out from the branch's own structure.

The rows are part of the prepared statement, so they are as old as its plan: the engine prepares again when the
structure changes.  DuckDB's own information_schema shows `main`, its own type names and our tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from helios_magic.engine.dialect.pgtypes import base, is_array, long_name, modifiers
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.engine.sequences import shown
from helios_magic.schema import Column, Schema, Table

_Columns = tuple[tuple[str, str], ...]
_Row = tuple[object, ...]

_TABLES = ("table_catalog", "table_schema", "table_name", "table_type", "is_insertable_into")
_COLUMNS = (
    "table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default", "is_nullable",
    "data_type", "character_maximum_length", "numeric_precision", "numeric_scale", "udt_name", "is_identity",
    "identity_generation", "is_generated",
)  # fmt: skip
_CONSTRAINTS = (
    "constraint_catalog", "constraint_schema", "constraint_name", "table_catalog", "table_schema", "table_name",
    "constraint_type",
)  # fmt: skip
_KEYS = (
    "constraint_catalog", "constraint_schema", "constraint_name", "table_catalog", "table_schema", "table_name",
    "column_name", "ordinal_position",
)  # fmt: skip
_SEQUENCES = (
    "sequence_catalog", "sequence_schema", "sequence_name", "data_type", "numeric_precision",
    "numeric_precision_radix", "numeric_scale", "start_value", "minimum_value", "maximum_value", "increment",
    "cycle_option",
)  # fmt: skip
_SCHEMATA = ("catalog_name", "schema_name", "schema_owner")
_NUMBERS = {
    "ordinal_position",
    "character_maximum_length",
    "numeric_precision",
    "numeric_precision_radix",
    "numeric_scale",
}
_VARCHARS = {
    "table_type", "is_insertable_into", "column_default", "is_nullable", "data_type", "is_identity",
    "identity_generation", "is_generated", "constraint_type", "start_value", "minimum_value", "maximum_value",
    "increment", "cycle_option",
}  # fmt: skip
_PRECISION = {"int2": 16, "int4": 32, "int8": 64, "float4": 24, "float8": 53}


def relation(schema: Schema, name: str) -> tuple[_Columns, str] | None:
    """The columns (name, type) and the DuckDB text of `information_schema.<name>`; None where it is not here."""
    made = {
        "tables": (_TABLES, _tables),
        "columns": (_COLUMNS, _columns),
        "table_constraints": (_CONSTRAINTS, _constraints),
        "key_column_usage": (_KEYS, _keys),
        "schemata": (_SCHEMATA, _schemata),
        "sequences": (_SEQUENCES, _sequences),
    }.get(name)
    if made is None:
        return None
    names, rows = made
    columns = tuple((n, "int4" if n in _NUMBERS else "varchar" if n in _VARCHARS else "name") for n in names)
    duck = ", ".join(f"CAST({quoted(n)} AS {'INTEGER' if n in _NUMBERS else 'VARCHAR'}) AS {quoted(n)}" for n in names)
    listed = ["(" + ", ".join(_value(value) for value in row) + ")" for row in rows(schema)]
    nothing = "(" + ", ".join("NULL" for _ in names) + ")"
    where = "" if listed else " WHERE false"
    body = ", ".join(listed or [nothing])
    return columns, f"(SELECT {duck} FROM (VALUES {body}) AS _v({', '.join(map(quoted, names))}){where})"


def _value(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else literal(str(value))


def _tables(schema: Schema) -> Iterator[_Row]:
    for table in schema.tables:
        kind = "VIEW" if table.kind == "view" else "BASE TABLE"
        yield schema.database, table.schema, table.name, kind, "NO" if table.kind == "view" else "YES"


def _columns(schema: Schema) -> Iterator[_Row]:
    for table in schema.tables:
        for position, column in enumerate(table.columns, 1):
            yield (schema.database, table.schema, table.name, column.name, position, *_column(table, column))


def _column(table: Table, column: Column) -> _Row:
    plain = base(column.type)
    sizes = modifiers(column.type)
    array = is_array(plain)
    nullable = column.nullable and column.name not in table.primary_key
    length = sizes[0] if plain in ("varchar", "bpchar") and sizes else None
    precision = _PRECISION.get(plain, sizes[0] if plain == "numeric" and sizes else None)
    scale = sizes[1] if plain == "numeric" and sizes else 0 if plain in ("int2", "int4", "int8") else None
    return (
        None if column.identity or column.default is None else shown(column.default),
        "YES" if nullable else "NO",
        "ARRAY" if array else long_name(plain),
        length,
        precision,
        scale,
        "_" + plain[:-2] if array else plain,
        "YES" if column.identity else "NO",
        column.identity,
        "ALWAYS" if column.generated else "NEVER",
    )


def _named_keys(table: Table) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for index in table.indexes:
        if index.primary or (index.unique and index.definition is None):
            yield index.name, "PRIMARY KEY" if index.primary else "UNIQUE", index.columns
    for key in table.foreign_keys:
        yield key.name, "FOREIGN KEY", key.columns


def _constraints(schema: Schema) -> Iterator[_Row]:
    for table in schema.tables:
        checks = ((check.name, "CHECK", ()) for check in table.checks)
        for name, kind, _ in (*_named_keys(table), *checks):
            yield schema.database, table.schema, name, schema.database, table.schema, table.name, kind


def _keys(schema: Schema) -> Iterator[_Row]:
    for table in schema.tables:
        for name, _, columns in _named_keys(table):
            for position, column in enumerate(columns, 1):
                yield schema.database, table.schema, name, schema.database, table.schema, table.name, column, position


def _sequences(schema: Schema) -> Iterator[_Row]:
    """Those of identity columns are left out, as in PostgreSQL."""
    identities = {f"{t.schema}.{t.name}.{c.name}" for t in schema.tables for c in t.columns if c.identity}
    for s in schema.sequences:
        if f"{s.schema}.{s.owner}" in identities:
            continue
        bounds = (str(s.start), str(s.minimum), str(s.maximum), str(s.increment))
        yield (
            schema.database, s.schema, s.name, long_name(s.type), _PRECISION[s.type], 2, 0, *bounds,
            "YES" if s.cycle else "NO",
        )  # fmt: skip


def _schemata(schema: Schema) -> Iterator[_Row]:
    for name in (*schema.schemas, "information_schema"):
        yield schema.database, name, "helios"
