"""The merge and lifecycle cases: over HTTP against a real `helios serve`, and through the in-process dispatch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.serving import serving
from tests.emulator.calling import an_api

CASES = Path(__file__).with_name("cases")
MERGES = json.loads((CASES / "merge.json").read_text())["cases"]
LIFECYCLE = json.loads((CASES / "branch_lifecycle.json").read_text())

#: (method, path below a plane, body, database or None) → status and body
Ask = Callable[[str, str, Any, "str | None"], tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def over_http() -> Iterator[Ask]:
    with serving("--memory") as server:

        def ask(method: str, path: str, body: Any, database: str | None) -> tuple[int, dict[str, Any]]:
            prefix = "/v1" if database is None else f"/db/{database}/api/v1"
            status, _, answer = server.ask(method, prefix + path, body)
            return status, json.loads(answer)

        yield ask


@pytest.fixture(scope="module")
def in_process() -> Iterator[Ask]:
    api = an_api()

    def ask(method: str, path: str, body: Any, database: str | None) -> tuple[int, dict[str, Any]]:
        answered = api(method, path, body, database=database)
        return answered.status, answered.body

    yield ask
    api.local.close()


class Place:
    """A database of the case's own."""

    def __init__(self, ask: Ask, name: str) -> None:
        self._ask, self.name = ask, name
        assert ask("POST", "/databases", {"name": name, "tier": "enterprise"}, None)[0] == 201

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        return self._ask(method, path, body, self.name)

    def sql(self, query: str, branch: str = "main") -> tuple[int, dict[str, Any]]:
        return self("POST", "/sql", {"query": query, "branch": branch})

    def run(self, queries: list[str], branch: str = "main") -> None:
        for query in queries:
            status, body = self.sql(query, branch)
            assert status == 200, (query, body)


@pytest.fixture(params=["over_http", "in_process"])
def place(request: pytest.FixtureRequest) -> Place:
    ask: Ask = request.getfixturevalue(request.param)
    name = request.node.callspec.params["case"]["id"].lower()
    return Place(ask, name)


@pytest.mark.parametrize("case", MERGES, ids=lambda case: case["id"])
def test_merge(place: Place, case: dict[str, Any]) -> None:
    place.run(case["setup"])
    assert place("POST", "/branches", {"name": "feature", "from": "main"})[0] == 201
    place.run(case["main"])
    place.run(case["branch"], "feature")
    order = {"source": "feature", "target": "main", "strategy": case["strategy"]}
    expected = case["expect"]

    status, previewed = place("POST", "/branches/merge", {**order, "dry_run": True})
    assert status == 200, previewed
    assert previewed["data"]["merged"] is False
    assert bool(previewed["data"]["conflicts"]) is not expected["ok"], previewed

    status, body = place("POST", "/branches/merge", order)
    assert body["success"] is expected["ok"], body
    if not expected["ok"]:
        assert (status, body["error"]["code"]) == (409, expected["error"])
        assert body["error"]["details"]["conflicts"] == previewed["data"]["conflicts"]
        assert sum(body["error"]["details"]["counts"].values()) >= 1
    status, body = place.sql(expected["query"])
    assert status == 200, body
    assert body["data"]["rows"] == expected["rows"]


@pytest.mark.parametrize("case", LIFECYCLE["cases"], ids=lambda case: case["id"])
def test_lifecycle(place: Place, case: dict[str, Any]) -> None:
    place.run(LIFECYCLE["setup"])
    for step in case["steps"]:
        expected = step.get("expect", {"ok": True})
        if "sql" in step:
            status, body = place.sql(step["sql"], step.get("branch", "main"))
        else:
            method, _, path = step["op"].partition(" ")
            status, body = place(method, path, step.get("body"))
        assert body["success"] is expected.get("ok", True), (step, body)
        if "http" in expected:
            assert status == expected["http"]
        if "code" in expected:
            assert body["error"]["code"] == expected["code"]
        if "rows" in expected:
            assert body["data"]["rows"] == expected["rows"]
