"""Tables and what points where, as a picture needs them: of a live branch, or of a design that nobody has made yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helios_magic.models.tables import Design, TableInfo, TableList
from helios_magic.schema import label


@dataclass(frozen=True, slots=True)
class Field:
    """A column; `mark` is PK, FK, UQ or empty."""

    name: str
    type: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """A table, by the name a reader knows it by."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """A foreign key: `columns` of `child` point at `parent`; `one` where each parent has one child at most."""

    child: str
    columns: tuple[str, ...]
    parent: str
    one: bool = False
    optional: bool = False
    """Whether the child may point nowhere."""


@dataclass(frozen=True, slots=True)
class Entities:
    """All that is drawn.  A tie's ends are both among the entities."""

    entities: tuple[Entity, ...]
    ties: tuple[Tie, ...]

    def only(self, names: Sequence[str]) -> Entities:
        """These tables and what ties them to each other."""
        kept = set(names)
        return Entities(
            tuple(each for each in self.entities if each.name in kept),
            tuple(each for each in self.ties if each.child in kept and each.parent in kept),
        )


def of_branch(listed: TableList) -> Entities:
    """The tables of a branch; views have no keys and are left out."""
    tables = [table for table in listed.tables if table.kind == "table"]
    names = {name: label(table.schema, table.name) for table in tables for name in _names(table)}
    ties = []
    for table in tables:
        columns = {column.name: column for column in table.columns}
        for key in table.foreign_keys:
            if key.references in names:
                keyed = [columns[name] for name in key.columns if name in columns]
                one = len(keyed) == 1 and keyed[0].unique
                optional = any(column.nullable for column in keyed)
                ties.append(Tie(_label(table), tuple(key.columns), names[key.references], one, optional))
    entities = tuple(
        Entity(
            _label(table),
            tuple(
                Field(each.name, each.type, _mark(each.primary_key, each.references, each.unique))
                for each in table.columns
            ),
        )
        for table in tables
    )
    return Entities(entities, tuple(ties))


def of_design(design: Design) -> Entities:
    """The tables of a design, in its order."""
    names = {table.name for table in design.tables}
    ties = [
        Tie(
            table.name,
            (column["name"],),
            column["references"].rpartition(".")[0],
            bool(column["unique"]),
            bool(column["nullable"]),
        )
        for table in design.tables
        for column in table.columns
        if column.get("references")
    ]
    entities = tuple(Entity(table.name, tuple(map(_field, table.columns))) for table in design.tables)
    return Entities(entities, tuple(tie for tie in ties if tie.parent in names))


def _field(column: Mapping[str, Any]) -> Field:
    mark = _mark(column["primary_key"], column.get("references"), column["unique"])
    return Field(column["name"], column["type"], mark)


def _mark(primary: bool, references: str | None, unique: bool) -> str:
    if primary:
        return "PK"
    return "FK" if references else "UQ" if unique else ""


def _label(table: TableInfo) -> str:
    return label(table.schema, table.name)


def _names(table: TableInfo) -> set[str]:
    """What a foreign key may call it."""
    return {_label(table), f"{table.schema}.{table.name}"}
