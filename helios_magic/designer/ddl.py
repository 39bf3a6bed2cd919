"""`schema` → DDL of one dialect: CREATE TABLE in order, the keys that close a circle, the indexes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from helios_magic.designer.tables import Designed
from helios_magic.schema import Column, ForeignKey, Table

DIALECTS = ("postgresql", "mysql", "sqlite", "duckdb")

_TYPES: dict[str, dict[str, str]] = {
    "postgresql": {"int4": "integer", "float8": "double precision", "bool": "boolean"},
    "mysql": {
        "uuid": "CHAR(36)", "int4": "INT", "float8": "DOUBLE", "bool": "BOOLEAN", "text": "TEXT", "jsonb": "JSON",
        "timestamptz": "DATETIME", "date": "DATE", "time": "TIME",
    },
    "sqlite": {
        "uuid": "TEXT", "int4": "INTEGER", "float8": "REAL", "bool": "BOOLEAN", "text": "TEXT", "jsonb": "TEXT",
        "timestamptz": "TEXT", "date": "TEXT", "time": "TEXT",
    },
    "duckdb": {
        "uuid": "UUID", "int4": "INTEGER", "float8": "DOUBLE", "bool": "BOOLEAN", "text": "VARCHAR", "jsonb": "JSON",
        "timestamptz": "TIMESTAMPTZ", "date": "DATE", "time": "TIME",
    },
}  # fmt: skip
_DEFAULTS: dict[str, dict[str, str]] = {
    "postgresql": {},
    "mysql": {"gen_random_uuid()": "(UUID())", "now()": "CURRENT_TIMESTAMP"},
    "sqlite": {"gen_random_uuid()": "(lower(hex(randomblob(16))))", "now()": "CURRENT_TIMESTAMP"},
    "duckdb": {"gen_random_uuid()": "uuid()"},
}


@dataclass(frozen=True, slots=True)
class Definition:
    """One statement that makes something: a table, an index, or a key that is added late."""

    name: str
    table: str
    ddl: str


@dataclass(frozen=True, slots=True)
class Script:
    """All statements of a design in one dialect; they run in this order: tables, late keys, indexes."""

    dialect: str
    tables: tuple[Definition, ...]
    keys: tuple[Definition, ...]
    indexes: tuple[Definition, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def statements(self) -> list[str]:
        return [each.ddl for each in (*self.tables, *self.keys, *self.indexes)]


def write(designed: Designed, dialect: str) -> Script:
    """The DDL of a design.

    SQLite takes a reference to a table that comes later, so nothing is late there.  DuckDB takes neither that nor a
    key that is added later: such a key stays a plain column, and a note says so.
    """
    late = designed.late if dialect != "sqlite" else frozenset()
    writer = _Writer(dialect)
    tables, keys, indexes, notes = [], [], [], []
    for table in designed.schema.tables:
        tables.append(Definition(table.name, table.name, writer.table(table, late)))
        for key in table.foreign_keys:
            if key.name not in late:
                continue
            if dialect == "duckdb":
                notes.append(
                    f"{table.name}.{key.columns[0]} → {key.references} closes a circle; DuckDB adds no key to a table"
                    " that exists, so the column is there and its foreign key is not"
                )
            else:
                ddl = f"ALTER TABLE {writer.name(table.name)} ADD {writer.key(key)}"
                keys.append(Definition(key.name, table.name, ddl))
        for index in table.indexes:
            listed = ", ".join(map(writer.name, index.columns))
            ddl = f"CREATE INDEX {writer.name(index.name)} ON {writer.name(table.name)} ({listed})"
            indexes.append(Definition(index.name, table.name, ddl))
    return Script(dialect, tuple(tables), tuple(keys), tuple(indexes), tuple(notes))


def column_type(column: Column, dialect: str, *, bounded: bool = False) -> str:
    """A column's type as the dialect writes it; `bounded` text can be a key or have a default in MySQL."""
    if dialect == "mysql" and column.type == "text" and bounded:
        return "VARCHAR(255)"
    if column.type.startswith("numeric") and dialect != "postgresql":
        return column.type.replace("numeric", "DECIMAL")
    return _TYPES[dialect].get(column.type, column.type)


def bounded(table: Table, column: Column) -> bool:
    """Whether a text stays short: a key, one of a few values, or one with a default."""
    keyed = any(column.name in columns for columns in table.unique)
    return keyed or column.default is not None or any(column.name in check.columns for check in table.checks)


