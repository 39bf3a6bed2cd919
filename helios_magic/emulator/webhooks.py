"""API reference, "Webhook Events"; decisions.md, "Metrics, limits, quotas, webhooks"."""

from __future__ import annotations

from helios_magic.delivery import Destination, RefusedError, key_of
from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.errors import NotFoundError, QuotaExceededError, ValidationError
from helios_magic.models.webhooks import (
    Delivery,
    DeliveryList,
    Webhook,
    WebhookDeleted,
    WebhookList,
    WebhookRequest,
)
from helios_magic.settings import Secret
from helios_magic.store import DeliveryRecord, WebhookRecord

MOST_WEBHOOKS = 100
"""How many webhooks an account may have: each event is sent once for every one."""
SHOWN = 100
"""How many deliveries one answer shows."""
_MAX_SECRET = 1024
#: How long the answer to a test waits for what the receiver says.
_PATIENCE = 5.0


def create(rooms: Rooms, request: Request) -> Answer:
    body: WebhookRequest = request.body
    secret = Secret(body.secret)
    _check_url(rooms, body.url)
    _check_secret(secret)
    count = len(rooms.store.webhooks.of_account(request.account.id))
    if count >= MOST_WEBHOOKS:
        raise QuotaExceededError(
            f"this account has {count} webhooks, {MOST_WEBHOOKS} are the most",
            hint="DELETE /v1/webhooks/{id} removes one.",
            details={"resource": "webhooks", "limit": MOST_WEBHOOKS, "current": count},
        )
    events = list(dict.fromkeys(body.events))
    return Answer(_shown(rooms.store.webhooks.add(request.account.id, body.url, events, secret)))


def list_all(rooms: Rooms, request: Request) -> Answer:
    webhooks = [_shown(record) for record in rooms.store.webhooks.of_account(request.account.id)]
    return Answer(WebhookList(webhooks=webhooks, total=len(webhooks)))


def delete(rooms: Rooms, request: Request) -> Answer:
    """What was on its way to it is forgotten too."""
    record = _own(rooms, request)
    rooms.store.webhooks.remove(record.id)
    return Answer(WebhookDeleted(id=record.id, deleted=True))


def deliveries(rooms: Rooms, request: Request) -> Answer:
    found, total = rooms.store.deliveries.of_webhook(_own(rooms, request).id, SHOWN)
    return Answer(DeliveryList(deliveries=[_delivery(each) for each in found], total=total))


def test(rooms: Rooms, request: Request) -> Answer:
    """Send `webhook.test` to this webhook alone; the answer waits a moment for the first attempt."""
    record = _active(_own(rooms, request))
    delivery_id = rooms.store.deliveries.add(record.id, "webhook.test", {"webhook_id": record.id})
    return _settled(rooms, delivery_id, 0)


def replay(rooms: Rooms, request: Request) -> Answer:
    """Send what was sent before once more, with the same id; the answer waits a moment for the attempt."""
    record = _active(_own(rooms, request))
    id_ = request.path["delivery"]
    delivery = rooms.store.deliveries.get(id_)
    if delivery is None or delivery.webhook_id != record.id:
        raise NotFoundError(
            f"no delivery of this webhook has the id “{id_}”",
            hint=f"GET /v1/webhooks/{record.id}/deliveries lists them.",
            details={"id": id_},
        )
    rooms.store.deliveries.replay(delivery.id)
    return _settled(rooms, delivery.id, len(delivery.attempts))


def _settled(rooms: Rooms, delivery_id: str, attempts: int) -> Answer:
    delivery = rooms.courier.settled(delivery_id, attempts, _PATIENCE)
    if delivery is None:
        raise NotFoundError("the webhook was deleted meanwhile", details={"id": delivery_id})
    return Answer(_delivery(delivery))


def _own(rooms: Rooms, request: Request) -> WebhookRecord:
    """The account's webhook of the path; another account's is as unknown as one that never was."""
    id_ = request.path["id"]
    record = rooms.store.webhooks.get(id_)
    if record is None or record.account_id != request.account.id:
        raise NotFoundError(
            f"no webhook with the id “{id_}”", hint="GET /v1/webhooks lists yours.", details={"id": id_}
        )
    return record


def _active(record: WebhookRecord) -> WebhookRecord:
    if not record.active:
        raise ValidationError(
            "this webhook is not active: its receiver answered 410 Gone",
            hint="Register it again once the receiver is back.",
            details={"field": "id", "expected": "an active webhook", "got": record.id},
        )
    return record


def _check_url(rooms: Rooms, url: str) -> None:
    try:
        rooms.courier.guard.check(Destination.of(url))
    except RefusedError as refused:
        raise ValidationError(
            f"a webhook cannot go to this URL: {refused}",
            hint=f"Give {refused.expected}.",
            details={"field": "url", "expected": refused.expected, "got": url},
        ) from None


def _check_secret(secret: Secret) -> None:
    expected = f"1 to {_MAX_SECRET} characters; after whsec_, base64"
    try:
        fits = bool(key_of(secret)) and len(secret.reveal()) <= _MAX_SECRET
    except ValueError:
        fits = False
    if not fits:
        raise ValidationError(
            "“secret” cannot be a signing secret",
            hint=f"Give {expected}.",
            details={"field": "secret", "expected": expected, "got": "something else"},
        )


def _shown(record: WebhookRecord) -> Webhook:
    return Webhook(
        id=record.id,
        url=record.url,
        events=list(record.events),
        active=record.active,
        created_at=record.created_at,
    )


def _delivery(record: DeliveryRecord) -> Delivery:
    return Delivery(
        id=record.id,
        event=record.event,
        status=record.status,
        attempts=list(record.attempts),
        next_attempt_at=record.due_at,
    )


ENDPOINTS: dict[str, Answerer] = {
    "create_webhook": create,
    "list_webhooks": list_all,
    "delete_webhook": delete,
    "list_deliveries": deliveries,
    "test_webhook": test,
    "replay_delivery": replay,
}
