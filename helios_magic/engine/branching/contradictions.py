"""Schema conflicts as they are told: what was there before the split and on each side, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.branching.items import CheckItem, IndexItem, Items, KeyItem, TableItem, ViewItem, described
from helios_magic.engine.branching.pairs import definition as column_definition
from helios_magic.engine.face import Conflict
from helios_magic.models.pgtypes import PG_TYPE
from helios_magic.schema import Enum, Schema, Table

if TYPE_CHECKING:
    import pyarrow as pa

Told = tuple[str | None, str | None, str | None]
"""A definition in base, target and source; None where there is none."""


def contradiction(table: str, thing: str, told: Told, columns: tuple[str, ...] = ()) -> Conflict:
    """Both sides changed `thing` (`column b`, `view`, `index t_a`) in ways that do not go together."""
    base, target, source = (None if text is None else one_row({"definition": text}) for text in told)
    return Conflict(table, "schema", columns, one_row({"object": thing}), base, target, source)


def one_row(values: dict[str, str]) -> pa.Table:
    """A row of text."""
    import pyarrow as pa

    fields = [pa.field(name, pa.string(), metadata={PG_TYPE: b"text"}) for name in values]
    return pa.table([pa.array([value], pa.string()) for value in values.values()], schema=pa.schema(fields))


class Telling:
    """Definitions of one version's items in words."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self._schema: Schema | None = None

    def table(self, id_: str | None) -> str | None:
        found = self._table(id_)
        if found is None:
            return None
        return _commented(f"{found.name} ({', '.join(map(column_definition, found.columns))})", found.comment)

    def column(self, table: str | None, id_: str) -> str | None:
        found = self._table(table)
        column = next((column for column in found.columns if column.id == id_), None) if found is not None else None
        return None if column is None else _commented(column_definition(column), column.comment)

    def part(self, table: str, part: KeyItem | CheckItem | IndexItem | object | None) -> str | None:
        """A key, a check, a foreign key or an index."""
        if part is None:
            return None
        item, found = self._items.tables[table], self._table(table)
        if found is None:
            return None
        if isinstance(part, KeyItem):
            listed = ", ".join(item.names[column] for column in part.columns)
            return f"{'primary key' if part.kind == 'p' else 'unique'} ({listed})"
        name = getattr(part, "name", None)
        for index in found.indexes:
            if isinstance(part, IndexItem) and index.name == name:
                return index.definition
        for check in found.checks:
            if isinstance(part, CheckItem) and check.name == name:
                return f"check ({check.condition})"
        for key in found.foreign_keys:
            if key.name == name:
                return (
                    f"foreign key ({', '.join(key.columns)}) → {key.references} ({', '.join(key.references_columns)})"
                )
        return str(name)

    def other(self, item: object | None) -> str | None:
        """A view, a sequence, a type."""
        if item is None:
            return None
        if isinstance(item, ViewItem):
            return item.query or item.statement
        if isinstance(item, Enum):
            return f"enum ({', '.join(item.labels)})"
        if isinstance(item, TableItem):
            return self.table(item.id)
        sequence = getattr(item, "sequence", None)
        if sequence is None:
            return str(item)
        return (
            f"sequence {sequence.type} start {sequence.start} increment {sequence.increment} "
            f"minvalue {sequence.minimum} maxvalue {sequence.maximum}{' cycle' if sequence.cycle else ''}"
        )

    def _table(self, id_: str | None) -> Table | None:
        if self._schema is None:
            self._schema = described(self._items)
        return next((table for table in self._schema.tables if table.id == id_ and id_ is not None), None)


def _commented(words: str, comment: str | None) -> str:
    return words if comment is None else f"{words} comment “{comment}”"
