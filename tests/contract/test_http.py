"""HTTP itself: hosts, media types, sizes, streams, and clients that leave.  Never a 500, always the envelope."""

from __future__ import annotations

import json
import socket
import ssl
import time
from typing import Any

import pyarrow as pa
import pytest

from helios_magic.models.arrowstream import read_stream, write_stream
from helios_magic.models.seam import ARROW_STREAM
from tests.contract.serving import Served

SQL = "/db/default/api/v1/sql"


def failure(answer: tuple[int, Any, bytes]) -> tuple[int, str]:
    status, headers, body = answer
    envelope = json.loads(body)
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Request-Id"] == envelope["meta"]["request_id"]
    assert envelope["success"] is False
    assert set(envelope) == {"success", "error", "meta"}
    return status, envelope["error"]["code"]


def raw(server: Served, request: bytes) -> bytes:
    """What comes back for bytes that no client library would send."""
    context = ssl._create_unverified_context()
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain,
        context.wrap_socket(plain) as secure,
    ):
        secure.sendall(request)
        received = b""
        while chunk := secure.recv(65536):
            received += chunk
        return received


def test_liveness_needs_no_token_and_says_only_the_version(server: Served) -> None:
    status, headers, body = server.ask("GET", "/health", token=None)
    assert status == 200
    assert list(json.loads(body)["data"]) == ["version"]
    assert headers["X-Request-Id"].startswith("req_")
    assert "uvicorn" not in str(headers)


def test_the_description_and_its_page(server: Served) -> None:
    _, headers, body = server.ask("GET", "/openapi.json", token=None)
    assert json.loads(body)["servers"] == [{"url": server.url}]
    _, headers, body = server.ask("GET", "/docs", token=None)
    assert headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert b"/db/{database}/api/v1/sql" in body
    assert headers["X-Request-Id"].startswith("req_")


@pytest.mark.parametrize("host", ["evil.com", "heliosdb.io.evil.com", "127.0.0.1.nip.io", "10.0.0.1"])
def test_an_unknown_host_is_refused_before_anything_else(server: Served, host: str) -> None:
    for path in ("/health", "/v1/databases", "/docs"):
        assert failure(server.ask("GET", path, headers={"Host": host})) == (400, "VALIDATION_ERROR")


def test_what_is_no_http_is_told_so_in_the_envelope(server: Served) -> None:
    for request in (b"nonsense\r\n\r\n", b"GET /health\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"):
        head, _, body = raw(server, request).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert json.loads(body)["error"]["code"] == "VALIDATION_ERROR"


def test_no_host_and_two_hosts_are_refused(server: Served) -> None:
    assert b" 400 " in raw(server, b"GET /health HTTP/1.0\r\n\r\n").splitlines()[0]
    two = raw(server, b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.com\r\nConnection: close\r\n\r\n")
    assert b" 400 " in two.splitlines()[0]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", (404, "NOT_FOUND")),
        ("GET", "/v1/nowhere", (404, "NOT_FOUND")),
        ("GET", "/v1/databases/", (404, "NOT_FOUND")),
        ("GET", "/%0a%00%ff", (404, "NOT_FOUND")),
        ("GET", "/db/../v1/databases", (404, "NOT_FOUND")),
        ("GET", "/db/%FF/api/v1/branches", (404, "NOT_FOUND")),
        ("GET", "/db/nowhere/api/v1/branches", (404, "NOT_FOUND")),
        ("DELETE", "/v1/databases/db_%FF", (400, "VALIDATION_ERROR")),
        ("DELETE", "/v1/databases/..%2F..%2Fetc%2Fpasswd", (404, "NOT_FOUND")),
        ("PUT", "/v1/databases", (405, "VALIDATION_ERROR")),
        ("BREW", "/v1/databases", (400, "VALIDATION_ERROR")),  # no HTTP parser knows it
        ("OPTIONS", "/v1/databases", (405, "VALIDATION_ERROR")),
        ("POST", "/health", (405, "VALIDATION_ERROR")),
        ("GET", "/v1/databases?a=1&a=2", (400, "VALIDATION_ERROR")),
        ("GET", "/db/default/api/v1/schema/tables?branch=%FF", (404, "NOT_FOUND")),
    ],
)
def test_paths_and_methods(server: Served, method: str, path: str, expected: tuple[int, str]) -> None:
    answer = server.ask(method, path)
    assert failure(answer) == expected
    assert ("Allow" in answer[1]) == (expected[0] == 405)
    assert not [name for name in answer[1] if name.lower().startswith("access-control")]


def test_an_encoded_slash_in_a_branch_name_stays_in_its_segment(server: Served) -> None:
    _, _, body = answer = server.ask("DELETE", "/db/default/api/v1/branches/feature%2Fuser-auth")
    assert failure(answer) == (404, "NOT_FOUND")
    assert json.loads(body)["error"]["details"]["branch"] == "feature/user-auth"
    _, _, body = answer = server.ask("DELETE", "/db/default/api/v1/branches/feature/user-auth")
    assert failure(answer) == (404, "NOT_FOUND")
    assert "branch" not in json.loads(body)["error"]["details"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 200_000,
        b'{"query": 1}',
        b'{"query": "SELECT 1", "x": 1}',
        b"\x00\xff",
        b'{"query": "\\ud800"}',
    ],
)
def test_bad_bodies(server: Served, body: bytes) -> None:
    assert failure(server.ask("POST", SQL, body)) == (400, "VALIDATION_ERROR")


