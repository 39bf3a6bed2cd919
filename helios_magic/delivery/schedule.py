"""When the next attempt is due."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """Seconds before each attempt, counted from the end of the one before; `jitter` adds up to that share of them."""

    delays: tuple[float, ...]
    jitter: float = 0.0

    def after(self, tries: int) -> dt.timedelta | None:
        """How long to wait after so many attempts that failed; None: that was the last."""
        if tries >= len(self.delays):
            return None
        return dt.timedelta(seconds=self.delays[tries] * (1 + self.jitter * random.random()))  # noqa: S311 - no secret


#: A notebook's receiver comes up within seconds or not at all.
LOCAL = Schedule((0, 1, 5, 30))
#: Standard Webhooks, "Deliverability and reliability": over three days, with jitter.
PUBLIC = Schedule((0, 5, 5 * 60, 30 * 60, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))), jitter=0.1)
