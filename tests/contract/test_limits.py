"""Limits and counters of a real `helios serve`: refused where enforced, shown on every answer, kept by kill -9."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

from tests.contract.serving import Served, serving

SQL = "/db/shop/api/v1/sql"
USAGE = "/db/shop/api/v1/metrics/usage"


def signed_up(server: Served) -> str:
    """The token of an account with the free database `shop`."""
    body = {"email": "ada@example.com", "password": "secure-password-123"}
    assert server.ask("POST", "/v1/auth/signup", body, token=None)[0] == 201
    token: str = json.loads(server.ask("POST", "/v1/auth/login", body, token=None)[2])["data"]["token"]
    assert server.ask("POST", "/v1/databases", {"name": "shop", "tier": "free"}, token=token)[0] == 201
    return token


def data(answer: tuple[int, Any, bytes]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer[2])
    assert body["success"], body
    return dict(body["data"])


def test_enforced_limits_over_http() -> None:
    with serving("--memory", "--enforce-limits") as server:
        token = signed_up(server)
        answered = [server.ask("POST", SQL, {"query": "SELECT 1"}, token=token) for _ in range(61)]
        assert [status for status, _, _ in answered] == [200] * 60 + [429]
        assert [int(headers["X-RateLimit-Remaining"]) for _, headers, _ in answered] == [*range(59, -1, -1), 0]
        assert {headers["X-RateLimit-Limit"] for _, headers, _ in answered} == {"60"}
        headers, body = answered[-1][1], json.loads(answered[-1][2])
        assert body["error"]["code"] == "RATE_LIMITED"
        assert 1 <= int(headers["Retry-After"]) <= 60
        assert 0 < int(headers["X-RateLimit-Reset"]) - time.time() <= 61
        # A body that is too large is a request too, and says so.
        connection = server.connect()
        connection.putrequest("POST", SQL)
        connection.putheader("Authorization", f"Bearer {token}")
        connection.putheader("Content-Length", str(2**40))
        connection.endheaders()
        told = connection.getresponse()
        connection.close()
        assert (told.status, told.headers["X-RateLimit-Limit"], told.headers["X-RateLimit-Remaining"]) == (
            413,
            "100",
            "38",
        )


def test_a_kill_takes_at_most_a_second_of_counters(tmp_path: Path) -> None:
    with serving("--store", str(tmp_path)) as server:
        token = signed_up(server)
        for _ in range(20):
            server.ask("POST", SQL, {"query": "SELECT 1"}, token=token)
        time.sleep(1.0)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
    with serving("--store", str(tmp_path)) as server:
        used = data(server.ask("GET", USAGE, token=token))
        assert (used["queries_executed"], used["api_calls"]) == (20, 20)
        for _ in range(5):
            server.ask("POST", SQL, {"query": "SELECT 1"}, token=token)
        assert server.stop() == 0
    with serving("--store", str(tmp_path)) as server:
        used = data(server.ask("GET", USAGE, token=token))
        assert (used["queries_executed"], used["api_calls"]) == (25, 26)
        measured = data(server.ask("GET", "/db/shop/api/v1/metrics/performance?period=1h", token=token))
        assert measured["queries"]["count"] == 25
        assert measured["latency_ms"]["max"] > 0
