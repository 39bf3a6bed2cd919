"""DuckDB's helper threads: at hand while statements may use them, gone while only small ones run."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from helios_magic.engine.threads import Threads


def count(connection: duckdb.DuckDBPyConnection) -> Any:
    return connection.execute("SELECT current_setting('threads')").fetchone()


@pytest.fixture
def connection() -> Any:
    with duckdb.connect(config={"threads": 3}) as opened:
        yield opened


def test_helpers_come_back_for_what_may_use_them(connection: duckdb.DuckDBPyConnection) -> None:
    helpers = Threads(connection)
    assert not helpers.idle, "they have just come"
    helpers.rest()
    helpers.begin("first rows")
    helpers.begin("nothing")
    assert count(connection) == (1,)
    helpers.begin("freely")
    assert count(connection) == (3,)
    helpers.end("first rows")
    helpers.end("nothing")
    helpers.end("freely")
    assert helpers.at_hand, "the next such statement may follow at once"


def test_helpers_are_idle_a_while_after_the_last_that_used_them(connection: duckdb.DuckDBPyConnection) -> None:
    now = [0.0]
    helpers = Threads(connection, clock=lambda: now[0])
    helpers.begin("one table")
    now[0] = 60.0
    assert not helpers.idle, "a statement uses them"
    helpers.end("one table")
    now[0] = 61.0
    assert not helpers.idle
    now[0] = 63.0
    assert helpers.idle
    helpers.rest()
    assert not helpers.idle
    assert count(connection) == (1,)
