"""A real server that is stopped or killed with deliveries on their way: each arrives, with the id it had."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import threading
from pathlib import Path

import pytest

from helios_magic.client import Client, transports
from helios_magic.emulator.serve import Address, listen
from helios_magic.emulator.serve import exposed as is_exposed
from tests.contract.serving import Served, serving
from tests.delivery.receiving import Receiver, receiving, until

DATA = "/db/default/api/v1"


def register(served: Served, receiver: Receiver) -> str:
    body = {"url": receiver.url, "events": ["branch.created", "database.created"], "secret": "s"}
    status, _, answer = served.ask("POST", "/v1/webhooks", body)
    assert status == 201, answer
    return str(json.loads(answer)["data"]["id"])


def log(served: Served, webhook: str) -> list[dict[str, object]]:
    _, _, answer = served.ask("GET", f"/v1/webhooks/{webhook}/deliveries")
    return list(json.loads(answer)["data"]["deliveries"])


def test_kill_9_in_the_middle_of_an_attempt(tmp_path: Path) -> None:
    with receiving(held=True) as receiver:
        with serving("--store", str(tmp_path)) as served:
            webhook = register(served, receiver)
            for name in ("a", "b", "c"):
                assert served.ask("POST", f"{DATA}/branches", {"name": name})[0] == 201
            (first,) = receiver.wait(1)
            served.process.send_signal(signal.SIGKILL)
            served.process.communicate()
        receiver.held = False
        receiver.hold.set()
        with serving("--store", str(tmp_path)) as served:
            again = receiver.wait(4)[1:]
            assert [each.event["data"]["name"] for each in again] == ["a", "b", "c"]
            assert (again[0].id, again[0].body) == (first.id, first.body)
            assert len({each.id for each in again}) == 3
            until(lambda: all(each["status"] == "delivered" for each in log(served, webhook)))
            assert len(log(served, webhook)) == 3


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.long)])
def test_kill_9_at_any_moment_an_event_is_there_as_its_branch_is(tmp_path: Path, rounds: int) -> None:
    acknowledged: set[str] = set()
    with receiving() as receiver:
        for round_ in range(rounds):
            with serving("--store", str(tmp_path)) as served:
                if not round_:
                    register(served, receiver)
                killing = threading.Timer(0.1 + 0.05 * round_, served.process.kill)
                killing.start()
                with contextlib.suppress(OSError, http.client.HTTPException):
                    for number in range(10_000):
                        name = f"b{round_}-{number}"
                        if served.ask("POST", f"{DATA}/branches", {"name": name})[0] == 201:
                            acknowledged.add(name)
                served.process.communicate()
        with serving("--store", str(tmp_path)) as served:
            branches = json.loads(served.ask("GET", f"{DATA}/branches")[2])["data"]["branches"]
            there = {each["name"] for each in branches} - {"main"}
            assert acknowledged <= there
            until(lambda: {each.event["data"]["name"] for each in receiver.requests} == there)
            # At least once: what came twice came with the same id.
            ids = {(each.event["data"]["name"], each.id) for each in receiver.requests}
            assert len(ids) == len(there)


def test_a_retry_outlives_a_restart(tmp_path: Path) -> None:
    with receiving(answers=[500]) as receiver:
        with serving("--store", str(tmp_path)) as served:
            webhook = register(served, receiver)
            served.ask("POST", f"{DATA}/branches", {"name": "b"})
            receiver.wait(1)
            until(lambda: log(served, webhook)[0]["attempts"])
            assert served.stop() == 0
        with serving("--store", str(tmp_path)) as served:
            first, second = receiver.wait(2)
            assert (first.id, first.body) == (second.id, second.body)
            until(lambda: log(served, webhook)[0]["status"] == "delivered")
            (delivery,) = log(served, webhook)
            assert [each["status_code"] for each in delivery["attempts"]] == [500, 200]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("host", "exposed"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)])
def test_a_server_knows_whether_others_reach_it(host: str, exposed: bool) -> None:
    with listen(Address(host, 0)) as listener:
        assert is_exposed(listener) is exposed


@pytest.mark.long
def test_a_server_that_others_reach_refuses_its_own_machine(tmp_path: Path) -> None:
    with serving("--store", str(tmp_path), "--host", "0.0.0.0") as served:
        body = {"url": "http://127.0.0.1:9/", "events": ["branch.created"], "secret": "s"}
        assert served.ask("POST", "/v1/webhooks", body)[0] == 400


def test_the_secret_shows_nowhere(tmp_path: Path) -> None:
    word = "very-secret-word"
    with receiving(status=500) as receiver, serving("--store", str(tmp_path)) as served:
        body = {"url": receiver.url, "events": ["branch.created"], "secret": word}
        said = [served.ask("POST", "/v1/webhooks", body)]
        webhook = json.loads(said[0][2])["data"]["id"]
        said.append(served.ask("POST", f"/v1/webhooks/{webhook}/test"))
        said.append(served.ask("GET", "/v1/webhooks"))
        said.append(served.ask("GET", f"/v1/webhooks/{webhook}/deliveries"))
        said.append(served.ask("POST", "/v1/webhooks", {**body, "url": "ftp://x", "secrett": word}))
        assert word not in str(said)
        assert word not in str(receiver.requests)
        with Client(transports.http(served.url), token=served.token) as client:
            assert word not in repr(client.list_webhooks()) + repr(client.list_deliveries(webhook))
        served.process.send_signal(signal.SIGTERM)
        out, errors = served.process.communicate(timeout=15)
        assert word not in out + errors
