"""API reference, "Webhook Events": registration and its refusals."""

from __future__ import annotations

from typing import Any

import pytest

from helios_magic.emulator.local import open_local
from tests.emulator.calling import CHEAP, Api

BODY = {
    "url": "https://your-app.com/webhooks/helios",
    "events": ["database.created", "branch.merged", "query.slow"],
    "secret": "your-webhook-secret",
}


def test_the_reference_s_own_example_and_its_life(api: Api) -> None:
    made = api("POST", "/webhooks", BODY)
    assert made.status == 201
    assert made.data == {
        "id": made.data["id"],
        "url": "https://your-app.com/webhooks/helios",
        "events": ["database.created", "branch.merged", "query.slow"],
        "active": True,
        "created_at": "2026-01-01T00:00:00Z",
    }
    assert made.data["id"].startswith("wh_")
    listed = api("GET", "/webhooks")
    assert (listed.status, listed.data) == (200, {"webhooks": [made.data], "total": 1})
    logged = api("GET", f"/webhooks/{made.data['id']}/deliveries")
    assert (logged.status, logged.data) == (200, {"deliveries": [], "total": 0})
    gone = api("DELETE", f"/webhooks/{made.data['id']}")
    assert (gone.status, gone.data) == (200, {"id": made.data["id"], "deleted": True})
    assert api("GET", "/webhooks").data == {"webhooks": [], "total": 0}
    for method, path in (("DELETE", ""), ("GET", "/deliveries"), ("POST", "/test")):
        assert api(method, f"/webhooks/{made.data['id']}{path}").code == (404, "NOT_FOUND")


def test_another_account_s_webhook_is_unknown(api: Api) -> None:
    id_ = api("POST", "/webhooks", BODY).data["id"]
    other = api.account("other@example.com")
    assert api("GET", "/webhooks", token=other).data["total"] == 0
    for method, path in (
        ("DELETE", ""),
        ("GET", "/deliveries"),
        ("POST", "/test"),
        ("POST", "/deliveries/dlv_1/replay"),
    ):
        assert api(method, f"/webhooks/{id_}{path}", token=other).code == (404, "NOT_FOUND")
        assert api(method, f"/webhooks/{id_}{path}", token=None).code == (401, "AUTH_REQUIRED")
    assert api("GET", "/webhooks").data["total"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://example.com/hook"}, "url"),
        ({"url": "https://10.0.0.1/hook"}, "url"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "url"),
        ({"url": "https://[::ffff:127.0.0.1]/"}, "url"),
        ({"url": "https://2130706433/"}, "url"),
        ({"url": "https://user:pass@example.com/"}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://example.com/" + "a" * 3000}, "url"),
        ({"url": 5}, "url"),
        ({"events": []}, "events"),
        ({"events": ["branch.exploded"]}, "events[0]"),
        ({"events": "branch.created"}, "events"),
        ({"secret": ""}, "secret"),
        ({"secret": "whsec_"}, "secret"),
        ({"secret": "whsec_not base64"}, "secret"),
        ({"secret": "x" * 2000}, "secret"),
        ({"secret": None}, "secret"),
        ({"sekret": "x"}, "sekret"),
    ],
)
def test_what_cannot_be_registered(shared: Api, change: dict[str, Any], field: str) -> None:
    refused = shared("POST", "/webhooks", {**BODY, **change})
    assert refused.code == (400, "VALIDATION_ERROR")
    assert refused.error["details"]["field"] == field
    assert "your-webhook-secret" not in str(refused.body)
    assert "not base64" not in str(refused.body)
    assert shared("GET", "/webhooks").data["total"] == 0


def test_loopback_is_refused_by_a_server_that_others_reach() -> None:
    api = Api(open_local(passwords=CHEAP, exposed=True), None)  # type: ignore[arg-type]
    try:
        for url in ("http://127.0.0.1:9000/", "https://localhost/", "https://[::1]/", "http://a.localhost/"):
            refused = api("POST", "/webhooks", {**BODY, "url": url})
            assert refused.code == (400, "VALIDATION_ERROR")
            assert "own machine" in refused.error["message"]
        assert api("POST", "/webhooks", BODY).status == 201
    finally:
        api.local.close()


def test_events_are_kept_once_each(api: Api) -> None:
    made = api("POST", "/webhooks", {**BODY, "events": ["branch.merged", "branch.merged", "branch.created"]})
    assert made.data["events"] == ["branch.merged", "branch.created"]


def test_an_account_has_a_bounded_number(api: Api) -> None:
    for _ in range(100):
        assert api("POST", "/webhooks", BODY).status == 201
    refused = api("POST", "/webhooks", BODY)
    assert refused.code == (402, "QUOTA_EXCEEDED")
    assert {name: refused.error["details"][name] for name in ("resource", "limit", "current")} == {
        "resource": "webhooks",
        "limit": 100,
        "current": 100,
    }


def test_a_receiver_that_is_not_there(api: Api) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    id_ = api("POST", "/webhooks", {**BODY, "url": f"http://127.0.0.1:{port}/"}).data["id"]
    tested = api("POST", f"/webhooks/{id_}/test")
    assert tested.status == 200
    assert tested.data["status"] == "pending"
    assert tested.data["next_attempt_at"] == "2026-01-01T00:00:01Z"
    (attempt,) = tested.data["attempts"]
    assert attempt.pop("duration_ms") >= 0
    assert attempt == {"at": "2026-01-01T00:00:00Z", "status_code": None, "error": "nobody listens there"}
