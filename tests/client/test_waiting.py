"""The in-process transport: interrupts at every moment, threads that are used again, bodies that are made late."""

from __future__ import annotations

import _thread
import datetime as dt
import threading
import time

import httpx
import pyarrow as pa
import pytest

from helios_magic.client import Client, transports
from helios_magic.client.waiting import Work, Workers
from helios_magic.models.envelope import Meta, Success
from helios_magic.models.pgtypes import PG_TYPE
from helios_magic.models.seam import Call, Reply
from helios_magic.models.sql import SqlResult

META = Meta(request_id="req_0123456789ab", duration_ms=1.0, timestamp=dt.datetime(2025, 12, 16, tzinfo=dt.UTC))
TABLE = pa.table([pa.array([1, 2])], schema=pa.schema([pa.field("one", pa.int64(), metadata={PG_TYPE: b"int8"})]))


def interrupt_in(seconds: float) -> threading.Timer:
    timer = threading.Timer(seconds, _thread.interrupt_main)
    timer.start()
    return timer


def test_work_is_stopped_and_asked_again_until_it_is() -> None:
    asked: list[float] = []
    stopping = threading.Event()

    def stop() -> None:
        asked.append(time.perf_counter())
        if len(asked) == 2:
            stopping.set()

    workers = Workers()
    interrupt_in(0.05)
    with pytest.raises(KeyboardInterrupt, match="The statement was stopped"):
        workers.run(lambda: stopping.wait(10), stop)
    assert len(asked) == 2
    assert 0.15 < asked[1] - asked[0] < 5
    assert workers.run(lambda: 7, lambda: None) == 7
    workers.close()


def test_work_that_had_finished_is_not_said_to_be_stopped() -> None:
    workers = Workers()
    interrupt_in(0.05)

    def work() -> Reply:
        time.sleep(0.3)
        return Reply(200, Success(data=None, meta=META))

    with pytest.raises(KeyboardInterrupt, match="what it wrote stays written"):
        workers.run(work, lambda: None)
    workers.close()


def test_work_is_claimed_once() -> None:
    work = Work(lambda: 1)
    assert work.claim()
    assert not work.claim()


def test_what_the_work_raises_is_raised() -> None:
    workers = Workers()
    with pytest.raises(ZeroDivisionError):
        workers.run(lambda: 1 // 0, lambda: None)
    workers.close()


def test_threads_are_used_again_and_end() -> None:
    workers = Workers()
    used = {workers.run(threading.current_thread, lambda: None) for _ in range(50)}
    assert len(used) == 1
    workers.close()
    (thread,) = used
    thread.join(2)
    assert not thread.is_alive()


def answer(call: Call) -> Reply:
    data = SqlResult(columns=["one"], types=["int8"], row_count=2, command="SELECT")
    if not call.wants_arrow:
        data.rows = [[1], [2]]
        return Reply(200, Success(data=data, meta=META))
    return Reply(200, Success(data=data, meta=META), table=TABLE, complete=encoded_in_vain)


def encoded_in_vain() -> Success:
    raise AssertionError("nobody reads the JSON")


def test_the_table_comes_over_as_it_is() -> None:
    with Client(transports.in_process(answer), token="hdb_live_x") as client:
        result = client.sql("SELECT 1")
    assert result.table is TABLE
    assert result.request_id == "req_0123456789ab"


def test_a_body_that_is_read_is_the_one_http_would_send() -> None:
    transport = transports.in_process(answer)
    arrow = {"accept": "application/vnd.apache.arrow.stream"}
    request = httpx.Request("POST", "http://in-process/db/shop/api/v1/sql", json={"query": "SELECT 1"})
    response = transport.handle_request(request)
    assert response.headers["content-type"] == "application/json"
    assert response.read().startswith(b'{"success":true,"data":{"columns":["one"],"types":["int8"],"rows":[[1],[2]]')
    request = httpx.Request("POST", "http://in-process/db/shop/api/v1/sql", json={"query": "SELECT 1"}, headers=arrow)
    response = transport.handle_request(request)
    assert response.headers["content-type"] == arrow["accept"]
    sent = pa.ipc.open_stream(response.read()).read_all()
    assert sent["one"].to_pylist() == [1, 2]
    transport.close()


def test_a_call_is_made_of_the_request() -> None:
    calls: list[Call] = []

    def note(call: Call) -> Reply:
        calls.append(call)
        return answer(call)

    rows = pa.table({"a": [1]})
    with Client(transports.in_process(note), token="hdb_live_x", database="shop") as client:
        client.sql("SELECT 1")
        for ask in (
            lambda: client.delete_branch("feature/a b"),
            lambda: client.get_database("db_1"),
            lambda: client.load("t/é", rows, mode="create", branch="a&b", key="k"),
        ):
            with pytest.raises(Exception):
                ask()
    sql, delete, get, load = calls
    assert (sql.method, sql.plane, sql.database, sql.path) == ("POST", "data", "shop", "/sql")
    assert (delete.path, get.plane, get.path, get.database) == (
        "/branches/feature%2Fa%20b",
        "control",
        "/databases/db_1",
        None,
    )
    assert (load.path, dict(load.query)) == ("/tables/t%2F%C3%A9/rows", {"branch": "a&b", "mode": "create"})
    assert load.body is rows
    assert load.headers["idempotency-key"] == "k"
    assert sql.headers["authorization"] == "Bearer hdb_live_x"
    assert "hdb_live_x" not in repr(sql)
