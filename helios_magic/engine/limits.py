"""Time limits and cancellation: a guard per statement, one thread that watches all of them.

DuckDB forgets an interrupt that comes while nothing runs, so a guard keeps the wish, refuses to start anything after
it, and the watch repeats the interrupt until the statement has let go.  Before its COMMIT a statement is sealed:
from then on nothing can stop it, so a commit is never reported as stopped, and a stop never as a commit.
"""

from __future__ import annotations

import heapq
import itertools
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from helios_magic.engine.face import Limits
from helios_magic.engine.sequences import Drawn
from helios_magic.engine.turns import Turns
from helios_magic.errors import QueryCancelledError, QueryError, QueryTimeoutError, ServerError

if TYPE_CHECKING:
    import duckdb

Reason = Literal["timeout", "cancelled", "closed"]
_AGAIN_AFTER = 0.005
"""Seconds between two interrupts of a statement that has not let go yet."""


class Guard:
    """What may stop one statement (or one batch), from entering the engine until its answer."""

    def __init__(self, limits: Limits, watch: Watch) -> None:
        self._lock = threading.Lock()
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._limits = limits
        self._watch = watch
        self._sealed = False
        self.ended = False
        self.drawn = Drawn()
        """Numbers of sequences, for `currval` within this request."""
        self.reason: Reason | None = None
        self.answer_bytes = limits.answer_bytes
        self.deadline = time.monotonic() + limits.timeout_ms / 1000

    def __enter__(self) -> Guard:
        self._watch.add(self)
        self._limits.cancellation.on_cancel(self._cancel)
        return self

    def __exit__(self, *_: object) -> None:
        self._limits.cancellation.on_cancel(None)
        with self._lock:
            self.ended = True
        self._watch.remove(self)

    def _cancel(self) -> None:
        self.stop("cancelled")

    def stop(self, reason: Reason) -> bool:
        """Ask the statement to stop; whether it is worth asking again."""
        with self._lock:
            if self._sealed or self.ended:
                return False
            if self.reason is None:
                self.reason = reason
                if reason != "timeout":
                    self._watch.add(self, soon=True)
            if self._cursor is not None:
                self._cursor.interrupt()
            return True

    @contextmanager
    def running(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """While the cursor works: the time in which an interrupt reaches it."""
        with self._lock:
            self._check()
            self._cursor = cursor
        try:
            yield
        finally:
            with self._lock:
                self._cursor = None

    def seal(self) -> None:
        """The point of no return, right before COMMIT; raises if the wish to stop came first."""
        with self._lock:
            self._check()
            self._sealed = True

    def check(self) -> None:
        """Raise if the wish to stop has come."""
        with self._lock:
            self._check()

    def acquire(self, lock: threading.Lock) -> None:
        """Take a lock, as long as the statement may wait."""
        while not lock.acquire(timeout=0.02):
            self.check()
            if time.monotonic() > self.deadline:
                self.stop("timeout")

    def reads(self) -> None:
        """Say that from now on the statement only reads."""
        self._limits.cancellation.only_reads = True

    def queue(self, turns: Turns) -> None:
        """Wait for one's turn, as long as the statement may wait."""
        turns.acquire(self.check)

    def _check(self) -> None:
        if self.reason is None and time.monotonic() > self.deadline and not self._sealed:
            self.reason = "timeout"
        if self.reason is not None and not self._sealed:
            raise self.error()

    def error(self) -> QueryError | ServerError:
        """The refusal that the reason stands for."""
        if self.reason == "timeout":
            return QueryTimeoutError(
                f"the statement ran longer than its limit of {_duration(self._limits.timeout_ms)} and was stopped",
                hint="Give it a longer timeout, or let it read less: a WHERE on a key, a LIMIT.",
                details={"sqlstate": "57014", "reason": "timeout", "timeout_ms": self._limits.timeout_ms},
            )
        if self.reason == "closed":
            return ServerError(
                "the database was closed while the statement ran",
                hint="Run it again once the server is up.",
                details={"reason": "draining"},
                status=503,
            )
        return QueryCancelledError("the statement was cancelled", details={"sqlstate": "57014", "reason": "cancelled"})


class Watch:
    """One thread, asleep until the next deadline; it starts with the first statement."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Guard]] = []
        self._count = itertools.count()
        self._guards: set[Guard] = set()
        self._thread: threading.Thread | None = None
        self._wakes_at = 0.0
        self._closed = False

    def add(self, guard: Guard, *, soon: bool = False) -> None:
        """Watch a guard until its deadline, or from now on every few milliseconds."""
        at = time.monotonic() + _AGAIN_AFTER if soon else guard.deadline
        with self._changed:
            self._guards.add(guard)
            heapq.heappush(self._due, (at, next(self._count), guard))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="helios-statement-watch", daemon=True)
                self._thread.start()
            elif at < self._wakes_at:
                # Waking the thread for every statement would cost more than the statement.
                self._changed.notify()

    def remove(self, guard: Guard) -> None:
        with self._changed:
            self._guards.discard(guard)
            if len(self._due) > 64 and len(self._due) > 4 * len(self._guards):
                self._due = [entry for entry in self._due if not entry[2].ended]
                heapq.heapify(self._due)

    def stop_all(self) -> None:
        """Stop every statement that runs."""
        with self._changed:
            guards = list(self._guards)
        for guard in guards:
            guard.stop("closed")

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (not self._due or self._due[0][0] > time.monotonic()):
                    self._wakes_at = self._due[0][0] if self._due else math.inf
                    self._changed.wait(self._wakes_at - time.monotonic() if self._due else None)
                if self._closed:
                    return
                guard = heapq.heappop(self._due)[2]
            if guard.stop("timeout"):
                with self._changed:
                    heapq.heappush(self._due, (time.monotonic() + _AGAIN_AFTER, next(self._count), guard))


def _duration(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:g} s"
