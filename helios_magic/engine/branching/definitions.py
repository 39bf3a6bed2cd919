"""Items as DuckDB's DDL."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from helios_magic.engine.branching.items import (
    CheckItem,
    ColumnItem,
    IndexItem,
    Items,
    KeyItem,
    TableItem,
    ViewItem,
    by_name,
    described_index,
    drawing,
)
from helios_magic.engine.names import literal, quoted
from helios_magic.schema import Schema


def create_table(
    table: TableItem,
    items: Items,
    *,
    name: str | None = None,
    keys: Iterable[KeyItem] | None = None,
    checks: Iterable[CheckItem] | None = None,
    nullable: Collection[str] = (),
) -> str:
    """CREATE TABLE, under another name or with fewer keys and checks, `nullable` columns without their NOT NULL."""
    names = table.names
    parts = []
    for column in table.columns:
        words = [quoted(column.name), column.kind]
        if column.generated is not None:
            words.append(f"GENERATED ALWAYS AS ({by_name(column.generated, names)})")
        elif column.default is not None:
            words.append(f"DEFAULT ({default(column, items)})")
        if not column.nullable and column.id not in nullable:
            words.append("NOT NULL")
        parts.append(" ".join(words))
    parts += [f"CHECK ({by_name(c.condition, names)})" for c in (table.checks if checks is None else checks)]
    parts += [key_words(key, table) for key in (table.keys if keys is None else keys)]
    return f"CREATE TABLE {quoted(table.schema)}.{quoted(name or table.name)} ({', '.join(parts)})"


def default(column: ColumnItem, items: Items) -> str | None:
    """The default with the counters that these items draw from."""
    return drawing(column.default, items)


def key_words(key: KeyItem, table: TableItem) -> str:
    listed = ", ".join(quoted(table.names[column]) for column in key.columns)
    return f"{'PRIMARY KEY' if key.kind == 'p' else 'UNIQUE'} ({listed})"


def create_index(index: IndexItem, table: TableItem | ViewItem, items: Items) -> str:
    return f"CREATE UNIQUE INDEX {quoted(index.name)} ON {place(table)} ({', '.join(unique_keys(index, table, items))})"


def unique_keys(index: IndexItem, table: TableItem | ViewItem, items: Items) -> list[str]:
    """What no two rows may have in common, as DuckDB's expressions."""
    from helios_magic.engine.dialect.indexkeys import native_keys
    from helios_magic.engine.dialect.queries import Binder
    from helios_magic.engine.dialect.scope import Field

    binder = Binder(Schema(enums=tuple(items.enums.values())))
    if isinstance(table, TableItem):
        fields = [Field(column.name, column.shown) for column in table.columns]
    else:
        fields = [Field(name, kind or "numeric") for name, kind, _ in table.columns]
    return native_keys(binder, fields, described_index(index, table))


def drop_index(index: IndexItem, table: TableItem) -> str:
    return f"DROP INDEX IF EXISTS {quoted(table.schema)}.{quoted(index.name)}"


def comment(kind: str, name: str, text: str | None) -> str:
    return f"COMMENT ON {kind} {name} IS {'NULL' if text is None else literal(text)}"


def place(table: TableItem | ViewItem) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}"


def stored(table: TableItem) -> list[ColumnItem]:
    return [column for column in table.columns if column.generated is None]
