"""Bringing one branch's changes into another: all of them or nothing.

A fast-forward moves a pointer.  Anything else merges into a fresh copy of the target's file (`threeway.py`), which
nobody sees until one record points the target at it: a failure at any step only throws the copy away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from helios_magic.engine.branching import ancestry
from helios_magic.engine.branching.difference import differences, side_of
from helios_magic.engine.branching.threeway import Sides, bring
from helios_magic.engine.database import Branch, Database
from helios_magic.engine.face import Merged, MergeOrder
from helios_magic.engine.instance import Attachment
from helios_magic.engine.limits import Guard
from helios_magic.engine.plans import Plans
from helios_magic.errors import NotFastForwardError, ValidationError
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
        heads = _find_heads(database, order)
        if ancestry.contains(heads.nodes, heads.target.id, heads.source.id):
            _refuse_resolutions(order)
            return Merged(merged=not order.dry_run, fast_forward=False)
        if ancestry.contains(heads.nodes, heads.source.id, heads.target.id):
            _refuse_resolutions(order)
            return _fast_forward(database, order, heads, guard, plans)
        if order.strategy == "fast-forward":
            raise _moved_on(order, heads)
        return _three_way(database, order, heads, guard, plans)


def _find_heads(database: Database, order: MergeOrder) -> Heads:
    with database.mutex:
        source, target = database.head(order.source), database.head(order.target)
        nodes = database.nodes()
    return Heads(nodes, source, target, nodes[ancestry.base(nodes, source.id, target.id)])


def _fast_forward(database: Database, order: MergeOrder, heads: Heads, guard: Guard, plans: Plans) -> Merged:
    """Point the target at the source's node: the same at any size."""
    if order.dry_run:
        found = differences(database, order.source, order.target, None, guard, plans)
        return Merged(merged=False, fast_forward=True, changes=tuple(each.change for each in found))
    guard.seal()
    with database.mutex:
        database.store.branches.point(
            database.id, order.target, heads.source.id, seal=(heads.source.id,), merged=order.source
        )
    database.tidy()
    return Merged(merged=True, fast_forward=True, changes=None)


def _three_way(database: Database, order: MergeOrder, heads: Heads, guard: Guard, plans: Plans) -> Merged:
    with _pinned(database, heads, guard) as (base, source, target):
        node, mine = database.copy(target, (heads.target, heads.source), guard, durable=not order.dry_run)
        try:
            base_side, copy_side, source_side = (side_of(database, file, guard, plans) for file in (base, mine, source))
            written = ancestry.written(heads.nodes, heads.base.id, heads.source.id) | source.written
            sides = Sides(base_side, copy_side, source_side, frozenset(written))
            with (
                database.work(Branch(order.target, mine, database.writers(order.target)), guard, plans) as work,
                mine.vectors.moving(written, reshaped=True),
            ):
                merged, written = bring(work, sides, order, database.sequences)
            if not merged.merged:
                database.discard(mine)
            else:
                mine.structure_changed()
                tables = side_of(database, mine, guard, plans).schema.tables
                count = sum(table.kind == "table" for table in tables)
                guard.seal()
                _record(database, order, heads, replace(node, dirty=True, written=written, tables=count), mine)
        except BaseException:
            if not mine.doomed:
                database.discard(mine)
            raise
        finally:
            database.tidy()
    return merged


def _record(database: Database, order: MergeOrder, heads: Heads, node: Node, file: Attachment) -> None:
    """The one point from which on the merge is there."""
    with database.mutex:
        database.store.branches.advance(order.target, node, seal=(heads.source.id,), merged=order.source)
        file.dirty, file.written = True, set(node.written)
        file.tables = node.tables
        database.unpin(file)


@contextmanager
def _pinned(database: Database, heads: Heads, guard: Guard) -> Iterator[tuple[Attachment, Attachment, Attachment]]:
    with ExitStack() as held:
        base, source, target = (
            held.enter_context(database.pinned(node, guard.check)) for node in (heads.base, heads.source, heads.target)
        )
        yield base, source, target


def _refuse_resolutions(order: MergeOrder) -> None:
    if order.resolutions:
        raise ValidationError(
            f"nothing is in conflict between “{order.source}” and “{order.target}”, so nothing can be settled",
            hint="Merge without resolutions.",
            details={"field": "resolutions"},
        )


def _moved_on(order: MergeOrder, heads: Heads) -> NotFastForwardError:
    behind = ancestry.writes(heads.nodes, heads.source.id, heads.target.id)
    writes = "1 write" if behind == 1 else f"{behind} writes"
    return NotFastForwardError(
        f"“{order.target}” has moved on by {writes} since “{order.source}” split from it",
        hint="Merge with strategy three-way.",
        details={"source": order.source, "target": order.target, "behind": behind},
    )
