"""Conflicts as the engine's face shows them: each side's row as a table of one row, typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helios_magic.engine.branching.reading import Work, fetched
from helios_magic.engine.branching.settling import COPIES
from helios_magic.engine.branching.versions import Versions
from helios_magic.engine.face import MOST_CONFLICTS, Conflict, ConflictKind

if TYPE_CHECKING:
    import pyarrow as pa


class Clashes:
    """The conflicts of one table."""

    def __init__(self, work: Work, versions: Versions) -> None:
        self._work, self._versions = work, versions
        self._table = versions.table.result.label

    def of_rows(self, judged: str) -> tuple[list[Conflict], dict[str, int]]:
        """Those of a table with a key: the first in key order, and how many there are of each kind."""
        v = self._versions
        counts = dict(self._work.ask(f"SELECT kind, count(*) FROM {judged} WHERE kind IS NOT NULL GROUP BY 1"))
        if not counts:
            return [], {}
        keys = [f"k{at}" for at in range(len(v.key))]
        differing = [_differs(i, v) for i in v.values]
        head = f"kind, hb, ht, hs, [{', '.join(differing)}]"
        few = f"FROM {judged} WHERE kind IS NOT NULL ORDER BY {', '.join(keys)} LIMIT {MOST_CONFLICTS}"
        told = self._work.ask(f"SELECT {head} {few}")
        key = self.fetched(f"SELECT {', '.join(keys)} {few}", v.key)
        at = {i: n for n, i in enumerate(v.key)}
        everything = range(len(v.shape))
        sides = {
            side: self.fetched(
                f"SELECT {', '.join(keys[at[i]] if i in at else f'{side}{i}' for i in everything)} {few}", everything
            )
            for side in "bts"
        }
        found = []
        for n, (kind, base, target, source, marks) in enumerate(told):
            columns = tuple(v.names[i] for i, mark in zip(v.values, marks, strict=True) if mark)
            rows = (
                sides[side].slice(n, 1) if there else None
                for side, there in (("b", base), ("t", target), ("s", source))
            )
            found.append(Conflict(self._table, kind, columns, key.slice(n, 1), *rows))
        return found, counts

    def of_copies(self, judged: str) -> tuple[list[Conflict], dict[str, int]]:
        """Those of a table without a key: the row itself is the key, the sides tell how often they have it."""
        (count,) = self._work.ask(f"SELECT count(*) FROM {judged} WHERE kind IS NOT NULL")[0]
        if not count:
            return [], {}
        everything = range(len(self._versions.shape))
        cells = ", ".join(f"c{i}" for i in everything)
        few = f"FROM {judged} WHERE kind IS NOT NULL ORDER BY {cells} LIMIT {MOST_CONFLICTS}"
        key = self.fetched(f"SELECT {cells} {few}", everything)
        sides = [fetched(self._work, f"SELECT {side} AS copies {few}", [COPIES], ["int8"]) for side in "bts"]
        found = []
        for n in range(key.num_rows):
            counts = (side.slice(n, 1) for side in sides)
            rows = (table if table.column(0)[0].as_py() else None for table in counts)
            found.append(Conflict(self._table, "cardinality", (), key.slice(n, 1), *rows))
        return found, {"cardinality": count}

    def of_constraint(
        self, kind: ConflictKind, columns: Sequence[str], key: pa.Table, target: pa.Table | None, source: pa.Table
    ) -> list[Conflict]:
        """Those of final rows that break a constraint; each table has a row for each."""
        return [
            Conflict(
                self._table, kind, tuple(columns), key.slice(n, 1),
                target=None if target is None else target.slice(n, 1), source=source.slice(n, 1),
            )
            for n in range(source.num_rows)
        ]  # fmt: skip

    def fetched(self, query: str, columns: Sequence[int]) -> pa.Table:
        """Rows of cells, as columns of the merged table."""
        shape = self._versions.shape
        names, types = [shape.columns[i].name for i in columns], [shape.columns[i].type for i in columns]
        return fetched(self._work, query, names, types)


def _differs(i: int, versions: Versions) -> str:
    """Whether a column is in conflict: of a deleted row, what the other side changed in it."""
    clash = f"x{i} AND y{i} IS NULL" if i in versions.shared else "false"
    by_source = "false" if i in versions.from_target or i not in versions.known else f"b{i} IS DISTINCT FROM s{i}"
    by_target = "false" if i in versions.from_source or i not in versions.known else f"b{i} IS DISTINCT FROM t{i}"
    return f"CASE kind WHEN 'delete_modify' THEN {by_source} WHEN 'modify_delete' THEN {by_target} ELSE {clash} END"
