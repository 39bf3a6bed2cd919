"""What both sides made independently under one name is one thing: it goes by the target's identity.

Tables and columns that were there before the split keep their identity through renames and need no alignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from helios_magic.engine.branching.items import Items, SequenceItem, TableItem, renamed
from helios_magic.schema import Sequence


@dataclass(frozen=True, slots=True)
class Raise:
    """A counter that must be brought past another: what both drew from independently, one sequence draws from now."""

    kept: Sequence
    other: Sequence


def align(base: Items, target: Items, source: Items) -> tuple[Items, tuple[Raise, ...]]:
    """The source under the target's identities, and the counters that were two and become one."""
    ids = _identities(base, target, source)
    sequences, raises = _sequences(base, target, source, ids)
    tables = [_table(table, ids) for table in source.tables.values()]
    return replace(source, tables={table.id: table for table in tables}, sequences=sequences), raises


def _identities(base: Items, target: Items, source: Items) -> dict[str, str]:
    """From the source's identities to the target's, of tables and columns that neither has from before the split."""
    ids: dict[str, str] = {}
    new = {t.place: t for t in target.tables.values() if t.id not in base.tables and t.id not in source.tables}
    for table in source.tables.values():
        twin = target.tables.get(table.id)
        if twin is None and table.id not in base.tables and table.place in new:
            twin = new[table.place]
            ids[table.id] = twin.id
        if twin is None:
            continue
        before = base.tables.get(table.id)
        known = {column.id for column in before.columns} if before is not None else set()
        shared = known | {column.id for column in twin.columns} & {column.id for column in table.columns}
        free = {column.name: column.id for column in twin.columns if column.id not in shared}
        for column in table.columns:
            if column.id not in shared and column.name in free:
                ids[column.id] = free[column.name]
    return ids


def _sequences(
    base: Items, target: Items, source: Items, ids: Mapping[str, str]
) -> tuple[dict[tuple[str, str], SequenceItem], tuple[Raise, ...]]:
    found, raises = {}, []
    before = {item.sequence.counter for item in base.sequences.values()}
    for place, item in source.sequences.items():
        owner = None
        if item.owner is not None:
            table, column = item.owner
            owner = (ids.get(table, table), ids.get(column, column))
        sequence, twin = item.sequence, target.sequences.get(place)
        independent = twin is not None and {sequence.counter, twin.sequence.counter}.isdisjoint(before)
        if twin is not None and independent and sequence.counter != twin.sequence.counter:
            raises.append(Raise(twin.sequence, sequence))
            sequence = replace(sequence, counter=twin.sequence.counter)
        found[place] = SequenceItem(sequence, owner)
    return found, tuple(raises)


def _table(table: TableItem, ids: Mapping[str, str]) -> TableItem:
    def known(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(ids.get(column, column) for column in columns)

    return replace(
        table,
        id=ids.get(table.id, table.id),
        columns=tuple(
            replace(
                column,
                id=ids.get(column.id, column.id),
                generated=None if column.generated is None else renamed(column.generated, ids),
            )
            for column in table.columns
        ),
        keys=tuple(sorted((replace(key, columns=known(key.columns)) for key in table.keys), key=repr)),
        checks=tuple(
            sorted(
                (
                    replace(check, condition=renamed(check.condition, ids), columns=known(check.columns))
                    for check in table.checks
                ),
                key=repr,
            )
        ),
        foreign=tuple(
            sorted(
                (
                    replace(
                        key,
                        columns=known(key.columns),
                        parent=ids.get(key.parent, key.parent),
                        parent_columns=known(key.parent_columns),
                    )
                    for key in table.foreign
                ),
                key=repr,
            )
        ),
        indexes=tuple(sorted((replace(index, columns=known(index.columns)) for index in table.indexes), key=repr)),
    )
