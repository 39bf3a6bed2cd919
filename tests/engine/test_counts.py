"""Counts of writes and tables: what is on its way into the records is told meanwhile."""

from __future__ import annotations

import threading
import time

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.store import Store

from .conftest import DATABASE, Run


def test_what_is_being_recorded_is_still_told(engine: DuckDBEngine, run: Run, store: Store) -> None:
    """A record takes as long as the disk: here another transaction is before it."""
    stop, wrong = threading.Event(), list[int]()
    held = engine.database(DATABASE)

    def look() -> None:
        least = 0
        while not stop.is_set():
            made = tables  # before the look: it can only have become more
            node = store.branches.head(DATABASE, "main")
            assert node is not None
            least = max(least, made)
            told = held.counts.of(node).tables
            if told < least:
                wrong.append(told)
            time.sleep(0.0005)

    tables = 0
    looking = threading.Thread(target=look)
    looking.start()
    for number in range(12):
        run(f"CREATE TABLE t{number} (a int)")
        tables = number + 1
        held.counts.record()
    stop.set()
    looking.join()
    assert wrong == []
