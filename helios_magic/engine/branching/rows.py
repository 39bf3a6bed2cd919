"""Three-way merge of one table's rows.

What differs between base and source is looked up in the target, by a join; the whole decision is one query over
these rows.  Per cell: what only one side changed is taken, what both changed alike is taken, the rest is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helios_magic.engine.branching import multisets
from helios_magic.engine.branching.changes import changed_rows, drop
from helios_magic.engine.branching.clashes import Clashes
from helios_magic.engine.branching.planned import DELETE, PUT, PlannedRows, summed
from helios_magic.engine.branching.reading import Work, temporary
from helios_magic.engine.branching.settling import settlements
from helios_magic.engine.branching.sides import Side, TableMerge
from helios_magic.engine.branching.versions import Versions, versions
from helios_magic.engine.face import Resolution, Strategy

_SIDES = {"ours": "'target'", "theirs": "'source'"}


def plan_rows(
    work: Work,
    table: TableMerge,
    base: Side,
    source: Side,
    result: Side,
    strategy: Strategy,
    resolutions: Sequence[Resolution] = (),
) -> PlannedRows:
    """What merging the source's rows into the result's comes to; nothing is written.

    `result` is the copy of the target that the merge writes, the current database of the work's cursor, with the
    merged structure.  Raises `ValidationError` for resolutions that do not fit the table.
    """
    merged = versions(work, table, base, source, result)
    settled = settlements(work, merged, resolutions)
    winner = _SIDES.get(strategy, "CAST(NULL AS VARCHAR)")
    if not merged.key:
        return multisets.plan_copies(work, merged, settled, winner)
    wide = _beside(work, merged)
    judged = _judged(work, merged, wide, settled, winner)
    drop(work, wide, settled)
    planned = _final(work, merged, judged)
    drop(work, judged)
    return planned


def _beside(work: Work, merged: Versions) -> str:
    """A temporary table of the rows that may change: `k0`… (key), who has it (`hb`, `hs`, `ht`), `b3`, `s3`, `t3`."""
    compared = tuple(i for i in merged.values if i not in merged.from_target and i in merged.known)
    changed = changed_rows(work, merged.base, merged.source, merged.key, compared)
    if not merged.from_source and all(i in merged.known for i in merged.values):
        return _beside_changed(work, merged, changed)
    keys = ", ".join(f"k{at}" for at in range(len(merged.key)))
    touched = f"SELECT {keys} FROM {changed}"
    beside = None
    if merged.from_source:
        # The target was given these columns by the merge: what stands there is nobody's change.
        beside = changed_rows(work, merged.target, merged.source, merged.key, merged.from_source)
        touched += f" UNION SELECT {keys} FROM {beside} WHERE older AND newer"
    found = temporary("beside")

    def side(alias: str, reading: str) -> str:
        on = " AND ".join(f"{alias}.c{i} = w.k{at}" for at, i in enumerate(merged.key))
        return f" LEFT JOIN ({reading}) AS {alias} ON {on}"

    cells = "".join(f", {a}.c{i} AS {a}{i}" for a in "bst" for i in merged.values)
    work.change(
        f"CREATE TEMP TABLE {found} AS SELECT {', '.join(f'w.k{at}' for at in range(len(merged.key)))},"
        f" b.here IS NOT NULL AS hb, s.here IS NOT NULL AS hs, t.here IS NOT NULL AS ht{cells} FROM ({touched}) AS w"
        + side("b", merged.base.select())
        + side("s", merged.source.select())
        + side("t", merged.target.select())
    )
    drop(work, changed, *([beside] if beside else []))
    return found


def _beside_changed(work: Work, merged: Versions, changed: str) -> str:
    """The same where the rows that changed hold all that base and source have: only the target is read again."""
    found = temporary("beside")
    on = " AND ".join(f"t.c{i} = w.k{at}" for at, i in enumerate(merged.key))
    cells = "".join(
        f", {merged.base.cells[i] if i in merged.from_target else f'w.o{i}'} AS b{i}"
        f", {merged.source.cells[i] if i in merged.from_target else f'w.n{i}'} AS s{i}, t.c{i} AS t{i}"
        for i in merged.values
    )
    work.change(
        f"CREATE TEMP TABLE {found} AS SELECT {', '.join(f'w.k{at}' for at in range(len(merged.key)))},"
        f" w.older IS NOT NULL AS hb, w.newer IS NOT NULL AS hs, t.here IS NOT NULL AS ht{cells}"
        f" FROM {changed} AS w LEFT JOIN ({merged.target.select()}) AS t ON {on}"
    )
    drop(work, changed)
    return found


def _judged(work: Work, merged: Versions, wide: str, settled: str, winner: str) -> str:
    """The rows with what is to become of them: `kind` of conflict, `action`, whether each cell clashes (`x3`)."""
    keys = range(len(merged.key))
    on = " AND ".join(f"w.k{at} = r.k{at}" for at in keys)
    clashes = {i: f"hs AND ht AND {_clash(i)}" for i in merged.values if i in merged.shared}
    takes = "".join(
        f", coalesce(r.t{i}, CASE WHEN r.row_take <> 'value' THEN r.row_take END, {winner}) AS y{i}"
        f", coalesce({clash}, false) AS x{i}, r.a{i} IS NOT NULL AS g{i}, r.v{i} AS v{i}, r.a{i} AS a{i}"
        for i, clash in clashes.items()
    )
    by_source = _changed_by("s", _known(merged, merged.from_target), merged.from_source)
    by_target = _changed_by("t", _known(merged, merged.from_source), merged.from_target)
    first = (
        f"SELECT w.*, r.row_at, coalesce(r.row_take, {winner}) AS row_take{takes},"
        f" CASE WHEN hb AND NOT hs AND ht AND ({by_target}) THEN 'modify_delete'"
        f" WHEN hb AND hs AND NOT ht AND ({by_source}) THEN 'delete_modify' END AS lost"
        f" FROM {wide} AS w LEFT JOIN {settled} AS r ON {on}"
    )
    left = _any(f"x{i} AND y{i} IS NULL" for i in clashes)
    finals = "".join(f", {_cell(merged, i)} AS m{i}" for i in merged.values)
    changes = _any(f"m{i} IS DISTINCT FROM t{i}" for i in merged.values)
    found = temporary("judged")
    work.change(
        f"CREATE TEMP TABLE {found} AS SELECT *, CASE WHEN kind IS NOT NULL THEN NULL"
        f" WHEN lost = 'modify_delete' THEN CASE WHEN row_take = 'source' THEN '{DELETE}'"
        f" WHEN row_take = 'value' AND ({changes}) THEN '{PUT}' END"
        f" WHEN lost = 'delete_modify' THEN CASE WHEN row_take <> 'target' THEN '{PUT}' END"
        f" WHEN hb AND NOT hs AND ht THEN '{DELETE}' WHEN hs AND NOT hb AND NOT ht THEN '{PUT}'"
        f" WHEN hs AND ht AND ({changes}) THEN '{PUT}' END AS action FROM ("
        f"SELECT *{finals}, CASE WHEN lost IS NOT NULL THEN CASE WHEN row_take IS NULL THEN lost END"
        f" WHEN {left} THEN CASE WHEN hb THEN 'modify_modify' ELSE 'add_add' END END AS kind FROM ({first}))"
    )
    return found


def _clash(i: int) -> str:
    return (
        f"w.s{i} IS DISTINCT FROM w.t{i} AND (NOT hb OR (w.b{i} IS DISTINCT FROM w.s{i}"
        f" AND w.b{i} IS DISTINCT FROM w.t{i}))"
    )


def _cell(merged: Versions, i: int) -> str:
    """The final cell; where a row is gone on one side, the other side's."""
    if i in merged.from_source:
        return f"CASE WHEN hs THEN s{i} ELSE t{i} END"
    if i in merged.from_target:
        return f"t{i}"
    value = f"WHEN row_take = 'value' AND g{i} THEN v{i}"
    return (
        f"CASE WHEN lost = 'modify_delete' THEN CASE {value} ELSE t{i} END"
        f" WHEN lost = 'delete_modify' THEN CASE {value} ELSE s{i} END"
        f" WHEN x{i} THEN CASE y{i} WHEN 'source' THEN s{i} WHEN 'value' THEN v{i} ELSE t{i} END"
        f" WHEN ht AND (NOT hb OR b{i} IS DISTINCT FROM t{i}) THEN t{i} ELSE s{i} END"
    )


