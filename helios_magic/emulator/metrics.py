"""API reference, "Metrics Endpoints"; decisions.md, "Metrics, limits, quotas, webhooks"."""

from __future__ import annotations

import datetime as dt

from helios_magic.emulator.counting import Latencies, month_of
from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.models.metrics import Latency, Performance, Point, QueryCounts, SlowQuery, Usage
from helios_magic.store import Span

#: Seconds of each period, and of a step of its series.
PERIODS = {"1h": (3_600, 60), "24h": (86_400, 900), "7d": (604_800, 7_200), "30d": (2_592_000, 21_600)}
_MOST_SLOW = 20


def usage(rooms: Rooms, request: Request) -> Answer:
    """This month's totals, this call excluded, and what is kept now beside its quotas."""
    rooms.metering.flush()
    totals = rooms.store.metrics.month(request.database.id, month_of(rooms.store.clock()))
    quotas = {
        **rooms.metering.quotas.of_database(request.database),
        **rooms.metering.quotas.of_account(request.account.id),
    }
    return Answer(
        Usage(
            period="current_month",
            storage_bytes=quotas["storage_bytes"].current,
            queries_executed=totals.queries,
            compute_seconds=round(totals.spent_us / 1e6, 6),
            api_calls=totals.calls,
            branches_active=quotas["branches"].current,
            limits={str(resource): quota for resource, quota in quotas.items()},
        )
    )


def performance(rooms: Rooms, request: Request) -> Answer:
    """The period's steps, the last one still running; percentiles from the steps' sketches together."""
    rooms.metering.flush()
    period, now = request.query["period"], rooms.store.clock()
    seconds, width = PERIODS[period]
    last = int(now.timestamp()) // width * width
    first = last - seconds + width
    spans = rooms.store.metrics.spans(request.database.id, width, first, last)
    count = sum(span.count for span in spans)
    latencies = Latencies.of(spans)
    p50, p90, p95, p99 = latencies.percentiles(0.5, 0.9, 0.95, 0.99)
    slow = rooms.store.metrics.slowest(request.database.id, now - dt.timedelta(seconds=seconds), _MOST_SLOW)
    return Answer(
        Performance(
            period=period,
            queries=QueryCounts(
                count=count, errors=sum(span.errors for span in spans), per_second=round(count / seconds, 6)
            ),
            latency_ms=Latency(p50=p50, p90=p90, p95=p95, p99=p99, max=latencies.longest),
            slow_queries=[
                SlowQuery(
                    at=each.at,
                    query=each.query,
                    duration_ms=each.duration_ms,
                    branch=each.branch,
                    rows_examined=each.rows_examined,
                    request_id=each.request_id,
                )
                for each in slow
            ],
            series=_series({span.at: span for span in spans}, range(first, last + 1, width)),
        )
    )


def _series(spans: dict[int, Span], steps: range) -> list[Point]:
    points = []
    for at in steps:
        span = spans.get(at)
        p50, p95 = Latencies.of([span] if span else []).percentiles(0.5, 0.95)
        moment = dt.datetime.fromtimestamp(at, dt.UTC)
        points.append(
            Point(at=moment, count=span.count if span else 0, errors=span.errors if span else 0, p50=p50, p95=p95)
        )
    return points


ENDPOINTS: dict[str, Answerer] = {"usage": usage, "performance": performance}
