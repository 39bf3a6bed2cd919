"""Names and literals as DuckDB reads them."""

from __future__ import annotations

from helios_magic.schema import Table
from helios_magic.schema import literal as literal
from helios_magic.schema import quoted as quoted


def place(table: Table) -> str:
    """A table with its schema."""
    return f"{quoted(table.schema)}.{quoted(table.name)}"
