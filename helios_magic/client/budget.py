"""How many requests are left: the three headers that every answer may carry (API reference, "Rate Limits")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Of `limit` a minute `remaining` are left: of requests or of queries, whichever end sooner.

    `reset` is when more are given back: the next one, where the minute slides.
    """

    limit: int
    remaining: int
    reset: datetime


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """What an answer's headers say; None where they say nothing, or nothing that can be read."""
    limit = headers.get("x-ratelimit-limit")
    if limit is None:
        return None
    try:
        remaining, reset = int(headers["x-ratelimit-remaining"]), float(headers["x-ratelimit-reset"])
        return RateLimit(int(limit), remaining, datetime.fromtimestamp(reset, UTC))
    except (KeyError, ValueError, OverflowError, OSError):
        return None
