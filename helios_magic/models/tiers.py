"""What each tier allows: API reference, "Rate Limits"; decisions.md, "Metrics, limits, quotas, webhooks"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from helios_magic.models.databases import Tier

#: What a quota counts: the first of an account, the others of a database.
Resource = Literal["databases", "storage_bytes", "branches", "tables"]

_MIB, _GIB = 2**20, 2**30


@dataclass(frozen=True, slots=True)
class Plan:
    """A tier's limits; None where there is none.

    `requests` and `queries` are per sliding minute and account.  `databases` are an account's; bytes, branches (main
    among them) and tables (of one branch) are a database's.
    """

    requests: int | None = None
    queries: int | None = None
    storage_bytes: int | None = None
    branches: int | None = None
    tables: int | None = None
    databases: int | None = None

    def quota(self, resource: Resource) -> int | None:
        limit: int | None = getattr(self, resource)
        return limit


#: From the smallest to the largest.
PLANS: dict[Tier, Plan] = {
    "free": Plan(100, 60, 100 * _MIB, 10, 50, 3),
    "developer": Plan(1_000, 600, _GIB, 20, 100, 10),
    "team": Plan(10_000, 6_000, 10 * _GIB, 100, 500, 50),
    "enterprise": Plan(),
}

_ORDER: list[Tier] = list(PLANS)


def highest(tiers: Iterable[Tier]) -> Tier:
    """The largest of an account's tiers; free for one without databases."""
    return max(tiers, key=_ORDER.index, default="free")