def test_a_hundred_megabytes_are_refused_announced_or_not(server: Served) -> None:
    assert failure(server.ask("POST", SQL, b" " * 100_000_000)) == (413, "VALIDATION_ERROR")
    connection = server.connect()
    chunks = (b" " * 1_000_000 for _ in range(70))
    connection.request("POST", SQL, chunks, {"Authorization": f"Bearer {server.token}"}, encode_chunked=True)
    answer = connection.getresponse()
    assert failure((answer.status, answer.headers, answer.read())) == (413, "VALIDATION_ERROR")
    connection.close()
    assert server.sql("SELECT 1")["row_count"] == 1


def test_a_large_arrow_body_needs_a_known_caller(server: Served) -> None:
    headers = {"Content-Type": ARROW_STREAM, "Content-Length": str(100_000_000)}
    path = "/db/default/api/v1/tables/t/rows"
    connection = server.connect()
    connection.request("POST", path, None, {**headers, "Authorization": "Bearer hdb_live_nobody"})
    answer = connection.getresponse()
    assert failure((answer.status, answer.headers, answer.read())) == (413, "VALIDATION_ERROR")
    connection.close()


def test_tokens(server: Served) -> None:
    assert failure(server.ask("GET", "/v1/databases", token=None)) == (401, "AUTH_REQUIRED")
    assert failure(server.ask("GET", "/v1/databases", token="hdb_live_unknown")) == (401, "AUTH_REQUIRED")
    signup = {"email": "eve@example.com", "password": "secure-password-123"}
    server.ask("POST", "/v1/auth/signup", signup, token=None)
    eve = json.loads(server.ask("POST", "/v1/auth/login", signup, token=None)[2])["data"]["token"]
    foreign = server.ask("POST", SQL, {"query": "SELECT 1"}, token=eve)
    assert failure(foreign) == (403, "FORBIDDEN")
    answer = server.ask("GET", "/v1/databases", token=None)
    assert answer[1]["WWW-Authenticate"] == "Bearer"


def test_a_select_as_an_arrow_stream(server: Served) -> None:
    columns = "i::int8 AS i, 'row ' || i AS t, (i / 8.0)::numeric(10,3) AS n"
    query = {"query": f"SELECT {columns} FROM generate_series(1, 200000) s(i)"}
    status, headers, body = server.ask("POST", SQL, query, headers={"Accept": ARROW_STREAM})
    assert (status, headers["Content-Type"]) == (200, ARROW_STREAM)
    table, envelope = read_stream(body)
    assert table.num_rows == 200_000
    assert table.column("i").to_pylist()[-1] == 200_000
    assert [field.metadata[b"pg_type"] for field in table.schema] == [b"int8", b"text", b"numeric(10,3)"]
    rest = json.loads(envelope or b"")
    assert rest["data"]["columns"] == ["i", "t", "n"]
    assert rest["data"]["row_count"] == 200_000
    assert "rows" not in rest["data"]
    assert rest["meta"]["request_id"] == headers["X-Request-Id"]
    refused = server.ask("POST", SQL, {"query": "SELECT nothing"}, headers={"Accept": ARROW_STREAM})
    assert failure(refused) == (400, "QUERY_ERROR")


def test_a_bulk_load_larger_than_memory_should_hold_goes_through_a_file(server: Served) -> None:
    rows = 3_000_000
    table = pa.table({"id": pa.array(range(rows), pa.int64()), "twice": pa.array(range(0, 2 * rows, 2), pa.int64())})
    stream = write_stream(table).to_pybytes()
    assert len(stream) > 2 * 16 * 2**20
    status, _, body = server.ask(
        "POST", "/db/default/api/v1/tables/big/rows?mode=create", stream, headers={"Content-Type": ARROW_STREAM}
    )
    assert status == 200, body
    assert json.loads(body)["data"] == {"table": "big", "inserted": rows}
    assert server.sql("SELECT count(*), max(twice) FROM big")["rows"] == [[rows, 2 * rows - 2]]
    server.sql("DROP TABLE big")


def test_a_client_that_leaves_stops_its_statement(server: Served) -> None:
    server.sql("CREATE TABLE marks (v int)")
    slow = """INSERT INTO marks SELECT 1 FROM generate_series(1, 100000) a (i), generate_series(1, 1000000) b (i)
              WHERE a.i + b.i < 0"""
    connection = server.connect()
    body = json.dumps({"query": slow, "timeout": 60_000}).encode()
    connection.request("POST", SQL, body, {"Authorization": f"Bearer {server.token}"})
    time.sleep(0.5)
    connection.close()
    began = time.monotonic()
    server.sql("INSERT INTO marks VALUES (2)")  # one writer a branch: it waits for the other to be gone
    assert time.monotonic() - began < 20
    assert server.sql("SELECT v FROM marks")["rows"] == [[2]]
    server.sql("DROP TABLE marks")


def test_the_certificate_names_every_host_of_the_reference(server: Served) -> None:
    pem = ssl.get_server_certificate(("127.0.0.1", server.port))
    context = ssl.create_default_context(cadata=pem)
    for name in ("api.heliosdb.io", "my-app-db.heliosdb.io", "localhost", "127.0.0.1"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
            context.wrap_socket(plain, server_hostname=name).close()
