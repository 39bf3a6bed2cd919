"""What a structural merge has to ask of the rows, each question one query.

A change of structure on one side is only safe where the other side's rows do not speak against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from helios_magic.engine.branching.changes import telling
from helios_magic.engine.branching.itemised import Ask
from helios_magic.engine.branching.items import Items, TableItem
from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.retyping import conversion
from helios_magic.engine.names import quoted

_CALL = re.compile(r'"?([A-Za-z_]\w*)"?\s*\(')
_TEXT = re.compile(r"'(?:[^']|'')*'")
_CONSTANT_CALLS = frozenset({"cast", "decimal", "varchar", "list_value", "array_value", "row", "struct_pack"})


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a database: the alias of its file, and its structure under common identities."""

    alias: str
    items: Items

    def place(self, table: str) -> str:
        item = self.items.tables[table]
        return f"{quoted(self.alias)}.{quoted(item.schema)}.{quoted(item.name)}"

    def name(self, table: str, column: str) -> str:
        return quoted(self.items.tables[table].names[column])

    def names(self, table: str, columns: Iterable[str]) -> list[str]:
        return [self.name(table, column) for column in columns]


def constant(default: str | None) -> bool:
    """Whether a default is the same for every row and at every time."""
    text = _TEXT.sub("''", default or "NULL")
    called = {name.lower() for name in _CALL.findall(text)}
    return called <= _CONSTANT_CALLS and "current_" not in text.lower() and "\x01" not in text


def stored(table: TableItem) -> list[str]:
    return [column.id for column in table.columns if column.generated is None]


def differ(ask: Ask, one: Version, other: Version, table: str) -> bool:
    """Whether the rows of a table that has the same columns in both versions differ."""
    columns = stored(one.items.tables[table])
    return _sum(ask, one, table, columns) != _sum(ask, other, table, columns)


def _sum(ask: Ask, version: Version, table: str, columns: list[str]) -> tuple[object, ...]:
    kinds = {column.id: column.kind for column in version.items.tables[table].columns}
    hashed = f"sum({telling((version.name(table, id_), kinds[id_]) for id_ in columns)})" if columns else "0"
    return ask(f"SELECT count(*), {hashed} FROM {version.place(table)}")[0]


def edited(ask: Ask, base: Version, side: Version, table: str, column: str) -> bool:
    """Whether a side changed cells of a column.

    A new row is no edit: without the column it has what all rows have then.  Of a table without key a value that
    came while another went may be one.
    """
    b, s = base.name(table, column), side.name(table, column)
    match = _match(base, side, table)
    if match is not None:
        both = f"{base.place(table)} AS b JOIN {side.place(table)} AS s ON {match}"
        return _any(ask, f"SELECT 1 FROM {both} WHERE b.{b} IS DISTINCT FROM s.{s}")
    then, now = f"SELECT {b} FROM {base.place(table)}", f"SELECT {s} FROM {side.place(table)}"
    return _any(ask, f"{now} EXCEPT ALL {then}") and _any(ask, f"{then} EXCEPT ALL {now}")


def gained(ask: Ask, base: Version, side: Version, table: str, column: str) -> bool:
    """Whether a side has a value in a column that was not there, in a row of before or in a new one."""
    then, now = (
        f"SELECT {version.name(table, column)} AS value FROM {version.place(table)}" for version in (base, side)
    )
    return _any(ask, f"SELECT 1 FROM ({now} EXCEPT ALL {then}) WHERE value IS NOT NULL")


def fits(ask: Ask, version: Version, table: str, column: str, to: str) -> bool:
    """Whether every value of a column can become another PostgreSQL type."""
    import duckdb

    item = version.items.tables[table].column(column)
    if item is None:
        return False
    try:
        how = conversion(item.name, item.shown, to, version.items.enums.values())
        query = f"SELECT 1 FROM {version.place(table)} WHERE {quoted(item.name)} IS NOT NULL AND ({how}) IS NULL"
        return not _any(ask, query)
    except (Refusal, duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException):
        return False


def is_key(ask: Ask, version: Version, table: str, columns: Iterable[str]) -> bool:
    """Whether the columns are in this version, never NULL and never twice the same."""
    listed = list(columns)
    if any(version.items.tables[table].column(column) is None for column in listed):
        return False
    names = version.names(table, listed)
    missing = " OR ".join(f"{name} IS NULL" for name in names)
    place = version.place(table)
    return not _any(ask, f"SELECT 1 FROM {place} WHERE {missing}") and not _any(
        ask, f"SELECT 1 FROM {place} GROUP BY {', '.join(names)} HAVING count(*) > 1"
    )


def _match(base: Version, side: Version, table: str) -> str | None:
    """The join of both versions on the primary key; None where they have not the same."""
    key = base.items.tables[table].key
    if not key or side.items.tables[table].key != key:
        return None
    pairs = zip(base.names(table, key), side.names(table, key), strict=True)
    return " AND ".join(f"b.{b} = s.{s}" for b, s in pairs)


def _any(ask: Ask, query: str) -> bool:
    return bool(ask(f"SELECT 1 FROM ({query}) LIMIT 1"))
