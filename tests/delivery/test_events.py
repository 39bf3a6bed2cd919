"""Every event where it happens: what is told, to whom, and nothing of what was undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from helios_magic.emulator.local import open_local
from tests.delivery.receiving import Receiver, receiving, until
from tests.emulator.calling import CHEAP, Api, Clock, an_api

ALL = [
    "database.created", "database.deleted", "branch.created", "branch.merged", "branch.deleted", "query.slow",
    "usage.threshold",
]  # fmt: skip


def register(api: Api, receiver: Receiver, events: list[str] | None = None, **extra: str) -> str:
    body = {"url": receiver.url, "events": events or ALL, "secret": "your-webhook-secret"}
    return str(api("POST", "/webhooks", body, **extra).data["id"])


def test_a_database_s_life(api: Api, receiver: Receiver) -> None:
    register(api, receiver)
    made = api("POST", "/databases", {"name": "my-app-db", "tier": "team", "region": "eu-west-1"}).data
    receiver.wait(1)
    api("DELETE", f"/databases/{made['id']}")
    created, deleted = receiver.wait(2)
    assert created.event == {
        "id": created.id,
        "type": "database.created",
        "created_at": "2026-01-01T00:00:00Z",
        "data": {
            "id": made["id"],
            "name": "my-app-db",
            "tier": "team",
            "region": "eu-west-1",
            "created_at": "2026-01-01T00:00:00Z",
        },
    }
    assert deleted.event["type"] == "database.deleted"
    assert deleted.event["data"] == {"id": made["id"], "name": "my-app-db"}
    assert created.id.startswith("evt_")
    assert created.id != deleted.id


def test_a_branch_s_life_by_endpoint_and_by_statement(api: Api, receiver: Receiver) -> None:
    register(api, receiver)
    (database,) = api("GET", "/databases").data["databases"]
    where = {"database": "default", "database_id": database["id"]}
    made = api("POST", "/branches", {"name": "feature/a", "from": "main"}, database="default").data
    receiver.wait(1)
    api("POST", "/branches/merge", {"source": "feature/a", "target": "main"}, database="default")  # nothing in it yet
    api.sql("CREATE TABLE t (id int PRIMARY KEY)")
    assert api("POST", "/sql", {"query": "INSERT INTO t VALUES (1)"}, database="default").status == 200
    assert api.sql("CREATE BRANCH b").status == 200
    api("POST", "/sql", {"query": "INSERT INTO t VALUES (2)", "branch": "b"}, database="default")
    assert api.sql("MERGE BRANCH b INTO main").status == 200
    api("POST", "/sql", {"query": "INSERT INTO t VALUES (3)", "branch": "b"}, database="default")
    api.sql("INSERT INTO t VALUES (4)")
    api("POST", "/branches/merge", {"source": "b", "strategy": "three-way"}, database="default")
    api("DELETE", "/branches/b", database="default")
    events = [each.event for each in receiver.wait(5)]
    assert [(each["type"], each["data"]) for each in events] == [
        (
            "branch.created",
            {
                "id": made["id"],
                "name": "feature/a",
                "parent": "main",
                "created_at": "2026-01-01T00:00:00Z",
                **where,
            },
        ),
        (
            "branch.created",
            {
                "id": events[1]["data"]["id"],
                "name": "b",
                "parent": "main",
                "created_at": "2026-01-01T00:00:00Z",
                **where,
            },
        ),
        ("branch.merged", {"source": "b", "target": "main", "fast_forward": True, **where}),
        ("branch.merged", {"source": "b", "target": "main", "fast_forward": False, **where}),
        ("branch.deleted", {"name": "b", **where}),
    ]


@pytest.mark.parametrize(
    "refused",
    [
        ("POST", "/branches", {"name": "main"}),
        ("POST", "/branches", {"name": "b", "from": "nowhere"}),
        ("DELETE", "/branches/main", None),
        ("DELETE", "/branches/nowhere", None),
    ],
)
def test_what_was_refused_is_told_to_nobody(api: Api, receiver: Receiver, refused: tuple[str, str, object]) -> None:
    register(api, receiver)
    assert api(*refused, database="default").status >= 400
    assert api("POST", "/databases", {"name": "default", "tier": "free"}).status == 409
    api("POST", "/branches", {"name": "last"}, database="default")
    (only,) = receiver.wait(1)
    assert only.event["data"]["name"] == "last"


def test_a_webhook_hears_what_it_asked_for_of_its_own_account(api: Api, receiver: Receiver) -> None:
    with receiving() as theirs:
        other = api.account("other@example.com")
        register(api, receiver, ["branch.deleted"])
        register(api, theirs, token=other)
        api("POST", "/branches", {"name": "b"}, database="default")
        api("DELETE", "/branches/b", database="default")
        api("POST", "/databases", {"name": "theirs", "tier": "free"}, token=other)
        assert [each.event["type"] for each in receiver.wait(1)] == ["branch.deleted"]
        assert [each.event["data"]["name"] for each in theirs.wait(1)] == ["theirs"]


def test_two_webhooks_get_the_same_event(api: Api, receiver: Receiver) -> None:
    register(api, receiver)
    register(api, receiver, ["branch.created"])
    api("POST", "/branches", {"name": "b"}, database="default")
    first, second = receiver.wait(2)
    assert (first.id, first.body) == (second.id, second.body)


def test_a_later_webhook_does_not_hear_of_what_was_before(api: Api, receiver: Receiver) -> None:
    register(api, receiver)
    with receiving() as late:
        api("POST", "/branches", {"name": "before"}, database="default")
        receiver.wait(1)
        api.clock.move(seconds=1)
        register(api, late)
        api("POST", "/branches", {"name": "after"}, database="default")
        assert [each.event["data"]["name"] for each in late.wait(1)] == ["after"]


def test_a_deletion_that_a_crash_cut_off_is_told_when_it_is_finished(tmp_path: Path, receiver: Receiver) -> None:
    api = an_api(tmp_path)
    register(api, receiver)
    api("POST", "/databases", {"name": "half", "tier": "free"})
    gone = api("POST", "/databases", {"name": "gone", "tier": "free"}).data["id"]
    api.local.store.databases.mark_deleting(gone)
    owner = api.local.store.accounts.owner()
    assert owner is not None
    api.local.store.databases.add(owner.id, "never", "free", "us-east-1")
    receiver.wait(2)
    api.local.close()
    api = an_api(tmp_path)
    try:
        last = receiver.wait(3)[-1].event
        assert (last["type"], last["data"]) == ("database.deleted", {"id": gone, "name": "gone"})
        until(lambda: not api.local.store.deliveries.pending())
        assert len(receiver.requests) == 3
    finally:
        api.local.close()


def test_without_webhooks_nothing_is_written_and_no_thread_runs(api: Api) -> None:
    import threading

    before = {thread.name for thread in threading.enumerate()}
    api("POST", "/branches", {"name": "b"}, database="default")
    assert "helios-courier" not in {thread.name for thread in threading.enumerate()} - before
    assert not api.local.store.deliveries.pending()


def test_an_event_s_body_is_json_of_its_bytes(api: Api, receiver: Receiver) -> None:
    register(api, receiver)
    api("POST", "/branches", {"name": "zweig-ä-🌱"}, database="default")
    (got,) = receiver.wait(1)
    assert got.headers["content-type"] == "application/json"
    assert json.loads(got.body.decode("utf-8"))["data"]["name"] == "zweig-ä-🌱"


def test_all_seven_arrive_signed() -> None:
    """The counters' two beside the others; `tests/emulator/test_metrics.py` and `test_limits.py` have their cases."""
    api = Api(open_local(passwords=CHEAP, slow_seconds=0.0), Clock())
    try:
        with receiving() as receiver:
            token = api.account("free@example.com")
            register(api, receiver, token=token)
            made = api("POST", "/databases", {"name": "shop", "tier": "free"}, token=token).data
            for number in range(8):  # and main: 9 of 10
                api("POST", "/branches", {"name": f"b{number}"}, database="shop", token=token)
            api("POST", "/sql", {"query": "CREATE TABLE t (id int)", "branch": "b1"}, database="shop", token=token)
            api("POST", "/branches/merge", {"source": "b1"}, database="shop", token=token)
            api("DELETE", "/branches/b1", database="shop", token=token)
            until(lambda: {"query.slow", "usage.threshold"} <= set(receiver.types()), seconds=20)
            api("DELETE", f"/databases/{made['id']}", token=token)
            until(lambda: set(receiver.types()) == set(ALL))
            for each in receiver.requests:
                assert Webhook(b"your-webhook-secret").verify(each.body, each.headers) == each.event
            (slow,) = (each.event["data"] for each in receiver.requests if each.event["type"] == "query.slow")
            assert (slow["query"], slow["database"], slow["branch"]) == ("CREATE TABLE t (id int)", "shop", "b1")
            (near,) = (each.event["data"] for each in receiver.requests if each.event["type"] == "usage.threshold")
            assert {name: near[name] for name in ("resource", "percent", "limit", "database")} == {
                "resource": "branches",
                "percent": 80,
                "limit": 10,
                "database": "shop",
            }
    finally:
        api.local.close()
