"""A branch's catalogue: our own tables in each branch file, and reading the whole into `schema.Schema`.

The tables in `_helios` keep what DuckDB forgets: declared types, constraint names, foreign keys, indexes, and the
keys of bulk loads.  The dialect writes them in the same transaction as the DDL they belong to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from helios_magic.engine.dialect.pgcatalog.indexes import index_keys, tail
from helios_magic.engine.dialect.pgcatalog.names import quote
from helios_magic.engine.names import place
from helios_magic.engine.typenames import from_declaration
from helios_magic.schema import Check, Column, Comment, Enum, ForeignKey, Index, Schema, Sequence, Table

#: Sequences by their counters, with the column that owns them.
SEQUENCES = """CREATE TABLE _helios.sequences(sequence_schema VARCHAR, sequence_name VARCHAR, counter VARCHAR,
    type VARCHAR, "start" BIGINT, increment BIGINT, minimum BIGINT, maximum BIGINT, cycle BOOLEAN,
    table_schema VARCHAR, table_name VARCHAR, column_name VARCHAR);"""

#: Comments on what DuckDB has none for: indexes, sequences, types, schemas, constraints (see `schema.Comment`).
COMMENTS = """CREATE TABLE IF NOT EXISTS _helios.comments(object_schema VARCHAR, object_name VARCHAR, kind VARCHAR,
    part VARCHAR, comment VARCHAR);"""

#: The embedding spaces of columns, by the identity of the column.
SPACES = "CREATE TABLE IF NOT EXISTS _helios.spaces(column_id VARCHAR, model VARCHAR, dimensions INTEGER);"

#: Identities of what two branches made independently, and a merge made one.
SAME = "CREATE TABLE _helios.same(one VARCHAR, other VARCHAR);"

BOOTSTRAP = f"""
CREATE SCHEMA public;
CREATE SCHEMA _helios;
CREATE TABLE _helios.columns(table_schema VARCHAR, table_name VARCHAR, column_name VARCHAR, type VARCHAR,
    identity VARCHAR, generated VARCHAR, id VARCHAR DEFAULT uuid());
CREATE TABLE _helios.tables(table_schema VARCHAR, table_name VARCHAR, id VARCHAR DEFAULT uuid());
CREATE TABLE _helios.foreign_keys(name VARCHAR, table_schema VARCHAR, table_name VARCHAR, columns VARCHAR[],
    ref_schema VARCHAR, ref_table VARCHAR, ref_columns VARCHAR[], on_delete VARCHAR, on_update VARCHAR,
    "deferrable" BOOLEAN, deferred BOOLEAN);
CREATE TABLE _helios.constraints(table_schema VARCHAR, table_name VARCHAR, name VARCHAR, kind VARCHAR,
    columns VARCHAR[], definition VARCHAR);
CREATE TABLE _helios.indexes(table_schema VARCHAR, table_name VARCHAR, name VARCHAR, columns VARCHAR[],
    is_unique BOOLEAN, definition VARCHAR);
CREATE TABLE _helios.loads(key VARCHAR, table_name VARCHAR, mode VARCHAR, inserted BIGINT, "at" TIMESTAMPTZ);
{SEQUENCES}
{SAME}
{COMMENTS}
{SPACES}
"""

#: What brings a file of format 1 up to date, in one transaction: identities of tables and columns.
UPGRADE = f"""
{SAME}
ALTER TABLE _helios.columns ADD COLUMN id VARCHAR DEFAULT uuid();
CREATE TABLE _helios.tables(table_schema VARCHAR, table_name VARCHAR, id VARCHAR DEFAULT uuid());
INSERT INTO _helios.tables (table_schema, table_name) SELECT schema_name, table_name FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name NOT IN ('main', '_helios') AND NOT temporary;
INSERT INTO _helios.columns (table_schema, table_name, column_name) SELECT c.schema_name, c.table_name, c.column_name
    FROM duckdb_columns() AS c SEMI JOIN _helios.tables AS t
        ON t.table_schema = c.schema_name AND t.table_name = c.table_name
    WHERE c.database_name = current_database() AND NOT EXISTS (SELECT 1 FROM _helios.columns AS known
        WHERE (known.table_schema, known.table_name, known.column_name) = (c.schema_name, c.table_name, c.column_name));
