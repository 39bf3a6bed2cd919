"""Stories of two branches, told in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, Merged, MergeOrder, Statement

DATABASE = "db_told"
T = "CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer)"
ROWS = "INSERT INTO t VALUES (1, 10, 100), (2, 20, 200), (3, 30, 300)"
BEFORE = (T, ROWS)


class Told:
    """One database with its two branches."""

    def __init__(self, engine: DuckDBEngine, name: str) -> None:
        self.engine, self.name = engine, name
        engine.create(name)

    def run(self, branch: str, *queries: str) -> None:
        for query in queries:
            self.engine.execute(self.name, branch, Statement(query), Limits())

    def rows(self, query: str, branch: str = "main") -> list[tuple[Any, ...]]:
        table = self.engine.execute(self.name, branch, Statement(query), Limits()).table
        assert table is not None
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True)) if table.num_rows else []

    def split(self, setup: Sequence[str], main: Sequence[str], branch: Sequence[str]) -> None:
        self.run("main", *setup)
        self.engine.fork(self.name, "b", "main", Limits())
        # Both sides must have moved, or the merge is a fast-forward.
        self.run("main", *main, "CREATE TABLE only_main (x integer)")
        self.run("b", *branch, "CREATE TABLE only_branch (x integer)")

    def merge(self, source: str = "b", target: str = "main") -> Merged:
        return self.engine.merge(self.name, MergeOrder(source, target, "three-way"), Limits())
