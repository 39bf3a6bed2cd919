"""Which of the rows that a merge is about to write break a constraint of the merged table.

Only these rows are looked at: all others satisfied the same constraints in the target, or were looked at when the
structure was merged.  Foreign keys are looked at once all rows are written (`orphans`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from helios_magic.engine.branching.clashes import Clashes
from helios_magic.engine.branching.planned import PUT, PlannedRows
from helios_magic.engine.branching.reading import Work
from helios_magic.engine.face import MOST_CONFLICTS, Conflict, ConflictKind
from helios_magic.engine.names import literal, quoted
from helios_magic.schema import Table

_RAISED = re.compile(r"""\"?error\"?\('\[23514\](?:[^']|'')*'\)""")


class Violations:
    """Broken constraints of one table's planned rows."""

    def __init__(self, work: Work, planned: PlannedRows) -> None:
        self._work, self._planned, self._merged = work, planned, planned.versions
        self._clashes = Clashes(work, planned.versions)
        self.conflicts: list[Conflict] = []
        self.counts: dict[str, int] = {}

    def look(self) -> None:
        if self._planned.inserted + self._planned.updated == 0:
            return
        for i in self._not_null():
            self._note("not_null", [i], f"m{i} IS NULL")
        for columns, condition in self._checks():
            self._check(columns, condition)
        for names in unique_keys(self._merged.table.result):
            # A generated column is not known before it is written; its index refuses the insert.
            if set(names) != set(self._merged.table.key) and set(names) <= set(self._merged.names):
                self._unique([self._merged.names.index(name) for name in names])

    def _not_null(self) -> list[int]:
        keyed = set(self._merged.table.result.primary_key)
        columns = enumerate(self._merged.shape.columns)
        return [i for i, column in columns if not column.nullable or column.name in keyed]

    def _new(self, i: int) -> str:
        """The condition under which a planned row's cell is what will be written, not the column's default."""
        column = self._merged.table.result.column(self._merged.names[i])
        given = column is not None and (column.default or column.identity or column.generated)
        return "there" if given and i in self._merged.from_target else "true"

    def _note(self, kind: ConflictKind, columns: Sequence[int], broken: str) -> None:
        """Rows that break a constraint by themselves."""
        written = " AND ".join(self._new(i) for i in columns)
        self._add(kind, columns, f"SELECT p FROM {self._planned.rows} WHERE action = '{PUT}' AND {written}"
                  f" AND {broken}")  # fmt: skip

    def _add(self, kind: ConflictKind, columns: Sequence[int], broken: str) -> None:
        """Take up conflicts: `broken` is a query for numbers of planned rows `p`, and the rows that they meet `o`."""
        (count,) = self._work.ask(f"SELECT count(*) FROM ({broken})")[0]
        if not count:
            return
        self.counts[kind] = self.counts.get(kind, 0) + count
        merged, rows = self._merged, self._planned.rows
        everything = range(len(merged.shape))
        known_by = merged.key or everything
        few = f"FROM {rows} AS r JOIN ({broken}) AS b ON r.p = b.p ORDER BY r.p LIMIT {MOST_CONFLICTS}"
        key = self._clashes.fetched(f"SELECT {', '.join(f'r.m{i}' for i in known_by)} {few}", known_by)
        source = self._clashes.fetched(f"SELECT {', '.join(f'r.m{i}' for i in everything)} {few}", everything)
        names = [merged.names[i] for i in columns]
        target = None
        if kind == "unique":
            target = self._clashes.fetched(f"SELECT {', '.join(f'b.o.c{i}' for i in everything)} {few}", everything)
        self.conflicts += self._clashes.of_constraint(kind, names, key, target, source)

    def _checks(self) -> Iterator[tuple[list[int], str]]:
        """The CHECK conditions as DuckDB runs them, with the columns they name."""
        table = self._merged.table.result
        told = self._work.ask(
            "SELECT constraint_column_names, expression FROM duckdb_constraints()"
            " WHERE database_name = current_database() AND constraint_type = 'CHECK'"
            f" AND schema_name = {literal(table.schema)} AND table_name = {literal(table.name)}"
        )
        for names, expression in told:
            if set(names) <= set(self._merged.names):
                # The dialect's checks raise the error of their name; here it is to be false.
                condition = _RAISED.sub("false", expression)
                yield [self._merged.names.index(name) for name in dict.fromkeys(names)], condition

    def _check(self, columns: list[int], condition: str) -> None:
        """A row whose condition is false; one whose condition cannot be computed is refused when it is written."""
        import duckdb

        number = "p"
        while number.lower() in {name.lower() for name in self._merged.names}:
            number += "_"
        cells = ", ".join(f"m{i} AS {quoted(self._merged.names[i])}" for i in columns)
        written = " AND ".join(self._new(i) for i in columns) or "true"
        rows = f"SELECT p AS {number}{', ' if cells else ''}{cells} FROM {self._planned.rows}"
        broken = f"SELECT {number} AS p FROM ({rows} WHERE action = '{PUT}' AND {written}) WHERE NOT ({condition})"
        try:
            self._work.ask(f"SELECT count(*) FROM ({broken})")
        except duckdb.Error:
            self._work.guard.check()
            return
        self._add("check", columns, broken)

    def _unique(self, columns: list[int]) -> None:
        merged, rows = self._merged, self._planned.rows
        put = f"action = '{PUT}'" + "".join(f" AND {self._new(i)} AND m{i} IS NOT NULL" for i in columns)
        everything = range(len(merged.shape))
        cells = ", ".join(f"m{i}" for i in columns)
        packed = ", ".join(f"c{i} := m{i}" for i in everything)
        first = f"first(struct_pack({packed})) OVER (PARTITION BY {cells} ORDER BY p)"
        among = (
            f"SELECT p, copies, {first} AS o, row_number() OVER (PARTITION BY {cells} ORDER BY p) AS n"
            f" FROM {rows} WHERE {put}"
        )
        new = f"SELECT p, o FROM ({among}) WHERE n > 1 OR copies > 1"
        meets = " AND ".join(f"r.m{i} = t.c{i}" for i in columns)
        matches = self._planned.matches("g", [f"t.c{i}" for i in everything])
        old = (
            f"SELECT r.p, struct_pack({', '.join(f'c{i} := t.c{i}' for i in everything)}) AS o"
            f" FROM (SELECT * FROM {rows} WHERE {put}) AS r JOIN ({merged.target.select()}) AS t ON {meets}"
            f" WHERE NOT EXISTS (SELECT 1 FROM {rows} AS g WHERE {matches})"
        )
        self._add("unique", columns, f"SELECT p, first(o) AS o FROM ({new} UNION ALL {old}) GROUP BY p")


def violations(work: Work, planned: PlannedRows) -> tuple[list[Conflict], dict[str, int]]:
    """Conflicts `not_null`, `check` and `unique` of the planned rows, the first of each kind, and counts of all."""
    found = Violations(work, planned)
    found.look()
    return found.conflicts[:MOST_CONFLICTS], found.counts


def unique_keys(table: Table) -> list[tuple[str, ...]]:
    """The columns of every key and unique index."""
    keys = [table.primary_key, *table.unique, *(index.columns for index in table.indexes if index.unique)]
    names = {column.name for column in table.columns}
    return [columns for columns in dict.fromkeys(keys) if columns and set(columns) <= names]
