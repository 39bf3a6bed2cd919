"""Whatever comes in, an answer of the contract goes out: never a 500, always the envelope."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helios_magic.models.endpoints import BY_NAME, ENDPOINTS, Endpoint
from helios_magic.models.seam import Call
from tests.emulator.calling import Api, an_api

WORDS = st.text(max_size=20) | st.sampled_from(["main", "default", "free", "SELECT 1", "SELECT $1", "users"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["query", "params", "timeout", "branch", "statements", "transaction", "email", "password", "name", "tier"]
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5)
ANSWERED = {200, 201, 400, 401, 403, 404, 405, 409, 413, 415, 501}
quickly = settings(max_examples=40, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def scratch() -> Iterator[Api]:
    api = an_api()
    yield api
    api.local.close()


def check(api: Api, call: Call) -> None:
    reply = api.local.dispatch(call)
    body = json.loads(reply.json())
    assert reply.status in ANSWERED, body
    assert set(body) == {"success", "data" if reply.status < 400 else "error", "meta"}
    if reply.status >= 400:
        assert isinstance(body["error"]["details"], dict)
        assert body["error"]["message"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
@quickly
@given(body=BODIES | VALUES, parameter=WORDS, query=st.dictionaries(WORDS, WORDS, max_size=2))
def test_any_body_and_parameters(
    scratch: Api, endpoint: Endpoint, body: Any, parameter: str, query: dict[str, str]
) -> None:
    encoded = quote(parameter.encode("utf-8", "replace"), safe="")
    path = endpoint.path.replace("{id}", encoded).replace("{name}", encoded)
    plane = endpoint.plane
    token = scratch.local.token
    if endpoint.name == "logout":
        token = scratch("POST", "/auth/refresh").data["token"]
    check(
        scratch,
        Call(
            endpoint.method, path, plane, "default" if plane == "data" else None, query=query,
            headers={"authorization": f"Bearer {token}"}, body=json.dumps(body).encode(),
        ),
    )  # fmt: skip


@quickly
@given(query=WORDS, params=st.lists(VALUES, max_size=3))
def test_any_query(scratch: Api, query: str, params: list[Any]) -> None:
    for name in ("sql", "explain"):
        body = json.dumps({"query": query, "params": params}).encode()
        headers = {"authorization": f"Bearer {scratch.local.token}"}
        check(scratch, Call("POST", BY_NAME[name].path, "data", "default", headers=headers, body=body))


@quickly
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "", "é"]), path=st.text(max_size=30), database=WORDS,
    raw=st.binary(max_size=50),
    headers=st.dictionaries(st.sampled_from(["content-type", "accept", "x-request-id", "idempotency-key"]), WORDS),
)  # fmt: skip
def test_any_call(scratch: Api, method: str, path: str, database: str, raw: bytes, headers: dict[str, str]) -> None:
    headers["authorization"] = f"Bearer {scratch.local.token}"
    for where in (f"/{path}", "/sql", "/tables/t/rows", f"/tables/{path}/rows"):
        check(scratch, Call(method, where, "data", database, headers=headers, body=raw))
        check(scratch, Call(method, where, "control", None, headers=headers, body=raw))
