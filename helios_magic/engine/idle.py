"""Which databases let go of their DuckDB: those that nobody used for long, and the longest unused of too many.

An instance takes a dozen megabytes and a few threads, whether it is asked anything or not.  It is closed where nothing
uses it, and opened again by the next request, which does not notice but for the time that takes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helios_magic.engine.database import Database

logger = logging.getLogger("helios_magic.engine")

_JUST_USED = 1.0
"""Seconds after its last request in which a database is not closed for the sake of the others."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How long an unused database stays open, in seconds, and how many may be open beside those in use."""

    seconds: float = 600.0
    most: int = 16


class Idle:
    """The databases of one engine, as to how long nobody used them.  `clock` counts seconds."""

    def __init__(self, databases: Callable[[], list[Database]], keep: Keep, clock: Callable[[], float]) -> None:
        self._databases, self._keep, self._clock = databases, keep, clock

    def close_due(self) -> float | None:
        """Close what is due; the seconds until more may be, None where nothing is open."""
        now, waits = self._clock(), []
        opened = sorted((each for each in self._databases() if each.opened), key=lambda each: each.used_at)
        for number, database in enumerate(opened):
            surplus = len(opened) - number > self._keep.most
            stays = _JUST_USED if surplus else self._keep.seconds
            wait = database.used_at + stays - now
            if wait > 0 or not self._closed(database):
                waits.append(max(wait, _JUST_USED))
        return min(waits, default=None)

    def _closed(self, database: Database) -> bool:
        try:
            return database.let_go(database.used_at)
        except Exception:
            # It stays open: that costs memory only.
            logger.exception("closing the idle database %s failed", database.id)
            return False
