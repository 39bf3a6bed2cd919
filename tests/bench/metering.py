"""What limits, quotas and counters cost a request, beside a service that has none.

    pip install '.[test]' && python -m tests.bench.metering

Goal: `SELECT 1` through the service takes at most 20 µs more, processor time of the writing thread included.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from contextlib import AbstractContextManager, nullcontext

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
            began = time.perf_counter()
            reply = service.dispatch(call)
            took = time.perf_counter() - began
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


def spent(local: Local, with_: Service, without: Service, rounds: int) -> None:
    """Processor time of all threads by request, what writes the counters down included; blocks take turns."""
    taken: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(10):
        for name, service in (("with", with_), ("without", without)):
            began = time.process_time()
            for _ in range(rounds // 10):
                service.dispatch(asked(local, "POST", "/sql", {"query": "SELECT 1"}, "developer"))
            service._rooms.metering.flush()
            taken[name].append((time.process_time() - began) / (rounds // 10) * 1e6)
    more = statistics.median(taken["with"]) - statistics.median(taken["without"])
    print(f"developer: {more:+.1f} µs of processor time a request, writing included")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3000)
    rounds = parser.parse_args().rounds
    local = open_local()
    unmetered = Unmetered(local.store, local.engine)
    without = Service(local.store, local.engine, local.courier, unmetered)
    try:
        for tier in ("developer", "enterprise"):
            assert local.dispatch(asked(local, "POST", "/databases", {"name": tier, "tier": tier})).status == 201
            compare(local, local.service, without, tier, rounds)
        spent(local, local.service, without, rounds)
    finally:
        unmetered.close()
        local.close()


if __name__ == "__main__":
    main()
