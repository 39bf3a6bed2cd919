"""A branch's structure as items that two sides can change independently.

What DuckDB needs to make them again is kept exactly (its own type names, defaults and expressions), and what our
catalogue adds to it.  Columns and tables are named by their identity: a key on a renamed column is the same key.
Expressions name a table's columns by identity too, between marks that no SQL has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from helios_magic.engine.dialect.pgcatalog.indexes import index_keys
from helios_magic.engine.dialect.pgcatalog.names import quote
from helios_magic.engine.names import literal, quoted
from helios_magic.engine.sequences import drawn_from, encoded
from helios_magic.models.spaces import Space
from helios_magic.schema import Check, Column, Comment, Enum, ForeignKey, Index, Schema, Sequence, Table, label

Place = tuple[str, str]
"""Schema and name."""

_MARK = "\x01"
_REFERENCE = re.compile(f"{_MARK}([^{_MARK}]*){_MARK}")
_WORD = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"(?!\s*\()|(?<![.\w])(?<!AS\s)[A-Za-z_]\w*\b(?!\s*\()""")


@dataclass(frozen=True, slots=True)
class ColumnItem:
    """A column.  `kind` is its type in DuckDB's words, `declared` as our catalogue keeps it, `shown` as people see it.

    `generated` names columns by identity; a `default` cannot name any, but may name sequences by their place.
    """

    id: str
    name: str
    kind: str
    declared: str | None
    shown: str
    default: str | None = None
    nullable: bool = True
    generated: str | None = None
    identity: str | None = None
    comment: str | None = None
    required: str | None = None
    """The name that its NOT NULL was given."""
    space: Space | None = None
    """The embedding space of its vectors, where one is recorded."""


@dataclass(frozen=True, slots=True)
class KeyItem:
    """A PRIMARY KEY (`p`) or UNIQUE (`u`) constraint."""

    kind: str
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckItem:
    """A CHECK: `condition` is what DuckDB runs, `shown` what was written; without a name it belongs to a type."""

    name: str | None
    condition: str
    shown: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKeyItem:
    """A foreign key; `parent` is a table's identity."""

    name: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    on_delete: str | None
    on_update: str | None
    deferrable: bool
    deferred: bool


@dataclass(frozen=True, slots=True)
class IndexItem:
    """An index that CREATE INDEX made: `columns` are all it names, `tail` its definition from the method on.

    `key` are the columns that are unique among all rows; none where a key is an expression or the index is partial.
    """

    name: str
    columns: tuple[str, ...]
    unique: bool
    tail: str
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableItem:
    """A table; all but the columns is in a fixed order, so that equal tables are equal."""

    id: str
    schema: str
    name: str
    columns: tuple[ColumnItem, ...]
    keys: tuple[KeyItem, ...] = ()
    checks: tuple[CheckItem, ...] = ()
    foreign: tuple[ForeignKeyItem, ...] = ()
    indexes: tuple[IndexItem, ...] = ()
    comment: str | None = None

    @property
    def place(self) -> Place:
        return self.schema, self.name

    @property
    def names(self) -> dict[str, str]:
        """Names of columns by identity."""
        return {column.id: column.name for column in self.columns}

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key's columns."""
        return next((key.columns for key in self.keys if key.kind == "p"), ())

    def column(self, id_: str) -> ColumnItem | None:
        return next((column for column in self.columns if column.id == id_), None)


@dataclass(frozen=True, slots=True)
class ViewItem:
    """A view: the statement that makes it, and what our catalogue keeps of it (columns as name, type, comment).

    A materialised one has no statement of DuckDB's, since it is a table there; its indexes name columns by name.
    """

    schema: str
    name: str
    statement: str
    reads: tuple[str, ...]
    query: str | None
    columns: tuple[tuple[str, str | None, str | None], ...]
    comment: str | None = None
    materialized: bool = False
    populated: bool = True
    indexes: tuple[IndexItem, ...] = ()
    id: str | None = field(default=None, compare=False)

    @property
    def names(self) -> dict[str, str]:
        return {name: name for name, _, _ in self.columns}


@dataclass(frozen=True, slots=True)
class SequenceItem:
    """A sequence, and the table and column whose own it is, by identity."""

    sequence: Sequence
    owner: tuple[str, str] | None = None

    @property
    def place(self) -> Place:
        return self.sequence.schema, self.sequence.name


@dataclass(frozen=True, slots=True)
class Items:
    """The whole structure of one version of a database; tables by identity, the rest by place."""

    tables: Mapping[str, TableItem]
    views: Mapping[Place, ViewItem]
    sequences: Mapping[Place, SequenceItem]
    enums: Mapping[Place, Enum]
    schemas: frozenset[str]
    same: frozenset[tuple[str, str]] = frozenset()
    """Identities that earlier merges found to be of one thing."""
    comments: Mapping[tuple[str, str, str, str], str] = field(default_factory=dict)
    """On what has no comment of its own, by kind, schema, name and part (see `schema.Comment`)."""


def by_identity(text: str, ids: Mapping[str, str]) -> str:
    """An expression of DuckDB's with its columns named by identity; `ids` by folded name."""

    def reference(match: re.Match[str]) -> str:
        word = match[0]
        name = word[1:-1].replace('""', '"') if word.startswith('"') else word
        known = None if word.startswith("'") else ids.get(name.lower())
        return word if known is None else f"{_MARK}{known}{_MARK}"

    return _WORD.sub(reference, text)


