"""Making, listing and forgetting branches: records only, no file is touched."""

from __future__ import annotations

import sqlite3
from typing import Literal

from helios_magic.engine.branching import ancestry, files
from helios_magic.engine.database import Database
from helios_magic.engine.face import MAIN, BranchState, NewBranch
from helios_magic.engine.limits import Guard
from helios_magic.errors import AlreadyExistsError, ForbiddenError, HasChildrenError, ValidationError
from helios_magic.models.branchnames import refusal
from helios_magic.store import Branch, Node


def fork(database: Database, name: str, parent: str, guard: Guard) -> NewBranch:
    """Make a branch: its parent's file is sealed, and both point at it until one of them writes.

    Waits for a write that runs on the parent.  Raises `ValidationError` (the name), `NotFoundError` (the parent) and
    `AlreadyExistsError`.
    """
    _check_name(name)
    with database.locked((parent,), guard), database.mutex:
        try:
            made = database.store.branches.create(database.id, name, parent)
        except sqlite3.IntegrityError:
            raise AlreadyExistsError(
                f"there is a branch “{name}” already",
                hint="Choose another name, or delete that branch first.",
                details={"resource": "branch", "branch": name},
            ) from None
    if made is None:
        raise database.no_branch(parent)
    database.tidy()
    return NewBranch(made.id, name, parent, made.created_at)


def _check_name(name: str) -> None:
    problem = refusal(name)
    if problem is not None:
        raise ValidationError(
            f"the branch name {problem}",
            hint="Names follow git's rules: letters, digits and signs as in feature/user-auth, no blanks.",
            details={"field": "name", "expected": "a branch name", "got": name},
        )


def delete(database: Database, name: str, guard: Guard) -> None:
    """Forget a branch.  Waits for a write that runs on it; readers finish on their own.

    Raises `ForbiddenError` (main), `HasChildrenError` and `NotFoundError`.
    """
    if name == MAIN:
        raise ForbiddenError(
            "the branch “main” cannot be deleted", hint="Delete the database instead.", details={"branch": name}
        )
    with database.locked((name,), guard), database.mutex:
        database.head(name)
        children = [each.name for each in database.store.branches.list(database.id) if each.parent == name]
        if children:
            raise HasChildrenError(
                f"the branch “{name}” has children: {', '.join(children[:10])}",
                hint="Delete them first.",
                details={"branch": name, "children": children},
            )
        database.store.branches.delete(database.id, name)
    database.tidy()


def states(database: Database) -> list[BranchState]:
    """Every branch, oldest first, counted against its parent."""
    with database.mutex:
        branches = database.store.branches.list(database.id)
        nodes = database.nodes()
    heads = {branch.name: branch.node_id for branch in branches}
    owners: dict[str, str] = {}
    for branch in branches:
        owners.setdefault(branch.node_id, branch.name)
    found = []
    for branch in branches:
        node = nodes[branch.node_id]
        ahead, behind = _apart(nodes, node.id, heads.get(branch.parent or "", node.id))
        own = owners[node.id] == branch.name
        found.append(
            BranchState(
                branch.id,
                branch.name,
                branch.parent,
                branch.created_at,
                branch.name == MAIN,
                _status(branch, nodes, heads),
                ahead,
                behind,
                node.tables,
                files.size(database.files.path(node)) if own else 0,
            )
        )
    return found


def _apart(nodes: dict[str, Node], node: str, parent: str) -> tuple[int, int]:
    return ancestry.writes(nodes, parent, node), ancestry.writes(nodes, node, parent)


def _status(branch: Branch, nodes: dict[str, Node], heads: dict[str, str]) -> Literal["active", "merged"]:
    """`merged` while the branch that it went into has all of it."""
    into = heads.get(branch.merged_into or "")
    return "merged" if into is not None and ancestry.contains(nodes, into, branch.node_id) else "active"
