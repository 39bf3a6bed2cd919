"""What the shared local server costs, beside the same in process.

    pip install '.[test]' && python -m tests.bench.local_server

Goals: eight clients that race find one server in each of 50 rounds; a connection under 100 ms where a server runs and
under 1.5 s where none does (medians); 10 million rows × 5 columns as a DataFrame in at most 1.2 of the time in process;
`SELECT 1` at most 1.5 ms over in process.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

import helios_magic
from helios_magic.local_server import Records, find, stop
from helios_magic.local_server.records import born
from tests.bench.sql_cells import FIVE_COLUMNS
from tests.bench.timing import medians

RACER = (
    "import sys; from helios_magic.local_server import Records, ensure; print(ensure(Records(sys.argv[1])).record.pid)"
)


def end(store: Path) -> None:
    found = find(Records(store))
    if found is not None:
        stop(found.record, even_busy=True)
        while born(found.record.pid) is not None:
            time.sleep(0.01)


def races(store: Path, rounds: int) -> None:
    alone = 0
    for _ in range(rounds):
        end(store)
        racers = [
            subprocess.Popen([sys.executable, "-c", RACER, str(store)], stdout=subprocess.PIPE, text=True)
            for _ in range(8)
        ]
        alone += len({racer.communicate()[0] for racer in racers}) == 1
    print(f"eight clients that race: one server in {alone} of {rounds} rounds")


def connecting(store: Path, rounds: int) -> None:
    took: dict[str, list[float]] = {"cold": [], "warm": []}
    for _ in range(rounds):
        end(store)
        for side in took:
            began = time.perf_counter()
            helios_magic.connect("local").close()
            took[side].append((time.perf_counter() - began) * 1e3)
    cold, warm = statistics.median(took["cold"]), statistics.median(took["warm"])
    print(f"connect: {cold:.0f} ms where no server runs (goal 1500), {warm:.1f} ms where one does (goal 100)")


def small(rounds: int) -> None:
    with helios_magic.connect("local") as shared, helios_magic.connect(":memory:") as private:
        sides: dict[str, Callable[[], object]] = {
            "shared": functools.partial(shared.run, "SELECT 1"),
            "in process": functools.partial(private.run, "SELECT 1"),
        }
        took = {side: seconds * 1e3 for side, seconds in medians(sides, rounds).items()}
    more = took["shared"] - took["in process"]
    print(f"SELECT 1: {took['shared']:.2f} ms shared, {took['in process']:.2f} in process, {more:.2f} more (goal 1.5)")


def large(rows: int, rounds: int) -> None:
    table = duckdb.connect().sql(FIVE_COLUMNS.format(rows=rows)).to_arrow_table()
    with helios_magic.connect("local") as shared, helios_magic.connect(":memory:") as private:
        for session in (shared, private):
            session.load(table, "big", mode="create")
        del table
        sides: dict[str, Callable[[], object]] = {
            "shared": functools.partial(shared.sql, "SELECT * FROM big"),
            "in process": functools.partial(private.sql, "SELECT * FROM big"),
        }
        took = medians(sides, rounds, warm_up=2)
    ratio = took["shared"] / took["in process"]
    print(
        f"{rows:,} rows × 5 to a DataFrame: {took['shared']:.2f} s shared, {took['in process']:.2f} s in process, "
        f"ratio {ratio:.2f} (goal 1.2)"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=10_000_000)
    arguments.add_argument("--rounds", type=int, default=50)
    arguments.add_argument("--only", nargs="*", help="races, connecting, small, large")
    chosen = arguments.parse_args()
    folder = Path(tempfile.mkdtemp())
    store = folder / "store"
    os.environ["HELIOS_STORE"], os.environ["HELIOS_RUNTIME"] = str(store), str(folder / "run")
    parts: dict[str, Callable[[], None]] = {
        "races": lambda: races(store, chosen.rounds),
        "connecting": lambda: connecting(store, min(chosen.rounds, 15)),
        "small": lambda: small(500),
        "large": lambda: large(chosen.rows, 7),
    }
    try:
        for name, part in parts.items():
            if not chosen.only or name in chosen.only:
                part()
    finally:
        end(store)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
