"""What a merge of one table's rows comes to, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from helios_magic.engine.branching.reading import Work
from helios_magic.engine.branching.versions import Versions
from helios_magic.engine.face import Conflict

PUT = "put"
DELETE = "delete"


@dataclass(frozen=True, slots=True)
class PlannedRows:
    """`rows` is a temporary table of the rows that the merge writes, none of them in conflict.

    Its columns: `p` (a number of its own), `action` (`put`, `delete`), `there` (whether the target has the row),
    `copies`, and the final cells `m0`, `m1`, … in the order of `versions.shape`.  A key's cells are always given; of
    a table without key a row is known by all of them.  `conflicts` are the first of those that `counts` counts by
    kind; `used` are the places of the resolutions that settled something, in the order they were given.
    """

    versions: Versions
    rows: str
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    used: frozenset[int] = frozenset()

    def matches(self, row: str, target: Sequence[str]) -> str:
        """The condition under which a planned row (its alias) is a row of the target (an expression per column)."""
        merged = self.versions
        if merged.key:
            return " AND ".join(f"{row}.m{i} = {target[i]}" for i in merged.key)
        # What the merge itself put into the target is the same in all of its rows.
        known_by = [i for i in range(len(merged.shape)) if i not in merged.from_source]
        return " AND ".join([f"{row}.there", *(f"{row}.m{i} IS NOT DISTINCT FROM {target[i]}" for i in known_by)])


def summed(work: Work, rows: str) -> tuple[int, int, int]:
    """How many rows are inserted, updated and deleted."""
    query = (
        f"SELECT count(*) FILTER (action = '{PUT}' AND NOT there), count(*) FILTER (action = '{PUT}' AND there),"
        f" count(*) FILTER (action = '{DELETE}') FROM {rows}"
    )
    inserted, updated, deleted = work.ask(query)[0]
    return inserted, updated, deleted
