"""Three versions of a structure into one, item by item.

An item that one side changed is taken from that side; what both changed alike is no conflict; what both changed
differently is one.  Whatever a change of structure would do to rows that the other side wrote is asked of the rows
(`asking`): nothing that was written goes away without a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from helios_magic.engine.branching import asking
from helios_magic.engine.branching.asking import Version
from helios_magic.engine.branching.contradictions import Telling, contradiction
from helios_magic.engine.branching.itemised import Ask
from helios_magic.engine.branching.items import ColumnItem, Items, Place, TableItem
from helios_magic.engine.face import SPACE_OF, Conflict
from helios_magic.models.spaces import Space
from helios_magic.schema import label

T = TypeVar("T")


_Said = tuple[str, str, str, str]
"""What a comment is on: kind, schema, name and part."""


_UNSAID = "vectors of which no space is recorded"


class _Clash:
    """What three values come to that cannot be brought together."""


CLASH = _Clash()


def three(base: T, target: T, source: T) -> T | _Clash:
    """The value that both sides together make of one."""
    if target == source or source == base:
        return target
    return source if target == base else CLASH


@dataclass(slots=True)
class Agreed:
    """The merged structure, what stands against it, and for every table with rows on both sides its key."""

    items: Items
    conflicts: list[Conflict]
    keys: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class Merging:
    """One merge.  The versions' structures are aligned: one thing has one identity in all of them."""

    ask: Ask
    base: Version
    target: Version
    source: Version
    conflicts: list[Conflict] = field(default_factory=list)
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _told: tuple[Telling, Telling, Telling] = field(init=False)

    def __post_init__(self) -> None:
        self._told = (Telling(self.base.items), Telling(self.target.items), Telling(self.source.items))

    def run(self) -> Agreed:
        """Merge everything.  Conflicts are gathered; where there are some, the structure may have holes."""
        base, target, source = self.base.items, self.target.items, self.source.items
        tables: dict[str, TableItem] = {}
        for id_ in dict.fromkeys([*target.tables, *source.tables]):
            table = self._table(base.tables.get(id_), target.tables.get(id_), source.tables.get(id_))
            if table is not None:
                tables[id_] = table
        schemas = (
            name
            for name in target.schemas | source.schemas
            if three(name in base.schemas, name in target.schemas, name in source.schemas) is True
        )
        items = Items(
            tables,
            self._others("view", base.views, target.views, source.views),
            self._others("sequence", base.sequences, target.sequences, source.sequences),
            self._others("type", base.enums, target.enums, source.enums),
            frozenset(schemas),
            target.same | source.same,
            self._comments(base.comments, target.comments, source.comments),
        )
        return Agreed(items, self.conflicts, self.keys)

    def _others(
        self, kind: str, base: Mapping[Place, T], target: Mapping[Place, T], source: Mapping[Place, T]
    ) -> dict[Place, T]:
        found: dict[Place, T] = {}
        for place in dict.fromkeys([*target, *source]):
            values = base.get(place), target.get(place), source.get(place)
            merged = three(*values)
            if isinstance(merged, _Clash):
                told = [telling.other(value) for telling, value in zip(self._told, values, strict=True)]
                self._clash(label(*place), kind, told)
                merged = values[1] or values[2]
            if merged is not None:
                found[place] = merged
        return found

    def _comments(
        self, base: Mapping[_Said, str], target: Mapping[_Said, str], source: Mapping[_Said, str]
    ) -> dict[_Said, str]:
        found: dict[_Said, str] = {}
        for at in dict.fromkeys([*target, *source]):
            values = base.get(at), target.get(at), source.get(at)
            merged = three(*values)
            if isinstance(merged, _Clash):
                kind, schema, name, part = at
                self._clash(label(schema, name), f"comment on {kind} {part or name}", list(values))
                merged = values[1]
            if merged is not None:
                found[at] = merged
        return found

    def _table(self, base: TableItem | None, target: TableItem | None, source: TableItem | None) -> TableItem | None:
        if target is None or source is None:
            return self._one_sided(base, target, source)
        if base is None and _core(target) != _core(source):
            self._clash_table(target.id, target)
            return target
        return self._merged(base, target, source)

    def _one_sided(
        self, base: TableItem | None, target: TableItem | None, source: TableItem | None
    ) -> TableItem | None:
        """A table that a side has not: made on the other since, or dropped here."""
        kept, version = (target, self.target) if target is not None else (source, self.source)
        if kept is None or base is None:
            return kept
        if kept != base or asking.differ(self.ask, self.base, version, base.id):
            self._clash_table(base.id, kept)
        return None

    def _merged(self, base: TableItem | None, target: TableItem, source: TableItem) -> TableItem:
        before = base if base is not None else replace(target, indexes=(), comment=None)
        place = three(before.place, target.place, source.place)
        comment = three(before.comment, target.comment, source.comment)
        if isinstance(place, _Clash) or isinstance(comment, _Clash):
            self._clash_table(target.id, target)
            place, comment = target.place, target.comment
        if place[0] != target.place[0]:
            # A table cannot go from schema to schema in place: where only the source moved it, that is its own to do.
            self._clash_table(target.id, target)
        table = replace(
            target,
            schema=place[0],
            name=place[1],
            comment=comment,
            columns=tuple(self._columns(base, target, source)),
            keys=self._parts("key", target.id, before.keys, target.keys, source.keys),
            checks=self._parts("check", target.id, before.checks, target.checks, source.checks),
            foreign=self._parts("foreign key", target.id, before.foreign, target.foreign, source.foreign),
            indexes=self._parts("index", target.id, before.indexes, target.indexes, source.indexes),
        )
        self.keys[table.id] = table.key if base is None else self._key(base, target, source, table)
        return table

    def _columns(self, base: TableItem | None, target: TableItem, source: TableItem) -> list[ColumnItem]:
        """In the target's order; what the source added comes after."""
        merged = []
        for id_ in dict.fromkeys(column.id for column in (*target.columns, *source.columns)):
            before = base.column(id_) if base is not None else None
            column = self._column(target.id, before, target.column(id_), source.column(id_))
            if column is not None:
                merged.append(column)
            if base is not None and before is not None:
                self._check_replaced(base, before, target, source)
        return merged

    def _check_replaced(self, base: TableItem, column: ColumnItem, target: TableItem, source: TableItem) -> None:
        """A column that one side made anew (ALTER … TYPE … USING): nobody knows what the other side's values become."""
        sides = ((source, target, self.target), (target, source, self.source))
        for replacing, other, version in sides:
            anew = any(each.name == column.name and base.column(each.id) is None for each in replacing.columns)
            if replacing.column(column.id) is None and anew and other.column(column.id) is not None:
                if column.generated is None and asking.gained(self.ask, self.base, version, base.id, column.id):
                    self._clash_column(base.id, column)
                return

    def _column(
        self, table: str, base: ColumnItem | None, target: ColumnItem | None, source: ColumnItem | None
    ) -> ColumnItem | None:
        kept, version = (target, self.target) if target is not None else (source, self.source)
        if kept is None:
            return None
        if target is None or source is None:
            if base is None:
                return kept
            written = base.generated is None and asking.edited(self.ask, self.base, version, table, base.id)
            if kept != base or written:
                self._clash_column(table, kept)
            return None
        if base is None:
            if target != source:
                self._clash_column(table, target)
            return target
        return self._attributes(table, base, target, source)

    def _attributes(self, table: str, base: ColumnItem, target: ColumnItem, source: ColumnItem) -> ColumnItem:
        names = ("name", "default", "nullable", "generated", "identity", "comment", "required")
        values: dict[str, Any] = {
            name: three(getattr(base, name), getattr(target, name), getattr(source, name)) for name in names
        }
        kind = three(_type(base), _type(target), _type(source))
        retyped = {name for name, side in (("t", target), ("s", source)) if _type(side) != _type(base)}
        redefaulted = {name for name, side in (("t", target), ("s", source)) if side.default != base.default}
        # A default is written for the type that its column has: only a side that changed both knows how they go.
        apart = bool(retyped and redefaulted) and not retyped & redefaulted
        if (
            apart
            or isinstance(kind, _Clash)
            or any(isinstance(value, _Clash) for value in values.values())
            or (retyped and not self._convertible(table, base, target, source, kind[2]))
        ):
            self._clash_column(table, target)
            return target
        space = self._space(table, base, target, source)
        return replace(target, kind=kind[0], declared=kind[1], shown=kind[2], space=space, **values)

    def _space(self, table: str, base: ColumnItem, target: ColumnItem, source: ColumnItem) -> Space | None:
        """The embedding space of a column: that of the side whose vectors are all there will be.

        A side that embedded anew has vectors of its own only; what the other wrote since would stand among them.
        """
        if target.space == source.space:
            return target.space
        if target.space != base.space and not self._embedded(self.source, table, base.id):
            return target.space
        if source.space != base.space and not self._embedded(self.target, table, base.id):
            return source.space
        told = [_UNSAID if each.space is None else f"vectors of {each.space}" for each in (base, target, source)]
        thing = f"{SPACE_OF} {target.name}"
        self._clash(self._label(table), thing, [*told], (target.name,))
        return target.space

    def _embedded(self, side: Version, table: str, column: str) -> bool:
        """Whether a side wrote to a column of vectors."""
        return any(asks(self.ask, self.base, side, table, column) for asks in (asking.gained, asking.edited))

    def _convertible(self, table: str, base: ColumnItem, target: ColumnItem, source: ColumnItem, to: str) -> bool:
        """Whether the rows that have a column's old type can be brought to the new one."""
        versions = ((base, self.base), (target, self.target), (source, self.source))
        return base.generated is not None or all(
            column.shown == to or asking.fits(self.ask, version, table, column.id, to) for column, version in versions
        )

    def _parts(
        self, kind: str, table: str, base: tuple[T, ...], target: tuple[T, ...], source: tuple[T, ...]
    ) -> tuple[T, ...]:
        """Keys, checks, foreign keys or indexes by what they are called among themselves."""
        by_name = [{_called(part): part for part in parts} for parts in (base, target, source)]
        merged: list[T] = []
        for name in dict.fromkeys([*by_name[1], *by_name[2]]):
            values = [parts.get(name) for parts in by_name]
            one = three(*values)
            if isinstance(one, _Clash):
                told = [telling.part(table, value) for telling, value in zip(self._told, values, strict=True)]
                columns = [c for value in values if value is not None for c in getattr(value, "columns", ())]
                thing = kind if kind == "key" else f"{kind} {name[-1]}"
                self._clash(self._label(table), thing, told, self._names(table, columns))
                one = values[1]
            if one is not None:
                merged.append(one)
        return tuple(sorted(merged, key=repr))

    def _key(self, base: TableItem, target: TableItem, source: TableItem, table: TableItem) -> tuple[str, ...]:
        """The columns by which rows are matched.  A new key must have been one all along, where both sides wrote."""
        if base.key == target.key == source.key:
            return table.key
        versions = (self.base, self.target, self.source)
        if table.key and all(asking.is_key(self.ask, version, table.id, table.key) for version in versions):
            return table.key
        if not self._wrote(base, target, self.target) or not self._wrote(base, source, self.source):
            return ()
        told = [
            telling.part(table.id, next((key for key in item.keys if key.kind == "p"), None))
            for telling, item in zip(self._told, (base, target, source), strict=True)
        ]
        self._clash(self._label(table.id), "primary key", told, self._names(table.id, table.key))
        return ()

    def _wrote(self, base: TableItem, side: TableItem, version: Version) -> bool:
        same = {column.id: _type(column) for column in base.columns} == {
            column.id: _type(column) for column in side.columns
        }
        return not same or asking.differ(self.ask, self.base, version, base.id)

    def _clash_table(self, id_: str, kept: TableItem) -> None:
        self._clash(label(*kept.place), "table", [telling.table(id_) for telling in self._told])

    def _clash_column(self, table: str, column: ColumnItem) -> None:
        told = [telling.column(table, column.id) for telling in self._told]
        self._clash(self._label(table), f"column {column.name}", told, (column.name,))

    def _clash(self, table: str, thing: str, told: list[str | None], columns: tuple[str, ...] = ()) -> None:
        base, target, source = told
        self.conflicts.append(contradiction(table, thing, (base, target, source), columns))

    def _label(self, table: str) -> str:
        item = self.target.items.tables.get(table) or self.source.items.tables[table]
        return label(*item.place)

    def _names(self, table: str, columns: Iterable[str]) -> tuple[str, ...]:
        known: dict[str, str] = {}
        for version in (self.base, self.source, self.target):
            item = version.items.tables.get(table)
            known |= item.names if item is not None else {}
        return tuple(dict.fromkeys(known.get(column, column) for column in columns))


def _core(table: TableItem) -> TableItem:
    """What two tables made independently must have in common."""
    return replace(table, indexes=(), comment=None)


def _type(column: ColumnItem) -> tuple[str, str | None, str]:
    return column.kind, column.declared, column.shown


def _called(part: Any) -> tuple[Any, ...]:
    """What makes two keys, checks, foreign keys or indexes the same one."""
    kind = getattr(part, "kind", None)
    if kind == "p":
        return ("p",)
    if kind == "u":
        return ("u", part.columns)
    return (part.name or part.condition,)
