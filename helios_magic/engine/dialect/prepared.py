"""What the dialect makes of a statement: DuckDB text to run, and what must be known around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["select", "insert", "update", "delete", "merge", "truncate", "ddl", "show"]
Reading = Literal["nothing", "first rows", "one table", "freely"]
"""How a statement reads: no rows at all; the first of one table, as they stand; one table, in one scan; any way."""
MOST_AT_ONCE = 10_000
"""A LIMIT up to here reads its rows in one scan; past it the engine may read a table twice."""


@dataclass(frozen=True, slots=True)
class TableName:
    """A table of the branch by schema and name, in the spelling of our catalog."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one part of a statement does to one table.

    `columns` are those that an UPDATE assigns; `rows` is the temporary table that has old (`o0`, `o1`, …) and new
    (`n0`, …) values of the rows, by the table's columns, where there is one.
    """

    kind: Literal["insert", "update", "delete"]
    table: TableName
    columns: tuple[str, ...] = ()
    rows: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """One PostgreSQL statement, ready to run.

    `steps` are DuckDB statements in order, `$n` placeholders kept; they run in one transaction and the last one's
    result is the statement's (`setup` and `record` steps yield nothing anyone reads).
    `parameters` is the highest `$n`.  `step_parameters` lists per step which `$n` it uses: DuckDB refuses values
    that a statement does not name.
    """

    kind: Kind
    command: str
    """PostgreSQL's command tag, without counts: `SELECT`, `INSERT`, `CREATE TABLE`."""
    steps: tuple[str, ...]
    step_parameters: tuple[tuple[int, ...], ...]
    parameters: int
    returns_rows: bool
    """Whether the last step's result is rows for the caller (SELECT, SHOW, or RETURNING)."""
    columns: tuple[str | None, ...] | None = None
    """Result column names by PostgreSQL's rule; None inside or as a whole: keep DuckDB's."""
    types: tuple[str | None, ...] | None = None
    """Declared PostgreSQL types of result columns that DuckDB has forgotten (`varchar(3)`, `jsonb`)."""
    reads: tuple[TableName, ...] = ()
    writes: tuple[TableName, ...] = ()
    changes: tuple[Change, ...] = ()
    """What its parts do, where it has several (WITH, MERGE, some of ON CONFLICT and RETURNING)."""
    changes_schema: bool = False
    after_writes: tuple[str, ...] = ()
    """The steps instead of `steps` where the transaction wrote to the table before: DuckDB cannot always alter it."""
    most_rows: int | None = None
    """How many rows the result has at most, where that can be told (an INSERT of VALUES: how many it writes)."""
    limit_parameter: int | None = None
    """The `$n` whose value is the result's LIMIT."""
    reading: Reading = "freely"
