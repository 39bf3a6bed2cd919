"""The threads that answer requests, and how those that take long make way for the others.

A statement that counts to infinity keeps every core busy for minutes.  Where the system has a priority for each thread
(Linux), its thread goes down in it, so that the event loop and whatever takes a millisecond run at once all the same.
A process without privileges cannot raise a priority again: such a thread ends with its request.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

#: Against the other threads one at this niceness counts as a third.
_NICE = 5


class Work(Generic[T]):
    """One function on its way through a thread.  `done` belongs to the event loop that asked for it."""

    def __init__(self, function: Callable[[], T], afterwards: Callable[[], object]) -> None:
        self._function = function
        self.afterwards = afterwards
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[T] = self._loop.create_future()
        self._between = threading.Lock()
        self._thread: int | None = None
        self._lowered = False

    def make_way(self) -> None:
        """Have the thread run behind all others from now on, if it still runs this."""
        with self._between:
            if self._thread is not None and sys.platform.startswith("linux"):
                self._lowered = True
                with contextlib.suppress(OSError):  # the system does not let us
                    now = os.getpriority(os.PRIO_PROCESS, self._thread)
                    os.setpriority(os.PRIO_PROCESS, self._thread, now + _NICE)

    def leave(self) -> bool:
        """Part from the thread; whether it has made way."""
        with self._between:
            self._thread = None
            return self._lowered

    def run(self) -> Callable[[], None]:
        """Run the function; what is returned tells the event loop how it went."""
        self._thread = threading.get_native_id()
        try:
            value = self._function()
        except BaseException as error:
            problem = error  # outlives the block
            return lambda: self._tell(lambda: self.done.set_exception(problem))
        return lambda: self._tell(lambda: self.done.set_result(value))

    def _tell(self, settle: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody asks any more
            self._loop.call_soon_threadsafe(lambda: None if self.done.done() else settle())


class Threads:
    """Threads that wait for work; one more is started where none waits.  Asked from the event loop's thread only."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: queue.SimpleQueue[Work[object] | None] = queue.SimpleQueue()
        self._waiting = threading.Semaphore(0)
        self._running: set[threading.Thread] = set()

    def run(self, function: Callable[[], T], afterwards: Callable[[], object] = lambda: None) -> Work[T]:
        """Have a thread run the function, and `afterwards` once the event loop has been told how it went."""
        work = Work(function, afterwards)
        self._queue.put(work)  # type: ignore[arg-type]
        if not self._waiting.acquire(blocking=False):
            # A daemon: the process does not wait for a statement that nothing can stop.
            thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._running.add(thread)
            thread.start()
        return work

    def close(self, seconds: float) -> bool:
        """End the threads; whether all ended within so many seconds."""
        for _ in range(len(self._running)):
            self._queue.put(None)
        ends = time.monotonic() + seconds
        for thread in list(self._running):
            thread.join(max(0.0, ends - time.monotonic()))
        return not self._running

    def _serve(self) -> None:
        try:
            while (work := self._queue.get()) is not None:
                tell = work.run()
                stays = not work.leave()
                if stays:
                    self._waiting.release()
                afterwards = work.afterwards
                del work
                tell()
                afterwards()
                del tell, afterwards
                if not stays:
                    return
        finally:
            self._running.discard(threading.current_thread())
