"""A table built anew under its own name: all rows, keys and indexes of it, in the transaction of the statement.

DuckDB alters little in place, and less in a transaction that wrote to the table already; building anew always works.
Identities stay, since our catalogue's rows of the table and its columns do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect import indexkeys
from helios_magic.engine.dialect.pgtypes import is_array
from helios_magic.engine.dialect.tableshape import TableShape, column_kind, create
from helios_magic.engine.dialect.typed import literal, quoted

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_BEFORE = "_helios_before"


def rebuilt(binder: Binder, old: TableShape, new: TableShape, *, rows: bool = True) -> list[str]:
    """The steps from one shape to the other; without `rows` the table is empty afterwards."""
    before = f"{quoted(old.schema)}.{quoted(_BEFORE)}"
    steps = drop_indexes(old)
    if rows:
        steps.append(f"ALTER TABLE {old.place} RENAME TO {quoted(_BEFORE)}")
    else:
        steps.append(f"DROP TABLE {old.place}")
    steps.append(create(binder, new))
    if rows:
        steps += [_copied(binder, new, before), f"DROP TABLE {before}"]
    return [*steps, *create_indexes(binder, new), *_comments(new)]


def by_copy(
    binder: Binder, old: TableShape, new: TableShape, number: int, kept: set[str]
) -> tuple[list[str], list[str]]:
    """The same in two parts, between which nothing uses the old types of the columns in `kept` any more."""
    copy = f"{quoted(old.schema)}.{quoted(f'{_BEFORE}_{number}')}"
    cells = [
        f"CAST({quoted(c.name)} AS VARCHAR{'[]' if is_array(c.type) else ''}) AS {quoted(c.name)}"
        if c.name in kept else quoted(c.name)
        for c in old.stored
    ]  # fmt: skip
    before = [
        f"CREATE TABLE {copy} AS SELECT {', '.join(cells)} FROM {old.place}",
        *drop_indexes(old),
        f"DROP TABLE {old.place}",
    ]
    after = [create(binder, new), _copied(binder, new, copy), f"DROP TABLE {copy}"]
    return before, [*after, *create_indexes(binder, new), *_comments(new)]


def _copied(binder: Binder, new: TableShape, before: str) -> str:
    columns, cells = [], []
    for column in new.stored:
        value = column.filled
        if value is None:
            value = quoted(column.origin) if column.origin is not None else column.default
        if value is not None:
            columns.append(quoted(column.name))
            cells.append(f"CAST({value} AS {column_kind(binder, column.type)})")
    if not columns:
        first = new.stored[0]
        columns, cells = [quoted(first.name)], [f"CAST(NULL AS {column_kind(binder, first.type)})"]
    return f"INSERT INTO {new.place} ({', '.join(columns)}) SELECT {', '.join(cells)} FROM {before}"


def drop_indexes(shape: TableShape) -> list[str]:
    """Take the unique indexes away; plain ones are only remembered."""
    return [f"DROP INDEX {quoted(shape.schema)}.{quoted(index.name)}" for index in shape.indexes if index.unique]


def create_indexes(binder: Binder, shape: TableShape) -> list[str]:
    at = (shape.schema, shape.name)
    return [indexkeys.native(binder, at, shape.fields, index) for index in shape.indexes if index.unique]


def _comments(shape: TableShape) -> list[str]:
    said = [f"COMMENT ON TABLE {shape.place} IS {literal(shape.comment)}"] if shape.comment is not None else []
    said += [
        f"COMMENT ON COLUMN {shape.place}.{quoted(column.name)} IS {literal(column.comment)}"
        for column in shape.columns
        if column.comment is not None
    ]
    return said
