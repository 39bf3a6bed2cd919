"""Branches in SQL: what `CREATE BRANCH`, `MERGE BRANCH`, `DROP BRANCH` and `SHOW BRANCHES` do."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from helios_magic.engine.binding import check_count
from helios_magic.engine.face import MAIN, Engine, Limits, Merged, MergeOrder, MergeStopped, Outcome, Statement
from helios_magic.errors import NotFoundError, QueryError
from helios_magic.models.pgtypes import PG_TYPE, arrow_type
from helios_magic.sqltext import (
    BranchStatement,
    CreateBranch,
    DropBranch,
    MergeBranch,
    branch_kind,
    branch_statement,
)

if TYPE_CHECKING:
    import pyarrow as pa


def read(statement: Statement) -> BranchStatement | None:
    """The statement about branches that this is, or None; for any other it costs 0.3 µs.

    Raises `QueryError` 42601 for one that is misspelt and 08P01 for values: a branch name cannot be bound.
    """
    found = branch_statement(statement.query)
    if found is not None:
        check_count(statement.params, 0)
    return found


def run(engine: Engine, database: str, branch: str, statement: BranchStatement, limits: Limits) -> Outcome:
    """Do what the statement says; `branch` is the one that it was sent to.

    `SHOW BRANCHES` answers a row a branch, `MERGE BRANCH` one row that counts what was changed (NULL where a
    fast-forward did not count).  Raises what the engine's methods raise, and `MergeStopped` for conflicts.
    """
    if isinstance(statement, CreateBranch):
        engine.fork(database, statement.name, branch if statement.parent is None else statement.parent, limits)
        return Outcome("CREATE BRANCH", affected_rows=0)
    if isinstance(statement, DropBranch):
        return _drop(engine, database, statement, limits)
    if isinstance(statement, MergeBranch):
        return _merge(engine, database, branch, statement, limits)
    return _show(engine, database)


def refuse_in_transaction(query: str) -> None:
    """Raise 25001 for a statement about branches in a batch that is one transaction: it cannot be undone with it."""
    kind = branch_kind(query)
    if kind is not None:
        raise QueryError(
            f"{kind.upper()} cannot run inside a transaction",
            hint="Send it alone, or the batch with transaction false (in a notebook: a cell of its own).",
            details={"sqlstate": "25001", "position": 1, "line": 1, "column": 1},
        )


def refuse_explaining(query: str) -> None:
    """Raise 0A000 for a statement about branches: it has no plan."""
    kind = branch_kind(query)
    if kind is not None:
        raise QueryError(
            f"{kind.upper()} has no plan to explain",
            hint="A dry run of the merge tells what it would do." if kind == "merge branch" else None,
            details={"sqlstate": "0A000", "position": 1, "line": 1, "column": 1},
        )


def _drop(engine: Engine, database: str, statement: DropBranch, limits: Limits) -> Outcome:
    try:
        engine.delete_branch(database, statement.name, limits)
    except NotFoundError:
        if not statement.if_exists:
            raise
    return Outcome("DROP BRANCH", affected_rows=0)


def _merge(engine: Engine, database: str, branch: str, statement: MergeBranch, limits: Limits) -> Outcome:
    target = statement.target
    if target is None:
        target = MAIN if branch == statement.source else branch
    order = MergeOrder(statement.source, target, statement.strategy)
    merged = engine.merge(database, order, limits)
    if not merged.merged and merged.conflicts:
        raise MergeStopped(order, merged)
    return Outcome("MERGE BRANCH", _table(_MERGED, [_row(order, merged)]))


def _row(order: MergeOrder, merged: Merged) -> tuple[Any, ...]:
    changes = merged.changes
    counts: tuple[int | None, ...] = (None, None, None, None)
    if changes is not None:
        counts = (
            len(changes),
            sum(change.inserted for change in changes),
            sum(change.updated for change in changes),
            sum(change.deleted for change in changes),
        )
    return (order.source, order.target, order.strategy, merged.fast_forward, *counts)


def _show(engine: Engine, database: str) -> Outcome:
    states = engine.branches(database)
    rows = [
        (
            state.name,
            state.parent,
            state.created_at.astimezone(dt.UTC),
            state.is_default,
            state.status,
            state.ahead,
            state.behind,
            state.tables,
            state.storage_bytes,
        )
        for state in states
    ]
    return Outcome("SHOW", _table(_SHOWN, rows))


_SHOWN = {
    "name": "text", "parent": "text", "created_at": "timestamptz", "is_default": "bool", "status": "text",
    "ahead": "int8", "behind": "int8", "tables": "int8", "storage_bytes": "int8",
}  # fmt: skip
_MERGED = {
    "source": "text", "target": "text", "strategy": "text", "fast_forward": "bool",
    "tables": "int8", "inserted": "int8", "updated": "int8", "deleted": "int8",
}  # fmt: skip


def _table(columns: dict[str, str], rows: list[tuple[Any, ...]]) -> pa.Table:
    import pyarrow as pa

    fields = [pa.field(name, arrow_type(kind), metadata={PG_TYPE: kind.encode()}) for name, kind in columns.items()]
    values = [[row[place] for row in rows] for place in range(len(fields))]
    arrays = [pa.array(column, field.type) for column, field in zip(values, fields, strict=True)]
    return pa.table(arrays, schema=pa.schema(fields))
