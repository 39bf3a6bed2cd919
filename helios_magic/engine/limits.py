"""Time limits, cancellation and the last of the disk: a guard per statement, one thread that watches all of them.

DuckDB forgets an interrupt that comes while nothing runs, so a guard keeps the wish, refuses to start anything after
it, and the watch repeats the interrupt until the statement has let go.  Before its COMMIT a statement is sealed:
from then on nothing can stop it, so a commit is never reported as stopped, and a stop never as a commit.
"""

from __future__ import annotations

import heapq
import itertools
import math
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from helios_magic.engine.face import Limits
from helios_magic.engine.failures import disk_full
from helios_magic.engine.sequences import Drawn
from helios_magic.engine.turns import Turns
from helios_magic.errors import QueryCancelledError, QueryError, QueryTimeoutError, ServerError

if TYPE_CHECKING:
    import duckdb

Reason = Literal["timeout", "cancelled", "closed", "disk_full"]
_AGAIN_AFTER = 0.005
"""Seconds between two interrupts of a statement that has not let go yet."""
_LOOK_AFTER = 0.05
"""Seconds between two looks at the disk that a statement writes to."""
_RESERVE, _RESERVED_SHARE = 64 << 20, 0.05
"""What a statement leaves of the disk, in bytes and at most as a share: the log and the records need it to go on."""
_GROWN = 2 << 20
"""Bytes by which its file grew before a statement counts as the one that fills the disk."""


class Guard:
    """What may stop one statement (or one batch), from entering the engine until its answer."""

    def __init__(self, limits: Limits, watch: Watch) -> None:
        self._lock = threading.Lock()
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._limits = limits
        self._watch = watch
        self._sealed = False
        self._file: tuple[Path, int] | None = None
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
                    self._watch.add(self, at=time.monotonic() + _AGAIN_AFTER)
            if self._cursor is not None:
                self._cursor.interrupt()
            return True

    def writes(self, path: Path) -> None:
        """Say that the statement writes into a file.  It is stopped before it takes the last of the disk.

        DuckDB keeps the room of what was rolled back, so a full disk would let nobody else write either.
        """
        self._file = (path, path.stat().st_size)
        self._watch.add(self, at=time.monotonic() + _LOOK_AFTER)

    def look(self) -> float | None:
        """Stop the statement if it is time to; answers when to look again, if ever."""
        now = time.monotonic()
        if self.reason is not None or now >= self.deadline:
            return now + _AGAIN_AFTER if self.stop("timeout") else None
        if self._file is None or self._sealed or self.ended:
            return None
        if _fills_the_disk(*self._file):
            self.stop("disk_full")
        return now + _LOOK_AFTER

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
        if self.reason == "disk_full":
            return disk_full()
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

    def add(self, guard: Guard, *, at: float | None = None) -> None:
        """Watch a guard: at its deadline, or from an earlier moment on."""
        at = guard.deadline if at is None else at
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
            again = guard.look()
            if again is not None:
                with self._changed:
                    heapq.heappush(self._due, (again, next(self._count), guard))


def _fills_the_disk(path: Path, size: int) -> bool:
    """Whether little is left where a file is that has grown since it had this size."""
    try:
        disk, now = shutil.disk_usage(path.parent), path.stat().st_size
    except OSError:
        return False
    return disk.free < min(_RESERVE, disk.total * _RESERVED_SHARE) and now - size > _GROWN


def _duration(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:g} s"
