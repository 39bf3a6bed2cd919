"""API reference, "Metrics Endpoints"; decisions.md, "Metrics, limits, quotas, webhooks"."""

from __future__ import annotations

from typing import Literal

from helios_magic.models.base import Response, Timestamp

Period = Literal["1h", "24h", "7d", "30d"]


class Quota(Response):
    """How much of a plan's quota is used; `limit` is null where the tier has none."""

    limit: int | None
    current: int


class Usage(Response):
    """`GET /metrics/usage`

    Calls, queries and seconds are this month's (UTC) of the database: every admitted call, the `/sql*` and
    `/vectors/search` calls that were run, and the seconds spent on all that were run.  Bytes and branches are those
    of now.  `limits` has `storage_bytes`, `branches`, `tables` and `databases` (the account's).
    """

    period: str
    storage_bytes: int
    queries_executed: int
    compute_seconds: float
    api_calls: int
    branches_active: int
    limits: dict[str, Quota]


class QueryCounts(Response):
    """`errors` are among the `count`; `per_second` is the mean over the period."""

    count: int
    errors: int
    per_second: float


class Latency(Response):
    """Milliseconds from entering the service to its answer; null while there was no query."""

    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    max: float | None


class SlowQuery(Response):
    """A query at or over the threshold.  Its text has `?` for every literal, and never its parameters' values."""

    at: Timestamp
    query: str
    duration_ms: float
    branch: str
    rows_examined: int | None
    request_id: str


class Point(Response):
    """The queries of one step of the period, from `at` on."""

    at: Timestamp
    count: int
    errors: int
    p50: float | None
    p95: float | None


class Performance(Response):
    """`GET /metrics/performance?period=1h|24h|7d|30d`

    `slow_queries` are the slowest, at most 20; `series` has every step of the period, oldest first, the last one
    still running.
    """

    period: str
    queries: QueryCounts
    latency_ms: Latency
    slow_queries: list[SlowQuery]
    series: list[Point]
