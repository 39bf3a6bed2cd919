"""How much a design will hold: rows a day times the width of a row, and every assumption stated."""

from __future__ import annotations

from dataclasses import dataclass

from helios_magic.designer.representation import Representation
from helios_magic.designer.tables import Designed
from helios_magic.schema import Column, Table

PERIODS = (30, 90, 365)
"""Days that the forecast looks ahead (API reference, `POST /schema/generate`)."""

_ROW_BYTES = 28
"""What a row takes besides its values (PostgreSQL's header and item pointer)."""
_INDEX_BYTES = 24
"""What an entry of an index takes besides its key."""
_FIXED_ROWS = 100
"""Rows of a table that is filled once."""
_WIDTHS = {"uuid": 16, "int4": 4, "float8": 8, "bool": 1, "date": 4, "time": 8, "timestamptz": 8, "jsonb": 200}
_TEXT, _LONG_TEXT = 24, 400
_LONG = frozenset(
    ("description", "body", "content", "comment", "notes", "instructions", "biography", "bio", "message", "summary")
)


@dataclass(frozen=True, slots=True)
class Growth:
    """What is assumed of one table."""

    table: str
    rows_per_day: int
    bytes_per_row: int
    """With its share of the indexes."""
    basis: str

    def bytes_after(self, days: int) -> int:
        return (self.rows_per_day * days or _FIXED_ROWS) * self.bytes_per_row


@dataclass(frozen=True, slots=True)
class Forecast:
    growth: tuple[Growth, ...]

    def after(self, days: int) -> int:
        """Bytes of all tables and indexes, `days` after an empty start."""
        return sum(each.bytes_after(days) for each in self.growth)

    def shown(self) -> dict[str, str]:
        """`{"30_days": "50MB", …}`"""
        return {f"{days}_days": size(self.after(days)) for days in PERIODS}


def forecast(design: Representation, designed: Designed) -> Forecast:
    """What the tables will take, by the catalogue's rows a day and the widths of their columns."""
    entities = {entity.name: entity for entity in design.entities}
    rows = {name: entity.rows_per_day for name, entity in entities.items()}
    growth = []
    for table in designed.schema.tables:
        entity = entities.get(table.name)
        if entity is None:
            daily = max((rows.get(key.references, 0) for key in table.foreign_keys), default=0) * 2
            basis = "a junction: two rows for each new row of its busier side"
        else:
            daily = entity.rows_per_day
            known = f"as {entity.known_as} in the catalogue" if entity.known_as else f"a {entity.kind} like others"
            basis = f"{known}, in a small deployment" if daily else f"{known}, filled once with {_FIXED_ROWS} rows"
        width = _width(table) if entity is None or entity.bytes_per_row is None else entity.bytes_per_row
        growth.append(Growth(table.name, daily, width + _indexes(table), basis))
    return Forecast(tuple(growth))


def _width(table: Table) -> int:
    return _ROW_BYTES + sum(map(_column, table.columns))


def _column(column: Column) -> int:
    if column.type == "text":
        return _LONG_TEXT if column.name in _LONG else _TEXT
    return _WIDTHS.get(column.type, 8)


def _indexes(table: Table) -> int:
    widths = {column.name: _column(column) for column in table.columns}
    keys = [table.primary_key, *table.unique, *(index.columns for index in table.indexes)]
    return sum(_INDEX_BYTES + sum(widths[name] for name in key) for key in keys)


def size(count: float) -> str:
    """`50MB`: a whole number from 10 on, one decimal below."""
    units = ["B", "KB", "MB", "GB", "TB"]
    while count >= 1000 and len(units) > 1:
        count /= 1000
        units.pop(0)
    unit = units[0]
    shown = f"{count:.1f}" if count < 10 and unit != "B" else f"{count:.0f}"
    return shown.removesuffix(".0") + unit
