"""Names and literals as DuckDB reads them."""

from __future__ import annotations

from helios_magic.schema import Table


def quoted(name: str) -> str:
    """An identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string in quotes."""
    return "'" + text.replace("'", "''") + "'"


def place(table: Table) -> str:
    """A table with its schema."""
    return f"{quoted(table.schema)}.{quoted(table.name)}"
