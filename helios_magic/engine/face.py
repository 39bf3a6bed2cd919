"""The engine's face: all that the rooms above know of what runs SQL.

It speaks of databases (by id), branches (by name), statements and Arrow tables; never of files, of DuckDB's types or
of DuckDB's errors.  Failures are the tree of `helios_magic.errors`: `QueryError` with sqlstate, position, line,
column and hint for SQL, `NotFoundError` for an unknown branch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from helios_magic.models.seam import Cancellation
from helios_magic.models.spaces import Space
from helios_magic.nearest import Metric
from helios_magic.schema import Schema

if TYPE_CHECKING:
    import pyarrow as pa

MAIN = "main"
LoadMode = Literal["append", "replace", "create"]
Strategy = Literal["fast-forward", "three-way", "ours", "theirs"]
ConflictKind = Literal[
    "modify_modify", "delete_modify", "modify_delete", "add_add", "cardinality",
    "unique", "foreign_key", "check", "not_null", "schema",
]  # fmt: skip
SPACE_OF = "embedding space of column"
"""How a schema conflict begins that is of vectors of two spaces."""
MOST_CONFLICTS = 100
"""How many conflicts a merge lists; it counts them all."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement with the values of `$1`, `$2`, … .

    With `as_values` the rows may come as `Outcome.values` instead of a table, where that is quicker.
    """

    query: str
    params: Sequence[Any] = ()
    as_values: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """Rows as Python's bool, int, float, str, UUID, date and datetime (without a zone), and None.

    `types` are PostgreSQL's names, one per column; json and jsonb are their text.
    """

    columns: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    by_column: Sequence[Sequence[Any]]
    """The same values, column by column."""


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
    values: Values | None = None
    """The rows of a SELECT in the place of `table`, where its statement allowed it."""
    undisturbed: Callable[[], bool] | None = None
    """Whether the same statement now reads the same rows and waits for nobody, where that can be told."""


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
class NewBranch:
    """A branch that was just made."""

    id: str
    name: str
    parent: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class BranchState:
    """A branch as `GET /branches` shows it.

    `ahead` and `behind` count committed write requests since the common base with the parent; `storage_bytes` is
    what this branch's file takes, 0 while it still shares another's.
    """

    id: str
    name: str
    parent: str | None
    created_at: dt.datetime
    is_default: bool
    status: Literal["active", "merged"]
    ahead: int
    behind: int
    tables: int
    storage_bytes: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """How one conflict is settled: by a side, or by `value`.  Without `column` it settles the whole row.

    Key and value are JSON values as decisions.md, "SQL", writes them.
    """

    table: str
    key: Mapping[str, Any]
    take: Literal["source", "target", "value"]
    value: Any = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class MergeOrder:
    """What `merge` is asked to do."""

    source: str
    target: str = MAIN
    strategy: Strategy = "fast-forward"
    dry_run: bool = False
    resolutions: Sequence[Resolution] = ()


@dataclass(frozen=True, slots=True)
class TableChange:
    """How many rows of a table a merge or a diff changes, and what of its structure, in words (`+ column v text`)."""

    table: str
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    schema: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True, slots=True)
class Conflict:
    """What both sides changed.

    `key` and the three sides are tables of one row, whose fields carry `pg_type`: the key's columns, and the values
    of the row (for a schema conflict: of the definition) before the split and on each side.  A side is None where it
    has no such row.  `columns` are those in conflict.
    """

    table: str
    kind: ConflictKind
    columns: tuple[str, ...] = ()
    key: pa.Table | None = None
    base: pa.Table | None = None
    target: pa.Table | None = None
    source: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did, or (`merged` false) what stands against it or would be done.

    `conflicts` are the first `MOST_CONFLICTS`, `counts` all of them by kind.  `changes` is None where a fast-forward
    was not asked to count.
    """

    merged: bool
    fast_forward: bool
    changes: tuple[TableChange, ...] | None = ()
    conflicts: tuple[Conflict, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def truncated(self) -> bool:
        return sum(self.counts.values()) > len(self.conflicts)


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some of the rows in which two branches differ, in key order.

    Row `n` of `keys`, `old` and `new` belongs to `kinds[n]` (`inserted`, `updated`, `deleted`) and to `columns[n]`,
    the columns that differ; an inserted row's `old` and a deleted row's `new` are all NULL and mean nothing.
    """

    kinds: tuple[Literal["inserted", "updated", "deleted"], ...]
    columns: tuple[tuple[str, ...], ...]
    keys: pa.Table
    old: pa.Table
    new: pa.Table


@dataclass(frozen=True, slots=True)
class TableDifference:
    """A table in which two branches differ: counts of everything, rows of one page."""

    change: TableChange
    page: RowPage | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a diff are wanted: of one table or of all, `limit` of each from `offset` on."""

    table: str | None = None
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """Rows of a table nearest to `vector` by one of its vector columns.

    `condition` is a tree as `models/conditions.py` has it, and chooses rows before the search.  `columns` None: all
    but the vector column.  `threshold` is the least similarity.  `words` are looked for in the table's texts, too;
    the order is then that of both rankings together.
    """

    table: str
    column: str
    vector: Sequence[float]
    metric: Metric = "cosine"
    limit: int = 10
    threshold: float | None = None
    condition: Mapping[str, Any] | None = None
    columns: Sequence[str] | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Nearest:
    """The rows of a search, best first, and how they were found.

    `similarities` are cosines, 1 / (1 + distance) for l2, inner products.  `best` is that of the nearest row, where
    none reached the threshold.
    """

    rows: pa.Table
    similarities: tuple[float, ...]
    index: str
    best: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one statement may take: milliseconds, a way to stop it, bytes of its answer as Arrow."""

    timeout_ms: int = 30_000
    cancellation: Cancellation = field(default_factory=Cancellation)
    answer_bytes: int | None = None
    """None: what the engine allows, which no request exceeds."""


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

    def fork(self, database: str, name: str, parent: str, limits: Limits) -> NewBranch:
        """Make a branch: a snapshot of its parent, recorded when this returns.  No file is touched.

        Raises `ValidationError` (name), `AlreadyExistsError`, `NotFoundError` (parent).
        """

    def branches(self, database: str) -> list[BranchState]:
        """Every branch, oldest first."""

    def delete_branch(self, database: str, name: str, limits: Limits) -> None:
        """Forget a branch; statements that read it finish.

        Raises `ForbiddenError` (main), `HasChildrenError` and `NotFoundError`.
        """

    def merge(self, database: str, order: MergeOrder, limits: Limits) -> Merged:
        """Bring the source's changes into the target, all or nothing; the source stays as it is.

        Raises `NotFoundError`, `ValidationError` (into itself, resolutions that settle nothing), and
        `NotFastForwardError`.  Conflicts are answered, not raised: `merged` is false then.
        """

    def diff(self, database: str, branch: str, against: str, page: Page, limits: Limits) -> list[TableDifference]:
        """The tables in which `branch` differs from `against`, by name; old is `against`, new is `branch`."""

    def space(self, database: str, branch: str, table: str, column: str) -> Space | None:
        """The embedding space that is recorded of a vector column; None where none is.

        Raises `NotFoundError` (table, column) and `ValidationError` (a column of no vectors).
        """

    def dimensions(self, database: str, branch: str, table: str, column: str) -> int:
        """How long the vectors of a column are.  Raises as `space`."""

    def record_space(self, database: str, branch: str, table: str, column: str, space: Space, limits: Limits) -> None:
        """Record of which space a vector column's vectors are; an empty column's may be another one's from then on.

        Raises as `space`, and `ValidationError` where the column is of another length or holds vectors
        of another space.
        """

    def search(self, database: str, branch: str, order: Search, limits: Limits) -> Nearest:
        """The rows nearest to a vector, of the moment: what was committed before is found, what was deleted is not.

        Rows whose vector is NULL are never found; under cosine neither are those whose vector is zero.  Raises
        `NotFoundError` (table, column) and `ValidationError` (a column of no vectors, a query of another length, not
        finite, or zero under cosine; a condition that is none).
        """

    def statistics(self, database: str) -> Statistics:
        """Sizes and counts, for `GET /databases/{id}`."""

    def storage_bytes(self, database: str) -> int:
        """What its files take; cheap enough to be asked before every write."""

    def close(self) -> None:
        """Stop what runs, write what is left, let go of the files."""


class MergeStopped(Exception):  # noqa: N818 - it carries what stands against a merge
    """A `MERGE BRANCH` met conflicts; nothing was changed."""

    def __init__(self, order: MergeOrder, merged: Merged) -> None:
        super().__init__(f"{order.source} into {order.target}: {sum(merged.counts.values())} conflicts")
        self.order, self.merged = order, merged


class BatchStopped(Exception):  # noqa: N818 - it carries an error, it is not one
    """A batch without a transaction met an error: what was done before it, and the error."""

    def __init__(self, outcomes: list[Outcome], error: Exception) -> None:
        super().__init__(str(error))
        self.outcomes = outcomes
        self.error = error
