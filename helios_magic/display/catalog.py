"""Tables and databases as lists."""

from __future__ import annotations

from helios_magic.display.footer import Where
from helios_magic.display.lists import Listing
from helios_magic.display.quantities import count
from helios_magic.models.databases import DatabaseList
from helios_magic.models.tables import TableInfo, TableList
from helios_magic.schema import label


def tables(listed: TableList, where: Where) -> Listing:
    """One row per table or view: name, rows, columns with their types, keys it points at."""
    rows = [
        (
            label(table.schema, table.name),
            "view" if table.kind == "view" else count(table.row_count_estimate),
            ", ".join(f"{column.name} {column.type}" for column in table.columns[:8])
            + (f", … {len(table.columns)} in all" if len(table.columns) > 8 else ""),
            _references(table),
        )
        for table in listed.tables
    ]
    return Listing(
        ("Table", "Rows", "Columns", "Refers to"),
        rows,
        where,
        "table",
        f"{where.branch} has no tables yet. Begin with CREATE TABLE in %%helios sql, "
        "or with %helios load DATAFRAME TABLE --mode create.",
        right=frozenset({1}),
    )


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
