from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from helios_magic.engine.face import Limits, Statement
from helios_magic.errors import QueryError

from .conftest import DATABASE


def in_threads(count, work):
    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(work, number) for number in range(count)]]


def test_sixteen_writers_on_one_row_lose_no_update(run, rows):
    run("CREATE TABLE t (id int PRIMARY KEY, n int)")
    run("INSERT INTO t VALUES (1, 0)")

    def work(_: int) -> None:
        for _ in range(10):
            run("UPDATE t SET n = n + 1 WHERE id = 1")

    in_threads(16, work)
    assert rows("SELECT n FROM t") == [(160,)]


def test_readers_and_writers_and_ddl_together(run, rows):
    run("CREATE TABLE t (id int, worker int)")

    def work(number: int) -> int:
        for step in range(12):
            if number % 4 == 0:
                run("INSERT INTO t VALUES ($1, $2)", [step, number])
            elif number == 1:
                run(f"CREATE TABLE made_{step} (id int)")
            else:
                outcome = run("SELECT count(*) AS n, count(DISTINCT worker) AS w FROM t")
                assert outcome.table.num_rows == 1
        return number

    assert in_threads(16, work) == list(range(16))
    assert rows("SELECT count(*) FROM t") == [(48,)]


def test_two_databases_do_not_see_each_other(engine, run):
    engine.create("db_other")
    run("CREATE TABLE mine (id int)")

    def work(number: int) -> str | None:
        database = DATABASE if number % 2 else "db_other"
        try:
            engine.execute(database, "main", Statement("SELECT * FROM mine"), Limits())
        except QueryError as error:
            return error.sqlstate
        return None

    assert in_threads(8, work) == ["42P01", None] * 4


def test_a_batch_is_seen_whole_or_not_at_all(engine, run):
    run("CREATE TABLE t (id int)")
    pair = [Statement("INSERT INTO t VALUES (1)"), Statement("INSERT INTO t VALUES (2)")]

    def work(number: int) -> list[int]:
        seen = []
        for _ in range(10):
            if number < 4:
                engine.batch(DATABASE, "main", pair, Limits(), transaction=True)
            else:
                seen.append(run("SELECT count(*) AS n FROM t").table.to_pylist()[0]["n"] % 2)
        return seen

    assert {odd for seen in in_threads(8, work) for odd in seen} == {0}


def test_the_same_small_statements_at_once_keep_their_own_values(run):
    run("CREATE TABLE t (id int PRIMARY KEY, v text)")
    run("INSERT INTO t SELECT i, 'v' || i FROM generate_series(0, 199) AS g(i)")

    def work(number: int) -> None:
        for step in range(25):
            key = number * 25 + step
            assert run("SELECT $1::int AS a, $2::text AS b", [key, str(key)]).table.to_pylist() == [
                {"a": key, "b": str(key)}
            ]
            assert run("SELECT v FROM t WHERE id = $1", [key]).table.column("v").to_pylist() == [f"v{key}"]

    in_threads(8, work)


def test_tables_are_described_while_they_come_and_go(engine, run):
    run("CREATE TABLE kept (a int)")
    until = time.monotonic() + 1.5

    def come_and_go(number: int) -> None:
        while time.monotonic() < until:
            run(f"CREATE TABLE passing{number} (a int)")
            run(f"DROP TABLE passing{number}")

    with ThreadPoolExecutor(4) as pool:
        changing = [pool.submit(come_and_go, number) for number in range(3)]
        while time.monotonic() < until:
            assert any(table.name == "kept" for table in engine.describe(DATABASE, "main").tables)
        for each in changing:
            each.result()
