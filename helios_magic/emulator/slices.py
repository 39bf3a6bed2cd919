"""Work on the event loop's own thread, in slices: between two of them the loop looks at its sockets.

A hundred calls of half a millisecond each, answered where they came in, would keep it from accepting a connection, or
from reading another request, for as long as they take together.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_SECONDS = 0.002
"""Of work between two looks."""


class Slices:
    """Turns on one event loop's thread, in the order in which they were asked for."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._used = self._last = 0.0
        self._looks = False

    async def run(self, function: Callable[[], T]) -> T:
        """Call the function, at once or in a later slice."""
        if self._waiting or self._used >= _SECONDS:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        if not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_soon(self._looked)
        began = self._clock()
        try:
            return function()
        finally:
            self._last = self._clock() - began
            self._used += self._last

    def _looked(self) -> None:
        """The loop has looked at its sockets: a new slice, for as many as fit into it."""
        self._used, self._looks = 0.0, False
        for _ in range(max(1, int(_SECONDS / self._last)) if self._last else 1):
            while self._waiting:
                turn = self._waiting.popleft()
                if not turn.done():
                    turn.set_result(None)
                    break
        if self._waiting:
            self._looks = True
            asyncio.get_running_loop().call_soon(self._looked)