"""

#: Runs a query in the branch's file, `$1` the file's alias, and answers its rows.
Ask = Callable[[str], list[tuple[Any, ...]]]
_Place = tuple[str, str]
"""Schema and table."""

_HERE = (
    "database_name = current_database() AND schema_name NOT IN ('main', '_helios', 'information_schema', 'pg_catalog')"
)
_COLUMNS = f"""SELECT schema_name, table_name, column_name, data_type, is_nullable, column_default, is_generated,
    generation_expression, comment FROM duckdb_columns() WHERE {_HERE} ORDER BY 1, 2, column_index"""
_TABLES = f"""SELECT schema_name, table_name, 'table', comment FROM duckdb_tables() WHERE {_HERE} AND NOT temporary
    UNION ALL SELECT schema_name, view_name, 'view', comment FROM duckdb_views() WHERE {_HERE} AND NOT temporary"""
_CONSTRAINTS = f"""SELECT schema_name, table_name, constraint_type, constraint_column_names
    FROM duckdb_constraints() WHERE {_HERE} AND constraint_type IN ('PRIMARY KEY', 'UNIQUE')
    ORDER BY 1, 2, constraint_index"""
_SEQUENCES = """SELECT sequence_name, sequence_schema, table_name || '.' || column_name, counter, type, "start",
    increment, minimum, maximum, cycle FROM _helios.sequences ORDER BY 2, 1"""
_ENUMS = f"SELECT schema_name, type_name, labels FROM duckdb_types() WHERE {_HERE} AND logical_type = 'ENUM' ORDER BY 2"
_SCHEMAS = f"SELECT schema_name FROM duckdb_schemas() WHERE {_HERE} ORDER BY 1"
_COMMENTS = "SELECT kind, object_schema, object_name, part, comment FROM _helios.comments ORDER BY ALL"
_FOREIGN_KEYS = """SELECT table_schema, table_name, name, columns,
    CASE WHEN ref_schema = 'public' THEN ref_table ELSE ref_schema || '.' || ref_table END, ref_columns,
    on_delete, on_update, "deferred", "deferrable" FROM _helios.foreign_keys"""
_DECLARED = "SELECT table_schema, table_name, column_name, type, identity, generated, id FROM _helios.columns"
_INDEXES = "SELECT table_schema, table_name, name, columns, is_unique, definition FROM _helios.indexes ORDER BY name"
#: What the catalogue consists of, by the queries that read it: DuckDB's own catalogue, and our tables by their names.
NATIVE = {
    "duckdb_types": _ENUMS,
    "duckdb_columns": _COLUMNS,
    "duckdb_tables": _TABLES,
    "duckdb_constraints": _CONSTRAINTS,
    "duckdb_schemas": _SCHEMAS,
}
OWN = {
    "columns": _DECLARED,
    "constraints": "SELECT table_schema, table_name, name, kind, columns, definition FROM _helios.constraints",
    "foreign_keys": _FOREIGN_KEYS,
    "indexes": _INDEXES,
    "tables": "SELECT table_schema, table_name, id FROM _helios.tables",
    "sequences": _SEQUENCES,
    "comments": _COMMENTS,
}
PARTS = NATIVE | OWN
Rows = Mapping[str, list[tuple[Any, ...]]]
"""What was read, by part."""
_KINDS = {"PRIMARY KEY": "p", "UNIQUE": "u"}
#: How views are told in `_helios.constraints`: of what kind they are, and whether they hold rows to be read.
_VIEWS = {"v": ("view", True), "m": ("materialized view", True), "e": ("materialized view", False)}


def read(ask: Ask, database: str | None = None) -> Schema:
    """The whole structure of the branch that `ask` reads, row counts left at 0; `database` is its database's name."""
    return assembled(rows_of(ask, PARTS), database)


def rows_of(ask: Ask, parts: Iterable[str]) -> Rows:
    """The rows of some parts of the catalogue."""
    return {part: ask(PARTS[part]) for part in parts}


def assembled(rows: Rows, database: str | None = None) -> Schema:
    """The structure that the rows of all parts say."""
    enums = tuple(Enum(name, tuple(labels), schema) for schema, name, labels in rows["duckdb_types"])
    columns = _columns(rows, enums)
    own, native = _group(rows["constraints"]), _group(rows["duckdb_constraints"])
    foreign, indexes = _foreign_keys(rows["foreign_keys"]), _indexes(rows["indexes"])
    ids = {(schema, name): id_ for schema, name, id_ in rows["tables"]}
    tables = []
    for schema, name, kind, comment in rows["duckdb_tables"]:
        at = (schema, name)
        table = Table(name, tuple(columns[at]), schema, kind, comment=comment, id=ids.get(at))
        if kind == "table":
            table = _with_keys(table, own[at], native[at])
            table = replace(table, foreign_keys=foreign[at], indexes=table.indexes + tuple(indexes[at]))
        for _, what, reads, query in own[at]:
            if what in _VIEWS:
                made, filled = _VIEWS[what]
                table = replace(table, kind=made, reads=tuple(reads or ()), query=query, populated=filled)
        tables.append(table)
    return Schema(
        tables=tuple(sorted(tables, key=lambda table: (table.schema, table.name))),
        sequences=tuple(Sequence(*row) for row in rows["sequences"]),
        enums=enums,
        schemas=tuple(name for (name,) in rows["duckdb_schemas"]),
        database=database,
        comments=tuple(Comment(*row) for row in rows["comments"]),
    )


