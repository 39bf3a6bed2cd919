"""The names of the branches, for completion: what was last known, asked again in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from helios_magic.errors import HeliosError

if TYPE_CHECKING:
    from helios_magic.session import Session

_FRESH = 2.0
_PATIENCE = 0.15


class BranchNames:
    """Never slower than `_PATIENCE`, and never an error: a Tab may find nothing, it must not break.

    Seconds throughout.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._place: tuple[int, str] | None = None
        self._names: tuple[str, ...] = ()
        self._asked_at = 0.0
        self._asking: threading.Thread | None = None

    def of(self, session: Session) -> Sequence[str]:
        """Names in the session's database; a fresh answer where it comes in time, else the last one."""
        with self._lock:
            place = (id(session), session.database)
            if self._place != place:
                self._place, self._names, self._asked_at, self._asking = place, (), 0.0, None
            if self._asking is None and time.monotonic() - self._asked_at > _FRESH:
                self._asking = threading.Thread(target=self._ask, args=(session, place), daemon=True)
                self._asking.start()
            asking = self._asking
        if asking is not None:
            asking.join(_PATIENCE)
        return self._names

    def _ask(self, session: Session, place: tuple[int, str]) -> None:
        names: tuple[str, ...] | None = None
        with suppress(HeliosError):
            names = tuple(branch.name for branch in session.branches().branches)
        with self._lock:
            if self._place != place:
                return
            self._names = self._names if names is None else names
            self._asked_at, self._asking = time.monotonic(), None
