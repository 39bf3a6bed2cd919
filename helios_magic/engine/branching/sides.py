"""Versions of a database side by side, and which table and column of one is which of the other.

Tables and columns keep their identity (`Table.id`, `Column.id`) through renames; where both sides made one of the
same name, the name decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from helios_magic.schema import Schema, Table


@dataclass(frozen=True, slots=True)
class Side:
    """One version of a database: the alias its file is attached under, and its structure."""

    alias: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class ColumnPair:
    """A column in two versions; None where a version has no such column."""

    older: str | None
    newer: str | None


@dataclass(frozen=True, slots=True)
class TablePair:
    """A table in two versions, for a diff.

    `columns` are in the newer table's order, dropped ones last.  `key` are the newer names of the primary key's
    columns where both versions have the same key, else empty.  `changes` says in words what differs in structure.
    """

    older: Table | None
    newer: Table | None
    columns: tuple[ColumnPair, ...]
    key: tuple[str, ...]
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnMerge:
    """A column of a merged table and what it is called on each side; None where a side has no such column.

    `start` is, for a column that both sides added, the value that it had before anyone wrote to it: a constant
    expression, None for NULL.
    """

    name: str
    base: str | None
    target: str | None
    source: str | None
    start: str | None = None


@dataclass(frozen=True, slots=True)
class TableMerge:
    """A table whose rows a merge has to look at.

    `result` is its merged definition.  `base` and `source` are the table's definitions there; `base` is None for a
    table that both sides made.  In the copy of the target that the merge writes, the table has `result`'s shape
    already when its rows are merged.  Generated columns are not among `columns`.
    """

    result: Table
    base: Table | None
    source: Table
    columns: tuple[ColumnMerge, ...]
    key: tuple[str, ...]
    """The result's names of the key's columns; empty: rows are a multiset."""
