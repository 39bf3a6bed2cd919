"""A statement that comes again runs by a plan that DuckDB kept: it answers what it would answer the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, Outcome, Statement

from .conftest import DATABASE, Run

FIRST = "SELECT * FROM t LIMIT 3"
OFTEN = 5


def answers(
    engine: DuckDBEngine, query: str, branch: str = "main"
) -> list[tuple[list[str], list[str], list[Any], Any]]:
    """What the query answers, several times in a row, as values."""
    found = []
    for _ in range(OFTEN):
        outcome: Outcome = engine.execute(DATABASE, branch, Statement(query, as_values=True), Limits())
        values = outcome.values
        assert values is not None
        assert list(zip(*values.by_column, strict=True)) == values.rows
        found.append((values.columns, values.types, values.rows, outcome.rows_examined))
    return found


def once(found: list[Any]) -> Any:
    """The answer, which was the same each time."""
    assert found == [found[0]] * OFTEN
    return found[0]


def test_rows_that_come_and_go_between_two_runs(engine: DuckDBEngine, run: Run) -> None:
    run("CREATE TABLE t (a int, b text)")
    assert once(answers(engine, FIRST))[2] == []
    run("INSERT INTO t VALUES (1, 'one'), (2, 'two')")
    assert once(answers(engine, FIRST))[2] == [(1, "one"), (2, "two")]
    run("UPDATE t SET b = 'eins' WHERE a = 1")
    assert sorted(once(answers(engine, FIRST))[2]) == [(1, "eins"), (2, "two")]
    run("DELETE FROM t WHERE a = 2")
    assert once(answers(engine, FIRST))[2] == [(1, "eins")]
    run("TRUNCATE t")
    assert once(answers(engine, FIRST))[2] == []


def test_a_structure_that_changes_between_two_runs(engine: DuckDBEngine, run: Run) -> None:
    run("CREATE TABLE t AS SELECT n AS a, 'x' AS b FROM generate_series(1, 9) AS g(n)")
    once(answers(engine, FIRST))
    for change, columns, types, row in (
        ("ALTER TABLE t ADD COLUMN c bool DEFAULT true", ["a", "b", "c"], ["int4", "text", "bool"], (1, "x", True)),
        ("ALTER TABLE t ALTER COLUMN a TYPE text", ["a", "b", "c"], ["text", "text", "bool"], ("1", "x", True)),
        ("ALTER TABLE t RENAME COLUMN b TO d", ["a", "d", "c"], ["text", "text", "bool"], ("1", "x", True)),
        ("ALTER TABLE t DROP COLUMN a", ["d", "c"], ["text", "bool"], ("x", True)),
        ("DROP TABLE t; CREATE TABLE t AS SELECT 1.5::float8 AS z", ["z"], ["float8"], (1.5,)),
        ("ALTER TABLE t RENAME TO u; CREATE TABLE t AS SELECT 7 AS y", ["y"], ["int4"], (7,)),
    ):
        for statement in change.split("; "):
            run(statement)
        found = once(answers(engine, FIRST))
        assert (found[0], found[1], found[2][0]) == (columns, types, row), change


def test_more_statements_than_a_cursor_keeps(engine: DuckDBEngine, run: Run) -> None:
    run("CREATE TABLE t AS SELECT n AS a FROM generate_series(1, 100) AS g(n)")
    for _ in range(2):
        for most in range(1, 45):
            assert [row for (row,) in once(answers(engine, f"SELECT a FROM t LIMIT {most}"))[2]] == [
                *range(1, most + 1)
            ]


def test_branches_keep_their_own(engine: DuckDBEngine, run: Run) -> None:
    run("CREATE TABLE t AS SELECT 1 AS a")
    run("CREATE BRANCH other FROM main")
    once(answers(engine, FIRST))
    engine.execute(DATABASE, "other", Statement("UPDATE t SET a = 2"), Limits())
    assert once(answers(engine, FIRST))[2] == [(1,)]
    assert once(answers(engine, FIRST, "other"))[2] == [(2,)]


def test_rows_examined_and_the_table_stay_the_same(
    engine: DuckDBEngine, run: Run, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    run("CREATE TABLE t AS SELECT n AS a FROM generate_series(1, 5000) AS g(n)")
    examined = once(answers(engine, FIRST))[3]
    assert examined is not None
    assert examined >= 3
    assert [rows(FIRST) for _ in range(OFTEN)] == [[(1,), (2,), (3,)]] * OFTEN


def test_what_answers_at_once_says_whether_it_still_would(engine: DuckDBEngine, run: Run) -> None:
    run("CREATE TABLE t AS SELECT 1 AS a")
    statement = Statement(FIRST, as_values=True)
    undisturbed = engine.execute(DATABASE, "main", statement, Limits()).undisturbed
    assert undisturbed is not None
    assert undisturbed()
    run("CREATE BRANCH other FROM main")
    engine.execute(DATABASE, "other", Statement("INSERT INTO t VALUES (2)"), Limits())
    of_other = engine.execute(DATABASE, "other", statement, Limits()).undisturbed
    run("INSERT INTO t VALUES (2)")
    assert not undisturbed()
    assert of_other is not None
    assert of_other()
    engine.execute(DATABASE, "other", Statement("ALTER TABLE t ADD COLUMN b int"), Limits())
    assert not of_other()


def test_what_does_not_do_the_same_each_time_says_nothing(engine: DuckDBEngine, run: Run) -> None:
    run("CREATE TABLE t AS SELECT 1 AS a")
    run("CREATE SEQUENCE s")
    run("CREATE VIEW v AS SELECT a FROM t WHERE random() >= 0")
    for unsteady in (
        "SELECT a FROM t WHERE random() >= 0",
        "SELECT a FROM v LIMIT 1",
        "SELECT nextval('s')",
        "SELECT current_timestamp::text, a FROM t LIMIT 1",
        "SELECT a FROM t WHERE now() > '2020-01-01' LIMIT 1",
        "SELECT gen_random_uuid(), a FROM t LIMIT 1",
        "SELECT clock_timestamp()::text",
    ):
        outcome = engine.execute(DATABASE, "main", Statement(unsteady, as_values=True), Limits())
        assert outcome.undisturbed is None, unsteady
    assert engine.execute(DATABASE, "main", Statement("SELECT a FROM t LIMIT 1", as_values=True), Limits()).undisturbed
