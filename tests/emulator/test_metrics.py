"""Usage and performance: raw answers as the reference has them, counted truly, kept over restarts."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from helios_magic.emulator.counting import Latencies, sketch
from helios_magic.store import Span, Store
from tests.emulator.calling import Api, an_api
from tests.emulator.test_limits import free
from tests.emulator.told import NOBODY, told


def usage(api: Api, database: str = "default", **extra: Any) -> dict[str, Any]:
    data = api("GET", "/metrics/usage", database=database, **extra).data
    assert isinstance(data, dict)
    return data


def performance(api: Api, period: str = "24h") -> dict[str, Any]:
    data = api("GET", "/metrics/performance", database="default", query={"period": period}).data
    assert isinstance(data, dict)
    return data


def test_usage_as_the_reference_has_it(api: Api) -> None:
    token = free(api)
    for query in ("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)", "SELECT * FROM t", "SELECT * FROM no_such"):
        api.sql(query, database="shop", token=token)
    batch = {"statements": [{"query": "SELECT 1"}, {"query": "SELECT 2"}]}
    assert api("POST", "/sql/batch", batch, database="shop", token=token).status == 200
    assert api("POST", "/branches", {"name": "dev"}, database="shop", token=token).status == 201
    assert api("POST", "/sql", {"qery": "x"}, database="shop", token=token).status == 400
    answered = usage(api, "shop", token=token)
    spent, held = answered.pop("compute_seconds"), answered.pop("storage_bytes")
    assert answered.pop("limits") == {
        "storage_bytes": {"limit": 104857600, "current": held},
        "branches": {"limit": 10, "current": 2},
        "tables": {"limit": 50, "current": 1},
        "databases": {"limit": 3, "current": 1},
    }
    # Seven calls before this one; five of them ran a query, the last was never understood.
    assert answered == {"period": "current_month", "queries_executed": 5, "api_calls": 7, "branches_active": 2}
    assert 0 < spent < 30
    assert held > 0
    # Another database, another account: none of it.
    assert usage(api)["api_calls"] == 0
    assert usage(api, "shop", token=token)["api_calls"] == 8


def test_a_month_begins_anew(api: Api) -> None:
    api.sql("SELECT 1")
    assert usage(api)["queries_executed"] == 1
    api.clock.move(days=31)
    assert usage(api)["queries_executed"] == 0
    api.clock.move(days=-31)
    assert usage(api)["api_calls"] == 2


def test_calls_that_were_refused_are_no_usage() -> None:
    api = an_api(enforce_limits=True)
    try:
        token = free(api)
        while api.sql("SELECT 1", database="shop", token=token).status == 200:
            pass
        assert usage(api, "shop", token=token)["api_calls"] == 60
        assert api("GET", "/branches", database="shop", token=None).status == 401
        assert usage(api, "shop", token=token)["api_calls"] == 61
    finally:
        api.local.close()


def test_eight_threads_lose_no_count(api: Api) -> None:
    def ask() -> None:
        for _ in range(10):
            assert api.sql("SELECT 1").status == 200
            usage(api)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered = usage(api)
    assert (answered["queries_executed"], answered["api_calls"]) == (80, 160)
    assert performance(api)["queries"]["count"] == 80


def test_performance_before_any_query(api: Api) -> None:
    answered = performance(api)
    assert {name: answered[name] for name in ("period", "queries", "latency_ms", "slow_queries")} == {
        "period": "24h",
        "queries": {"count": 0, "errors": 0, "per_second": 0.0},
        "latency_ms": {"p50": None, "p90": None, "p95": None, "p99": None, "max": None},
        "slow_queries": [],
    }
    assert len(answered["series"]) == 96
    assert answered["series"][-1] == {"at": "2026-01-01T00:00:00Z", "count": 0, "errors": 0, "p50": None, "p95": None}


def test_performance_of_each_period(api: Api) -> None:
    for query in ("SELECT 1", "SELECT 2", "SELECT nothing"):
        api.sql(query)
    answered = performance(api, "1h")
    latency = answered["latency_ms"]
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p95"] <= latency["p99"] <= latency["max"] < 30_000
    assert answered["queries"] == {"count": 3, "errors": 1, "per_second": round(3 / 3600, 6)}
    last = answered["series"][-1]
    assert last == {"at": "2026-01-01T00:00:00Z", "count": 3, "errors": 1, "p50": latency["p50"], "p95": latency["p95"]}
    steps = {"1h": 60, "24h": 96, "7d": 84, "30d": 120}
    for period, count in steps.items():
        answered = performance(api, period)
        assert (answered["period"], answered["queries"]["count"], len(answered["series"])) == (period, 3, count)
        assert sum(point["count"] for point in answered["series"]) == 3
    # What is older than a period leaves it, and is there in the longer ones.
    for move, left in (({"hours": 2}, 3), ({"hours": 24}, 2), ({"days": 7}, 1), ({"days": 30}, 0)):
        api.clock.move(**move)
        counts = [performance(api, period)["queries"]["count"] for period in steps]
        assert counts == [0] * (4 - left) + [3] * left
    assert api("GET", "/metrics/performance", database="default", query={"period": "1y"}).code[1] == "VALIDATION_ERROR"


def test_counters_survive_a_restart(tmp_path: Path) -> None:
    for round_ in range(1, 4):
        api = an_api(tmp_path)
        try:
            for _ in range(5):
                assert api.sql("SELECT 1").status == 200
        finally:
            api.local.close()
        api = an_api(tmp_path)
        try:
            assert usage(api)["queries_executed"] == 5 * round_
            assert performance(api, "1h")["queries"]["count"] == 5 * round_
            assert performance(api, "30d")["latency_ms"]["p50"] > 0
        finally:
            api.local.close()


def test_counters_are_on_the_disk_within_a_second(api: Api) -> None:
    api.sql("SELECT 1")
    record = api.local.store.databases.named("default")
    assert record is not None
    give_up = time.monotonic() + 5
    while api.local.store.metrics.month(record.id, "2026-01").queries == 0:
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_slow_queries_come_without_their_values() -> None:
    api = an_api(slow_seconds=0.0)
    try:
        api.sql("SELECT $1::text AS a, 'secret' AS b, 4711 AS \"C\" -- hush", "parameter")
        api("POST", "/sql/explain", {"query": "SELECT 'secret'"}, database="default")
        api("POST", "/sql/batch", {"statements": [{"query": "SELECT 1"}, {"query": "SELECT E'x'"}]}, database="default")
        api.sql("SELECT 'never closed, secret")
        slow = performance(api)["slow_queries"]
        assert {each["query"] for each in slow} == {
            'SELECT $1::text AS a, ? AS b, ? AS "C"',
            "EXPLAIN SELECT ?",
            "SELECT ?; SELECT ?",
            "SELECT …",
        }
        assert set(slow[0]) == {"at", "query", "duration_ms", "branch", "rows_examined", "request_id"}
        assert slow[0]["branch"] == "main"
        assert slow[0]["at"] == "2026-01-01T00:00:00Z"
        assert slow[0]["request_id"].startswith("req_")
        durations = [each["duration_ms"] for each in slow]
        assert durations == sorted(durations, reverse=True)
        for _ in range(30):
            api.sql("SELECT 1")
        assert len(performance(api)["slow_queries"]) == 20
        api.clock.move(hours=25)
        assert performance(api)["slow_queries"] == []
        assert len(performance(api, "7d")["slow_queries"]) == 20
    finally:
        api.local.close()


def test_a_slow_query_is_told_without_its_values() -> None:
    api = an_api(slow_seconds=0.0)
    try:
        body = {"url": NOBODY, "events": ["query.slow"], "secret": "a-secret-of-ours"}
        hook = api("POST", "/webhooks", body).data["id"]
        request_id = api.sql("SELECT 'secret' AS a").body["meta"]["request_id"]
        (event,) = told(api, hook, 1)
        assert event["type"] == "query.slow"
        duration = event["data"].pop("duration_ms")
        assert duration > 0
        record = api.local.store.databases.named("default")
        assert record is not None
        assert event["data"] == {
            "query": "SELECT ? AS a",
            "branch": "main",
            "rows_examined": 0,
            "request_id": request_id,
            "at": "2026-01-01T00:00:00Z",
            "database": "default",
            "database_id": record.id,
        }
    finally:
        api.local.close()


def test_a_fast_query_is_not_slow(api: Api) -> None:
    api.sql("SELECT 1")
    assert performance(api)["slow_queries"] == []


def test_what_is_too_old_and_what_is_gone_is_forgotten(api: Api) -> None:
    assert api("POST", "/databases", {"name": "gone", "tier": "free"}).status == 201
    gone = api.local.store.databases.named("gone")
    kept = api.local.store.databases.named("default")
    assert gone is not None
    assert kept is not None
    for database in ("gone", "default"):
        assert api.sql("SELECT 1", database=database).status == 200
    usage(api)
    store = api.local.store
    assert store.metrics.spans(gone.id, 60, 0, 2**40)
    assert api("DELETE", f"/databases/{gone.id}").status == 200
    api.clock.move(hours=3)
    assert api.sql("SELECT 1").status == 200
    usage(api)
    assert store.metrics.spans(gone.id, 60, 0, 2**40) == []
    assert store.metrics.month(gone.id, "2026-01").calls == 0
    assert len(store.metrics.spans(kept.id, 60, 0, 2**40)) == 1
    assert len(store.metrics.spans(kept.id, 900, 0, 2**40)) == 2


def test_percentiles_of_merged_spans_are_near_the_true_ones() -> None:
    import numpy as np

    values = np.random.default_rng(7).lognormal(1, 1, 20_000).astype(np.float32)
    spans = []
    for at, part in enumerate(np.split(values, 40)):
        each = sketch()
        each.update(part)
        spans.append(Span("db_1", 60, at, len(part), 0, each.serialize()))
    ranks = (0.5, 0.9, 0.95, 0.99)
    merged = Latencies.of(spans)
    assert merged.percentiles(*ranks) == pytest.approx(np.quantile(values, ranks), rel=0.03)
    assert merged.longest == pytest.approx(float(values.max()), rel=1e-4)


def test_the_thread_ends_with_the_service(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    api = an_api(tmp_path)
    assert {each.name for each in set(threading.enumerate()) - before} >= {"helios-counting"}
    api.local.close()
    api.local.close()
    assert "helios-counting" not in {each.name for each in set(threading.enumerate()) - before}


def test_a_store_that_is_closed_under_the_counters_ends_them() -> None:
    from helios_magic.emulator.counting import Counting, Note

    store = Store.open(None)
    counting = Counting(store.metrics, lambda: False, pause=0.01)
    store.close()
    counting.note(Note("db_1", store.clock(), 0.001, run=True, query=True, failed=False))
    counting._thread.join(5)
    assert not counting._thread.is_alive()
