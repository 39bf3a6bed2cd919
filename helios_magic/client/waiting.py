"""Work in another thread, waited for so that an interrupt is felt at once.

A thread inside the database engine does not see Ctrl-C.  So the engine runs in a worker, the caller waits on a lock,
and an interrupt there becomes a request to stop the worker.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from helios_magic.errors import UsageError

T = TypeVar("T")

#: A wait without end cannot be interrupted on every system; a wait in slices can.
SLICE_SECONDS = 0.1
#: How often a worker that goes on is asked again, and for how long it is waited for.
ASK_AGAIN_SECONDS = 0.2
PATIENCE_SECONDS = 5.0


class Work(Generic[T]):
    """One piece of work: what came of it, and who may still claim it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._claim = threading.Lock()
        self._latch = threading.Lock()
        self._latch.acquire()
        self.finished = False
        self.result: T | None = None
        self.failure: BaseException | None = None

    def claim(self) -> bool:
        """True for the first who asks: the worker about to start it, or the caller who no longer wants it."""
        return self._claim.acquire(blocking=False)

    def run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as failure:
            self.failure = failure

    def finish(self) -> None:
        self.finished = True
        self._latch.release()

    def wait(self, seconds: float) -> bool:
        return self.finished or self._latch.acquire(timeout=seconds)


class Workers:
    """Threads that outlive their work.  They are daemons: a statement nobody waits for does not hold up the exit."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Work[Any] | None] = queue.SimpleQueue()
        #: One entry for each thread that has nothing to do; adding and taking one away are atomic.
        self._idle: list[None] = []
        self._lock = threading.Lock()
        self._threads = 0
        self._process = os.getpid()

    def run(self, work: Callable[[], T], stop: Callable[[], None]) -> T:
        """The result of `work`.  On KeyboardInterrupt `stop` is called until the work ends, at most 5 s long."""
        self._check_process()
        waited = Work(work)
        try:
            self._start(waited)
            while not waited.wait(SLICE_SECONDS):
                pass
        except KeyboardInterrupt:
            raise KeyboardInterrupt(self._abandon(waited, stop)) from None
        if waited.failure is not None:
            raise waited.failure
        return waited.result  # type: ignore[return-value]  # finished without a failure

    def close(self) -> None:
        """Let idle threads end; running work is not waited for."""
        with self._lock:
            for _ in range(self._threads):
                self._queue.put(None)
            self._threads = 0

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise UsageError(
                "This session was opened before the process forked, and belongs to the parent process.",
                hint="Call helios_magic.connect() again in the child.",
            )

    def _start(self, work: Work[Any]) -> None:
        try:
            self._idle.pop()
        except IndexError:
            with self._lock:
                self._threads += 1
                number = self._threads
            threading.Thread(target=self._serve, name=f"helios-{number}", daemon=True).start()
        self._queue.put(work)

    def _serve(self) -> None:
        while (work := self._queue.get()) is not None:
            if work.claim():
                work.run()
            # Idle before the caller knows: its next request finds this thread and starts no other.
            self._idle.append(None)
            work.finish()
            # Held on to while idle, the work would keep its result, a table perhaps, alive.
            del work

    @staticmethod
    def _abandon(work: Work[Any], stop: Callable[[], None]) -> str:
        """Stop the work and say what became of it."""
        if work.claim():
            return "The request had not started; nothing ran."
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not work.finished and time.monotonic() < deadline:
            stop()
            work.wait(ASK_AGAIN_SECONDS)
        if not work.finished:
            return f"The statement did not stop within {PATIENCE_SECONDS:.0f} seconds and may still be running."
        if getattr(work.result, "status", 500) < 400:
            return "The statement had finished before it could be stopped; what it wrote stays written."
        return "The statement was stopped."
