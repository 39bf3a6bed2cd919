"""API reference, "Schema Endpoints"; decisions.md, "Schema"."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from helios_magic.models.base import JsonObject, Request, Response

Dialect = Literal["postgresql", "mysql", "sqlite", "duckdb"]


class ColumnInfo(Response):
    name: str
    type: str
    nullable: bool
    primary_key: bool
    unique: bool
    default: str | None
    references: str | None
    """`table.column` for a column of a foreign key."""
    identity: str | None = None
    """`ALWAYS` or `BY DEFAULT` (added)."""
    generated: str | None = None
    """The expression of a generated column (added)."""
    comment: str | None = None
    """(added)"""


class ForeignKeyInfo(Response):
    name: str
    columns: list[str]
    references: str
    references_columns: list[str]
    on_delete: str
    on_update: str


class IndexInfo(Response):
    """(added)"""

    name: str
    columns: list[str]
    unique: bool
    primary: bool
    definition: str | None


class CheckInfo(Response):
    """(added)"""

    name: str
    condition: str


class TableInfo(Response):
    name: str
    schema: str
    kind: Literal["table", "view"]
    columns: list[ColumnInfo]
    indexes: list[str]
    foreign_keys: list[ForeignKeyInfo]
    row_count_estimate: int
    size_bytes: int | None = None
    """What the rows take on the disk (added); null where that is not known."""
    comment: str | None = None
    """(added)"""
    index_details: list[IndexInfo] = []
    """(added)"""
    checks: list[CheckInfo] = []
    """(added)"""
    definition: str | None = None
    """A view's query (added)."""


class TableList(Response):
    """`GET /schema/tables?branch=`"""

    tables: list[TableInfo]


class DesignRequest(Request):
    """`POST /schema/generate`"""

    description: Annotated[str, Meta(min_length=1, max_length=100_000)]
    dialect: Dialect = "postgresql"
    former: JsonObject | None = None
    """The `representation` of a former answer: it is kept, and changed only as the description asks (added)."""


class DesignedTable(Response):
    name: str
    ddl: str
    columns: list[JsonObject]


class Relationship(Response, rename={"from_": "from"}):
    from_: str
    to: str
    type: Literal["one-to-one", "many-to-one", "one-to-many", "many-to-many"]
    through: str | None = None
    """A many-to-many relationship's junction (added)."""
    reason: str | None = None
    """What it was read from (added)."""


class Design(Response, weakref=True):
    """Tables in an order in which their DDL runs; then `constraints`, then the indexes' own."""

    tables: list[DesignedTable]
    relationships: list[Relationship]
    indexes: list[JsonObject]
    capacity_forecast: dict[str, str]
    capacity_assumptions: list[JsonObject] = []
    constraints: list[JsonObject] = []
    """Foreign keys that close a circle: name, table, ddl (added)."""
    notes: list[str] = []
    """What was assumed, and what could not be read (added)."""
    proof: str | None = None
    """How the DDL was run before it was answered (added)."""
    generator: str | None = None
    """What made it, as `meta.generator` says (added)."""
    representation: JsonObject | None = None
    """The design as data, for the next request's `former` (added)."""
