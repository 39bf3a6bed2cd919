"""Rate limits: API reference, "Rate Limits"; decisions.md, "Metrics, limits, quotas, webhooks"."""

from __future__ import annotations

import datetime as dt
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from helios_magic.errors import RateLimitedError
from helios_magic.models.databases import Tier
from helios_magic.models.tiers import PLANS, Plan
from helios_magic.store import Clock

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
#: Accounts whose windows are kept though they may be empty.
_MOST_WINDOWS = 4096


class _Window:
    """What was admitted in the minute up to now, in microseconds of Unix time, oldest first."""

    __slots__ = ("limit", "moments", "shown_limit", "what")

    def __init__(self, limit: int, what: str) -> None:
        self.limit, self.shown_limit, self.what = limit, str(limit), what
        # Where nothing is enforced more may come than fit: the latest `limit` tell all that is shown.
        self.moments: deque[int] = deque(maxlen=limit)

    def remaining(self, now: int) -> int:
        """How many are still free; what is older than a minute leaves first."""
        moments, gone = self.moments, now - _MINUTE
        while moments and moments[0] <= gone:
            moments.popleft()
        return self.limit - len(moments)

    def headers(self, now: int) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": self.shown_limit,
            "X-RateLimit-Remaining": str(self.limit - len(self.moments)),
            "X-RateLimit-Reset": str(-(-self.free_at(now) // _SECOND)),
        }

    def free_at(self, now: int) -> int:
        """When the next place is given back."""
        return (self.moments[0] if self.moments else now) + _MINUTE


class _Account:
    """The windows of one account in one tier, and the latest moment they saw."""

    __slots__ = ("latest", "queries", "requests")

    def __init__(self, requests: int, queries: int) -> None:
        self.requests, self.queries = _Window(requests, "requests"), _Window(queries, "queries")
        self.latest = 0

    def at(self, moment: dt.datetime) -> int:
        """The moment; a clock set back by less than a minute stands still, one set back further begins anew."""
        now = round(moment.timestamp() * _SECOND)
        if now < self.latest - _MINUTE:
            self.requests.moments.clear()
            self.queries.moments.clear()
        elif now < self.latest:
            return self.latest
        self.latest = now
        return now


@dataclass(slots=True)
class RateLimits:
    """Sliding minutes by account and tier.  What is refused does not count.  Thread-safe."""

    clock: Clock
    enforced: bool = False
    _accounts: dict[tuple[str, Tier], _Account] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, account_id: str, tier: Tier, *, query: bool) -> Mapping[str, str]:
        """Count a request and return its headers: of the budget nearer to its end, none without a limit.

        Raises `RateLimitedError` where limits are enforced and a budget is used up.
        """
        plan = PLANS[tier]
        if plan.requests is None:
            return _NO_HEADERS
        with self._lock:
            held = self._accounts.get((account_id, tier)) or self._begin(account_id, tier, plan)
            now, nearer = held.at(self.clock()), held.requests
            left = held.requests.remaining(now)
            if query:
                queries_left = held.queries.remaining(now)
                if queries_left <= left:
                    nearer, left = held.queries, queries_left
            if left <= 0 and self.enforced:
                raise _refusal(held, tier, now, query=query)
            held.requests.moments.append(now)
            if query:
                held.queries.moments.append(now)
            return nearer.headers(now)

    def _begin(self, account_id: str, tier: Tier, plan: Plan) -> _Account:
        if len(self._accounts) >= _MOST_WINDOWS:
            before = round(self.clock().timestamp() * _SECOND) - _MINUTE
            self._accounts = {key: each for key, each in self._accounts.items() if each.latest > before}
        held = _Account(plan.requests or 0, plan.queries or 0)
        self._accounts[account_id, tier] = held
        return held


_NO_HEADERS: Mapping[str, str] = {}


def _refusal(held: _Account, tier: Tier, now: int, *, query: bool) -> RateLimitedError:
    """About the budget that comes back last, so that whoever waits as long is let in."""
    drawn_on = (held.queries, held.requests) if query else (held.requests,)
    full = [window for window in drawn_on if window.remaining(now) <= 0]
    window = max(full, key=lambda each: each.free_at(now))
    wait = max(1, -(-(window.free_at(now) - now) // _SECOND))
    return RateLimitedError(
        f"this account made {window.limit} {window.what} in the last minute; the {tier} tier allows no more",
        hint=f"Try again in {wait} second{'s' if wait > 1 else ''}.",
        details={"resource": f"{window.what}_per_minute", "limit": window.limit, "tier": tier, "retry_after": wait},
        headers={"Retry-After": str(wait), **window.headers(now)},
    )
