"""`%helios metrics`: what was used, and how fast queries were, as DataFrames that show a small chart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from helios_magic.display import latency, meters
from helios_magic.magics import requests
from helios_magic.magics.drawings import Drawing
from helios_magic.magics.workbench import Workbench

if TYPE_CHECKING:
    import pandas as pd


def usage(request: requests.MetricsUsage, workbench: Workbench) -> pd.DataFrame:
    """One row a number: `metric`, `value`, and `limit` where one is reported (both float64)."""
    import pyarrow as pa

    client = workbench.session.client
    used = client.usage()
    now = datetime.now(UTC).astimezone()
    minute = client.limit
    shown = None if minute is None else meters.Minute(minute.limit, minute.remaining, minute.reset)
    rows: list[tuple[str, float, float | None]] = [
        (name, quota.current, quota.limit) for name, quota in used.limits.items()
    ]
    if minute is not None:
        rows.append(("calls_this_minute", minute.limit - minute.remaining, minute.limit))
    rows += [
        ("queries_executed", used.queries_executed, None),
        ("compute_seconds", used.compute_seconds, None),
        ("api_calls", used.api_calls, None),
    ]
    table = pa.table(
        {
            "metric": pa.array([name for name, _, _ in rows], pa.string()),
            "value": pa.array([value for _, value, _ in rows], pa.float64()),
            "limit": pa.array([limit for _, _, limit in rows], pa.float64()),
        }
    )
    where = workbench.where()
    drawn, heading = meters.meters(used, shown, now), f"{where.database}, {now:%B %Y}."
    return workbench.frame(table, Drawing(meters.html(drawn, heading, where), meters.text(drawn, heading, where)))


def performance(request: requests.MetricsPerformance, workbench: Workbench) -> pd.DataFrame:
    """One row a step of the period: `at`, `count`, `errors`, `p50`, `p95` (milliseconds, NaN where nothing ran).

    `frame.attrs` has the whole period's `queries` and `latency_ms`, and the `slow_queries`, slowest first.
    """
    import msgspec
    import pyarrow as pa

    measured = workbench.session.client.performance(request.period)
    now = datetime.now(UTC).astimezone()
    table = pa.table(
        {
            "at": pa.array([point.at for point in measured.series], pa.timestamp("us", "UTC")),
            "count": pa.array([point.count for point in measured.series], pa.int64()),
            "errors": pa.array([point.errors for point in measured.series], pa.int64()),
            "p50": pa.array([point.p50 for point in measured.series], pa.float64()),
            "p95": pa.array([point.p95 for point in measured.series], pa.float64()),
        }
    )
    where = workbench.where()
    drawing = Drawing(latency.html(measured, where, now), latency.text(measured, where, now))
    frame = workbench.frame(table, drawing)
    frame.attrs |= {
        "queries": msgspec.to_builtins(measured.queries),
        "latency_ms": msgspec.to_builtins(measured.latency_ms),
        "slow_queries": [msgspec.structs.asdict(query) for query in measured.slow_queries],
    }
    return frame
