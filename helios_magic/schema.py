"""The one representation of a database's structure: tables, columns, keys, indexes.

The engine reads it from a branch, the endpoints show it, and later the designer writes it and the code generator
reads it.  Type names are PostgreSQL's (`int4`, `numeric(10,2)`, `timestamptz`, `text[]`), as `pg_type.typname`
spells them, with the modifiers in brackets.
"""

from __future__ import annotations

from dataclasses import dataclass


def label(schema: str, name: str) -> str:
    """A name as a reader knows it: `public` is not told."""
    return name if schema == "public" else f"{schema}.{name}"


def quoted(name: str) -> str:
    """An identifier as SQL quotes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string as SQL quotes it."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `type` is PostgreSQL's name, `default` the expression as SQL text."""

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    identity: str | None = None
    """`ALWAYS` or `BY DEFAULT` for an identity column."""
    generated: str | None = None
    """The expression of a stored generated column."""
    comment: str | None = None
    id: str | None = None
    """What stays when the column is renamed, and is the same in every branch made since."""
    required: str | None = None
    """The name that its NOT NULL was given; without one it is called `table_column_not_null`."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index; a primary key's and a unique constraint's own index are among them, as PostgreSQL lists them."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    primary: bool = False
    definition: str | None = None
    """PostgreSQL's, for an index that CREATE INDEX made; `columns` has no names where a key is an expression."""
    uses: tuple[str, ...] = ()
    """All the columns that such an index names, in its condition too."""

    @property
    def partial(self) -> bool:
        """Whether it leaves rows out: then it is a key for none but its own."""
        return " WHERE " in (self.definition or "")

    @property
    def nulls_distinct(self) -> bool:
        """Whether a unique index lets any number of rows have NULL."""
        return ") NULLS NOT DISTINCT" not in (self.definition or "")


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of the owning table point at `references_columns` of `references`."""

    name: str
    columns: tuple[str, ...]
    references: str
    references_columns: tuple[str, ...]
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    deferred: bool = False
    deferrable: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint, its condition as SQL text."""

    name: str
    condition: str
    columns: tuple[str, ...] = ()
    """The columns that the condition names."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a view of one branch.  `rows` is the count when it was read."""

    name: str
    columns: tuple[Column, ...]
    schema: str = "public"
    kind: str = "table"
    """`table`, `view` or `materialized view`."""
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    rows: int = 0
    bytes: int | None = None
    """What it takes of the branch's file, where that was asked."""
    comment: str | None = None
    reads: tuple[str, ...] = ()
    """What a view reads: `schema.table` of each."""
    query: str | None = None
    """A view's query, as the engine runs it."""
    id: str | None = None
    """What stays when the table is renamed, and is the same in every branch made since."""
    populated: bool = True
    """Whether a materialised view has been filled since it was made."""

    @property
    def full_name(self) -> str:
        """`schema.table`, by which records name a table."""
        return f"{self.schema}.{self.name}"

    @property
    def label(self) -> str:
        """The name as a reader knows it."""
        return label(self.schema, self.name)

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence; `owner` is `table.column` for a SERIAL or identity column's own."""

    name: str
    schema: str = "public"
    owner: str | None = None
    counter: str = ""
    """Which counter it draws from: its identity, the same in every branch made since."""
    type: str = "int8"
    start: int = 1
    increment: int = 1
    minimum: int = 1
    maximum: int = 2**63 - 1
    cycle: bool = False


@dataclass(frozen=True, slots=True)
class Enum:
    """An enum type and its labels, in their order."""

    name: str
    labels: tuple[str, ...]
    schema: str = "public"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an `index`, `sequence`, `type`, `schema` or `constraint`; tables and columns have their own.

    `part` is the constraint's name where `name` is its table's; a schema stands under its name in itself.
    """

    kind: str
    schema: str
    name: str
    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables and views of a branch, in name order, and what their columns are made of."""

    tables: tuple[Table, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    enums: tuple[Enum, ...] = ()
    schemas: tuple[str, ...] = ("public",)
    database: str | None = None
    """The database's name, where the reader knows it."""
    comments: tuple[Comment, ...] = ()

    def table(self, name: str, schema: str = "public") -> Table | None:
        return next((t for t in self.tables if t.name == name and t.schema == schema), None)
