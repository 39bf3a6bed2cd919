"""A three-way merge into a copy of the target: structure, then rows, then what the rows may break.

The copy is invisible, so each step commits by itself; what goes wrong at any of them only means that the copy is
thrown away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from helios_magic.engine.branching import applying, structure
from helios_magic.engine.branching.constraints import violations
from helios_magic.engine.branching.orphans import foreign_key_conflicts
from helios_magic.engine.branching.rows import plan_rows
from helios_magic.engine.branching.sides import Side
from helios_magic.engine.face import MOST_CONFLICTS, Conflict, Merged, MergeOrder, TableChange
from helios_magic.errors import ValidationError

if TYPE_CHECKING:
    from helios_magic.engine.branching.planned import PlannedRows
    from helios_magic.engine.branching.structure import StructureMerge
    from helios_magic.engine.execute import Work
    from helios_magic.engine.sequences import Sequences


@dataclass(frozen=True, slots=True)
class Sides:
    """The three versions; `target` is the copy that the merge writes.

    `written` are the tables (`schema.table`) that the source may have written since the base: no other is looked at.
    """

    base: Side
    target: Side
    source: Side
    written: frozenset[str]


@dataclass(slots=True)
class Found:
    """Conflicts as they come up: the first ones whole, all of them counted."""

    conflicts: list[Conflict] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, conflicts: Sequence[Conflict], counts: dict[str, int] | None = None) -> None:
        """Take up conflicts; `counts` where there are more than are shown."""
        self.conflicts += conflicts[: MOST_CONFLICTS - len(self.conflicts)]
        self.counts.update(Counter(conflict.kind for conflict in conflicts) if counts is None else counts)


def bring(work: Work, sides: Sides, order: MergeOrder, sequences: Sequences) -> tuple[Merged, frozenset[str]]:
    """Merge the source into the copy; the outcome (`merged` false for a dry run), and the tables that were changed.

    Raises `ValidationError` for resolutions that settle nothing.
    """
    merged = structure.merge(work, sides.base, sides.target, sides.source)
    found = Found()
    found.add(merged.conflicts)
    planned: list[PlannedRows] = []
    if not found.counts:
        merged.before(work)
        planned = _plan(work, sides, merged, order, found)
        if not found.counts:
            _apply(work, merged, planned, found)
    changes = _changes(merged, planned)
    if found.counts or order.dry_run:
        return Merged(False, False, changes, tuple(found.conflicts), dict(found.counts)), frozenset()
    for each in merged.counters:
        # Before the merge is recorded: a gap is harmless, a number drawn twice is not.
        sequences.raise_to(each.kept, sequences.upcoming(each.other))
    return Merged(True, False, changes), _written(merged, planned)


def _plan(work: Work, sides: Sides, merged: StructureMerge, order: MergeOrder, found: Found) -> list[PlannedRows]:
    result = Side(sides.target.alias, merged.schema)
    planned = []
    used: set[int] = set()
    for table in merged.tables:
        if table.source.full_name not in sides.written:
            continue
        rows = plan_rows(work, table, sides.base, sides.source, result, order.strategy, order.resolutions)
        found.add(rows.conflicts, rows.counts)
        found.add(*violations(work, rows))
        used |= rows.used
        planned.append(rows)
    _refuse_unused(order, used)
    return planned


def _apply(work: Work, merged: StructureMerge, planned: list[PlannedRows], found: Found) -> None:
    """Write the rows, and look at what they may break together."""
    for rows in planned:
        applying.remove(work, rows)
    for rows in planned:
        applying.insert(work, rows)
    found.add(merged.after(work))
    if not found.counts:
        found.add(*foreign_key_conflicts(work, merged.schema, planned, _written(merged, planned)))


def _refuse_unused(order: MergeOrder, used: set[int]) -> None:
    for at, resolution in enumerate(order.resolutions):
        if at not in used:
            key = ", ".join(f"{name} = {value}" for name, value in resolution.key.items())
            column = f".{resolution.column}" if resolution.column else ""
            raise ValidationError(
                f"there is no conflict at {resolution.table} ({key}){column} to be settled",
                hint="A dry run lists the conflicts that there are.",
                details={"field": f"resolutions[{at}]", "table": resolution.table, "key": dict(resolution.key)},
            )


def _changes(merged: StructureMerge, planned: list[PlannedRows]) -> tuple[TableChange, ...]:
    """What changes for the target, by table."""
    rows = {each.versions.table.result.label: each for each in planned}
    found = []
    for name in sorted({*merged.changes, *merged.moved, *rows}):
        come, gone = merged.moved.get(name, (0, 0))
        each = rows.get(name)
        inserted, updated, deleted = (each.inserted, each.updated, each.deleted) if each is not None else (0, 0, 0)
        change = TableChange(name, inserted + come, updated, deleted + gone, merged.changes.get(name, ()))
        if change.rows or change.schema:
            found.append(change)
    return tuple(found)


def _written(merged: StructureMerge, planned: list[PlannedRows]) -> frozenset[str]:
    """The tables that the merge changed, rather too many than too few: a label may hide a schema."""
    tables = [each.versions.table.result for each in planned if each.inserted or each.updated or each.deleted]
    labels = {*merged.changes, *merged.moved}
    return frozenset({table.full_name for table in tables} | labels | {f"public.{name}" for name in labels})