def columns(table: Table, dialect: str) -> list[dict[str, Any]]:
    """A table's columns as the contract shows them, types as the dialect writes them."""
    references = {key.columns[0]: f"{key.references}.{key.references_columns[0]}" for key in table.foreign_keys}
    return [
        {
            "name": column.name,
            "type": column_type(column, dialect, bounded=bounded(table, column)),
            "nullable": column.nullable,
            "primary_key": column.name in table.primary_key,
            "unique": (column.name,) in table.unique or table.primary_key == (column.name,),
            "default": None if column.default is None else _DEFAULTS[dialect].get(column.default, column.default),
            "references": references.get(column.name),
        }
        for column in table.columns
    ]


class _Writer:
    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._quote = "`" if dialect == "mysql" else '"'

    def name(self, name: str) -> str:
        """Quoted only where it must be: a reserved word of any of the dialects, or no plain name."""
        if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in reserved():
            return name
        return self._quote + name.replace(self._quote, self._quote * 2) + self._quote

    def table(self, table: Table, late: frozenset[str]) -> str:
        lines = [self._column(table, column) for column in table.columns]
        if len(table.primary_key) > 1:
            lines.append(f"PRIMARY KEY ({', '.join(map(self.name, table.primary_key))})")
        lines += [self.key(key) for key in table.foreign_keys if key.name not in late]
        for check in table.checks:
            lines.append(f"CONSTRAINT {self.name(check.name)} CHECK ({self._condition(check.condition)})")
        body = ",\n".join(f"  {line}" for line in lines)
        return f"CREATE TABLE {self.name(table.name)} (\n{body}\n)"

    def _condition(self, condition: str) -> str:
        return re.sub(r'"((?:[^"]|"")*)"', lambda found: self.name(found[1].replace('""', '"')), condition)

    def _column(self, table: Table, column: Column) -> str:
        words = [self.name(column.name), column_type(column, self._dialect, bounded=bounded(table, column))]
        if table.primary_key == (column.name,):
            words.append("PRIMARY KEY")
            if self._dialect == "sqlite":
                words.append("NOT NULL")
        elif not column.nullable:
            words.append("NOT NULL")
        if (column.name,) in table.unique:
            words.append("UNIQUE")
        if column.default is not None:
            words.append(f"DEFAULT {_DEFAULTS[self._dialect].get(column.default, column.default)}")
        return " ".join(words)

    def key(self, key: ForeignKey) -> str:
        columns = ", ".join(map(self.name, key.columns))
        target = f"{self.name(key.references)} ({', '.join(map(self.name, key.references_columns))})"
        written = f"CONSTRAINT {self.name(key.name)} FOREIGN KEY ({columns}) REFERENCES {target}"
        if self._dialect == "duckdb":
            return written  # it knows no action on delete
        return written if key.on_delete == "NO ACTION" else f"{written} ON DELETE {key.on_delete}"


@cache
def reserved() -> frozenset[str]:
    """Words that cannot be a plain name in one dialect or another."""
    from sqlglot.dialects.duckdb import DuckDB
    from sqlglot.dialects.mysql import MySQL
    from sqlglot.dialects.redshift import Redshift

    lists = (MySQL, DuckDB, Redshift)
    return frozenset(
        str(word).lower() for dialect in lists for word in dialect.Generator.RESERVED_KEYWORDS
    ) | frozenset(_SQLITE.split())


#: SQLite's keywords that are no names, and PostgreSQL's that neither list has (sqlglot lists none for these two).
_SQLITE = """abort action add after all alter always analyze and as asc attach autoincrement before begin between by
cascade case cast check collate column commit conflict constraint create cross current_date current_time
current_timestamp database default deferrable deferred delete desc detach distinct drop each else end escape except
exclusive exists explain fail for foreign from full glob group having if ignore immediate in index indexed initially
inner insert instead intersect into is isnull join key left like limit match natural no not nothing notnull null of
offset on or order outer plan pragma primary query raise recursive references regexp reindex release rename replace
restrict right rollback row savepoint select set table temp temporary then to transaction trigger union unique update
using vacuum values view virtual when where with without window user session_user current_user analyse any array
asymmetric authorization binary both concurrently current_catalog current_role current_schema end_of fetch freeze
grant ilike lateral leading localtime localtimestamp only overlaps placing returning similar some symmetric
tablesample trailing variadic verbose do false true end summarize pivot unpivot qualify describe show"""
