"""Whether a merged structure holds together: nothing in it may refer to what the other side took away.

Each side was coherent on its own; what is looked for here comes only of both together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from helios_magic.engine.branching.contradictions import Telling, contradiction
from helios_magic.engine.branching.items import (
    ForeignKeyItem,
    IndexItem,
    Items,
    KeyItem,
    Place,
    TableItem,
    ViewItem,
    mentioned,
)
from helios_magic.engine.face import Conflict
from helios_magic.engine.names import quoted
from helios_magic.schema import Enum, label

_QUOTED = re.compile(r'"((?:[^"]|"")*)"\."((?:[^"]|"")*)"')


class Coherence:
    """The checks of one merged structure against the sides it was made of."""

    def __init__(self, merged: Items, base: Items, target: Items, source: Items) -> None:
        self._merged, self._target, self._source = merged, target, source
        self._told = (Telling(base), Telling(target), Telling(source))

    def conflicts(self) -> list[Conflict]:
        """What does not hold together; columns and names first, since all else needs them."""
        return [
            *self._names(), *self._schemas(), *self._columns(), *self._foreign_keys(), *self._sequences(),
            *self._types(), *self._views(), *self._comments(),
        ]  # fmt: skip

    def _names(self) -> Iterator[Conflict]:
        """Tables, views, indexes and sequences share one list of names in each schema."""
        taken: dict[Place, str] = {}
        for place, kind in self._named():
            folded = place[0], place[1].lower()
            if folded in taken:
                yield self._clash(label(*place), f"{taken[folded]} and {kind} of one name", place)
            taken[folded] = kind
        for table in self._merged.tables.values():
            names = [column.name.lower() for column in table.columns]
            for column in table.columns:
                if names.count(column.name.lower()) > 1:
                    told = [telling.column(table.id, column.id) for telling in self._told]
                    thing = f"two columns named {column.name}"
                    yield contradiction(label(*table.place), thing, (told[0], told[1], told[2]), (column.name,))

    def _named(self) -> Iterator[tuple[Place, str]]:
        for table in self._merged.tables.values():
            yield table.place, "table"
            for index in table.indexes:
                yield (table.schema, index.name), "index"
        for place, view in self._merged.views.items():
            yield place, "view"
            for index in view.indexes:
                yield (view.schema, index.name), "index"
        for place in self._merged.sequences:
            yield place, "sequence"

    def _schemas(self) -> Iterator[Conflict]:
        for place, kind in self._named():
            if place[0] not in self._merged.schemas:
                yield self._clash(label(*place), f"{kind} in schema {place[0]}, which is gone", place)

    def _columns(self) -> Iterator[Conflict]:
        for table in self._merged.tables.values():
            known = set(table.names)
            if not any(column.generated is None for column in table.columns):
                yield self._table(table, "table without columns")
            parts: list[KeyItem | ForeignKeyItem | IndexItem] = [*table.keys, *table.foreign, *table.indexes]
            for part in parts:
                if not set(part.columns) <= known:
                    yield self._part(table, part)
            for check in table.checks:
                if not mentioned(check.condition) <= known:
                    yield self._part(table, check)
            for column in table.columns:
                if not mentioned(column.generated or "") <= known:
                    told = [telling.column(table.id, column.id) for telling in self._told]
                    thing = f"column {column.name}"
                    yield contradiction(label(*table.place), thing, (told[0], told[1], told[2]), (column.name,))

    def _foreign_keys(self) -> Iterator[Conflict]:
        for table in self._merged.tables.values():
            for key in table.foreign:
                parent = self._merged.tables.get(key.parent)
                if parent is None or not set(key.parent_columns) <= set(parent.names):
                    yield self._part(table, key)
                    continue
                unique = [set(each.columns) for each in parent.keys]
                unique += [set(index.key) for index in parent.indexes if index.key]
                alike = [
                    (child.kind, there.kind)
                    for child, there in (
                        (table.column(one), parent.column(other))
                        for one, other in zip(key.columns, key.parent_columns, strict=True)
                    )
                    if child is not None and there is not None and child.kind != there.kind
                ]
                if set(key.parent_columns) not in unique or (alike and key not in self._both(table.id)):
                    yield self._part(table, key)

    def _both(self, table: str) -> set[ForeignKeyItem]:
        """The foreign keys that both sides have: they were fine with the types there are."""
        target, source = self._target.tables.get(table), self._source.tables.get(table)
        return set(target.foreign) & set(source.foreign) if target is not None and source is not None else set()

    def _sequences(self) -> Iterator[Conflict]:
        known = {f"{schema}.{name}" for schema, name in self._merged.sequences}
        for table in self._merged.tables.values():
            for column in table.columns:
                if not mentioned(column.default or "") <= known:
                    told = [telling.column(table.id, column.id) for telling in self._told]
                    thing = f"column {column.name}"
                    yield contradiction(label(*table.place), thing, (told[0], told[1], told[2]), (column.name,))
        for view in self._merged.views.values():
            if not mentioned(view.statement) <= known:
                yield self._view(view)
        for place, item in self._merged.sequences.items():
            if item.owner is not None:
                owner = self._merged.tables.get(item.owner[0])
                if owner is None or item.owner[1] not in owner.names:
                    yield self._clash(label(*place), "sequence of a column that is gone", place)

    def _types(self) -> Iterator[Conflict]:
        """A column's enum must have the labels that the column was made with, in their order."""
        for table in self._merged.tables.values():
            for column in table.columns:
                origin = self._target if self._has(self._target, table.id, column.id) else self._source
                for schema, name in _QUOTED.findall(column.kind):
                    place = schema.replace('""', '"'), name.replace('""', '"')
                    if not _has_labels(self._merged.enums.get(place), origin.enums.get(place)):
                        told = [telling.column(table.id, column.id) for telling in self._told]
                        thing = f"type of column {column.name}"
                        yield contradiction(label(*table.place), thing, (told[0], told[1], told[2]), (column.name,))

    def _comments(self) -> Iterator[Conflict]:
        """What a comment is on must be there."""
        there = {("index", place) for place, kind in self._named() if kind == "index"}
        there |= {("sequence", place) for place in self._merged.sequences}
        there |= {("type", place) for place in self._merged.enums}
        there |= {("schema", (name, name)) for name in self._merged.schemas}
        parts = set()
        for table in self._merged.tables.values():
            there |= {("index", (table.schema, key.name)) for key in table.keys}
            names = [key.name for key in table.keys] + [key.name for key in table.foreign]
            names += [check.name for check in table.checks if check.name is not None]
            parts |= {(*table.place, part) for part in names}
        for (kind, schema, name, part), text in self._merged.comments.items():
            found = (schema, name, part) in parts if kind == "constraint" else (kind, (schema, name)) in there
            if not found:
                at = (kind, schema, name, part)
                told = [items.comments.get(at) for items in (self._target, self._source)]
                thing = f"comment on {kind} {part or name}, which is gone"
                yield contradiction(label(schema, name), thing, (None, told[0] or text, told[1]))

    def _views(self) -> Iterator[Conflict]:
        """What a view reads must be there under the same name, and the same, where only one side has the view so."""
        for place, view in self._merged.views.items():
            on_target = self._target.views.get(place) == view
            if on_target and self._source.views.get(place) == view:
                continue
            origin = self._target if on_target else self._source
            if any(not self._reads_the_same(view, read, origin) for read in view.reads):
                yield self._view(view)

    def _reads_the_same(self, view: ViewItem, read: str, origin: Items) -> bool:
        then, now = _readable(origin, read), _readable(self._merged, read)
        if then is None:
            return True  # recorded by a version that named it otherwise; binding will tell
        if now is None or then[0] != now[0]:
            return False
        query = view.query or view.statement
        return all(now[1].get(name) == facts for name, facts in then[1].items() if quoted(name) in query)

    @staticmethod
    def _has(items: Items, table: str, column: str) -> bool:
        found = items.tables.get(table)
        return found is not None and column in found.names

    def _table(self, table: TableItem, thing: str) -> Conflict:
        told = [telling.table(table.id) for telling in self._told]
        return contradiction(label(*table.place), thing, (told[0], told[1], told[2]))

    def _part(self, table: TableItem, part: object) -> Conflict:
        """A key, a check, a foreign key or an index, told by the side that has it."""
        told: list[str | None] = [None]
        for items, telling in zip((self._target, self._source), self._told[1:], strict=True):
            side = items.tables.get(table.id)
            parts = (*side.keys, *side.checks, *side.foreign, *side.indexes) if side is not None else ()
            told.append(telling.part(table.id, part) if part in parts else None)
        name = str(getattr(part, "name", None) or "check")
        names = {**self._column_names(table.id), **table.names}
        columns = tuple(names.get(column, column) for column in getattr(part, "columns", ()))
        return contradiction(label(*table.place), name, (told[0], told[1], told[2]), columns)

    def _column_names(self, table: str) -> dict[str, str]:
        names: dict[str, str] = {}
        for items in (self._source, self._target):
            found = items.tables.get(table)
            names |= found.names if found is not None else {}
        return names

    def _view(self, view: ViewItem) -> Conflict:
        return self._clash(label(view.schema, view.name), "view", (view.schema, view.name))

    def _clash(self, name: str, thing: str, place: Place) -> Conflict:
        """What each side has under a name."""
        told: list[str | None] = [None]
        for items, telling in zip((self._target, self._source), self._told[1:], strict=True):
            table = next((table for table in items.tables.values() if table.place == place), None)
            index = next(
                (
                    telling.part(each.id, index)
                    for each in items.tables.values()
                    for index in each.indexes
                    if (each.schema, index.name) == place
                ),
                None,
            )
            found = table or items.views.get(place) or items.sequences.get(place)
            told.append(telling.other(found) if found is not None else index)
        return contradiction(name, thing, (told[0], told[1], told[2]))


def _has_labels(merged: Enum | None, origin: Enum | None) -> bool:
    """Whether an enum is what it was, but for labels that came."""
    if merged is None or origin is None:
        return merged == origin
    known = set(origin.labels)
    return tuple(label for label in merged.labels if label in known) == origin.labels


def _readable(items: Items, read: str) -> tuple[str, dict[str, object]] | None:
    """A table or view that a view reads, under `schema.name`: its identity, and what matters of its columns."""
    for table in items.tables.values():
        if f"{table.schema}.{table.name}" == read:
            return table.id, {column.name: (column.id, column.kind, column.shown) for column in table.columns}
    for (schema, name), view in items.views.items():
        if f"{schema}.{name}" == read:
            return read, {column: kind for column, kind, _ in view.columns}
    return None
