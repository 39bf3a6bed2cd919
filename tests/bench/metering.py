"""What limits, quotas and counters cost a request, beside a service that has none.

    pip install '.[test]' && python -m tests.bench.metering

Goal: `SELECT 1` through the service takes at most 20 µs more.  Measured is the request's own processor time, which a
busy machine blurs least; what the writing thread takes comes beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from contextlib import AbstractContextManager, nullcontext

from helios_magic.embedding.models import Models
from helios_magic.emulator.counting import Counting, Note
from helios_magic.emulator.local import Local, open_local
from helios_magic.emulator.metering import Metering, Visit
from helios_magic.emulator.request import Request
from helios_magic.emulator.service import Service
from helios_magic.models.seam import Call, Reply


class Unmetered(Metering):
    """Admits everything and counts nothing."""

    def admit(self, visit: Visit, request: Request) -> None:
        pass

    def held(self, request: Request) -> AbstractContextManager[object]:
        return nullcontext()

    def count(self, visit: Visit, reply: Reply) -> None:
        pass


def asked(local: Local, method: str, path: str, body: object, database: str | None = None) -> Call:
    headers = {"authorization": f"Bearer {local.token}", "content-type": "application/json"}
    plane = "data" if database else "control"
    return Call(method, path, plane, database, headers=headers, body=json.dumps(body).encode())


def compare(local: Local, with_: Service, without: Service, database: str, rounds: int) -> None:
    taken: dict[str, list[float]] = {"with": [], "without": []}
    for turn in range(rounds + 100):
        # Who goes first changes from turn to turn: the second finds warmer caches.
        for name in sorted(taken, reverse=bool(turn % 2)):
            service = with_ if name == "with" else without
            call = asked(local, "POST", "/sql", {"query": "SELECT 1"}, database)
            began = time.thread_time()
            reply = service.dispatch(call)
            took = time.thread_time() - began
            assert reply.status == 200, reply
            if turn >= 100:
                taken[name].append(took)
    medians = {name: statistics.median(times) * 1e6 for name, times in taken.items()}
    lowest = {name: statistics.quantiles(times, n=10)[0] * 1e6 for name, times in taken.items()}
    print(
        f"{database}: {medians['with']:.1f} µs with, {medians['without']:.1f} without, "
        f"{medians['with'] - medians['without']:+.1f} (median), "
        f"{lowest['with'] - lowest['without']:+.1f} (first decile)"
    )


def writing(local: Local, requests: int) -> None:
    """What the thread that writes down spends on half a second's requests, at two rates."""
    record = local.store.databases.named("developer")
    assert record is not None
    counting = Counting(local.store.metrics, lambda: False, pause=60.0)
    for count in (requests // 10, requests):
        for number in range(count):
            counting.note(Note(record.id, local.store.clock(), number / 1e5, run=True, query=True, failed=False))
        began = time.thread_time()
        counting.flush()
        print(f"{count} requests are written down in {(time.thread_time() - began) * 1e3:.1f} ms of processor time")
    counting.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3000)
    rounds = parser.parse_args().rounds
    local = open_local()
    unmetered = Unmetered(local.store, local.engine)
    without = Service(local.store, local.engine, local.courier, unmetered, Models())
    try:
        for tier in ("developer", "enterprise"):
            assert local.dispatch(asked(local, "POST", "/databases", {"name": tier, "tier": tier})).status == 201
            compare(local, local.service, without, tier, rounds)
        writing(local, rounds)
    finally:
        unmetered.close()
        local.close()


if __name__ == "__main__":
    main()
