"""Differences of two branches as DataFrames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from helios_magic.models.branches import BranchDiff, TableDiff

if TYPE_CHECKING:
    import pandas as pd

    from helios_magic.client.client import Client

PAGE_ROWS = 10_000
"""The most rows of a table that one answer brings."""


def whole(client: Client, branch: str, against: str = "main", *, table: str | None = None) -> BranchDiff:
    """The diff with all its rows, read page by page; pages are of several moments where someone writes meanwhile."""
    diff = client.diff_branch(branch, against, table=table, limit=PAGE_ROWS)
    most = max((_total(part) for part in diff.tables), default=0)
    if diff.computed_by == "client" and most > PAGE_ROWS:
        # Every answer of the client's own reads both branches whole, and no server counts its rows.
        return client.diff_branch(branch, against, table=table, limit=most)
    for part in diff.tables:
        while len(part.rows) < _total(part) and table in {None, part.table}:
            offset = len(part.rows)
            following = client.diff_branch(branch, against, table=part.table, limit=PAGE_ROWS, offset=offset)
            rows = [row for each in following.tables if each.table == part.table for row in each.rows]
            if not rows:
                break
            part.rows.extend(rows)
    return diff


def _total(table: TableDiff) -> int:
    return table.inserted + table.updated + table.deleted


def frames(diff: BranchDiff) -> dict[str, pd.DataFrame]:
    """A DataFrame for each table that differs (see `frame`), of the rows that the diff holds."""
    return {table.table: frame(table) for table in diff.tables}


def frame(table: TableDiff) -> pd.DataFrame:
    """The rows of one table: `change` (inserted, updated, deleted), the key's columns, `changed` (the names of the
    columns that differ), then `{column}_old` and `{column}_new` for every other column.

    An inserted row's old values and a deleted row's new ones are missing.  A table without a key has no key columns,
    one made or dropped has only the columns of the side where it is.  Dtypes are those of a query's result
    (`client.frames`); with a server that tells no types they are read off the values.  `attrs` has the table's name,
    the counts of all rows, and the changes of structure.
    """
    from helios_magic.client.frames import to_frame
    from helios_magic.client.rows import table_of_rows

    columns = _columns(table)
    kinds = [kind for _, kind, _ in columns]
    values = list(zip(*(column for _, _, column in columns), strict=True))
    made = to_frame(table_of_rows([name for name, _, _ in columns], kinds, values))
    made.attrs = {
        "table": table.table,
        "schema": list(table.schema),
        "inserted": table.inserted,
        "updated": table.updated,
        "deleted": table.deleted,
    }
    return made


def _columns(table: TableDiff) -> list[tuple[str, str, list[Any]]]:
    """Name, PostgreSQL type and values of each column of the frame."""
    rows = table.rows
    changes = ["inserted" if row.old is None else "deleted" if row.new is None else "updated" for row in rows]
    found: list[tuple[str, str, list[Any]]] = [("change", "text", list(changes))]
    new, old = _types(table, "new"), _types(table, "old")
    key = list(table.key) if table.key is not UNSET else list(rows[0].key) if rows else []
    for name in key:
        found.append((name, new.get(name) or old.get(name) or "text", [row.key.get(name) for row in rows]))
    found.append(("changed", "text[]", [list(row.columns) for row in rows]))
    for name in dict.fromkeys([*new, *old]):
        if name in key:
            continue
        if name in old:
            found.append((f"{name}_old", old[name], [None if row.old is None else row.old.get(name) for row in rows]))
        if name in new:
            found.append((f"{name}_new", new[name], [None if row.new is None else row.new.get(name) for row in rows]))
    return found


def _types(table: TableDiff, side: str) -> dict[str, str]:
    """The types of a side's columns, told by the server or read off the values."""
    from helios_magic.client.rows import inferred

    told = table.types if side == "new" else table.old_types
    if told is not UNSET:
        return told
    rows = [row for row in (getattr(change, side) for change in table.rows) if row is not None]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: inferred([row.get(name) for row in rows]) for name in names}
