"""Databases that nobody uses are closed, never under anyone, and opened again without anybody noticing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from helios_magic.engine import open_engine
from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, MergeOrder, Search, Statement
from helios_magic.engine.idle import Keep
from helios_magic.errors import QueryCancelledError
from helios_magic.models.seam import Cancellation
from helios_magic.store import Store

Ask = Callable[..., list[tuple[Any, ...]]]
FIRST, SECOND, THIRD = "db_first", "db_second", "db_third"
KEEP = Keep(seconds=100.0, most=2)


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[DuckDBEngine]:
    opened = open_engine(store, keep=KEEP, clock=clock)
    opened.create(FIRST)
    yield opened
    opened.close()


@pytest.fixture
def ask(engine: DuckDBEngine) -> Ask:
    def rows(query: str, branch: str = "main", database: str = FIRST) -> list[tuple[Any, ...]]:
        return asked(engine, query, branch, database)

    return rows


def asked(engine: DuckDBEngine, query: str, branch: str = "main", database: str = FIRST) -> list[tuple[Any, ...]]:
    table = engine.execute(database, branch, Statement(query), Limits()).table
    return [] if table is None else list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def is_open(engine: DuckDBEngine, database: str = FIRST) -> bool:
    return engine.database(database).opened


def stays_open(engine: DuckDBEngine, clock: Clock, seconds: float, database: str = FIRST) -> bool:
    clock.now += seconds
    engine.idle.close_due()
    return is_open(engine, database)


def closes(engine: DuckDBEngine, clock: Clock, seconds: float, database: str = FIRST) -> bool:
    """Whether it is closed after so many seconds, or later where the background still tends it."""
    for _ in range(200):
        if not stays_open(engine, clock, seconds, database):
            return True
        time.sleep(0.05)
    return False


def test_an_unused_database_is_closed_and_opened_by_its_next_request(
    engine: DuckDBEngine, clock: Clock, ask: Ask
) -> None:
    ask("CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL)")
    ask("INSERT INTO t (name) VALUES ('a'), ('b')")
    assert stays_open(engine, clock, 99)
    assert closes(engine, clock, 2)
    assert ask("SELECT * FROM t ORDER BY id") == [(1, "a"), (2, "b")]
    assert stays_open(engine, clock, 99), "it was used since"
    assert closes(engine, clock, 2)
    ask("ALTER TABLE t ADD COLUMN more int DEFAULT 7")
    assert ask("INSERT INTO t (name) VALUES ('c') RETURNING *") == [(3, "c", 7)], "no number is lost or drawn twice"


def test_branches_and_their_counts_survive(engine: DuckDBEngine, clock: Clock, ask: Ask) -> None:
    ask("CREATE TABLE t (id int PRIMARY KEY)")
    engine.fork(FIRST, "other", "main", Limits())
    for number in range(3):
        ask(f"INSERT INTO t VALUES ({number})", "other")
    assert closes(engine, clock, 101)
    states = {state.name: state for state in engine.branches(FIRST)}
    assert (states["other"].ahead, states["other"].behind, states["other"].tables) == (3, 0, 1)
    assert not is_open(engine), "records answer that"
    assert engine.merge(FIRST, MergeOrder("other"), Limits()).merged
    assert closes(engine, clock, 101)
    assert ask("SELECT count(*) FROM t") == [(3,)]
    engine.delete_branch(FIRST, "other", Limits())
    assert ask("INSERT INTO t VALUES (3) RETURNING id") == [(3,)]


def test_vectors_and_their_lists_are_not_made_again(engine: DuckDBEngine, clock: Clock, ask: Ask) -> None:
    ask("CREATE TABLE docs (id int PRIMARY KEY, embedding vector(4))")
    ask(
        "INSERT INTO docs SELECT i, ('[' || i || ',' || i * i || ',1,2]')::vector(4) "
        "FROM generate_series(1, 300) AS g(i)"
    )
    order = Search("docs", "embedding", [1.0, 2.0, 3.0, 4.0], limit=5, metric="l2")
    before = engine.search(FIRST, "main", order, Limits()).rows
    kept = engine.database(FIRST)._known()[0].vectors.kept
    (was,) = kept.values()
    assert closes(engine, clock, 101)
    assert engine.search(FIRST, "main", order, Limits()).rows == before
    (now,) = engine.database(FIRST)._known()[0].vectors.kept.values()
    assert now.rows.base is was.rows.base
    ask("DELETE FROM docs WHERE id <= 2")
    assert closes(engine, clock, 101)
    found = engine.search(FIRST, "main", order, Limits()).rows.column("id").to_pylist()
    assert found == [row for row in before.column("id").to_pylist() if row > 2] + [6, 7], (
        "what was deleted is not found"
    )


def test_the_longest_unused_of_too_many_go(engine: DuckDBEngine, clock: Clock, ask: Ask) -> None:
    for number, database in enumerate((FIRST, SECOND, THIRD)):
        if number:
            engine.create(database)
        ask("SELECT 1 FROM information_schema.tables", database=database)
        clock.now += 5
    ask("SELECT 1 FROM information_schema.tables")
    wait = engine.idle.close_due()
    assert [is_open(engine, database) for database in (FIRST, SECOND, THIRD)] == [True, False, True]
    assert wait == pytest.approx(95), "the third was used five seconds ago"


def test_none_is_closed_under_a_statement(engine: DuckDBEngine, clock: Clock) -> None:
    cancellation, outcome = Cancellation(), []

    def endless() -> None:
        try:
            asked_of = Statement("SELECT count(*) FROM generate_series(1, 900000000000) AS a(i) WHERE i % 7 = 9")
            engine.execute(FIRST, "main", asked_of, Limits(cancellation=cancellation))
        except QueryCancelledError as error:
            outcome.append(error)

    thread = threading.Thread(target=endless)
    thread.start()
    while not engine.database(FIRST)._instance.pins:
        time.sleep(0.01)
    assert stays_open(engine, clock, 1000)
    cancellation.cancel()
    thread.join()
    assert len(outcome) == 1
    assert stays_open(engine, clock, 0), "the statement has only just ended"
    assert closes(engine, clock, 101)


def test_an_answer_outlives_its_database(engine: DuckDBEngine, clock: Clock, ask: Ask) -> None:
    ask("CREATE TABLE t AS SELECT i, 'text ' || i AS name FROM generate_series(1, 5000) AS g(i)")
    table = engine.execute(FIRST, "main", Statement("SELECT * FROM t ORDER BY i"), Limits()).table
    assert closes(engine, clock, 101)
    assert table is not None
    assert table.column("name").to_pylist() == [f"text {i}" for i in range(1, 5001)]


def test_a_dropped_database_is_gone(engine: DuckDBEngine, clock: Clock) -> None:
    engine.create(SECOND)
    folder = engine.database(SECOND).files.folder
    assert closes(engine, clock, 101, SECOND)
    engine.drop(SECOND)
    assert not folder.exists()


@pytest.mark.parametrize("seconds", [3, pytest.param(40, marks=pytest.mark.long)])
def test_nothing_is_lost_where_requests_race_with_closing(store: Store, seconds: int) -> None:
    """Every request finds its database closed, open, or just being closed."""
    clock = Clock()
    engine = open_engine(store, keep=Keep(seconds=1.0), clock=clock)
    engine.create(FIRST)
    asked(engine, "CREATE TABLE t (id serial PRIMARY KEY, thread int)")
    ends, written, problems = time.monotonic() + seconds, [0] * 2, []
    instances: list[object] = []

    def works(thread: int) -> None:
        try:
            while time.monotonic() < ends or (len(instances) < 3 and time.monotonic() < ends + 20):
                asked(engine, f"INSERT INTO t (thread) VALUES ({thread})")
                written[thread] += 1
                assert asked(engine, f"SELECT count(*) FROM t WHERE thread = {thread}") == [(written[thread],)]
                if written[thread] % 5 == 0:
                    branch = f"branch-{thread}-{written[thread]}"
                    engine.fork(FIRST, branch, "main", Limits())
                    asked(engine, "DELETE FROM t WHERE id < 3", branch)
                    engine.delete_branch(FIRST, branch, Limits())
                time.sleep(0.01 * (written[thread] % 4))
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=works, args=(thread,)) for thread in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        clock.now += 2
        engine.idle.close_due()
        instance = engine.database(FIRST)._instance._connection
        if instance is not None and instance not in instances:
            instances.append(instance)
        time.sleep(0.005)
    engine.close()
    assert not problems
    print(len(instances), "instances,", sum(written), "rows")
    assert len(instances) > 2
    again = open_engine(store)
    assert asked(again, "SELECT count(*), count(DISTINCT id) FROM t") == [(sum(written), sum(written))]
    again.close()


def test_the_background_does_it(store: Store) -> None:
    engine = open_engine(store, keep=Keep(seconds=0.2))
    engine.create(FIRST)
    assert asked(engine, "SELECT 1") == [(1,)]
    ends = time.monotonic() + 15
    while is_open(engine) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not is_open(engine)
    assert asked(engine, "SELECT 2") == [(2,)]
    engine.close()
