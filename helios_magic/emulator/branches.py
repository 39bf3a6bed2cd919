"""API reference, "Branch Endpoints"; decisions.md, "Branches"."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from helios_magic.emulator import conflicts, rows
from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.engine.face import (
    BranchState,
    Limits,
    Merged,
    MergeOrder,
    Page,
    Resolution,
    TableChange,
    TableDifference,
)
from helios_magic.errors import NotFastForwardError, ValidationError
from helios_magic.models.branches import (
    Branch,
    BranchCreated,
    BranchDeleted,
    BranchDiff,
    BranchList,
    BranchRequest,
    MergeChanges,
    MergeRequest,
    MergeResult,
    RowChange,
    TableChanges,
    TableDiff,
    Value,
)
from helios_magic.models.branches import Resolution as ResolutionBody
from helios_magic.models.pgtypes import pg_type
from helios_magic.models.sql import MAX_TIMEOUT_MS
from helios_magic.models.strategies import BY_NAME, Strategy, hint, listed

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 10_000
"""How many rows of each table one diff shows; `offset` asks for more."""


def create(rooms: Rooms, request: Request) -> Answer:
    body: BranchRequest = request.body
    state = rooms.engine.fork(
        request.database.id, body.name, body.from_, Limits(cancellation=request.call.cancellation)
    )
    return Answer(
        BranchCreated(
            id=state.id,
            name=state.name,
            parent=body.from_,
            created_at=state.created_at,
            creation_time_us=_microseconds_since(request.began),
        )
    )


def list_all(rooms: Rooms, request: Request) -> Answer:
    branches = [_branch(state) for state in rooms.engine.branches(request.database.id)]
    return Answer(BranchList(branches=branches, total=len(branches)))


def merge(rooms: Rooms, request: Request) -> Answer:
    """A merge; with `dry_run` what it would do, 200 whatever stands against it."""
    body: MergeRequest = request.body
    order = MergeOrder(
        body.source,
        body.target,
        _strategy(body.strategy),
        body.dry_run,
        tuple(_resolution(each) for each in body.resolutions),
    )
    merged, moved_on = _merged(rooms, request, order)
    if merged.conflicts and not merged.merged and not order.dry_run:
        raise conflicts.refusal(order, merged)
    result = MergeResult(
        source=order.source,
        target=order.target,
        strategy=order.strategy,
        merged=merged.merged,
        fast_forward=merged.fast_forward,
        changes=None if merged.changes is None else _changes(merged.changes),
        conflicts=conflicts.listed(merged),
        merge_time_us=_microseconds_since(request.began),
    )
    if merged.conflicts:
        result.truncated, result.counts = merged.truncated, dict(merged.counts)
    if moved_on:
        result.reason = NotFastForwardError.code
    return Answer(result)


def _merged(rooms: Rooms, request: Request, order: MergeOrder) -> tuple[Merged, bool]:
    """What came of it, and whether a preview of a fast-forward had to be one of a three-way merge."""
    limits = Limits(MAX_TIMEOUT_MS, request.call.cancellation)
    try:
        return rooms.engine.merge(request.database.id, order, limits), False
    except NotFastForwardError:
        if not order.dry_run:
            raise
    three_way = replace(order, strategy="three-way")
    return rooms.engine.merge(request.database.id, three_way, limits), True


def delete(rooms: Rooms, request: Request) -> Answer:
    name = request.path["name"]
    rooms.engine.delete_branch(request.database.id, name, Limits(cancellation=request.call.cancellation))
    return Answer(BranchDeleted(name=name, deleted=True))


def diff(rooms: Rooms, request: Request) -> Answer:
    name, query = request.path["name"], request.query
    if query["limit"] > MOST_ROWS:
        raise ValidationError(
            f"“limit” is {query['limit']}, and a diff shows {MOST_ROWS} rows of a table at once",
            hint="Ask for the next ones with offset.",
            details={"field": "limit", "expected": f"integer <= {MOST_ROWS}", "got": str(query["limit"])},
        )
    page = Page(query["table"], query["limit"], query["offset"])
    limits = Limits(MAX_TIMEOUT_MS, request.call.cancellation)
    tables = rooms.engine.diff(request.database.id, name, query["against"], page, limits)
    return Answer(
        BranchDiff(
            branch=name,
            against=query["against"],
            tables=[_table(each) for each in tables],
            rows=sum(each.change.rows for each in tables),
        )
    )


def _microseconds_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1_000_000, 1)


def _strategy(name: str) -> Strategy:
    strategy = BY_NAME.get(name)
    if strategy is None:
        raise ValidationError(
            f"there is no merge strategy “{name}”",
            hint=hint(name),
            details={"field": "strategy", "expected": f"one of {listed()}", "got": name, "known": sorted(BY_NAME)},
        )
    return strategy


def _resolution(body: ResolutionBody) -> Resolution:
    if isinstance(body.take, Value):
        return Resolution(body.table, body.key, "value", body.take.value, body.column)
    return Resolution(body.table, body.key, body.take, None, body.column)


def _branch(state: BranchState) -> Branch:
    return Branch(
        id=state.id,
        name=state.name,
        parent=state.parent,
        created_at=state.created_at,
        is_default=state.is_default,
        status=state.status,
        ahead=state.ahead,
        behind=state.behind,
        tables=state.tables,
        storage_bytes=state.storage_bytes,
    )


def _changes(changes: tuple[TableChange, ...]) -> MergeChanges:
    return MergeChanges(
        tables=[
            TableChanges(
                table=change.table,
                inserted=change.inserted,
                updated=change.updated,
                deleted=change.deleted,
                schema=list(change.schema),
            )
            for change in changes
        ],
        rows=sum(change.rows for change in changes),
    )


def _table(difference: TableDifference) -> TableDiff:
    change, page = difference.change, difference.page
    table = TableDiff(
        table=change.table,
        schema=list(change.schema),
        inserted=change.inserted,
        updated=change.updated,
        deleted=change.deleted,
        rows=[],
    )
    if page is not None:
        table.key = page.keys.column_names
        # A side that has no such table has no columns, though the page has some to be all NULL.
        table.types = {} if "- table" in change.schema else _types(page.new)
        table.old_types = {} if "+ table" in change.schema else _types(page.old)
        keys, old, new = (_objects(part, len(page.kinds)) for part in (page.keys, page.old, page.new))
        table.rows = [
            RowChange(
                key=key,
                columns=list(columns),
                old=None if kind == "inserted" else before,
                new=None if kind == "deleted" else after,
            )
            for kind, columns, key, before, after in zip(page.kinds, page.columns, keys, old, new, strict=True)
        ]
    return table


def _objects(part: pa.Table, count: int) -> list[dict[str, Any]]:
    """The rows as objects, without columns too: a table without a key has keys of none."""
    return rows.to_objects(part) if part.num_columns else [{} for _ in range(count)]


def _types(part: pa.Table) -> dict[str, str]:
    return {field.name: pg_type(field) for field in part.schema}


ENDPOINTS: dict[str, Answerer] = {
    "create_branch": create,
    "list_branches": list_all,
    "merge_branch": merge,
    "delete_branch": delete,
    "diff_branch": diff,
}
