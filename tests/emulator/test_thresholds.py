"""Quotas that are nearly used up: told at 80 and at 100 per cent, once each."""

from __future__ import annotations

from pathlib import Path

from helios_magic.emulator.quotas import Quotas
from helios_magic.emulator.thresholds import Thresholds
from tests.emulator.calling import Api, an_api
from tests.emulator.test_limits import free
from tests.emulator.told import NOBODY, told


def watching(api: Api) -> Thresholds:
    store = api.local.store
    return Thresholds(store, Quotas(store, api.local.engine), every=0)


def hooked(api: Api, token: str) -> str:
    body = {"url": NOBODY, "events": ["usage.threshold"], "secret": "a-secret-of-ours"}
    webhook = api("POST", "/webhooks", body, token=token).data["id"]
    assert isinstance(webhook, str)
    return webhook


def test_levels_are_told_once_until_it_fell_below(tmp_path: Path) -> None:
    api = an_api(tmp_path)
    try:
        token = free(api)
        hook = hooked(api, token)
        record = api.local.store.databases.named("shop")
        assert record is not None
        watch = watching(api)

        def branches(count: int, told_so_far: list[int]) -> None:
            there = api.local.store.branches.list(record.id)
            for number in range(len(there), count):
                api.local.store.branches.create(record.id, f"b{number}", "main")
            for number in range(count, len(there)):
                api.local.store.branches.delete(record.id, f"b{number}")
            watch.changed(record.account_id, record.id)
            assert not watch.look()
            events = told(api, hook, len(told_so_far), token=token)
            assert [event["data"]["percent"] for event in events] == told_so_far

        branches(7, [])
        branches(8, [80])
        branches(9, [80])
        branches(10, [80, 100])
        # Who opens the store next knows what was told.
        watch = watching(api)
        branches(10, [80, 100])
        branches(9, [80, 100])
        branches(10, [80, 100, 100])
        branches(3, [80, 100, 100])
        branches(8, [80, 100, 100, 80])
        assert {event["type"] for event in told(api, hook, 4, token=token)} == {"usage.threshold"}
        assert told(api, hook, 4, token=token)[0]["data"] == {
            "resource": "branches",
            "percent": 80,
            "limit": 10,
            "current": 8,
            "database": "shop",
            "database_id": record.id,
        }
    finally:
        api.local.close()


def test_databases_are_the_accounts(api: Api) -> None:
    """Noticed by the service itself, in the background."""
    token = free(api)
    hook = hooked(api, token)
    for name in ("second", "third"):
        assert api("POST", "/databases", {"name": name, "tier": "free"}, token=token).status == 201
    (event,) = told(api, hook, 1, token=token)
    assert event["data"] == {"resource": "databases", "percent": 100, "limit": 3, "current": 3}


def test_no_limit_no_threshold(api: Api) -> None:
    hook = hooked(api, api.local.token)
    record = api.local.store.databases.named("default")
    assert record is not None
    for number in range(12):
        assert api("POST", "/branches", {"name": f"b{number}"}, database="default").status == 201
    watch = watching(api)
    watch.changed(record.account_id, record.id)
    watch.changed(record.account_id, "db_gone")
    watch.changed(record.account_id, None)
    assert not watch.look()
    assert told(api, hook, 0) == []
