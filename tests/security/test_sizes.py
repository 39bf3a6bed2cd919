"""Large, deep and many: refused at once, with the envelope, and others go on."""

from __future__ import annotations

import json
import time

import pytest

from helios_magic.emulator.bodies import MAX_ANONYMOUS_BYTES, MAX_JSON_BYTES
from tests.contract.serving import Served

SQL = "/db/default/api/v1/sql"


def refused(answer: tuple[int, object, bytes]) -> tuple[int, str]:
    body = json.loads(answer[2])
    assert set(body) == {"success", "error", "meta"}
    return answer[0], body["error"]["code"]


@pytest.mark.parametrize("path", [SQL, "/v1/auth/login", "/v1/databases", "/v1/nowhere", "/v1/webhooks"])
def test_a_hundred_megabytes(server: Served, path: str) -> None:
    began = time.monotonic()
    assert refused(server.ask("POST", path, b" " * 100_000_000)) == (413, "VALIDATION_ERROR")
    assert time.monotonic() - began < 15
    assert server.sql("SELECT 1")["row_count"] == 1


def test_who_is_not_known_may_send_little(server: Served) -> None:
    large = json.dumps({"email": "a@example.com", "password": "x" * (MAX_ANONYMOUS_BYTES + 10)}).encode()
    assert refused(server.ask("POST", "/v1/auth/signup", large, token=None)) == (413, "VALIDATION_ERROR")
    assert refused(server.ask("POST", SQL, large, token=None)) == (413, "VALIDATION_ERROR")
    assert refused(server.ask("POST", SQL, large)) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("inner", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [10_000, 200_000])
def test_deep_json(server: Served, inner: str, depth: int) -> None:
    closing = "]" if inner == "[" else "}"
    for prefix, suffix in (("", ""), ('{"query": "SELECT $1", "params": [', "]}")):
        body = (prefix + inner * depth + "1" + closing * depth + suffix).encode()
        assert refused(server.ask("POST", SQL, body)) == (400, "VALIDATION_ERROR")


def test_a_million_parameters(server: Served) -> None:
    body = {"query": "SELECT 1", "params": list(range(1_000_000))}
    assert refused(server.ask("POST", SQL, body)) == (400, "VALIDATION_ERROR")
    statements = {"statements": [{"query": "SELECT 1"}] * 20_000}
    assert refused(server.ask("POST", "/db/default/api/v1/sql/batch", statements)) == (400, "VALIDATION_ERROR")
    many = "&".join(f"a{i}=1" for i in range(101))
    assert refused(server.ask("GET", f"/v1/databases?{many}")) == (400, "VALIDATION_ERROR")


def test_many_small_things_in_one_body(server: Served) -> None:
    """Each empty array takes two bytes here and sixty in memory."""
    body = b'{"query": "SELECT $1", "params": [[' + b"[]," * 1_100_000 + b"[]]]}"
    assert len(body) < MAX_JSON_BYTES
    assert refused(server.ask("POST", SQL, body)) == (400, "VALIDATION_ERROR")


def test_a_compressed_body_is_not_unpacked(server: Served) -> None:
    import gzip

    bomb = gzip.compress(b" " * 50_000_000)
    answer = server.ask("POST", SQL, bomb, headers={"Content-Encoding": "gzip"})
    assert refused(answer) == (400, "VALIDATION_ERROR")


def test_long_headers_and_addresses(server: Served) -> None:
    assert refused(server.ask("GET", "/v1/" + "a" * 30_000))[0] in {400, 404}
    assert server.ask("GET", "/health", headers={"X-Request-Id": "a" * 30_000})[0] in {200, 400}
    assert server.sql("SELECT 1")["row_count"] == 1


@pytest.mark.parametrize("take", [{"value": None, "x": 42}, "sauce", 5, {"x": 1}, [], None])
def test_a_wrong_alternative_names_its_field(server: Served, take: object) -> None:
    """Found by schemathesis: a field unknown to one of two alternatives was a 500."""
    body = {"source": "main", "resolutions": [{"table": "t", "key": {"id": 1}, "take": take}]}
    answer = server.ask("POST", "/db/default/api/v1/branches/merge", body)
    assert refused(answer) == (400, "VALIDATION_ERROR")
    assert json.loads(answer[2])["error"]["details"]["field"].startswith("resolutions[0].take")
