"""A lock that goes to whoever has waited longest.

Python's own goes to whoever asks at the right moment.  Where merges and writes of sixteen clients wait for one branch,
the unlucky ones among them wait for many others that came later.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

_LOOK_SECONDS = 0.02


class Turns:
    """One at a time, in the order of asking."""

    def __init__(self) -> None:
        self._inner = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, wait: Callable[[], None]) -> None:
        """Wait for one's turn.  `wait` is called again and again meanwhile; if it raises, the place is given up."""
        with self._inner:
            if not self._held:
                self._held = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        try:
            while not mine.acquire(timeout=_LOOK_SECONDS):
                wait()
        except BaseException:
            self._give_up(mine)
            raise

    def release(self) -> None:
        """Let the next one have it."""
        with self._inner:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False

    def _give_up(self, mine: threading.Lock) -> None:
        with self._inner:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return
        self.release()  # the turn came in the last moment
