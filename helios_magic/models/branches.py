"""API reference, "Branch Endpoints"; decisions.md, "Branches"."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from helios_magic.models.base import JsonObject, Request, Response, Timestamp
from helios_magic.models.sql import BranchName


class BranchRequest(Request, rename={"from_": "from"}):
    """`POST /branches`"""

    name: Annotated[str, Meta(max_length=255)]
    from_: BranchName = "main"


class BranchCreated(Response):
    id: str
    name: str
    parent: str
    created_at: Timestamp
    creation_time_us: float


class Branch(Response):
    id: str
    name: str
    parent: str | None
    created_at: Timestamp
    is_default: bool
    status: str
    ahead: int
    behind: int
    tables: int
    storage_bytes: int


class BranchList(Response, weakref=True):
    branches: list[Branch]
    total: int


class BranchDeleted(Response):
    name: str
    deleted: bool


class Value(Request):
    """A value of the caller's own, settling one conflict."""

    value: Any


class Resolution(Request):
    """How one conflict is settled; `column` may be left out for the whole row."""

    table: str
    key: JsonObject
    take: Literal["source", "target"] | Value
    column: str | None = None


class MergeRequest(Request):
    """`POST /branches/merge`.  Strategies and their aliases are listed in decisions.md."""

    source: BranchName
    target: BranchName = "main"
    strategy: str = "fast-forward"
    dry_run: bool = False
    resolutions: list[Resolution] = []


class TableChanges(Response):
    table: str
    inserted: int
    updated: int
    deleted: int
    schema: list[str]


class MergeChanges(Response):
    tables: list[TableChanges]
    rows: int


class Conflict(Response):
    table: str
    kind: Literal[
        "modify_modify",
        "delete_modify",
        "modify_delete",
        "add_add",
        "cardinality",
        "unique",
        "foreign_key",
        "check",
        "not_null",
        "schema",
    ]
    key: JsonObject
    columns: list[str]
    base: JsonObject | None
    target: JsonObject | None
    source: JsonObject | None


class MergeResult(Response, weakref=True):
    source: str
    target: str
    strategy: str
    merged: bool
    fast_forward: bool
    changes: MergeChanges | None
    conflicts: list[Conflict]
    merge_time_us: float
    truncated: bool | UnsetType = UNSET
    counts: dict[str, int] | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    """`NOT_FAST_FORWARD`: a dry run of a fast-forward that the target has moved away from; what is shown is what a
    three-way merge would do."""


class RowChange(msgspec.Struct, kw_only=True):
    """A row that differs; `old` is null for an insert, `new` for a delete."""

    key: JsonObject
    columns: list[str]
    old: JsonObject | None
    new: JsonObject | None


class TableDiff(Response):
    table: str
    schema: list[str]
    inserted: int
    updated: int
    deleted: int
    rows: list[RowChange]
    key: list[str] | UnsetType = UNSET
    """The primary key's columns; empty for a table without one."""
    types: dict[str, str] | UnsetType = UNSET
    """The PostgreSQL types of the columns of `new`; none where that branch has no such table."""
    old_types: dict[str, str] | UnsetType = UNSET
    """The PostgreSQL types of the columns of `old`; none where that branch has no such table."""


class BranchDiff(Response, weakref=True):
    """`GET /branches/{name}/diff?against=main` (added)"""

    branch: str
    against: str
    tables: list[TableDiff]
    rows: int
    computed_by: str | UnsetType = UNSET
    """`client` where the server has no diff and the client made one of `/sql`."""
