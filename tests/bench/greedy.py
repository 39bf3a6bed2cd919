"""Small queries beside greedy ones: `python -m tests.bench.greedy`.

One caller asks for ten rows again and again, on one connection, while others are greedy.  Prints what the small
queries took (median, p99, most), how many of them failed, and what became of the greedy ones.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import threading
import time
from collections import Counter
from typing import Any

from tests.contract.serving import Served, serving

SQL = "/db/default/api/v1/sql"
ENDLESS = "SELECT count(*) FROM generate_series(1, 9000000000000000000) AS a(i) WHERE i % 7 = 9"
SORT = (
    "SELECT count(*) FROM (SELECT md5(i::text) AS m FROM generate_series(1, 9000000) AS a(i) ORDER BY m OFFSET 5) AS s"
)
AGGREGATE = "SELECT array_agg(i || 'a long text to fill the memory with') FROM generate_series(1, 100000000) AS a(i)"
ANSWER = "SELECT i, i * 2 AS j, 'text ' || i AS t FROM generate_series(1, {}) AS a(i)"
GREEDY: dict[str, tuple[int, str]] = {
    "nothing": (0, ""),
    "one endless count": (1, ENDLESS),
    "fifteen endless counts": (15, ENDLESS),
    "a sort that goes to disk": (1, SORT),
    "an aggregate that fills the memory": (1, AGGREGATE),
    "an answer of 700,000 rows in JSON": (1, ANSWER.format(700_000)),
    "an answer that is too large": (1, ANSWER.format(900_000_000)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="for each kind of greed")
    parser.add_argument("--memory", default="600MB", help="the database's memory limit")
    options = parser.parse_args()
    with serving("--memory", environment={"HELIOS_MEMORY_LIMIT": options.memory}) as server:
        server.sql("CREATE TABLE small (id int PRIMARY KEY, name text)")
        server.sql("INSERT INTO small SELECT i, 'name ' || i FROM generate_series(1, 1000) AS g(i)")
        print(f"{'beside':38} {'median':>9} {'p99':>9} {'most':>9}  queries failed  greedy answers")
        for name, (count, query) in GREEDY.items():
            _beside(server, name, count, query, options.seconds)


def _beside(server: Served, name: str, count: int, query: str, seconds: float) -> None:
    stop = threading.Event()
    answers: Counter[str] = Counter()
    crowd = [threading.Thread(target=_greedy, args=(server, query, stop, answers, seconds)) for _ in range(count)]
    for each in crowd:
        each.start()
    time.sleep(0.3)
    taken, failed = _small(server, seconds)
    stop.set()
    for each in crowd:
        each.join()
    ordered = sorted(taken)
    p99 = ordered[int(len(ordered) * 0.99) - 1]
    print(
        f"{name:38} {statistics.median(taken) * 1e3:6.1f} ms {p99 * 1e3:6.1f} ms {ordered[-1] * 1e3:6.1f} ms"
        f"  {len(taken):7} {failed:6}  {dict(answers)}",
        flush=True,
    )


def _small(server: Served, seconds: float) -> tuple[list[float], int]:
    connection = server.connect()
    taken, failed = [], 0
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        began = time.perf_counter()
        status, body = _ask(connection, server, {"query": "SELECT * FROM small ORDER BY id LIMIT 10"})
        taken.append(time.perf_counter() - began)
        failed += status != 200 or len(json.loads(body)["data"]["rows"]) != 10
    connection.close()
    return taken, failed


def _greedy(server: Served, query: str, stop: threading.Event, answers: Counter[str], seconds: float) -> None:
    connection = server.connect()
    while not stop.is_set():
        status, body = _ask(connection, server, {"query": query, "timeout": int(seconds * 1000)})
        reason = "" if status == 200 else json.loads(body)["error"]["details"].get("reason", "")
        answers[f"{status} {reason}".strip()] += 1
    connection.close()


def _ask(connection: http.client.HTTPConnection, server: Served, body: Any) -> tuple[int, bytes]:
    """Status and body; one that is read but not understood keeps nobody else in this process waiting."""
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    connection.request("POST", SQL, json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


if __name__ == "__main__":
    main()
