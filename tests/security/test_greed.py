"""Queries that fill memory, disk, time and threads: each gets a clear error, and others are served on."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest

from helios_magic.emulator.lanes import LONG, LONG_PER_CALLER, QUICK, Lanes, Place
from helios_magic.errors import RateLimitedError
from helios_magic.models.seam import ARROW_STREAM
from tests.contract.serving import Served

SQL = "/db/default/api/v1/sql"
ENDLESS = "SELECT count(*) FROM generate_series(1, 9000000000000000000) AS a(i) WHERE i % 7 = 9"
#: What fills 300 MB for a database, and 3 GiB for the process.
GREEDY = {
    "an aggregate of many texts": "SELECT array_agg(i || 'a long text') FROM generate_series(1, 100000000) AS a(i)",
    "one text of all": "SELECT length(string_agg(repeat('x', 1000), '')) FROM generate_series(1, 10000000) AS a(i)",
    "a text that doubles": "WITH RECURSIVE r(n, s) AS (SELECT 1, 'x' UNION ALL SELECT n + 1, s || s FROM r) "
    "SELECT max(length(s)) FROM r",
    "large texts in every row": "SELECT sum(length(repeat('x', 10000000 + i::int))) "
    "FROM generate_series(1, 2000) AS a(i)",
    "an answer of many rows": "SELECT i, i + 1 AS j, i + 2 AS k FROM generate_series(1, 100000000000) AS a(i)",
    "an answer of large rows": "SELECT repeat('x', 100000) AS t FROM generate_series(1, 10000000) AS a(i)",
    "an array of a billion": "SELECT array_agg(i) FROM generate_series(1, 1000000000) AS a(i)",
}


def ask(server: Served, query: str, **more: Any) -> tuple[int, dict[str, Any]]:
    headers = more.pop("headers", {})
    status, _, body = server.ask("POST", SQL, {"query": query, "timeout": 60_000, **more}, headers=headers)
    return status, json.loads(body)


@pytest.mark.parametrize("name", GREEDY)
def test_greed_for_memory_is_refused_and_others_are_served(server: Served, name: str) -> None:
    answers: list[tuple[int, dict[str, Any]]] = []
    greedy = threading.Thread(target=lambda: answers.append(ask(server, GREEDY[name])))
    greedy.start()
    served = 0
    while greedy.is_alive() or not served:
        status, body = ask(server, "SELECT word FROM treasure WHERE id = $1", params=[1])
        assert status == 200, body
        served += 1
        time.sleep(0.02)
    status, body = answers[0]
    assert (status, body["error"]["code"], body["error"]["details"]["reason"]) == (400, "QUERY_ERROR", "memory"), body
    assert body["error"]["details"]["hint"]


def test_an_arrow_answer_has_its_bound_too(server: Served) -> None:
    query = "SELECT i, i + 1 AS j FROM generate_series(1, 100000000000) AS a(i)"
    status, body = ask(server, query, headers={"Accept": ARROW_STREAM})
    assert (status, body["error"]["details"]["reason"]) == (400, "memory")
    assert "larger than the 143 MiB" in body["error"]["message"]


def test_what_fits_is_answered_whole(server: Served) -> None:
    status, body = ask(server, "SELECT i, 'row ' || i AS t FROM generate_series(1, 200000) AS a(i)")
    assert (status, body["data"]["row_count"], body["data"]["rows"][-1]) == (200, 200_000, [200_000, "row 200000"])


def test_an_error_in_a_late_row_is_the_same_error(server: Served) -> None:
    """Past the first piece of an answer too."""
    for late in (2, 400_000):
        query = f"SELECT (CASE WHEN i = {late} THEN 'x' ELSE '1' END)::int AS v FROM generate_series(1, 500000) AS a(i)"
        status, body = ask(server, query)
        assert (status, body["error"]["details"]["sqlstate"]) == (400, "22P02"), body


def test_sorting_more_than_the_memory_goes_to_disk(server: Served) -> None:
    query = (
        "SELECT count(*) FROM (SELECT md5(i::text) AS m FROM generate_series(1, 2000000) AS a(i) ORDER BY m OFFSET 5) s"
    )
    status, body = ask(server, query)
    assert (status, body["data"]["rows"]) == (200, [[1_999_995]])


def test_small_queries_beside_a_crowd_of_endless_ones(server: Served) -> None:
    """More endless statements than the old pool had threads; every one of them would have stopped the server."""
    crowd = [threading.Thread(target=ask, args=(server, ENDLESS), kwargs={"timeout": 2500}) for _ in range(QUICK + 4)]
    for each in crowd:
        each.start()
    time.sleep(0.5)
    began = time.monotonic()
    served = 0
    while time.monotonic() - began < 1.0:
        assert ask(server, "SELECT 1")[0] == 200
        served += 1
    for each in crowd:
        each.join()
    assert served >= 2


def run(story: Any) -> None:
    asyncio.run(story)


def test_a_place_is_free_again_once_a_request_takes_long() -> None:
    async def story() -> None:
        lanes = Lanes(patience=0.05)
        places = [await lanes.enter("a") for _ in range(QUICK)]
        with pytest.raises(RateLimitedError) as busy:
            await lanes.enter("b")
        assert busy.value.status == 429
        assert busy.value.retry_after == 5
        places[0].takes_long()
        with await lanes.enter("b"):
            pass

    run(story())


def test_one_caller_cannot_have_all_places() -> None:
    async def story() -> None:
        lanes = Lanes(patience=0.05)
        places: list[Place] = []
        for _ in range(LONG_PER_CALLER):
            places.append(await lanes.enter("a"))
            places[-1].takes_long()
        with pytest.raises(RateLimitedError, match="16 requests of yours are running"):
            await lanes.enter("a")
        waiting = asyncio.ensure_future(lanes.enter("a"))
        with await lanes.enter("b"):  # it overtakes
            pass
        with places.pop():
            pass
        with await waiting:
            pass
        assert LONG_PER_CALLER < LONG

    run(story())


def test_who_gives_up_waiting_takes_no_place() -> None:
    async def story() -> None:
        lanes = Lanes()
        places = [await lanes.enter("a") for _ in range(QUICK)]
        for _ in range(3):
            waiting = asyncio.ensure_future(lanes.enter("b"))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait({waiting})
        for place in places:
            with place:
                pass
        assert len([await lanes.enter("b") for _ in range(QUICK)]) == QUICK

    run(story())
