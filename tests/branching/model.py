"""The oracle's idea of a database: plain Python objects, copied whole, checked whole.

Columns and tables have an id that renames do not change; a row maps column ids to Python values.  Nothing here knows
how the engine does it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
"""Column id to value."""

WIRE = {
    "integer": "int4", "bigint": "int8", "text": "text", "numeric(8,2)": "numeric(8,2)", "date": "date",
    "numeric(12,2)": "numeric(12,2)", "boolean": "bool", "double precision": "float8",
}  # fmt: skip


class Refused(Exception):  # noqa: N818 - an expected refusal
    """What PostgreSQL would refuse: the SQLSTATEs that it may answer with; none: any refusal will do."""

    def __init__(self, *states: str) -> None:
        super().__init__(", ".join(states))
        self.states = frozenset(states)


@dataclass
class Column:
    id: str
    name: str
    type: str
    nullable: bool = True
    default: Any = None
    serial: bool = False
    start: Any = None
    """What rows that were there got when the column was added."""


@dataclass
class Index:
    name: str
    table: str
    columns: tuple[str, ...]
    unique: bool
    constraint: bool = False


@dataclass
class ForeignKey:
    column: str
    table: str
    on_delete: str
    on_update: str


@dataclass
class Table:
    id: str
    name: str
    columns: dict[str, Column]
    key: tuple[str, ...] = ()
    checks: dict[str, int] = field(default_factory=dict)
    """Column id to the number that its values must be below."""
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    counters: int = 1
    """How many counters its serial column has drawn from: two where both sides of a merge made the table."""

    def column(self, name: str) -> Column:
        for column in self.columns.values():
            if column.name == name:
                return column
        raise Refused("42703", "42704")

    def key_of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[c] for c in self.key)

    def by_key(self) -> dict[tuple[Any, ...], Row]:
        return {self.key_of(row): row for row in self.rows}


@dataclass
class View:
    name: str
    table: str
    columns: tuple[str, ...]
    where: tuple[str, int] | None = None
    """A column id and the number its values are above."""

    @property
    def used(self) -> set[str]:
        return {*self.columns, *([self.where[0]] if self.where else [])}


@dataclass
class Version:
    """One state of a database."""

    tables: dict[str, Table] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)

    def copy(self) -> Version:
        return deepcopy(self)

    def table(self, name: str) -> Table:
        for table in self.tables.values():
            if table.name == name:
                return table
        raise Refused("42P01")

    def names(self) -> list[str]:
        return [*(t.name for t in self.tables.values()), *self.views, *self.indexes]

    def uniques(self, table: Table) -> list[tuple[str, ...]]:
        """The sets of columns whose values may not repeat; the primary key first."""
        found = [i.columns for i in self.indexes.values() if i.table == table.id and i.unique]
        return [table.key, *found] if table.key else found

    def referring(self, table: Table) -> list[tuple[Table, ForeignKey]]:
        return [(t, fk) for t in self.tables.values() for fk in t.foreign_keys if fk.table == table.id]

    def rows_of(self, view: View) -> list[Row]:
        rows = self.tables[view.table].rows
        if view.where is not None:
            column, limit = view.where
            rows = [r for r in rows if r[column] is not None and r[column] > limit]
        return [{c: row[c] for c in view.columns} for row in rows]


def violations(version: Version, tables: set[str] | None = None) -> list[tuple[str, str]]:
    """Every broken constraint as (table's name, kind of conflict)."""
    found: set[tuple[str, str]] = set()
    for table in version.tables.values():
        for column in table.columns.values():
            if not column.nullable and any(row[column.id] is None for row in table.rows):
                found.add((table.name, "not_null"))
        for columns in version.uniques(table):
            if repeated(table.rows, columns):
                found.add((table.name, "unique"))
        for column_id, limit in table.checks.items():
            if any(row[column_id] is not None and not row[column_id] < limit for row in table.rows):
                found.add((table.name, "check"))
        for foreign in table.foreign_keys:
            parent = version.tables.get(foreign.table)
            there = {row[parent.key[0]] for row in parent.rows} if parent is not None else set()
            if any(row[foreign.column] is not None and row[foreign.column] not in there for row in table.rows):
                found.add((table.name, "foreign_key"))
    return sorted(one for one in found if tables is None or one[0] in tables)


STATES = {"not_null": ("23502",), "unique": ("23505",), "check": ("23514",), "foreign_key": ("23503", "23001")}


def must_hold(version: Version) -> None:
    """Raise `Refused` where a constraint is broken."""
    broken = violations(version)
    if broken:
        raise Refused(*(state for _, kind in broken for state in STATES[kind]))


def repeated(rows: list[Row], columns: tuple[str, ...]) -> bool:
    values = [tuple(row[c] for c in columns) for row in rows]
    known = [v for v in values if None not in v]
    return len(set(known)) < len(known)


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"'{'NaN' if math.isnan(value) else value}'"
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, dt.date):
        return f"'{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"


def plain(value: Any) -> Any:
    """A value that equals itself and can be counted."""
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def converted(value: Any, old: str, new: str) -> Any:
    """A value after ALTER COLUMN … TYPE."""
    return str(value) if value is not None and new == "text" and old != "text" else value


def named(table: Table, row: Row) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted((table.columns[c].name, plain(v)) for c, v in row.items()))


def multiset(table: Table) -> Counter[tuple[tuple[str, Any], ...]]:
    """The table's rows, by names of columns."""
    return Counter(named(table, row) for row in table.rows)