def _known(merged: Versions, others: Sequence[int]) -> list[int]:
    """The columns by which a side's change of a row is told."""
    return [i for i in merged.values if i not in others and i in merged.known]


def _changed_by(side: str, columns: Iterable[int], added: Sequence[int]) -> str:
    """Whether a side changed a row.

    In a column that it added NULL is no change: the default that is known may have been set after the column was made.
    """
    return _any(
        f"w.b{i} IS DISTINCT FROM w.{side}{i}" + (f" AND w.{side}{i} IS NOT NULL" if i in added else "")
        for i in columns
    )


def _any(conditions: Iterable[str]) -> str:
    listed = [f"({condition})" for condition in conditions]
    return " OR ".join(listed) or "false"


def _final(work: Work, merged: Versions, judged: str) -> PlannedRows:
    rows = temporary("rows")
    at = {i: n for n, i in enumerate(merged.key)}
    cells = ", ".join(f"k{at[i]} AS m{i}" if i in at else f"m{i}" for i in range(len(merged.shape)))
    work.change(
        f"CREATE TEMP TABLE {rows} AS SELECT row_number() OVER () AS p, action, ht AS there, 1 AS copies, {cells}"
        f" FROM {judged} WHERE action IS NOT NULL"
    )
    clashes = Clashes(work, merged)
    inserted, updated, deleted = summed(work, rows)
    conflicts, counts = clashes.of_rows(judged)
    return PlannedRows(merged, rows, inserted, updated, deleted, conflicts, counts, _used(work, merged, judged))


def _used(work: Work, merged: Versions, judged: str) -> frozenset[int]:
    """The resolutions that settled something."""
    settled = [i for i in merged.values if i in merged.shared]
    parts = [f"SELECT a{i} FROM {judged} WHERE a{i} IS NOT NULL AND x{i}" for i in settled]
    parts.append(
        f"SELECT row_at FROM {judged} WHERE row_at IS NOT NULL AND (lost IS NOT NULL"
        f" OR {_any(f'x{i} AND (a{i} IS NULL OR a{i} = row_at)' for i in settled)})"
    )
    return frozenset(row[0] for row in work.ask(" UNION ".join(parts)))
