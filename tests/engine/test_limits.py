from __future__ import annotations

import shutil
import threading
import time

import pytest

from helios_magic.engine.engine import open_engine
from helios_magic.engine.face import Limits, Statement
from helios_magic.errors import QueryCancelledError, QueryError, QueryTimeoutError, ServerError
from helios_magic.models.seam import Cancellation

from .conftest import DATABASE

ENDLESS = "SELECT count(*) FROM generate_series(1, 9000000000000000000) AS a(i) WHERE i % 7 = 9"


def test_a_series_is_made_as_it_is_read(run, rows):
    started = time.monotonic()
    summed = rows("SELECT sum(i) FROM generate_series($1::int8, $2::int8) AS a(i)", [1, 10_000_000])
    assert summed == [(50000005000000,)]
    assert rows("SELECT i FROM generate_series(1, 9000000000000000000) AS a(i) LIMIT 2") == [(1,), (2,)]
    assert time.monotonic() - started < 20
    cancellation = Cancellation()
    threading.Timer(0.2, cancellation.cancel).start()
    started = time.monotonic()
    with pytest.raises(QueryCancelledError):
        run("SELECT count(*) FROM generate_series(now(), now() + interval '1 year', '1 ms')", cancellation=cancellation)
    assert time.monotonic() - started < 5


def test_a_statement_is_stopped_at_its_limit_and_the_branch_goes_on(run, rows):
    started = time.monotonic()
    with pytest.raises(QueryTimeoutError) as caught:
        run(ENDLESS, timeout_ms=200)
    assert 0.15 < time.monotonic() - started < 5
    assert caught.value.details["reason"] == "timeout"
    assert caught.value.sqlstate == "57014"
    assert rows("SELECT 1") == [(1,)]


def test_a_write_that_is_stopped_leaves_nothing(run, rows):
    run("CREATE TABLE t (i int8)")
    with pytest.raises(QueryTimeoutError):
        run(f"INSERT INTO t {ENDLESS.replace('count(*)', 'i')}", timeout_ms=200)
    assert rows("SELECT count(*) FROM t") == [(0,)]
    run("INSERT INTO t VALUES (1)")
    assert rows("SELECT count(*) FROM t") == [(1,)]


def test_a_statement_is_cancelled_while_it_runs(run):
    cancellation = Cancellation()
    threading.Timer(0.2, cancellation.cancel).start()
    started = time.monotonic()
    with pytest.raises(QueryCancelledError) as caught:
        run(ENDLESS, cancellation=cancellation)
    assert time.monotonic() - started < 5
    assert caught.value.details["reason"] == "cancelled"
    assert caught.value.sqlstate == "57014"


def test_a_wish_that_came_before_the_statement_is_kept(run, rows):
    run("CREATE TABLE t (i int)")
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(QueryCancelledError):
        run("INSERT INTO t VALUES (1)", cancellation=cancellation)
    assert rows("SELECT count(*) FROM t") == [(0,)]


def test_a_wish_that_comes_after_the_answer_changes_nothing(run, rows):
    run("CREATE TABLE t (i int)")
    cancellation = Cancellation()
    run("INSERT INTO t VALUES (1)", cancellation=cancellation)
    cancellation.cancel()
    assert rows("SELECT count(*) FROM t") == [(1,)]


def test_what_is_reported_is_what_happened(run, rows):
    """Cancelled at every moment of an insert: a refusal means no row, an answer means one."""
    run("CREATE TABLE t (i int)")
    answered = 0
    for attempt in range(60):
        cancellation = Cancellation()
        timer = threading.Timer(attempt * 0.0001, cancellation.cancel)
        timer.start()
        try:
            run("INSERT INTO t VALUES ($1)", [attempt], cancellation=cancellation)
            answered += 1
        except QueryCancelledError:
            pass
        timer.join()
    assert rows("SELECT count(*) FROM t") == [(answered,)]


def test_a_writer_that_waits_for_another_has_its_limit_too(run, rows):
    run("CREATE TABLE t (i int8)")

    def hold() -> None:
        with pytest.raises(QueryTimeoutError):
            run(f"INSERT INTO t {ENDLESS}", timeout_ms=5000)

    first = threading.Thread(target=hold)
    first.start()
    time.sleep(0.3)
    started = time.monotonic()
    with pytest.raises(QueryTimeoutError):
        run("INSERT INTO t VALUES (1)", timeout_ms=200)
    assert time.monotonic() - started < 4
    assert rows("SELECT count(*) FROM t") == [(0,)]
    first.join()


def test_a_batch_has_one_limit_for_all(engine, run):
    statements = [Statement("SELECT 1"), Statement(ENDLESS)]
    for transaction in (True, False):
        with pytest.raises(Exception) as caught:
            engine.batch(DATABASE, "main", statements, Limits(timeout_ms=300), transaction=transaction)
        error = getattr(caught.value, "error", caught.value)
        assert isinstance(error, QueryTimeoutError)
        assert error.details["statement_index"] == 1


def test_a_query_that_needs_too_much_memory_is_refused(store):
    engine = open_engine(store, memory_limit="60MB")
    engine.create("db_small")
    try:
        rows = "generate_series(1, 2000) AS g(i), generate_series(1, 1000) AS h(j)"
        query = f"SELECT array_agg(i || 'a long text to fill the memory with') FROM {rows}"
        with pytest.raises(QueryError) as caught:
            engine.execute("db_small", "main", Statement(query), Limits())
        assert caught.value.details["reason"] == "memory"
        assert caught.value.sqlstate == "53200"
        assert engine.execute("db_small", "main", Statement("SELECT 1 AS a"), Limits()).table.num_rows == 1
    finally:
        engine.close()


def test_closing_stops_what_runs(store):
    engine = open_engine(store)
    engine.create("db_closing")
    errors: list[Exception] = []

    def work() -> None:
        try:
            engine.execute("db_closing", "main", Statement(ENDLESS), Limits())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    engine.close()
    thread.join()
    assert time.monotonic() - started < 10
    assert [error.details["reason"] for error in errors if isinstance(error, ServerError)] == ["draining"]
    with pytest.raises(ServerError):
        engine.execute("db_closing", "main", Statement("SELECT 1"), Limits())


def test_a_write_that_takes_the_last_of_the_disk_is_stopped_and_others_write_on(run, rows, monkeypatch):
    disk = shutil.disk_usage("/")
    run("CREATE TABLE t (id int8 PRIMARY KEY, v text)")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: disk._replace(free=10 << 20))
    with pytest.raises(ServerError) as caught:
        run("INSERT INTO t SELECT i, md5(i::text) || md5((-i)::text) FROM generate_series(1, 20000000) AS a(i)")
    assert caught.value.details["reason"] == "disk_full"
    assert "more room on disk" in caught.value.message
    run("INSERT INTO t VALUES (1, 'x')")
    assert rows("SELECT * FROM t") == [(1, "x")]
