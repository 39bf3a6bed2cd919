"""Webhooks by the client's methods, both ways."""

from __future__ import annotations

import pytest

from helios_magic.errors import NotFoundError, ValidationError
from helios_magic.session import Session
from tests.delivery.receiving import receiving


def test_a_webhook_s_life(session: Session) -> None:
    client = session.client
    with receiving() as receiver:
        webhook = client.create_webhook(receiver.url, ["branch.created"], "your-webhook-secret")
        try:
            assert webhook.id in [each.id for each in client.list_webhooks().webhooks]
            tested = client.test_webhook(webhook.id)
            assert (tested.status, tested.event["type"]) == ("delivered", "webhook.test")
            client.create_branch("feature/a")
            _, created = receiver.wait(2)
            assert created.event["data"]["name"] == "feature/a"
            assert created.event["data"]["database"] == session.client.database
            again = client.replay_delivery(webhook.id, tested.id)
            assert [each.status_code for each in again.attempts] == [200, 200]
            assert receiver.requests[-1].id == tested.event["id"]
            listed = client.list_deliveries(webhook.id)
            assert (listed.total, listed.deliveries[-1]) == (2, again)
        finally:
            assert client.delete_webhook(webhook.id).deleted
    with pytest.raises(NotFoundError):
        client.list_deliveries(webhook.id)
    with pytest.raises(ValidationError, match="plain http"):
        client.create_webhook("http://example.com/", ["branch.created"], "s")
