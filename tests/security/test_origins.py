"""Web pages of elsewhere, in the browser of a user whose local server runs: they can neither write nor read.

Hosts that were rebound to 127.0.0.1, one by one: `tests.contract.test_http`.
"""

from __future__ import annotations

import json

import pytest

from tests.contract.serving import Served

SQL = "/db/default/api/v1/sql"
EVIL = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Referer": "https://evil.example/"}
DROP = {"query": "DROP TABLE treasure"}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"]
)
def test_a_cross_origin_post_has_no_token_and_does_nothing(server: Served, kind: str) -> None:
    """The kinds that a form may send without asking first, and the one that is asked about."""
    status, headers, body = server.ask("POST", SQL, DROP, headers={**EVIL, "Content-Type": kind}, token=None)
    assert (status, json.loads(body)["error"]["code"]) == (401, "AUTH_REQUIRED")
    assert not [name for name in headers if name.lower().startswith("access-control")]
    assert "Set-Cookie" not in headers
    assert server.sql("SELECT count(*) FROM treasure")["rows"] == [[1]]


def test_a_preflight_is_refused(server: Served) -> None:
    asking = {**EVIL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    status, headers, _ = server.ask("OPTIONS", SQL, headers=asking, token=None)
    assert status == 405
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/docs", SQL, "/_local/health"])
def test_a_rebound_name_gets_nothing_even_with_the_token(server: Served, path: str) -> None:
    for host in (f"evil.example:{server.port}", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example"):
        status, _, body = server.ask("POST" if path == SQL else "GET", path, DROP, headers={**EVIL, "Host": host})
        assert (status, json.loads(body)["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert server.sql("SELECT count(*) FROM treasure")["rows"] == [[1]]


@pytest.mark.parametrize("token", ["token", "Bearer", "bearer"])
def test_a_token_in_the_address_counts_for_nothing(server: Served, token: str) -> None:
    """Addresses end up in logs and histories."""
    status, _, body = server.ask("GET", f"/v1/databases?{token}={server.token}", token=None)
    assert status == 401
    assert server.token not in body.decode()
    cookie = {"Cookie": f"{token}={server.token}"}
    assert server.ask("GET", "/v1/databases", headers=cookie, token=None)[0] == 401


def test_answers_cannot_be_framed_sniffed_or_kept(server: Served) -> None:
    for path in ("/health", "/openapi.json", "/docs", "/v1/databases"):
        headers = server.ask("GET", path)[1]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in server.ask("GET", "/docs")[1]["Content-Security-Policy"]
    assert b"<script" not in server.ask("GET", "/docs")[2]
