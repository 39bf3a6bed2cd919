"""Writing the rows that a merge planned: first all that go or change are removed, then the final ones are inserted.

The two belong into transactions of their own, the first of all tables before the second of any: then no order of
rows or tables can break a constraint on the way that holds in the end.  The file is nobody else's meanwhile.
"""

from __future__ import annotations

from helios_magic.engine.branching.planned import PUT, PlannedRows
from helios_magic.engine.branching.reading import Work
from helios_magic.engine.names import place, quoted


def remove(work: Work, planned: PlannedRows) -> None:
    """Delete every row that the plan deletes or writes anew."""
    table = planned.versions.table.result
    own = [f"t.{quoted(name)}" for name in planned.versions.names]
    work.change(f"DELETE FROM {place(table)} AS t USING {planned.rows} AS p WHERE {planned.matches('p', own)}")


def insert(work: Work, planned: PlannedRows) -> None:
    """Insert the final rows.  Raises `duckdb.Error` where a constraint does not hold that could not be foreseen.

    Rows that are new to the target get the defaults of columns that only the target added.
    """
    merged = planned.versions
    place_ = place(merged.table.result)
    everything = range(len(merged.shape))
    for there in (True, False) if merged.from_target else (None,):
        picked = [i for i in everything if there is not False or i not in merged.from_target]
        which = f"action = '{PUT}'" if there is None else f"action = '{PUT}' AND {'' if there else 'NOT '}there"
        columns = ", ".join(quoted(merged.names[i]) for i in picked)
        cells = ", ".join(f"m{i}" for i in picked)
        rows = f"SELECT {cells}, unnest(range(copies)) AS copy FROM {planned.rows} WHERE {which}"
        work.change(f"INSERT INTO {place_} ({columns}) SELECT {cells} FROM ({rows})")
