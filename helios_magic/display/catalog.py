"""Tables and databases as lists."""

from __future__ import annotations

from typing import Literal

from helios_magic.display.footer import Where
from helios_magic.display.lists import Listing
from helios_magic.display.quantities import count, counted, size
from helios_magic.models.databases import DatabaseList
from helios_magic.models.tables import TableInfo, TableList
from helios_magic.schema import label

Sort = Literal["name", "rows", "size"]
_NAMED = 6
"""Columns that are named."""


def tables(listed: TableList, where: Where, *, pattern: str | None = None, sort: Sort = "name") -> Listing:
    """One row per table or view: name, rows, size on the disk, columns, what its foreign keys point at.

    `pattern` is part of a name, or one with `*` and `?`; upper and lower case are alike.
    """
    kept = [table for table in listed.tables if _fits(label(table.schema, table.name), pattern)]
    kept.sort(key=lambda table: (_weight(table, sort), table.schema, table.name))
    rows = [
        (
            label(table.schema, table.name),
            "view" if table.kind == "view" else count(table.row_count_estimate),
            _size(table),
            _columns(table),
            _references(table),
        )
        for table in kept
    ]
    total = len(listed.tables)
    empty = (
        f"No table of {where.branch} is called like “{pattern}”; it has {counted(total, 'table')}."
        if pattern and total
        else f"{where.branch} has no tables yet. Begin with CREATE TABLE in %%helios sql, "
        "or with %helios load DATAFRAME TABLE --mode create."
    )
    fewer = (f"of {count(total)}",) if kept and len(kept) < total else ()
    return Listing(
        ("Table", "Rows", "Size", "Columns", "Refers to"),
        rows,
        where,
        "table",
        empty,
        right=frozenset({1, 2}),
        closing=fewer,
    )


def _fits(name: str, pattern: str | None) -> bool:
    if not pattern:
        return True
    if "*" in pattern or "?" in pattern:
        import fnmatch

        return fnmatch.fnmatchcase(name.lower(), pattern.lower())
    return pattern.lower() in name.lower()


def _weight(table: TableInfo, sort: Sort) -> int:
    if sort == "name":
        return 0
    return -table.row_count_estimate if sort == "rows" else -(table.size_bytes or 0)


def _size(table: TableInfo) -> str:
    return "" if table.kind == "view" or table.size_bytes is None else size(table.size_bytes)


def _columns(table: TableInfo) -> str:
    listed = ", ".join(f"{column.name} {column.type}" for column in table.columns[:_NAMED])
    return listed + (f", … {len(table.columns)} in all" if len(table.columns) > _NAMED else "")


def databases(listed: DatabaseList, where: Where) -> Listing:
    """One row per database: name, tier, region, status, and which one is in use."""
    rows = [
        (
            database.name,
            database.tier,
            database.region,
            database.status,
            f"{database.created_at:%Y-%m-%d %H:%M}",
            "here" if database.name == where.database else "",
        )
        for database in listed.databases
    ]
    return Listing(
        ("Database", "Tier", "Region", "Status", "Made", ""), rows, where, "database", "There are no databases."
    )


def _references(table: TableInfo) -> str:
    return ", ".join(dict.fromkeys(key.references for key in table.foreign_keys))
