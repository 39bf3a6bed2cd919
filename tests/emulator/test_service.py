"""The service's way through a request: ids, routes, bodies, envelopes, draining."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from helios_magic.emulator.service import ANSWERERS
from helios_magic.models.endpoints import ENDPOINTS
from helios_magic.models.seam import Call
from tests.emulator.calling import Api, an_api


def test_every_endpoint_of_the_contract_is_built() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS} == ANSWERERS.keys()


def test_the_envelope_of_every_answer(shared: Api) -> None:
    for answered in (shared("GET", "/databases"), shared("GET", "/nowhere"), shared("GET", "/databases", token=None)):
        meta = answered.body["meta"]
        assert re.fullmatch(r"req_[0-9a-z]{12,}", meta["request_id"])
        assert isinstance(meta["duration_ms"], float)
        assert meta["timestamp"] == "2026-01-01T00:00:00Z"
        assert answered.headers["X-Request-Id"] == meta["request_id"]
        assert set(answered.body) == {"success", "data" if answered.body["success"] else "error", "meta"}
        if not answered.body["success"]:
            assert set(answered.error) == {"code", "message", "details"}


def test_a_sane_request_id_comes_back_and_another_does_not(shared: Api) -> None:
    sane = shared("GET", "/databases", headers={"x-request-id": "trace-1.a:b"})
    assert sane.headers["X-Request-Id"] == "trace-1.a:b"
    assert sane.body["meta"]["request_id"].startswith("req_")
    own = shared("GET", "/databases", headers={"x-request-id": "req_0123456789ab"})
    assert own.body["meta"]["request_id"] == own.headers["X-Request-Id"] == "req_0123456789ab"
    for insane in ("", "a b", "x" * 129, "a\r\nSet-Cookie: b", "<script>"):
        back = shared("GET", "/databases", headers={"x-request-id": insane})
        assert back.headers["X-Request-Id"] == back.body["meta"]["request_id"]


def test_unknown_paths_and_methods(shared: Api) -> None:
    missing = shared("GET", "/databasse")
    assert missing.code == (404, "NOT_FOUND")
    assert missing.error["details"]["hint"] == "Did you mean /v1/databases?"
    other_plane = shared("POST", "/sql", {"query": "SELECT 1"})
    assert other_plane.code == (404, "NOT_FOUND")
    assert "/db/{database}/api/v1/sql" in other_plane.error["details"]["hint"]
    method = shared("PATCH", "/databases/db_1")
    assert method.code == (405, "VALIDATION_ERROR")
    assert method.headers["Allow"] == "DELETE, GET"
    assert shared("GET", "/sql", database="default").headers["Allow"] == "POST"
    assert shared("GET", "/branches/%FF/diff", database="default").code == (400, "VALIDATION_ERROR")


SQL_FIELDS = ["query", "params", "timeout", "branch"]


@pytest.mark.parametrize(
    ("body", "details"),
    [
        (b"", {"field": "body", "expected": "object", "got": "nothing"}),
        (b"[]", {"field": "body", "expected": "object", "got": "array"}),
        (b"{}", {"field": "query", "expected": "a value", "got": "nothing"}),
        (b'{"query": 1}', {"field": "query", "expected": "string", "got": "integer"}),
        (b'{"query": null}', {"field": "query", "expected": "string", "got": "null"}),
        (b'{"query": ""}', {"field": "query", "expected": "string of length >= 1", "got": ""}),
        (b'{"query": "x", "timeout": "1"}', {"field": "timeout", "expected": "integer", "got": "string"}),
        (b'{"query": "x", "timeout": 0}', {"field": "timeout", "expected": "integer >= 1", "got": "0"}),
        (b'{"query": "x", "timeout": 600001}', {"field": "timeout", "expected": "integer <= 600000", "got": "600001"}),
        (b'{"query": "x", "params": {}}', {"field": "params", "expected": "array", "got": "object"}),
        (b'{"query": "x", "parms": []}',
         {"field": "parms", "expected": SQL_FIELDS, "got": "parms", "hint": "Did you mean params?"}),
        (b'{"query": "x", "zzz": 1}',
         {"field": "zzz", "expected": SQL_FIELDS, "got": "zzz", "hint": "Known: query, params, timeout, branch."}),
    ],
)  # fmt: skip
def test_a_wrong_body_names_field_expected_and_got(shared: Api, body: bytes, details: dict[str, Any]) -> None:
    answered = shared("POST", "/sql", body, database="default")
    assert answered.code == (400, "VALIDATION_ERROR")
    assert answered.error["details"] == details


def test_a_wrong_field_inside_a_list_is_found(shared: Api) -> None:
    body = {"statements": [{"query": "SELECT 1"}, {"qery": "SELECT 2"}]}
    details = shared("POST", "/sql/batch", body, database="default").error["details"]
    assert details["field"] == "statements[1].qery"
    assert details["hint"] == "Did you mean query?"
    body = {"statements": [{"query": "SELECT 1"}, {"query": 2}]}
    details = shared("POST", "/sql/batch", body, database="default").error["details"]
    assert details == {"field": "statements[1].query", "expected": "string", "got": "integer"}


@pytest.mark.parametrize(
    "body",
    [
        b"{", b'{"query": "SELECT 1"', b"nonsense", b"\xff\xfe", b'{"query": "\xed\xa0\x80"}', b'{"query": "\\ud800"}',
        b'{"query": "SELECT 1", "params": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b"[" * 1_000_000, b'{"query": "SELECT $1", "params": [1e999]}',
        b'{"query": "SELECT 1", "params": [' + b"1," * 999_999 + b"1]}",
        b'{"query": "SELECT 1"} trailing', b'\xef\xbb\xbf{"query": "SELECT 1"}',
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused(shared: Api, body: bytes) -> None:
    answered = shared("POST", "/sql", body, database="default")
    assert answered.code == (400, "VALIDATION_ERROR")
    assert {"field", "expected", "got"} <= answered.error["details"].keys()


def test_a_body_of_a_hundred_megabytes_is_too_large(shared: Api) -> None:
    answered = shared("POST", "/sql", b'{"query": "' + b"x" * 100_000_000 + b'"}', database="default")
    assert answered.code == (413, "VALIDATION_ERROR")


def test_other_media_types_are_refused(shared: Api) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/vnd.apache.arrow.stream"):
        headers = {"content-type": content_type}
        answered = shared("POST", "/sql", {"query": "SELECT 1"}, database="default", headers=headers)
        assert answered.code == (415, "VALIDATION_ERROR")
        assert answered.error["details"]["expected"] == "application/json"
    headers = {"content-type": "application/json; charset=utf-8"}
    assert shared("POST", "/sql", {"query": "SELECT 1"}, database="default", headers=headers).status == 200
    as_json = {"content-type": "application/json"}
    assert shared("POST", "/tables/t/rows", {}, database="default", headers=as_json).code == (415, "VALIDATION_ERROR")


def test_query_parameters_are_checked(shared: Api) -> None:
    unknown = shared("GET", "/schema/tables", database="default", query={"brnch": "main"})
    assert unknown.code == (400, "VALIDATION_ERROR")
    assert unknown.error["details"]["hint"] == "Did you mean branch?"
    mode = shared("POST", "/tables/t/rows", database="default", query={"mode": "upsert"})
    assert mode.error["details"] == {"field": "mode", "expected": "one of append, replace, create", "got": "upsert"}
    assert shared("GET", "/schema/tables", database="default", query={"branch": "no"}).code == (404, "NOT_FOUND")


def test_a_bug_is_a_500_with_its_id_in_the_log_and_nothing_of_it_in_the_answer(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    class Hostile(dict[str, str]):
        """Headers whose reading fails, standing for any bug below the seam."""

        def get(self, key: str, default: Any = None) -> Any:
            if key == "authorization":
                raise RuntimeError("secret internals")
            return super().get(key, default)

    with caplog.at_level(logging.ERROR):
        reply = api.local.dispatch(Call("GET", "/databases", "control", headers=Hostile()))
    body = json.loads(reply.json())
    assert (reply.status, body["error"]["code"]) == (500, "SERVER_ERROR")
    assert "secret internals" not in reply.json().decode()
    assert body["meta"]["request_id"] in caplog.text


def test_a_damaged_file_is_said_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    whole = an_api(tmp_path)
    assert whole.sql("CREATE TABLE t AS SELECT md5(i::text) AS x FROM generate_series(1, 200000) AS g(i)").status == 200
    whole.local.close()
    file = max(tmp_path.rglob("*.duckdb"), key=lambda path: path.stat().st_size)
    bytes_of_it = file.read_bytes()
    file.write_bytes(bytes_of_it[: len(bytes_of_it) // 4] + bytes(3 * len(bytes_of_it) // 4))
    damaged = an_api(tmp_path)
    with caplog.at_level(logging.ERROR):
        answer = damaged.sql("SELECT max(x) FROM t")
    damaged.local.close()
    assert answer.code == (500, "SERVER_ERROR")
    assert answer.error["message"] == "the branch's file on disk is damaged"
    assert str(tmp_path) not in json.dumps(answer.error)
    assert f"{answer.body['meta']['request_id']}: the branch's file on disk is damaged: Corrupt" in caplog.text


def test_draining_refuses_new_calls_and_lets_running_ones_end() -> None:
    api = an_api()
    api.sql("CREATE TABLE t (v int)")
    slow: list[Any] = []
    query = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 3000) b"
    thread = threading.Thread(target=lambda: slow.append(api.sql(query)))
    thread.start()
    time.sleep(0.2)
    finished = threading.Thread(target=api.local.service.drain)
    finished.start()
    time.sleep(0.05)
    refused = api("GET", "/databases")
    assert refused.code == (503, "SERVER_ERROR")
    assert refused.error["details"]["reason"] == "draining"
    api.local.service.cancel_running()
    thread.join(10)
    finished.join(10)
    assert not finished.is_alive()
    assert slow[0].status == 200 or slow[0].error["details"]["reason"] == "cancelled"
    api.local.close()
    closed = api("GET", "/databases")
    assert closed.code == (503, "SERVER_ERROR")
