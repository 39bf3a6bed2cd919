"""Calls that come again and again: a dashboard, a picker, a loop in a script.

To hand a call to a thread and its answer back costs a quick statement a fifth of its processor time.  A call that took
no more than a moment, a short while ago, and whose rows are still the same takes no more than a moment now: it can be
answered where it came in, on the event loop's own thread.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from helios_magic.models.seam import Call, Reply

_MOMENT = 0.005
"""Seconds that an answer may take; on a busy machine one in a row may take longer."""
_SHORT_WHILE = 1.0
"""Seconds after which a call is new again."""
_LONGEST = 4096
"""Bytes of a body."""
_MOST = 256

_Key = tuple[str | None, str, bytes, str]


@dataclass(slots=True)
class _Answered:
    at: float
    undisturbed: Callable[[], bool]
    slowly: bool = False


class Lately:
    """The calls that were answered in a moment.  Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answered: OrderedDict[_Key, _Answered] = OrderedDict()

    def again(self, call: Call) -> bool:
        """Whether the call will be answered in a moment."""
        if not isinstance(call.body, bytes):
            return False
        with self._lock:
            self._forget()
            last = self._answered.get(_key(call))
        return last is not None and last.undisturbed()

    def note(self, call: Call, reply: Reply, seconds: float) -> bool:
        """Remember what was answered so quickly, forget what was not; whether it was not known before."""
        if not isinstance(call.body, bytes) or len(call.body) > _LONGEST:
            return False
        slowly = seconds > _MOMENT
        with self._lock:
            self._forget()
            before = self._answered.pop(_key(call), None)
            if reply.undisturbed is None or (slowly and (before is None or before.slowly)):
                return False
            self._answered[_key(call)] = _Answered(self._clock(), reply.undisturbed, slowly)
            if len(self._answered) > _MOST:
                self._answered.popitem(last=False)
        return before is None

    def _forget(self) -> None:
        """Let go of what is longer ago: what tells whether rows are the same holds on to their whole database."""
        since = self._clock() - _SHORT_WHILE
        while self._answered and next(iter(self._answered.values())).at <= since:
            self._answered.popitem(last=False)


def _key(call: Call) -> _Key:
    return call.database, call.path, call.body, call.headers.get("accept", "")
