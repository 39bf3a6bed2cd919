"""Usage and latency to draw: near a limit, without limits, a busy day, an idle one."""

from __future__ import annotations

import datetime as dt
import math

from helios_magic.display.meters import Minute
from helios_magic.models.metrics import Latency, Performance, Point, QueryCounts, Quota, SlowQuery, Usage

NOW = dt.datetime(2026, 11, 23, 14, 20, tzinfo=dt.UTC)
USAGE = Usage(
    period="current_month",
    storage_bytes=52_400_000,
    queries_executed=45_678,
    compute_seconds=3_600.0,
    api_calls=12_345,
    branches_active=5,
    limits={
        "storage_bytes": Quota(limit=104_857_600, current=52_400_000),
        "branches": Quota(limit=10, current=5),
        "tables": Quota(limit=50, current=12),
        "databases": Quota(limit=3, current=3),
    },
)
UNLIMITED = Usage(
    period="current_month",
    storage_bytes=276_000,
    queries_executed=1,
    compute_seconds=0.0004,
    api_calls=9,
    branches_active=1,
    limits={
        "storage_bytes": Quota(limit=None, current=276_000),
        "branches": Quota(limit=None, current=1),
    },
)
MINUTE = Minute(60, 6, NOW + dt.timedelta(seconds=18))


def _point(at: int) -> Point:
    moment = NOW - dt.timedelta(minutes=15 * (95 - at))
    if 8 <= at < 20 or at == 24:
        return Point(at=moment, count=0, errors=0, p50=None, p95=None)
    hump = 40 * math.exp(-(((at - 56) / 8) ** 2))
    return Point(at=moment, count=100 + at, errors=at % 17 == 0, p50=4 + hump / 9, p95=14 + hump + at % 5)


BUSY = Performance(
    period="24h",
    queries=QueryCounts(count=12_045, errors=6, per_second=0.139),
    latency_ms=Latency(p50=5.1, p90=30.2, p95=41.0, p99=88.0, max=1_204.5),
    slow_queries=[
        SlowQuery(
            at=NOW,
            query="SELECT p.name, sum(i.quantity) FROM order_items i JOIN orders o ON o.id = i.order_id WHERE x = ?",
            duration_ms=1_204.5,
            branch="main",
            rows_examined=120_340,
            request_id="req_0a1b2c3d4e5f",
        ),
        SlowQuery(
            at=NOW - dt.timedelta(hours=3),
            query="SELECT * FROM reviews WHERE body LIKE ? AND '<img onerror=x>' = ?\n-- \u202egnp.exe",
            duration_ms=1_009.0,
            branch="feature/reviews",
            rows_examined=None,
            request_id="req_0a1b2c3d4e60",
        ),
    ],
    series=[_point(at) for at in range(96)],
)
IDLE = Performance(
    period="1h",
    queries=QueryCounts(count=0, errors=0, per_second=0.0),
    latency_ms=Latency(p50=None, p90=None, p95=None, p99=None, max=None),
    slow_queries=[],
    series=[Point(at=NOW - dt.timedelta(minutes=59 - at), count=0, errors=0, p50=None, p95=None) for at in range(60)],
)
FIRST = Performance(
    period="7d",
    queries=QueryCounts(count=3, errors=1, per_second=0.0),
    latency_ms=Latency(p50=2.0, p90=9.1, p95=9.1, p99=9.1, max=9.1),
    slow_queries=[],
    series=[
        *(Point(at=NOW - dt.timedelta(hours=2 * (83 - at)), count=0, errors=0, p50=None, p95=None) for at in range(83)),
        Point(at=NOW, count=3, errors=1, p50=2.0, p95=9.1),
    ],
)
