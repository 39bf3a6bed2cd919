"""Who may use a worker thread: a few requests at a time, and no caller all of them.

A request that takes long leaves its place to the next one and goes on beside it, as far as threads go: behind ten
slow statements a quick one waits for none of them.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Literal

from helios_magic.errors import RateLimitedError

Turn = Literal["a place", "none needed", "too late"]

#: Quick requests at a time: statements run in threads, and more of them only take each other's time.
QUICK = max(2, os.cpu_count() or 2)
#: Requests of one caller that take long, and of all callers.
LONG_PER_CALLER, LONG = 16, 48
#: Seconds that a request waits for its turn.
_PATIENCE = 30.0


class Lanes:
    """Places for requests; lives in the event loop's thread."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._quick = 0
        self._long: Counter[Hashable] = Counter()
        self._waiting: dict[asyncio.Future[Turn], tuple[Hashable, Callable[[], bool]]] = {}

    async def enter(self, caller: Hashable, at_once: Callable[[], bool] = lambda: False) -> Place:
        """Wait for a place, or until `at_once`, which `hurry` asks, says that the request takes no time to speak of.

        Raises RateLimitedError where there is none in time.
        """
        if not self._waiting and self._free(caller):
            self._quick += 1
            return Place(self, caller)
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Turn] = loop.create_future()
        self._waiting[turn] = caller, at_once
        self._admit()
        patience = loop.call_later(self._patience, _give_up, turn)
        try:
            came = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result() == "a place":
                self._leave(caller, long=False)
            raise
        finally:
            patience.cancel()
            self._waiting.pop(turn, None)
        if came == "too late":
            raise _busy(self._long[caller])
        return Place(self, caller, needed=came == "a place")

    def hurry(self) -> None:
        """Let go those of the waiting that need no place any more."""
        for turn, (_, at_once) in self._waiting.items():
            if not turn.done() and at_once():
                turn.set_result("none needed")

    def _free(self, caller: Hashable) -> bool:
        if self._quick >= QUICK:
            return False
        return not self._long or (self._long[caller] < LONG_PER_CALLER and self._long.total() < LONG)

    def _admit(self) -> None:
        """Give places to those who wait, in their order."""
        admitted = []
        for turn, (caller, _) in self._waiting.items():
            if self._quick >= QUICK:
                break
            if not turn.done() and self._free(caller):
                self._quick += 1
                turn.set_result("a place")
                admitted.append(turn)
        for turn in admitted:
            del self._waiting[turn]

    def _takes_long(self, caller: Hashable) -> None:
        self._quick -= 1
        self._long[caller] += 1
        self._admit()

    def _leave(self, caller: Hashable, *, long: bool) -> None:
        if long:
            self._long[caller] -= 1
            if not self._long[caller]:
                del self._long[caller]
        else:
            self._quick -= 1
        self._admit()


class Place:
    """One request's place; a context in which it is answered."""

    __slots__ = ("_caller", "_lanes", "_long", "needed")

    def __init__(self, lanes: Lanes, caller: Hashable, *, needed: bool = True) -> None:
        self._lanes, self._caller, self._long = lanes, caller, False
        self.needed = needed

    def takes_long(self) -> None:
        """Leave the place to the next request and go on."""
        if not self._long:
            self._long = True
            self._lanes._takes_long(self._caller)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        if self.needed:
            self._lanes._leave(self._caller, long=self._long)


def _give_up(turn: asyncio.Future[Turn]) -> None:
    if not turn.done():
        turn.set_result("too late")


def _busy(own: int) -> RateLimitedError:
    mine = own >= LONG_PER_CALLER
    return RateLimitedError(
        f"{own} requests of yours are running" if mine else "the server is busy with long requests",
        hint="Wait until one of them has ended, or stop it." if mine else "Try again in a moment.",
        details={"reason": "busy", "running": own},
        headers={"Retry-After": "5"},
    )