def count_rows(ask: Ask, schema: Schema) -> Schema:
    """The schema with each table's rows counted now."""
    tables = [table for table in schema.tables if table.kind == "table"]
    if not tables:
        return schema
    counts = "SELECT " + ", ".join(f"(SELECT count(*) FROM {place(t)})" for t in tables)
    rows = dict(zip(((t.schema, t.name) for t in tables), ask(counts)[0], strict=True))
    return replace(schema, tables=tuple(replace(t, rows=rows.get((t.schema, t.name), 0)) for t in schema.tables))


def _group(rows: Iterable[tuple[Any, ...]]) -> defaultdict[_Place, list[tuple[Any, ...]]]:
    grouped: defaultdict[_Place, list[tuple[Any, ...]]] = defaultdict(list)
    for schema, table, *rest in rows:
        grouped[schema, table].append(tuple(rest))
    return grouped


def _columns(rows: Rows, enums: tuple[Enum, ...]) -> defaultdict[_Place, list[Column]]:
    declared = {(schema, table, column): rest for schema, table, column, *rest in rows["columns"]}
    labels = {enum.labels: enum.name for enum in enums}
    columns: defaultdict[_Place, list[Column]] = defaultdict(list)
    for schema, table, name, kind, nullable, default, generated, expression, comment in rows["duckdb_columns"]:
        own_type, identity, own_generated, id_ = declared.get((schema, table, name), (None, None, None, None))
        columns[schema, table].append(
            Column(
                name,
                own_type or from_declaration(kind, labels) or "text",
                nullable,
                None if generated else default,
                identity,
                own_generated or (expression if generated else None),
                comment,
                id_,
            )
        )
    return columns


def _with_keys(table: Table, own: list[tuple[Any, ...]], native: list[tuple[Any, ...]]) -> Table:
    """Keys: ours by name, DuckDB's where ours does not know them.  Checks are ours: DuckDB's others are lengths."""
    known = {(kind, tuple(columns or ())) for _, kind, columns, _ in own if kind in "pu"}
    rows = [(name, kind, tuple(columns or ()), definition) for name, kind, columns, definition in own]
    for constraint, columns in native:
        kind, listed = _KINDS[constraint], tuple(columns or ())
        if (kind, listed) not in known:
            rows.append((_constraint_name(table.name, kind, listed), kind, listed, None))
    keys = [row for row in rows if row[1] in "pu"]
    required = {columns[0]: name for name, kind, columns, _ in rows if kind == "n"}
    return replace(
        table,
        columns=tuple(replace(c, required=required[c.name]) if c.name in required else c for c in table.columns),
        primary_key=next((columns for _, kind, columns, _ in keys if kind == "p"), ()),
        unique=tuple(columns for _, kind, columns, _ in keys if kind == "u"),
        checks=tuple(Check(name, shown or "", columns) for name, kind, columns, shown in rows if kind == "c"),
        indexes=tuple(
            Index(name, columns, unique=True, primary=kind == "p")
            for name, kind, columns, _ in sorted(keys, key=lambda row: row[1] != "p")
        ),
    )


def _constraint_name(table: str, kind: str, columns: tuple[str, ...]) -> str:
    """What PostgreSQL would call a key that has no name of its own."""
    return f"{table}_pkey" if kind == "p" else f"{table}_{'_'.join(columns)}_key"


def _foreign_keys(rows: Iterable[tuple[Any, ...]]) -> defaultdict[_Place, tuple[ForeignKey, ...]]:
    keys: defaultdict[_Place, tuple[ForeignKey, ...]] = defaultdict(tuple)
    for schema, table, name, columns, target, target_columns, on_delete, on_update, *deferring in rows:
        keys[schema, table] += (
            ForeignKey(
                name, tuple(columns), target, tuple(target_columns), on_delete or "NO ACTION", on_update or "NO ACTION",
                *map(bool, deferring),
            ),
        )  # fmt: skip
    return keys


def _indexes(rows: Iterable[tuple[Any, ...]]) -> defaultdict[_Place, list[Index]]:
    """Those that CREATE INDEX made.  Of a definition, what follows the table's name is kept; names may have changed."""
    indexes: defaultdict[_Place, list[Index]] = defaultdict(list)
    for schema, table, name, uses, unique, definition in rows:
        index = Index(name, (), bool(unique), definition=defined_index(schema, table, name, unique, definition))
        keys = index_keys(index)
        columns = tuple(key.column for key in keys if key.column is not None)
        indexes[schema, table].append(
            replace(index, columns=columns if len(columns) == len(keys) else (), uses=tuple(uses or ()))
        )
    return indexes


def defined_index(schema: str, table: str, name: str, unique: bool, definition: str) -> str:
    """An index as PostgreSQL prints it, of which all from USING on was kept."""
    word = "UNIQUE INDEX" if unique else "INDEX"
    return f"CREATE {word} {quote(name)} ON {quote(schema)}.{quote(table)} {tail(definition)}"
