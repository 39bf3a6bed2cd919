"""How many threads a DuckDB instance has: all while statements run that may use them, else only the callers' own.

DuckDB wakes a helper for every statement.  One that reads a few rows has nothing to share, and the helper's waking
takes as much processor time as a third of the statement.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from helios_magic.engine.dialect.prepared import Reading

if TYPE_CHECKING:
    import duckdb

_ALONE: frozenset[Reading] = frozenset({"nothing", "first rows"})
_REST_AFTER = 2.0
"""Seconds without such a statement after which the helpers may go: starting them anew takes 0.2 ms."""


class Threads:
    """The helpers of one instance.  Callers hold the database's mutex."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection, self._clock = connection, clock
        (self._all,) = connection.execute("SELECT current_setting('threads')").fetchone() or (1,)
        self._using, self._used_at = 0, self._clock()
        self.at_hand: bool = self._all > 1

    def begin(self, reading: Reading) -> None:
        """A statement begins that reads so."""
        if reading in _ALONE:
            return
        self._using += 1
        if not self.at_hand and self._all > 1:
            self.at_hand = True
            self._connection.execute(f"SET GLOBAL threads = {self._all}")

    def end(self, reading: Reading) -> None:
        """It has ended."""
        if reading not in _ALONE:
            self._using -= 1
            self._used_at = self._clock()

    @property
    def idle(self) -> bool:
        """Whether helpers are at hand and nothing has used them for a while."""
        return self.at_hand and not self._using and self._clock() - self._used_at > _REST_AFTER

    def rest(self) -> None:
        """Let the helpers go: a few milliseconds."""
        self.at_hand = False
        self._connection.execute("SET GLOBAL threads = 1")