def by_name(text: str, names: Mapping[str, str]) -> str:
    """The expression with the columns' names as they are now."""
    return _REFERENCE.sub(lambda match: quoted(names[match[1]]), text)


def mentioned(text: str) -> set[str]:
    """The identities of the columns that an expression names."""
    return set(_REFERENCE.findall(text))


def renamed(text: str, ids: Mapping[str, str]) -> str:
    """The expression with some identities exchanged."""
    return _REFERENCE.sub(lambda match: f"{_MARK}{ids.get(match[1], match[1])}{_MARK}", text)


def by_place(text: str | None) -> str | None:
    """A default or a view's query with the sequences that it draws from named by place, whatever they count with."""
    for sequence in drawn_from(text):
        text = (text or "").replace(literal(encoded(sequence)), f"{_MARK}{sequence.schema}.{sequence.name}{_MARK}")
    return text


def drawing(text: str | None, items: Items) -> str | None:
    """The default or query with the counters of these items."""
    if text is None:
        return None
    known = {f"{schema}.{name}": item.sequence for (schema, name), item in items.sequences.items()}
    return _REFERENCE.sub(lambda match: literal(encoded(known[match[1]])), text)


def described(items: Items) -> Schema:
    """The structure as everybody else sees it, row counts left at 0."""
    tables = [_table(item, items) for item in items.tables.values()]
    tables += [_view(item, items) for item in items.views.values()]
    return Schema(
        tables=tuple(sorted(tables, key=lambda table: (table.schema, table.name))),
        sequences=tuple(_sequence(item, items) for _, item in sorted(items.sequences.items())),
        enums=tuple(enum for _, enum in sorted(items.enums.items())),
        schemas=tuple(sorted(items.schemas)),
        comments=tuple(Comment(*at, text) for at, text in sorted(items.comments.items())),
    )


def _table(item: TableItem, items: Items) -> Table:
    names = item.names

    def called(columns: Iterable[str]) -> tuple[str, ...]:
        return tuple(names[column] for column in columns)

    keys = sorted(item.keys, key=lambda key: key.kind != "p")
    return Table(
        item.name,
        tuple(_column(column, names, items) for column in item.columns),
        item.schema,
        primary_key=called(item.key),
        unique=tuple(called(key.columns) for key in keys if key.kind == "u"),
        foreign_keys=tuple(_foreign_key(key, called(key.columns), items) for key in item.foreign),
        checks=tuple(
            Check(check.name or f"{item.name}_check", check.shown or by_name(check.condition, names))
            for check in item.checks
            if check.name is not None
        ),
        indexes=(
            *(Index(key.name, called(key.columns), unique=True, primary=key.kind == "p") for key in keys),
            *(described_index(index, item) for index in item.indexes),
        ),
        comment=item.comment,
        id=item.id,
    )


def described_index(index: IndexItem, table: TableItem | ViewItem) -> Index:
    """An index as everybody else sees it."""
    names = table.names
    word = "UNIQUE INDEX" if index.unique else "INDEX"
    place = f"{quote(table.schema)}.{quote(table.name)}"
    definition = f"CREATE {word} {quote(index.name)} ON {place} USING {index_tail(index, names)}"
    columns = tuple(key.column or "" for key in index_keys(Index(index.name, (), definition=definition)))
    uses = tuple(names[column] for column in index.columns)
    return Index(index.name, columns if all(columns) else (), index.unique, definition=definition, uses=uses)


def index_tail(index: IndexItem, names: Mapping[str, str]) -> str:
    """The definition from the method on, with the columns' names as they are now."""
    return _REFERENCE.sub(lambda match: quote(names[match[1]]), index.tail)


def _column(item: ColumnItem, names: Mapping[str, str], items: Items) -> Column:
    generated = None if item.generated is None else by_name(item.generated, names)
    default = drawing(item.default, items)
    return Column(
        item.name, item.shown, item.nullable, default, item.identity, generated, item.comment, item.id, item.required
    )  # fmt: skip


def _sequence(item: SequenceItem, items: Items) -> Sequence:
    if item.owner is None:
        return item.sequence
    table, column = item.owner
    return replace(item.sequence, owner=f"{items.tables[table].name}.{items.tables[table].names[column]}")


def _foreign_key(item: ForeignKeyItem, columns: tuple[str, ...], items: Items) -> ForeignKey:
    parent = items.tables[item.parent]
    return ForeignKey(
        item.name, columns, label(*parent.place), tuple(parent.names[column] for column in item.parent_columns),
        item.on_delete or "NO ACTION", item.on_update or "NO ACTION", item.deferred,
    )  # fmt: skip


def _view(item: ViewItem, items: Items) -> Table:
    columns = tuple(Column(name, kind or "numeric", comment=comment) for name, kind, comment in item.columns)
    return Table(
        item.name, columns, item.schema, "materialized view" if item.materialized else "view", comment=item.comment,
        reads=item.reads, query=drawing(item.query, items), populated=item.populated,
        indexes=tuple(described_index(index, item) for index in item.indexes),
    )  # fmt: skip
