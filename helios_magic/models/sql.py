"""API reference, "SQL Endpoints"; decisions.md, "SQL"."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from helios_magic.models.base import JsonObject, Request, Response

DEFAULT_TIMEOUT_MS = 30_000
MAX_TIMEOUT_MS = 600_000

Timeout = Annotated[int, Meta(ge=1, le=MAX_TIMEOUT_MS, description="Milliseconds until the query is stopped.")]
Query = Annotated[str, Meta(min_length=1)]
Params = Annotated[list[Any], Meta(max_length=65_535, description="Values for $1, $2, …; bound, never pasted.")]
BranchName = Annotated[str, Meta(min_length=1, max_length=255)]


class SqlRequest(Request):
    """`POST /sql`: exactly one statement."""

    query: Query
    params: Params = []
    timeout: Timeout = DEFAULT_TIMEOUT_MS
    branch: BranchName = "main"


class BatchStatement(Request):
    query: Query
    params: Params = []


class BatchRequest(Request):
    """`POST /sql/batch`: all or nothing, unless `transaction` is false."""

    statements: Annotated[list[BatchStatement], Meta(min_length=1, max_length=10_000)]
    transaction: bool = True
    branch: BranchName = "main"
    timeout: Timeout = DEFAULT_TIMEOUT_MS


class ExplainRequest(Request):
    """`POST /sql/explain`.  With `analyze` the statement runs; what it writes is rolled back."""

    query: Query
    params: Params = []
    analyze: bool = False
    branch: BranchName = "main"
    timeout: Timeout = DEFAULT_TIMEOUT_MS


class SqlResult(Response, omit_defaults=True):
    """What one statement answers.

    A SELECT fills columns, types, rows and row_count; INSERT, UPDATE, DELETE and MERGE fill affected_rows,
    returning (empty without RETURNING) and, where there is a RETURNING, returning_types; DDL fills affected_rows (0).
    A RETURNING of two columns of one name fills what a SELECT fills too (added: an object has one value for a name).
    All fill command.  Where an Arrow table stands for the rows, rows or returning is left out.
    """

    columns: list[str] | UnsetType = UNSET
    types: list[str] | UnsetType = UNSET
    """PostgreSQL type names with modifiers, one per column."""
    rows: list[list[Any]] | UnsetType = UNSET
    row_count: int | UnsetType = UNSET
    affected_rows: int | UnsetType = UNSET
    returning: list[JsonObject] | UnsetType = UNSET
    returning_types: dict[str, str] | UnsetType = UNSET
    """PostgreSQL type names of the returned columns (added: a client needs them for an exact DataFrame)."""
    command: str | UnsetType = UNSET
    """PostgreSQL's tag without counts (added): `SELECT`, `INSERT`, `CREATE TABLE`."""


class BatchResult(Response):
    results: list[SqlResult]
    transaction: bool
    committed: bool


class PlanNode(Response):
    """One step of a plan; times in milliseconds are the step's own, children excluded."""

    node_type: str
    details: JsonObject
    estimated_rows: int | None
    actual_rows: int | None
    actual_ms: float | None
    children: list[PlanNode]


class Explanation(Response):
    plan: PlanNode
    plan_text: str
    analyze: bool
    execution_time_ms: float | None
    rows_examined: int | None


class LoadResult(Response):
    """`POST /tables/{name}/rows`"""

    table: str
    inserted: int
