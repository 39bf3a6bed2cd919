"""Three-way merges of one table's rows, against a merge of dicts written from the contract."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helios_magic.engine import catalog
from helios_magic.engine.branching.applying import insert, remove
from helios_magic.engine.branching.constraints import violations
from helios_magic.engine.branching.diff import table_difference
from helios_magic.engine.branching.orphans import foreign_key_conflicts
from helios_magic.engine.branching.pairs import pairs
from helios_magic.engine.branching.planned import PlannedRows
from helios_magic.engine.branching.rows import plan_rows
from helios_magic.engine.branching.sides import ColumnMerge, Side, TableMerge
from helios_magic.engine.face import Limits, Page, Resolution, TableDifference
from helios_magic.engine.limits import Guard, Watch
from helios_magic.errors import ValidationError

_numbers = itertools.count()


class Bench:
    """Three files on one instance, and the work that merges them."""

    def __init__(self, folder: Path) -> None:
        self.cursor = duckdb.connect()
        self.cursor.execute("SET GLOBAL default_null_order = 'postgres'")
        for name in "bst":
            self.cursor.execute(f"ATTACH '{folder}/{name}.duckdb' AS {name}")
        self.guard = Guard(Limits(timeout_ms=600_000), Watch())
        self.answer_bytes = 1 << 30
        self.fresh()

    def fresh(self) -> None:
        self.cursor.execute("USE memory")
        for name in "bst":
            self.cursor.execute(f"DROP SCHEMA IF EXISTS {name}.public CASCADE; CREATE SCHEMA {name}.public")
            self.cursor.execute(f"DROP SCHEMA IF EXISTS {name}._helios CASCADE; USE {name}")
            self.cursor.execute(catalog.BOOTSTRAP.replace("CREATE SCHEMA public;", ""))
        self.cursor.execute("SET search_path = 't.public,memory.main'")

    def ask(self, query: str, values: Any = None) -> list[tuple[Any, ...]]:
        with self.guard.running(self.cursor):
            return self.cursor.execute(query, values).fetchall()

    def change(self, query: str, values: Any = None) -> int:
        rows = self.ask(query, values)
        return int(rows[0][0]) if rows else 0

    def everywhere(self, *statements: str) -> None:
        for side in "bst":
            self.on(side, *statements)

    def on(self, side: str, *statements: str) -> None:
        self.cursor.execute(f"SET search_path = '{side}.public,memory.main'")
        for statement in statements:
            self.cursor.execute(statement)
        self.cursor.execute("SET search_path = 't.public,memory.main'")

    def side(self, alias: str) -> Side:
        self.cursor.execute(f"SET search_path = '{alias}.public,memory.main'")
        schema = catalog.read(self.ask, alias)
        self.cursor.execute("SET search_path = 't.public,memory.main'")
        return Side(alias, schema)

    def merge(
        self, name: str = "t", strategy: Any = "three-way", *resolutions: Resolution, **renamed: Any
    ) -> PlannedRows:
        """Plan; `renamed` are the columns that are not the same on all sides."""
        base, source, result = (self.side(alias) for alias in "bst")
        table, old, theirs = (side.schema.table(name) for side in (result, base, source))
        assert table is not None
        assert theirs is not None
        columns = tuple(renamed.get(c.name, ColumnMerge(c.name, c.name, c.name, c.name)) for c in table.columns)
        merged = TableMerge(table, old, theirs, columns, table.primary_key)
        return plan_rows(self, merged, base, source, result, strategy, resolutions)

    def merged(self, *args: Any, **renamed: Any) -> PlannedRows:
        planned = self.merge(*args, **renamed)
        assert not planned.conflicts
        remove(self, planned)
        insert(self, planned)
        return planned

    def rows(self, query: str = "FROM t ORDER BY ALL") -> list[tuple[Any, ...]]:
        return self.ask(query)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("files"))
    yield bench
    bench.cursor.close()


@pytest.fixture
def bench(instance: Bench) -> Bench:
    instance.fresh()
    return instance


_T = ("CREATE TABLE t(id INT PRIMARY KEY, a INT, b INT)", "INSERT INTO t VALUES (1,10,100),(2,20,200),(3,30,300)")


def test_cells_of_one_row_merge(bench: Bench) -> None:
    bench.everywhere(*_T)
    bench.on("s", "UPDATE t SET b = 101 WHERE id = 1", "DELETE FROM t WHERE id = 2", "INSERT INTO t VALUES (5,50,500)")
    bench.on("t", "UPDATE t SET a = 11 WHERE id = 1", "INSERT INTO t VALUES (4,40,400)")
    planned = bench.merged()
    assert (planned.inserted, planned.updated, planned.deleted) == (1, 1, 1)
    assert bench.rows() == [(1, 11, 101), (3, 30, 300), (4, 40, 400), (5, 50, 500)]


@pytest.mark.parametrize(
    ("source", "target", "kind", "columns"),
    [
        ("UPDATE t SET a = 12 WHERE id = 1", "UPDATE t SET a = 11, b = 7 WHERE id = 1", "modify_modify", ("a",)),
        ("DELETE FROM t WHERE id = 1", "UPDATE t SET a = 11 WHERE id = 1", "modify_delete", ("a",)),
        ("UPDATE t SET b = 11 WHERE id = 1", "DELETE FROM t WHERE id = 1", "delete_modify", ("b",)),
        ("INSERT INTO t VALUES (9, 1, 2)", "INSERT INTO t VALUES (9, 1, 3)", "add_add", ("b",)),
    ],
)
def test_conflicts(bench: Bench, source: str, target: str, kind: str, columns: tuple[str, ...]) -> None:
    bench.everywhere(*_T)
    bench.on("s", source)
    bench.on("t", target)
    planned = bench.merge()
    (conflict,) = planned.conflicts
    assert (conflict.kind, conflict.columns, planned.counts) == (kind, columns, {kind: 1})
    assert conflict.key is not None
    assert conflict.key.column_names == ["id"]
    assert conflict.key.schema.field(0).metadata == {b"pg_type": b"int4"}
    for side, table in (("b", conflict.base), ("t", conflict.target), ("s", conflict.source)):
        rows = bench.rows(f"FROM {side}.public.t WHERE id = {conflict.key['id'][0].as_py()}")
        assert [tuple(row.values()) for row in table.to_pylist()] == rows if table is not None else not rows
    for strategy, winner in (("ours", "t"), ("theirs", "s")):
        settled = bench.merge("t", strategy)
        assert not settled.conflicts
        wanted = bench.rows(f"FROM {winner}.public.t ORDER BY ALL")
        if kind == "modify_modify" and winner == "s":
            wanted[0] = (1, 12, 7)
        left = bench.rows("FROM t ORDER BY ALL")
        bench.ask("BEGIN")
        remove(bench, settled)
        insert(bench, settled)
        assert bench.rows() == wanted
        bench.ask("ROLLBACK")
        assert bench.rows() == left


def test_resolutions_settle_cells_and_rows(bench: Bench) -> None:
    bench.everywhere(*_T)
    bench.on("s", "UPDATE t SET a = 12, b = 13", "DELETE FROM t WHERE id = 3")
    bench.on("t", "UPDATE t SET a = 22, b = 23")
    planned = bench.merged(
        "t",
        "three-way",
        Resolution("t", {"id": 1}, "source", column="a"),
        Resolution("t", {"id": 1}, "value", 99, "b"),
        Resolution("t", {"id": 2}, "target"),
        Resolution("t", {"id": 3}, "source"),
        Resolution("t", {"id": 8}, "source"),
    )
    assert bench.rows() == [(1, 12, 99), (2, 22, 23)]
    assert planned.used == {0, 1, 2, 3}
    with pytest.raises(ValidationError, match="int4"):
        bench.merge("t", "three-way", Resolution("t", {"id": 1}, "value", "x", "b"))


def test_a_swap_of_unique_values(bench: Bench) -> None:
    bench.everywhere("CREATE TABLE t(id INT PRIMARY KEY, e TEXT UNIQUE)", "INSERT INTO t VALUES (1,'a'),(2,'b')")
    bench.on("s", "DELETE FROM t", "INSERT INTO t VALUES (1,'b'),(2,'a')")
    bench.on("t", "INSERT INTO t VALUES (9,'q')")
    bench.merged()
    assert bench.rows() == [(1, "b"), (2, "a"), (9, "q")]


def test_a_column_that_only_the_source_has(bench: Bench) -> None:
    bench.everywhere(*_T)
    bench.on("s", "ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'd'", "UPDATE t SET c = 'x' WHERE id = 1")
    bench.on("t", "DELETE FROM t WHERE id = 2", "INSERT INTO t VALUES (4, 4, 4)")
    bench.on("t", "ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'd'")  # what merging the structure does
    bench.merged(c=ColumnMerge("c", None, None, "c"))
    assert bench.rows() == [(1, 10, 100, "x"), (3, 30, 300, "d"), (4, 4, 4, "d")]


def test_a_column_that_only_the_target_has(bench: Bench) -> None:
    bench.everywhere(*_T)
    bench.on("t", "ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'd'", "UPDATE t SET c = 'x' WHERE id = 1")
    bench.on("s", "UPDATE t SET a = 11 WHERE id = 1", "INSERT INTO t VALUES (4, 4, 4)", "DELETE FROM t WHERE id = 2")
    bench.merged(c=ColumnMerge("c", None, "c", None))
    assert bench.rows() == [(1, 11, 100, "x"), (3, 30, 300, "d"), (4, 4, 4, "d")]


def test_renamed_and_retyped_columns(bench: Bench) -> None:
    bench.everywhere(*_T)
    bench.on("s", "ALTER TABLE t RENAME COLUMN a TO z", "UPDATE t SET z = 77 WHERE id = 1")
    bench.on("t", "ALTER TABLE t ALTER COLUMN b TYPE BIGINT", "UPDATE t SET b = 3000000000 WHERE id = 2")
    bench.on("t", "ALTER TABLE t RENAME COLUMN a TO z")
    bench.merged(z=ColumnMerge("z", "a", "a", "z"))
    assert bench.rows() == [(1, 77, 100), (2, 20, 3000000000), (3, 30, 300)]


@pytest.mark.parametrize(
    ("source", "target", "wanted"),
    [
        ("UPDATE t SET y = 27", "UPDATE t SET y = 17", [(7, 17), (7, 27)]),
        ("INSERT INTO t VALUES (1, NULL)", "INSERT INTO t VALUES (1, NULL)", [(1, None), (7, 7)]),
        ("DELETE FROM t", "SELECT 1", []),
        ("INSERT INTO t VALUES (7, 7), (7, 7)", "SELECT 1", [(7, 7)] * 3),
    ],
)
def test_tables_without_a_key(bench: Bench, source: str, target: str, wanted: list[Any]) -> None:
    bench.everywhere("CREATE TABLE t(x INT, y INT)", "INSERT INTO t VALUES (7, 7)")
    bench.on("s", source)
    bench.on("t", target)
    bench.merged()
    assert bench.rows() == wanted


def test_cardinality(bench: Bench) -> None:
    bench.everywhere("CREATE TABLE t(x INT, y INT)", "INSERT INTO t VALUES (1, 1), (1, 1), (1, 1)")
    bench.on("s", "DELETE FROM t")
    bench.on("t", "INSERT INTO t VALUES (1, 1)")
    (conflict,) = bench.merge().conflicts
    assert conflict.kind == "cardinality"
    assert conflict.key is not None
    assert conflict.key.to_pylist() == [{"x": 1, "y": 1}]
    assert conflict.target is not None
    assert conflict.target.to_pylist() == [{"copies": 4}]
    assert conflict.source is None
    bench.merged("t", "three-way", Resolution("t", {"x": 1, "y": 1}, "value", 2))
    assert bench.rows() == [(1, 1)] * 2


def test_unique_values_meet_those_of_rows_that_stay(bench: Bench) -> None:
    bench.everywhere("CREATE TABLE t(id INT PRIMARY KEY, e TEXT UNIQUE)", "INSERT INTO t VALUES (1,'a'),(2,'b')")
    bench.on("s", "INSERT INTO t VALUES (5,'x'),(6,NULL)", "UPDATE t SET e = 'y' WHERE id = 2")
    bench.on("t", "INSERT INTO t VALUES (7,'x'),(8,NULL),(9,'b2')", "UPDATE t SET e = 'c' WHERE id = 1")
    (conflict,), counts = violations(bench, bench.merge())
    assert (conflict.kind, conflict.columns, counts) == ("unique", ("e",), {"unique": 1})
    assert conflict.source is not None
    assert conflict.source.to_pylist() == [{"id": 5, "e": "x"}]
    assert conflict.target is not None
    assert conflict.target.to_pylist() == [{"id": 7, "e": "x"}]


def test_not_null_without_a_default(bench: Bench) -> None:
    bench.everywhere(*_T)
    bench.on("t", "ALTER TABLE t ALTER COLUMN a SET NOT NULL")
    bench.on("s", "INSERT INTO t VALUES (4, NULL, 4)")
    (conflict,), counts = violations(bench, bench.merge())
    assert (conflict.kind, conflict.columns, counts) == ("not_null", ("a",), {"not_null": 1})


def test_a_row_with_one_cell_of_each_side_may_break_a_check(bench: Bench) -> None:
    bench.everywhere(
        "CREATE TABLE t(id INT PRIMARY KEY, lo INT, hi INT, CHECK (lo <= hi))", "INSERT INTO t VALUES (1,1,9)"
    )
    bench.on("s", "UPDATE t SET lo = 8")
    bench.on("t", "UPDATE t SET hi = 2")
    (conflict,), counts = violations(bench, bench.merge())
    assert (conflict.kind, set(conflict.columns), counts) == ("check", {"lo", "hi"}, {"check": 1})
    assert conflict.source is not None
    assert conflict.source.to_pylist() == [{"id": 1, "lo": 8, "hi": 2}]


def test_rows_without_a_parent(bench: Bench) -> None:
    bench.everywhere("CREATE TABLE p(id INT PRIMARY KEY)", "INSERT INTO p VALUES (1), (2)")
    bench.everywhere("CREATE TABLE t(id INT PRIMARY KEY, pid INT)")
    bench.everywhere(
        "INSERT INTO _helios.foreign_keys VALUES"
        " ('t_pid_fkey', 'public', 't', ['pid'], 'public', 'p', ['id'], NULL, NULL, false, false)"
    )
    bench.on("s", "INSERT INTO t VALUES (1, 2), (2, NULL), (3, 1)")
    bench.on("t", "DELETE FROM p WHERE id = 2")
    planned = bench.merged()
    (conflict,), counts = foreign_key_conflicts(bench, bench.side("t").schema, [planned])
    assert (conflict.table, conflict.columns, counts) == ("t", ("pid",), {"foreign_key": 1})
    assert conflict.source is not None
    assert conflict.source.to_pylist() == [{"id": 1, "pid": 2}]
    assert foreign_key_conflicts(bench, bench.side("t").schema, []) == ([], {})
    assert foreign_key_conflicts(bench, bench.side("t").schema, [], {"public.p"})[1] == counts


_CELL = st.one_of(st.none(), st.integers(0, 2))
_KEYED = st.dictionaries(st.integers(0, 5), st.tuples(_CELL, _CELL), max_size=6)
_LOOSE = st.lists(st.tuples(_CELL, _CELL), max_size=5)
_slow = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _fill(bench: Bench, name: str, sides: dict[str, list[Any]]) -> None:
    for alias, rows in sides.items():
        bench.ask(f"DELETE FROM {alias}.public.{name}")
        for row in rows:
            marks = ", ".join("NULL" if v is None else str(v) for v in row)
            bench.ask(f"INSERT INTO {alias}.public.{name} VALUES ({marks})")


def _difference(bench: Bench, page: Page | None = None) -> TableDifference:
    older, newer = bench.side("b"), bench.side("s")
    (pair,) = (pair for pair in pairs(older.schema, newer.schema) if (pair.newer or pair.older).name == "t")
    return table_difference(bench, pair, older, newer, page)


def test_a_diff_pages_in_key_order(bench: Bench) -> None:
    bench.everywhere(*_T)
    bench.on("s", "ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'd'")
    bench.on(
        "s", "UPDATE t SET a = 11 WHERE id = 1", "DELETE FROM t WHERE id = 2", "INSERT INTO t VALUES (4, 4, 4, 'x')"
    )
    told = _difference(bench, Page(limit=2, offset=1))
    assert (told.change.inserted, told.change.updated, told.change.deleted) == (1, 1, 1)
    assert told.page is not None
    assert told.page.kinds == ("deleted", "inserted")
    assert told.page.keys.to_pylist() == [{"id": 2}, {"id": 4}]
    assert told.page.old.to_pylist()[0] == {"id": 2, "a": 20, "b": 200}
    assert told.page.new.to_pylist()[1] == {"id": 4, "a": 4, "b": 4, "c": "x"}
    first = _difference(bench, Page(limit=1)).page
    assert first is not None
    assert (first.kinds, first.columns) == (("updated",), (("a",),))
    assert _difference(bench).page is None


def test_a_diff_without_key_counts_copies(bench: Bench) -> None:
    bench.everywhere("CREATE TABLE t(x INT, y INT)", "INSERT INTO t VALUES (7, 7), (8, 8)")
    bench.on("s", "INSERT INTO t VALUES (7, 7), (7, 7)", "DELETE FROM t WHERE x = 8")
    told = _difference(bench, Page())
    assert (told.change.inserted, told.change.updated, told.change.deleted) == (2, 0, 1)
    assert told.page is not None
    assert told.page.kinds == ("inserted", "inserted", "deleted")
    assert told.page.old.to_pylist()[2] == {"x": 8, "y": 8}


def test_a_diff_over_types_that_do_not_convert(bench: Bench) -> None:
    bench.on("b", "CREATE TABLE t(id INT PRIMARY KEY, a TEXT)", "INSERT INTO t VALUES (1, 'one'), (2, '2')")
    bench.on("s", "CREATE TABLE t(id INT PRIMARY KEY, a INT)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    told = _difference(bench, Page())
    assert (told.change.inserted, told.change.updated, told.change.deleted) == (0, 1, 0)
    assert told.page is not None
    assert (told.page.old.to_pylist(), told.page.new.to_pylist()) == ([{"id": 1, "a": "one"}], [{"id": 1, "a": 1}])


def test_a_table_on_one_side_only(bench: Bench) -> None:
    bench.on("s", *_T)
    told = _difference(bench, Page(limit=2))
    assert told.change.inserted == 3
    assert told.page is not None
    assert told.page.keys.to_pylist() == [{"id": 1}, {"id": 2}]


def test_keyed_merges_are_those_of_dicts(bench: Bench) -> None:
    bench.everywhere("CREATE TABLE t(id INT, a INT, b INT, PRIMARY KEY (id))")

    @_slow
    @given(_KEYED, _KEYED, _KEYED)
    def run(b: Any, s: Any, t: Any) -> None:
        _fill(bench, "t", {n: [(k, *v) for k, v in d.items()] for n, d in (("b", b), ("s", s), ("t", t))})
        conflicts, merged = Counter[str](), {}
        for key in {*b, *s, *t}:
            kind, row = _dict_merge(b.get(key), s.get(key), t.get(key))
            conflicts.update([kind] if kind else [])
            if row is not None:
                merged[key] = row
        planned = bench.merge()
        assert planned.counts == conflicts
        if not conflicts:
            bench.ask("BEGIN")
            remove(bench, planned)
            insert(bench, planned)
            bench.ask("COMMIT")
            assert {k: (x, y) for k, x, y in bench.rows()} == merged

    run()


def _dict_merge(b: Any, s: Any, t: Any) -> tuple[str | None, Any]:
    if s in (t, b):
        return None, t
    if t == b:
        return None, s
    if t is None or s is None:
        return ("delete_modify" if t is None else "modify_delete"), t
    if b is None:
        return "add_add", t
    cells = []
    for old, theirs, ours in zip(b, s, t, strict=True):
        if theirs not in (old, ours) and ours != old:
            return "modify_modify", t
        cells.append(theirs if ours == old else ours)
    return None, tuple(cells)


def test_keyless_merges_are_those_of_counters(bench: Bench) -> None:
    bench.everywhere("CREATE TABLE t(x INT, y INT)")

    @_slow
    @given(_LOOSE, _LOOSE, _LOOSE)
    def run(b: Any, s: Any, t: Any) -> None:
        _fill(bench, "t", {"b": b, "s": s, "t": t})
        counts = [Counter(rows) for rows in (b, s, t)]
        merged, clashes = Counter[Any](), 0
        for row in {*b, *s, *t}:
            was, there, here = (count[row] for count in counts)
            merged[row] = there if here == was else here
            clashes += was not in (here, there) and here != there
        planned = bench.merge()
        assert planned.counts.get("cardinality", 0) == clashes
        if not clashes:
            remove(bench, planned)
            insert(bench, planned)
            assert Counter(bench.rows("FROM t")) == +merged

    run()
