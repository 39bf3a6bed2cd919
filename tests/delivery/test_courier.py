"""Deliveries over time: tried again by the schedule, given up, disabled, replayed, never in each other's way."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from helios_magic.delivery.schedule import LOCAL, PUBLIC
from helios_magic.emulator.local import open_local
from helios_magic.store import utc_now
from tests.delivery.receiving import Receiver, receiving, until
from tests.delivery.test_events import register
from tests.emulator.calling import CHEAP, Api


def the_only(api: Api, webhook: str) -> dict[str, Any]:
    (only,) = until(lambda: api("GET", f"/webhooks/{webhook}/deliveries").data["deliveries"])
    return dict(only)


def move(api: Api, seconds: float) -> None:
    api.clock.move(seconds=seconds)
    api.local.courier.wake()


def test_the_schedules() -> None:
    assert [LOCAL.after(tries) for tries in range(5)] == [
        dt.timedelta(), dt.timedelta(seconds=1), dt.timedelta(seconds=5), dt.timedelta(seconds=30), None,
    ]  # fmt: skip
    table = [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    for tries, seconds in enumerate(table):
        waits = [PUBLIC.after(tries) for _ in range(20)]
        assert all(wait is not None and seconds <= wait.total_seconds() <= seconds * 1.1 for wait in waits)
    assert PUBLIC.after(len(table)) is None


def test_a_failing_receiver_is_tried_four_times_by_the_clock_with_one_id(api: Api, receiver: Receiver) -> None:
    receiver.status = 500
    webhook = register(api, receiver)
    api("POST", "/branches", {"name": "b"}, database="default")
    for count, seconds in ((1, 1), (2, 5), (3, 30)):
        receiver.wait(count)
        waiting = until(lambda n=count: (d := the_only(api, webhook)) and len(d["attempts"]) == n and d)
        assert waiting["status"] == "pending"
        due = dt.datetime.fromisoformat(waiting["next_attempt_at"])
        assert (due - api.clock()).total_seconds() == seconds
        move(api, seconds - 0.5)
        time.sleep(0.1)
        assert len(receiver.requests) == count
        move(api, 0.5)
    receiver.wait(4)
    failed = until(lambda: (d := the_only(api, webhook)) and d["status"] == "failed" and d)
    assert failed["next_attempt_at"] is None
    assert [each["status_code"] for each in failed["attempts"]] == [500] * 4
    assert [each["at"] for each in failed["attempts"]] == [
        "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-01-01T00:00:06Z", "2026-01-01T00:00:36Z",
    ]  # fmt: skip
    move(api, 3600)
    time.sleep(0.1)
    assert len(receiver.requests) == 4
    assert len({(each.id, each.body) for each in receiver.requests}) == 1
    assert [int(each.headers["webhook-timestamp"]) - 1767225600 for each in receiver.requests] == [0, 1, 6, 36]


def test_it_is_delivered_once_the_receiver_is_well_again(api: Api, receiver: Receiver) -> None:
    receiver.answers = [503, 302]
    webhook = register(api, receiver)
    api("POST", "/branches", {"name": "b"}, database="default")
    receiver.wait(1)
    until(lambda: len(the_only(api, webhook)["attempts"]) == 1)
    move(api, 1)
    receiver.wait(2)
    until(lambda: len(the_only(api, webhook)["attempts"]) == 2)
    move(api, 5)
    delivered = until(lambda: (d := the_only(api, webhook)) and d["status"] == "delivered" and d)
    assert [(each["status_code"], each["error"]) for each in delivered["attempts"]] == [
        (503, "answered 503"),
        (302, "answered 302: redirects are not followed"),
        (200, None),
    ]


def test_410_disables_the_webhook(api: Api, receiver: Receiver) -> None:
    receiver.answers = [500, 410]
    webhook = register(api, receiver)
    api("POST", "/branches", {"name": "a"}, database="default")
    receiver.wait(1)
    api("POST", "/branches", {"name": "b"}, database="default")
    receiver.wait(2)
    until(lambda: not api("GET", "/webhooks").data["webhooks"][0]["active"])
    api("POST", "/branches", {"name": "c"}, database="default")
    move(api, 3600)
    time.sleep(0.1)
    assert len(receiver.requests) == 2
    logged = api("GET", f"/webhooks/{webhook}/deliveries").data["deliveries"]
    assert [(each["event"]["data"]["name"], each["status"]) for each in logged] == [("b", "failed"), ("a", "failed")]
    refused = api("POST", f"/webhooks/{webhook}/test")
    assert refused.code == (400, "VALIDATION_ERROR")
    assert "410 Gone" in refused.error["message"]


def test_a_delivery_is_replayed_with_its_own_id(api: Api, receiver: Receiver) -> None:
    receiver.status = 410
    first = register(api, receiver)
    api("POST", "/branches", {"name": "lost"}, database="default")
    until(lambda: not api("GET", "/webhooks").data["webhooks"][0]["active"])
    receiver.status = 500
    webhook = register(api, receiver)
    api("POST", "/branches", {"name": "b"}, database="default")
    for count, seconds in ((1, 1), (2, 5), (3, 30), (4, 0)):
        until(lambda n=count: len(the_only(api, webhook)["attempts"]) == n)
        move(api, seconds)
    failed = the_only(api, webhook)
    assert failed["status"] == "failed"
    receiver.status = 200
    replayed = api("POST", f"/webhooks/{webhook}/deliveries/{failed['id']}/replay").data
    assert replayed["status"] == "delivered"
    assert replayed["event"] == failed["event"]
    assert [each["status_code"] for each in replayed["attempts"]] == [500] * 4 + [200]
    assert receiver.requests[-1].id == failed["event"]["id"] == receiver.requests[-2].id
    assert receiver.requests[-1].body == receiver.requests[-2].body
    for missing in (
        f"/webhooks/{webhook}/deliveries/dlv_nothing/replay",
        f"/webhooks/wh_nothing/deliveries/{failed['id']}/replay",
    ):
        assert api("POST", missing).code == (404, "NOT_FOUND")
    lost = the_only(api, first)["id"]
    assert api("POST", f"/webhooks/{webhook}/deliveries/{lost}/replay").code == (404, "NOT_FOUND")
    assert api("POST", f"/webhooks/{first}/deliveries/{lost}/replay").code == (400, "VALIDATION_ERROR")


def test_a_receiver_that_hangs_holds_up_itself_only(api: Api, receiver: Receiver) -> None:
    with receiving(held=True) as hanging:
        register(api, hanging)
        register(api, receiver)
        for name in "abc":
            api("POST", "/branches", {"name": name}, database="default")
        receiver.wait(3)
        hanging.wait(1)
        assert len(hanging.requests) == 1
        hanging.held = False
        hanging.hold.set()
        hanging.wait(3)
        assert [each.event["data"]["name"] for each in hanging.requests] == ["a", "b", "c"]
        assert [each.event["data"]["name"] for each in receiver.requests] == ["a", "b", "c"]


def test_an_account_whose_receivers_all_hang_does_not_hold_up_another(api: Api, receiver: Receiver) -> None:
    from helios_magic.delivery.courier import MOST_AT_ONCE, MOST_OF_ACCOUNT

    with receiving(held=True) as hanging:
        for _ in range(MOST_AT_ONCE + 4):
            register(api, hanging)
        api("POST", "/branches", {"name": "b"}, database="default")
        hanging.wait(MOST_OF_ACCOUNT)
        other = api.account("other@example.com")
        register(api, receiver, token=other)
        api("POST", "/databases", {"name": "theirs", "tier": "free"}, token=other)
        receiver.wait(1)
        assert len(hanging.requests) == MOST_OF_ACCOUNT
        hanging.held = False
        hanging.hold.set()
        hanging.wait(MOST_AT_ONCE + 4)


def test_closing_does_not_wait_for_a_receiver_that_hangs(api: Api) -> None:
    with receiving(held=True) as hanging:
        register(api, hanging)
        api("POST", "/branches", {"name": "b"}, database="default")
        hanging.wait(1)
        began = time.monotonic()
        api.local.close()
        assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("your-webhook-secret", b"your-webhook-secret"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ],
)
def test_what_arrives_is_verified_by_the_library(receiver: Receiver, secret: str, key: str | bytes) -> None:
    api = Api(open_local(passwords=CHEAP, clock=utc_now), None)  # type: ignore[arg-type]
    try:
        body = {"url": receiver.url, "events": ["branch.created"], "secret": secret}
        webhook = api("POST", "/webhooks", body).data["id"]
        delivery = api("POST", f"/webhooks/{webhook}/test").data
        assert delivery["status"] == "delivered"
        (got,) = receiver.requests
        assert Webhook(key).verify(got.body, got.headers) == delivery["event"]
        assert delivery["event"]["type"] == "webhook.test"
        assert delivery["event"]["data"] == {"webhook_id": webhook}
        assert secret not in repr(receiver.requests)
    finally:
        api.local.close()


def test_the_log_of_a_webhook_is_bounded(api: Api, receiver: Receiver) -> None:
    from helios_magic.store.deliveries import KEPT

    webhook = register(api, receiver)
    deliveries = api.local.store.deliveries
    for number in range(KEPT + 20):
        deliveries.add(webhook, "webhook.test", {"number": number})
    receiver.wait(KEPT + 20, seconds=25)
    until(lambda: not deliveries.pending())
    listed = api("GET", f"/webhooks/{webhook}/deliveries").data
    assert listed["total"] == KEPT
    assert len(listed["deliveries"]) == 100
    assert [each["event"]["data"]["number"] for each in listed["deliveries"][:2]] == [KEPT + 19, KEPT + 18]
