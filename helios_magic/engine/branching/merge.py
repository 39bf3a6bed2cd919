"""Bringing one branch's changes into another: all of them or nothing.

A fast-forward moves a pointer.  Anything else merges into a fresh copy of the target's file, which nobody sees until
one record points the target at it: a failure at any step only throws the copy away.
"""

from __future__ import annotations

from dataclasses import dataclass

from helios_magic.engine.branching import ancestry
from helios_magic.engine.database import Database
from helios_magic.engine.face import Merged, MergeOrder
from helios_magic.engine.limits import Guard
from helios_magic.engine.plans import Plans
from helios_magic.errors import NotBuiltError, NotFastForwardError, ValidationError
from helios_magic.store import Node


@dataclass(frozen=True, slots=True)
class Heads:
    """The nodes of both branches and the one where they split, and all nodes by id."""

    nodes: dict[str, Node]
    source: Node
    target: Node
    base: Node


def merge(database: Database, order: MergeOrder, guard: Guard, plans: Plans) -> Merged:
    """Merge as `Engine.merge` says.  No write runs on either branch meanwhile."""
    if order.source == order.target:
        raise ValidationError(
            f"a branch cannot be merged into itself: “{order.source}”",
            hint="Name another source or target.",
            details={"field": "source"},
        )
    with database.locked((order.source, order.target), guard):
        heads = find_heads(database, order.source, order.target)
        if ancestry.contains(heads.nodes, heads.target.id, heads.source.id):
            _refuse_resolutions(order)
            return Merged(merged=not order.dry_run, fast_forward=False)
        if ancestry.contains(heads.nodes, heads.source.id, heads.target.id):
            _refuse_resolutions(order)
            return _fast_forward(database, order, heads, guard, plans)
        if order.strategy == "fast-forward":
            raise _moved_on(order, heads)
        raise NotBuiltError("three-way")


def find_heads(database: Database, source: str, target: str) -> Heads:
    """Look both branches up, and the node where they split.  Raises `NotFoundError`."""
    with database.mutex:
        ours, theirs = database.head(source), database.head(target)
        nodes = database.nodes()
    return Heads(nodes, ours, theirs, nodes[ancestry.base(nodes, ours.id, theirs.id)])


def _fast_forward(database: Database, order: MergeOrder, heads: Heads, guard: Guard, plans: Plans) -> Merged:
    if order.dry_run:
        raise NotBuiltError("diff")
    with database.mutex:
        database.store.branches.point(
            database.id, order.target, heads.source.id, seal=(heads.source.id,), merged=order.source
        )
    database.tidy()
    return Merged(merged=True, fast_forward=True, changes=None)


def _refuse_resolutions(order: MergeOrder) -> None:
    if order.resolutions:
        raise ValidationError(
            f"nothing is in conflict between “{order.source}” and “{order.target}”, so nothing can be settled",
            hint="Merge without resolutions.",
            details={"field": "resolutions"},
        )


def _moved_on(order: MergeOrder, heads: Heads) -> NotFastForwardError:
    behind = ancestry.writes(heads.nodes, heads.source.id, heads.target.id)
    return NotFastForwardError(
        f"“{order.target}” has moved on since “{order.source}” was made from it, by {behind} "
        f"{'write' if behind == 1 else 'writes'}",
        hint="Merge with strategy three-way.",
        details={"source": order.source, "target": order.target, "behind": behind},
    )
