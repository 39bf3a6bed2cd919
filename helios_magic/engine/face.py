"""The engine's face: all that the rooms above know of what runs SQL.

It speaks of databases (by id), branches (by name), statements and Arrow tables; never of files, of DuckDB's types or
of DuckDB's errors.  Failures are the tree of `helios_magic.errors`: `QueryError` with sqlstate, position, line,
column and hint for SQL, `NotFoundError` for an unknown branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from helios_magic.models.seam import Cancellation
from helios_magic.schema import Schema

if TYPE_CHECKING:
    import pyarrow as pa

MAIN = "main"
LoadMode = Literal["append", "replace", "create"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement with the values of `$1`, `$2`, … ."""

    query: str
    params: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one statement did.

    `command` is PostgreSQL's tag without counts (`SELECT`, `INSERT`, `CREATE TABLE`).  `table` holds the rows of a
    SELECT or of RETURNING; each field carries its PostgreSQL type under `pg_type`.  `affected_rows` is None for a
    SELECT and 0 for DDL.
    """

    command: str
    table: pa.Table | None = None
    affected_rows: int | None = None
    rows_examined: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a plan; `actual_ms` is its own time, children excluded."""

    node_type: str
    details: dict[str, Any]
    estimated_rows: int | None = None
    actual_rows: int | None = None
    actual_ms: float | None = None
    children: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement's plan; with analyze, what each step really did."""

    root: Step
    text: str
    analyze: bool
    execution_ms: float | None = None
    rows_examined: int | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a database holds now."""

    storage_bytes: int
    branches: int
    tables: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What one statement may take: milliseconds, and a way to stop it."""

    timeout_ms: int = 30_000
    cancellation: Cancellation = field(default_factory=Cancellation)


class Engine(Protocol):
    """Runs SQL on the branches of many databases.  Every method may be called from any thread."""

    def create(self, database: str) -> None:
        """Make the database's `main` branch, empty and durable.  Raises nothing a caller could mend."""

    def drop(self, database: str) -> None:
        """Remove the database and its files; running statements are stopped."""

    def execute(self, database: str, branch: str, statement: Statement, limits: Limits) -> Outcome:
        """Run exactly one statement, committed when this returns.

        Raises `QueryError` (SQL, timeout, cancelled, memory), `NotFoundError` (branch) and `ValidationError`
        (several statements, or a transaction's own).
        """

    def batch(
        self, database: str, branch: str, statements: Sequence[Statement], limits: Limits, *, transaction: bool
    ) -> list[Outcome]:
        """Run statements in order: all or nothing, or each on its own up to the first error.

        The error carries `statement_index` (0-based); without a transaction its `outcomes` attribute
        has what was done before it (`BatchStopped`).
        """

    def explain(self, database: str, branch: str, statement: Statement, limits: Limits, *, analyze: bool) -> Plan:
        """The plan; with `analyze` the statement runs and what it wrote is rolled back."""

    def describe(self, database: str, branch: str) -> Schema:
        """The branch's tables and views."""

    def load(
        self,
        database: str,
        branch: str,
        table: str,
        rows: pa.Table,
        mode: LoadMode,
        limits: Limits,
        *,
        idempotency_key: str | None = None,
    ) -> int:
        """Add rows in one transaction and return how many.

        `append` needs the table, `create` must not find it, `replace` empties it first (and makes it where it is
        missing).  A key that was used for the same load before answers its count again and adds nothing.
        """

    def statistics(self, database: str) -> Statistics:
        """Sizes and counts, for `GET /databases/{id}`."""

    def close(self) -> None:
        """Stop what runs, write what is left, let go of the files."""


class BatchStopped(Exception):  # noqa: N818 - it carries an error, it is not one
    """A batch without a transaction met an error: what was done before it, and the error."""

    def __init__(self, outcomes: list[Outcome], error: Exception) -> None:
        super().__init__(str(error))
        self.outcomes = outcomes
        self.error = error
