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


class Delivery(Response):
    id: str
    event: JsonObject
    status: str
    attempts: list[JsonObject]


class DeliveryList(Response):
    deliveries: list[Delivery]
    total: int
