"""Calls that come again: which are answered at once, and that they answer what they would have answered anyway."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from helios_magic.emulator.lanes import QUICK, Lanes
from helios_magic.emulator.lately import Lately
from helios_magic.models.envelope import Meta, Success
from helios_magic.models.seam import Call, Reply
from tests.contract.serving import serving

SQL = "/db/default/api/v1/sql"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def call(query: str = "SELECT 1", database: str = "default", **headers: str) -> Call:
    return Call("POST", "/sql", "data", database, body=json.dumps({"query": query}).encode(), headers=headers)


def reply(undisturbed: Callable[[], bool] | None = lambda: True) -> Reply:
    meta = Meta(request_id="req_a", duration_ms=1.0, timestamp=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    return Reply(200, Success(data={}, meta=meta), undisturbed=undisturbed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lately(clock: Clock) -> Lately:
    return Lately(clock)


def test_what_was_quick_is_at_once_for_a_short_while(lately: Lately, clock: Clock) -> None:
    assert not lately.again(call())
    lately.note(call(), reply(), 0.001)
    assert lately.again(call())
    clock.now += 0.9
    assert lately.again(call())
    clock.now += 0.2
    assert not lately.again(call())


def test_another_body_database_or_form_is_another_call(lately: Lately) -> None:
    lately.note(call(), reply(), 0.001)
    assert not lately.again(call("SELECT 2"))
    assert not lately.again(call(database="other"))
    assert not lately.again(call(accept="application/vnd.apache.arrow.stream"))
    assert not lately.again(Call("POST", "/batch", "data", "default", body=call().body))


def test_what_was_disturbed_or_cannot_tell_is_not(lately: Lately) -> None:
    rows = ["as they were"]
    lately.note(call(), reply(lambda: rows == ["as they were"]), 0.001)
    assert lately.again(call())
    rows.append("a new one")
    assert not lately.again(call())
    lately.note(call(), reply(None), 0.001)
    assert not lately.again(call())


def test_one_slow_answer_is_the_machine_s_two_are_the_call_s(lately: Lately) -> None:
    lately.note(call(), reply(), 0.02)
    assert not lately.again(call())
    lately.note(call(), reply(), 0.001)
    lately.note(call(), reply(), 0.02)
    assert lately.again(call())
    lately.note(call(), reply(), 0.02)
    assert not lately.again(call())


def test_it_remembers_few_and_no_long_ones(lately: Lately) -> None:
    lately.note(call("x" * 10_000), reply(), 0.001)
    assert not lately.again(call("x" * 10_000))
    for number in range(1000):
        lately.note(call(f"SELECT {number}"), reply(), 0.001)
    assert lately.again(call("SELECT 999"))
    assert not lately.again(call("SELECT 0"))


def test_what_is_long_ago_is_let_go_of(lately: Lately, clock: Clock) -> None:
    class Database:
        def undisturbed(self) -> bool:
            return True

    database = Database()
    gone = weakref.ref(database)
    lately.note(call(), reply(database.undisturbed), 0.001)
    del database
    assert gone() is not None
    clock.now += 2
    lately.again(call("SELECT 2"))
    assert gone() is None


def test_those_who_wait_with_it_go_at_once() -> None:
    async def story() -> None:
        lanes, known = Lanes(), threading.Event()
        places = [await lanes.enter("a", known.is_set) for _ in range(QUICK)]
        waiting = [asyncio.ensure_future(lanes.enter("a", known.is_set)) for _ in range(20)]
        other = asyncio.ensure_future(lanes.enter("b", lambda: False))
        await asyncio.sleep(0)
        lanes.hurry()
        await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
        known.set()
        lanes.hurry()
        assert [place.needed for place in await asyncio.gather(*waiting)] == [False] * 20
        assert not other.done()
        with places[0]:
            pass
        assert (await other).needed

    asyncio.run(story())


def test_every_answer_is_of_now_while_many_ask_the_same(tmp_path: Path) -> None:
    """A value that only grows, read over and over by several while it is written: nobody reads what was before."""
    with serving("--store", str(tmp_path)) as server:
        server.sql("CREATE TABLE counter AS SELECT 0 AS n")
        told, stop, seen = [0], threading.Event(), [0]

        def read() -> None:
            while not stop.is_set():
                least = told[0]
                ((value,),) = server.sql("SELECT n FROM counter LIMIT 1")["rows"]
                assert value >= least
                seen[0] += 1

        readers = [threading.Thread(target=lambda: outcomes.append(_outcome(read))) for _ in range(4)]
        outcomes: list[BaseException | None] = []
        for reader in readers:
            reader.start()
        for number in range(1, 31):
            server.sql("UPDATE counter SET n = $1", number)
            told[0] = number
            ((value,),) = server.sql("SELECT n FROM counter LIMIT 1")["rows"]
            assert value == number
        stop.set()
        for reader in readers:
            reader.join()
        assert outcomes == [None] * 4
        assert seen[0] > 30


def _outcome(run: Callable[[], None]) -> BaseException | None:
    try:
        run()
    except BaseException as error:
        return error
    return None


def test_the_same_call_of_another_account_is_refused_as_before(tmp_path: Path) -> None:
    with serving("--store", str(tmp_path)) as server:
        server.sql("CREATE TABLE treasure AS SELECT 1 AS n")
        for _ in range(5):
            server.sql("SELECT n FROM treasure LIMIT 1")
        body = {"query": "SELECT n FROM treasure LIMIT 1", "params": []}
        for token in ("hdb_live_wrong", None):
            status, _, _ = server.ask("POST", SQL, body, token=token)
            assert status == 401
