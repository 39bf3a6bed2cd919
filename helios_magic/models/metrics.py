"""API reference, "Metrics Endpoints"; decisions.md, "Metrics, limits, quotas, webhooks"."""

from __future__ import annotations

from helios_magic.models.base import JsonObject, Response


class Usage(Response):
    """`GET /metrics/usage`"""

    period: str
    storage_bytes: int
    queries_executed: int
    compute_seconds: float
    api_calls: int
    branches_active: int
    limits: JsonObject


class QueryCounts(Response):
    count: int
    errors: int
    per_second: float


class Latency(Response):
    """Milliseconds."""

    p50: float
    p90: float
    p95: float
    p99: float
    max: float


class Performance(Response):
    """`GET /metrics/performance?period=1h|24h|7d|30d`"""

    period: str
    queries: QueryCounts
    latency_ms: Latency
    slow_queries: list[JsonObject]
    series: list[JsonObject]
