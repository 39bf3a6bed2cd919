"""What both sides made independently under one name is one thing: it goes by the target's identity.

Tables and columns that were there before the split keep their identity through renames and need no alignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from helios_magic.engine.branching.items import Items, Place, SequenceItem, TableItem, renamed
from helios_magic.schema import Sequence


@dataclass(frozen=True, slots=True)
class Raise:
    """A counter that must be brought past another: what both drew from independently, one sequence draws from now."""

    kept: Sequence
    other: Sequence


def align(base: Items, target: Items, source: Items) -> tuple[Items, Items, tuple[Raise, ...]]:
    """Base and source under the target's identities, and the counters that were two and become one.

    `same` of the aligned source has all that is known then, for the merged file to remember.
    """
    known = _known(target, base, source)
    base, source = _under(base, known), _under(source, known)
    ids = _identities(base, target, source)
    sequences, raises = _sequences(base, target, source)
    same = source.same | base.same | {(ids[id_], id_) for id_ in ids}
    return base, replace(_under(replace(source, sequences=sequences), ids), same=frozenset(same)), raises


def _known(target: Items, *others: Items) -> dict[str, str]:
    """From identities to those that the target has for the same things, as earlier merges found out."""
    group: dict[str, set[str]] = {}
    for items in (target, *others):
        for pair in items.same:
            joined = set(pair).union(*(group.get(id_, set()) for id_ in pair))
            group |= dict.fromkeys(joined, joined)
    there = {id_ for table in target.tables.values() for id_ in (table.id, *table.names)}
    return {id_: min(ids & there or ids) for id_, ids in group.items()}


def _under(items: Items, ids: Mapping[str, str]) -> Items:
    tables = [_table(table, ids) for table in items.tables.values()]
    sequences = {}
    for place, item in items.sequences.items():
        owner = None if item.owner is None else (_one(ids, item.owner[0]), _one(ids, item.owner[1]))
        sequences[place] = replace(item, owner=owner)
    return replace(items, tables={table.id: table for table in tables}, sequences=sequences)


def _one(ids: Mapping[str, str], id_: str) -> str:
    return ids.get(id_, id_)


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


def _sequences(base: Items, target: Items, source: Items) -> tuple[dict[Place, SequenceItem], tuple[Raise, ...]]:
    """The source's sequences; what it made independently under a name of the target's draws from the target's counter.

    Wherever the two draw from different counters, rows of both come together: the one that stays must be past both.
    """
    found, raises = {}, []
    before = {item.sequence.counter for item in base.sequences.values()}
    for place, item in source.sequences.items():
        found[place] = item
        sequence, twin = item.sequence, target.sequences.get(place)
        if twin is not None and sequence.counter != twin.sequence.counter:
            stays = twin.sequence if sequence.counter in before else sequence
            if {sequence.counter, twin.sequence.counter}.isdisjoint(before):
                stays = twin.sequence
                found[place] = replace(item, sequence=replace(sequence, counter=stays.counter))
            raises.append(Raise(stays, sequence if stays is twin.sequence else twin.sequence))
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
        indexes=tuple(
            sorted(
                (
                    replace(i, columns=known(i.columns), tail=renamed(i.tail, ids), key=known(i.key))
                    for i in table.indexes
                ),
                key=repr,
            )
        ),
    )
