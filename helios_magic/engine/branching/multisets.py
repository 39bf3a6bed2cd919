"""Three-way merge of a table without a key: how often each distinct row is there, on each side.

What one side left as it was, the other decides; where both came to the same number, that is it; anything else is a
conflict over the number.
"""

from __future__ import annotations

from helios_magic.engine.branching.changes import changed_copies, drop
from helios_magic.engine.branching.clashes import Clashes
from helios_magic.engine.branching.planned import DELETE, PUT, PlannedRows
from helios_magic.engine.branching.reading import Reading, Work, temporary
from helios_magic.engine.branching.versions import Versions
from helios_magic.errors import QueryError


def plan_copies(work: Work, merged: Versions, settled: str, winner: str) -> PlannedRows:
    """What merging comes to; `settled` has the resolutions, `winner` is the side that a strategy prefers."""
    everything = tuple(range(len(merged.shape)))
    changed = changed_copies(work, merged.base, merged.source, everything)
    _refuse_unknown(work, merged, changed)
    target = _target(merged)
    same = " AND ".join(f"w.c{i} IS NOT DISTINCT FROM t.c{i}" for i in everything)
    settles = " AND ".join(f"w.c{i} IS NOT DISTINCT FROM r.k{i}" for i in everything)
    cells = ", ".join(f"c{i}" for i in everything)
    judged = temporary("judged")
    work.change(
        f"CREATE TEMP TABLE {judged} AS SELECT *, CASE WHEN clash AND take IS NULL THEN 'cardinality' END AS kind,"
        " CASE WHEN NOT clash THEN CASE WHEN t = b THEN s ELSE t END"
        " ELSE CASE take WHEN 'source' THEN s WHEN 'value' THEN row_copies ELSE t END END AS final FROM ("
        f"SELECT w.*, r.row_at, r.row_copies, coalesce(r.row_take, {winner}) AS take,"
        " w.b <> w.t AND w.s <> w.t AND w.b <> w.s AS clash FROM ("
        f"SELECT w.* EXCLUDE (older, newer), w.older AS b, w.newer AS s, count(t.here) AS t FROM {changed} AS w"
        f" LEFT JOIN ({target.select()}) AS t ON {same} GROUP BY ALL"
        f") AS w LEFT JOIN {settled} AS r ON {settles})"
    )
    rows = temporary("rows")
    finals = ", ".join(f"c{i} AS m{i}" for i in everything)
    work.change(
        f"CREATE TEMP TABLE {rows} AS SELECT row_number() OVER () AS p,"
        f" CASE WHEN final > 0 THEN '{PUT}' ELSE '{DELETE}' END AS action, t > 0 AS there, final AS copies, {finals}"
        f" FROM (SELECT {cells}, t, final FROM {judged} WHERE kind IS NULL AND final <> t)"
    )
    query = "SELECT coalesce(sum(greatest(final - t, 0)), 0), coalesce(sum(greatest(t - final, 0)), 0)"
    inserted, deleted = work.ask(f"{query} FROM {judged} WHERE kind IS NULL")[0]
    used = work.ask(f"SELECT row_at FROM {judged} WHERE clash AND row_at IS NOT NULL")
    conflicts, counts = Clashes(work, merged).of_copies(judged)
    drop(work, changed, settled, judged)
    return PlannedRows(
        merged, rows, int(inserted), 0, int(deleted), conflicts, counts, frozenset(row[0] for row in used)
    )


def _refuse_unknown(work: Work, merged: Versions, changed: str) -> None:
    """A row that the source removed cannot be found where the target gave each row a value of its own."""
    unknown = [merged.names[i] for i in merged.from_target if i not in merged.known]
    if unknown and work.ask(f"SELECT 1 FROM {changed} WHERE newer < older LIMIT 1"):
        name = merged.table.result.label
        raise QueryError(
            f"rows of “{name}” were removed or changed on one side, and cannot be told apart on the other: the table "
            f"has no primary key, and the new column “{unknown[0]}” has a value of its own in each row",
            hint="Drop the column on that branch, merge, and add it again.",
            details={"sqlstate": "0A000", "table": name, "column": unknown[0]},
        )


def _target(merged: Versions) -> Reading:
    """The target's rows; columns that the merge gave it hold what they held in every row before."""
    cells = tuple(
        merged.base.cells[i] if i in merged.from_source else cell for i, cell in enumerate(merged.target.cells)
    )
    return Reading(merged.target.source, cells)
