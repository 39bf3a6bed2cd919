"""API reference, "Webhook Events"; decisions.md, "Metrics, limits, quotas, webhooks"."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from helios_magic.models.base import JsonObject, Request, Response, Timestamp

Event = Literal[
    "database.created",
    "database.deleted",
    "branch.created",
    "branch.merged",
    "branch.deleted",
    "query.slow",
    "usage.threshold",
]


class WebhookRequest(Request):
    """`POST /webhooks`"""

    url: Annotated[str, Meta(max_length=2048)]
    events: Annotated[list[Event], Meta(min_length=1)]
    secret: str


class Webhook(Response):
    id: str
    url: str
    events: list[Event]
    active: bool
    created_at: Timestamp


class WebhookList(Response):
    webhooks: list[Webhook]
    total: int


class WebhookDeleted(Response):
    id: str
    deleted: bool


DeliveryStatus = Literal["pending", "delivered", "failed"]


class Attempt(Response):
    """One attempt: the status that the receiver answered, or what went wrong."""

    at: Timestamp
    status_code: int | None
    error: str | None
    duration_ms: float


class Delivery(Response):
    """An event on its way to a webhook.  `event` is the body that is sent: `{"id","type","created_at","data"}`.

    `next_attempt_at` is null once it is `delivered`, or `failed` after the last attempt.
    """

    id: str
    event: JsonObject
    status: DeliveryStatus
    attempts: list[Attempt]
    next_attempt_at: Timestamp | None = None


class DeliveryList(Response):
    """Newest first, the newest hundred; `total` counts all that are kept."""

    deliveries: list[Delivery]
    total: int
