"""The structure of a merge: what both sides together make of it, and bringing the copy of the target there.

The order is: `merge` (reads only); `StructureMerge.before` on the copy, if there are no conflicts; the rows;
`StructureMerge.after`, which may find that rows speak against new keys, and then changes nothing more.  Both run
transactions of their own on the work's cursor, whose names resolve in the copy: none may be open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from helios_magic.engine.branching import alteration, asking
from helios_magic.engine.branching.agreement import Merging
from helios_magic.engine.branching.alignment import Raise, align
from helios_magic.engine.branching.asking import Version
from helios_magic.engine.branching.coherence import Coherence
from helios_magic.engine.branching.contradictions import contradiction
from helios_magic.engine.branching.definitions import comment, create_index
from helios_magic.engine.branching.itemised import read
from helios_magic.engine.branching.items import Items, Place, TableItem, ViewItem, described, drawing
from helios_magic.engine.branching.pairs import pairs
from helios_magic.engine.branching.proofs import against
from helios_magic.engine.branching.reading import Work
from helios_magic.engine.branching.sides import ColumnMerge, Side, TableMerge
from helios_magic.engine.face import Conflict
from helios_magic.engine.names import quoted
from helios_magic.schema import Schema, Table, label


@dataclass(frozen=True, slots=True)
class StructureMerge:
    """What a merge does to the target's structure.  With `conflicts` the rest means nothing.

    `changes` are words by the name of the table (or view, sequence, …) that differs from the target's.  `tables` are
    those on both sides, whose rows are to be merged.  `counters` must be raised once the merge is recorded: what both
    sides made independently under one name draws from the kept one.  `moved` are rows that come or go with whole
    tables: (inserted, deleted) by table.
    """

    conflicts: tuple[Conflict, ...]
    changes: dict[str, tuple[str, ...]]
    tables: tuple[TableMerge, ...]
    counters: tuple[Raise, ...]
    moved: dict[str, tuple[int, int]]
    schema: Schema
    """The merged structure, row counts left at 0."""
    _start: Items
    _merged: Items
    _source: Version
    refreshed: tuple[Place, ...] = ()
    """Materialised views that the source filled anew: so does the merge."""

    def before(self, work: Work) -> None:
        """Give the copy its merged tables and columns, and the rows of tables that are new."""
        if self._merged == self._start:
            return
        alteration.before_rows(work, self._start, self._merged, self._source)

    def after(self, work: Work) -> list[Conflict]:
        """Add what rows may break, indexes and views; what stands against it, where something does."""
        if self._merged == self._start:
            return list(_refreshed(work, self._merged, self.refreshed))
        conflicts = list(self._against(work))
        if conflicts:
            return conflicts
        alteration.finish(work, self._start, self._merged)
        conflicts = [*_create_views(work, self._start, self._merged), *unbound_views(work, self._merged)]
        conflicts += _refreshed(work, self._merged, self.refreshed)
        if not conflicts:
            self._verify(work)
        return conflicts

    def _against(self, work: Work) -> Iterator[Conflict]:
        for id_, table in self._merged.tables.items():
            old = self._start.tables.get(id_)
            if old is not None:
                later = alteration.pending(old, table)
                made = alteration.new_indexes(old, table, self._start, self._merged)
                yield from against(work, table, later, made, self._source, self._merged)

    def _verify(self, work: Work) -> None:
        """What was meant is what the file says now: a merge that is not what it claims to be must not be recorded."""
        ((alias,),) = work.ask("SELECT current_database()")
        (found,) = read(work.ask, alias)
        if found != self._merged:
            raise AssertionError(f"the merged structure is not what was meant: {_difference(found, self._merged)}")


def merge(work: Work, base: Side, target: Side, source: Side) -> StructureMerge:
    """Merge three structures; `target` is the copy that the merge will write.  Nothing is written here."""
    before, mine, theirs = read(work.ask, base.alias, target.alias, source.alias)
    before, theirs, counters = align(before, mine, theirs)
    versions = Version(base.alias, before), Version(target.alias, mine), Version(source.alias, theirs)
    outcome = Merging(work.ask, *versions).run()
    merged = outcome.items
    conflicts = outcome.conflicts or Coherence(merged, before, mine, theirs).conflicts()
    if conflicts:
        return StructureMerge(tuple(conflicts), {}, (), (), {}, target.schema, mine, mine, versions[2])
    schema, start = described(merged), described(mine)
    changes = {
        table.label: pair.changes
        for pair in pairs(start, schema)
        if pair.changes and (table := pair.newer or pair.older) is not None
    }
    tables = tuple(
        _table(merged.tables[id_], schema, before, mine, theirs, base, source, outcome.keys[id_])
        for id_ in merged.tables
        if id_ in outcome.keys
    )
    moved = {}
    for item in theirs.tables.values():
        if item.id in merged.tables and item.id not in mine.tables:
            moved[label(*item.place)] = (alteration.rows_in(work, item, versions[2]), 0)
    for item in mine.tables.values():
        if item.id not in merged.tables:
            moved[label(*item.place)] = (0, alteration.rows_in(work, item, versions[1]))
    refreshed = tuple(_filled(work, versions[0], versions[1], versions[2], merged))
    return StructureMerge((), changes, tables, counters, moved, schema, mine, merged, versions[2], refreshed)


def unbound_views(work: Work, items: Items) -> Iterator[Conflict]:
    """Views that cannot be read."""
    import duckdb

    for (schema, name), view in items.views.items():
        try:
            query = drawing(view.query, items)
            read = f"({query})" if view.materialized else f"{quoted(schema)}.{quoted(name)}"
            work.ask(f"SELECT * FROM {read} LIMIT 0")
        except duckdb.Error:
            if work.guard.reason is not None:
                raise
            yield _broken(view)


def _table(
    table: TableItem,
    schema: Schema,
    before: Items,
    mine: Items,
    theirs: Items,
    base: Side,
    source: Side,
    key: tuple[str, ...],
) -> TableMerge:
    """A table on both sides, for the merge of its rows."""
    versions = [items.tables.get(table.id) for items in (before, mine, theirs)]
    columns = []
    for column in table.columns:
        if column.generated is not None:
            continue
        found = [version.column(column.id) if version is not None else None for version in versions]
        names = [each.name if each is not None else None for each in found]
        start = drawing(column.default, mine) if found[0] is None and asking.constant(column.default) else None
        columns.append(ColumnMerge(column.name, names[0], names[1], names[2], start))
    result = _find(schema, table)
    old, other = versions[0], versions[2]
    if result is None or other is None:
        raise AssertionError("a table whose rows are merged is on both sides")
    there = _find(source.schema, other)
    if there is None:
        raise AssertionError("a table of the source is in its schema")
    names_of = table.names
    return TableMerge(
        result,
        _find(base.schema, old) if old is not None else None,
        there,
        tuple(columns),
        tuple(names_of[column] for column in key),
    )


def _find(schema: Schema, table: TableItem) -> Table | None:
    return schema.table(table.name, table.schema)


def _create_views(work: Work, start: Items, merged: Items) -> Iterator[Conflict]:
    """Views that are new or changed, each after those it reads; one that cannot be made is a conflict."""
    import duckdb

    waiting = [
        view
        for at, view in merged.views.items()
        if start.views.get(at) != view or drawing(view.statement, start) != drawing(view.statement, merged)
    ]
    while waiting:
        names = {f"{view.schema}.{view.name}" for view in waiting}
        ready = [view for view in waiting if not names & set(view.reads)] or waiting
        for view in ready:
            try:
                for statement in _view_statements(view, merged):
                    work.ask(statement)
            except duckdb.Error:
                if work.guard.reason is not None:
                    raise
                yield _broken(view)
        waiting = [view for view in waiting if view not in ready]


def _view_statements(view: ViewItem, merged: Items) -> Iterator[str]:
    place = f"{quoted(view.schema)}.{quoted(view.name)}"
    if view.materialized:
        listed = ", ".join(quoted(name) for name, _, _ in view.columns)
        nothing = "" if view.populated else " WITH NO DATA"
        yield f"CREATE TABLE {place} AS SELECT * FROM ({drawing(view.query, merged)}) AS _q({listed}){nothing}"
        yield from (create_index(index, view, merged) for index in view.indexes if index.unique)
    else:
        yield drawing(view.statement, merged) or ""
    if view.comment is not None:
        yield comment("TABLE" if view.materialized else "VIEW", place, view.comment)
    for name, _, said in view.columns:
        if said is not None:
            yield comment("COLUMN", f"{place}.{quoted(name)}", said)


def _filled(work: Work, base: Version, target: Version, source: Version, merged: Items) -> Iterator[Place]:
    """The materialised views that stay as they are on the target and hold other rows on the source than before."""
    for at, view in merged.views.items():
        same = target.items.views.get(at) == view == source.items.views.get(at)
        if not (view.materialized and view.populated and same):
            continue
        place = f"{quoted(at[0])}.{quoted(at[1])}"
        then, now = f"FROM {base.alias}.{place}", f"FROM {source.alias}.{place}"
        if base.items.views.get(at) != view or work.ask(
            f"SELECT 1 FROM ((SELECT * {then} EXCEPT ALL SELECT * {now}) UNION ALL "
            f"(SELECT * {now} EXCEPT ALL SELECT * {then})) LIMIT 1"
        ):
            yield at


def _refreshed(work: Work, merged: Items, places: Iterable[Place]) -> Iterator[Conflict]:
    import duckdb

    for at in places:
        view = merged.views[at]
        place = f"{quoted(at[0])}.{quoted(at[1])}"
        try:
            work.ask(f"DELETE FROM {place}")
            work.ask(f"INSERT INTO {place} {drawing(view.query, merged)}")
        except duckdb.Error:
            if work.guard.reason is not None:
                raise
            yield _broken(view)


def _broken(view: ViewItem) -> Conflict:
    query = view.query or view.statement
    return contradiction(label(view.schema, view.name), "view", (None, query, query))


def _difference(found: Items, meant: Items) -> str:
    """The first thing that is not alike, for whoever has to mend this."""
    for name in ("tables", "views", "sequences", "enums", "comments"):
        left, right = getattr(found, name), getattr(meant, name)
        for at in {**left, **right}:
            if left.get(at) != right.get(at):
                return f"{left.get(at)!r} for {right.get(at)!r}"
    return f"{sorted(found.schemas)} for {sorted(meant.schemas)}"
