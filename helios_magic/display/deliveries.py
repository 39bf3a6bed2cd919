"""Webhooks and what was sent to them."""

from __future__ import annotations

from datetime import UTC, datetime

from helios_magic.display.footer import Where
from helios_magic.display.lists import Listing
from helios_magic.display.moments import short
from helios_magic.display.quantities import count, counted, duration
from helios_magic.models.webhooks import Delivery, DeliveryList, Webhook, WebhookList

_ALL = 7
"""How many kinds of events there are."""


def webhooks(listed: WebhookList | Webhook, where: Where) -> Listing:
    """One row per webhook: id, URL, what it is told of, whether it is active, when it was made."""
    shown = [listed] if isinstance(listed, Webhook) else listed.webhooks
    now = datetime.now(UTC).astimezone()
    rows = [
        (
            hook.id,
            hook.url,
            "everything" if len(hook.events) == _ALL else ", ".join(hook.events),
            "active" if hook.active else "stopped: its receiver answered 410",
            short(hook.created_at, now),
        )
        for hook in shown
    ]
    return Listing(
        ("Webhook", "URL", "Told of", "State", "Made"),
        rows,
        where,
        "webhook",
        "There are no webhooks. Make one: %helios webhooks create URL --event branch.merged",
    )


def deliveries(sent: DeliveryList, where: Where) -> Listing:
    """One row per delivery, newest first: event, state, attempts, the last answer, how long it took."""
    now = datetime.now(UTC).astimezone()
    rows = []
    for each in sent.deliveries:
        last = each.attempts[-1] if each.attempts else None
        rows.append(
            (
                str(each.event.get("type", "")),
                _state(each, now),
                count(len(each.attempts)),
                _answer(each),
                "" if last is None else short(last.at, now),
                "" if last is None else duration(last.duration_ms),
                str(each.event.get("id", "")),
            )
        )
    more = (f"of {count(sent.total)}",) if sent.total > len(rows) else ()
    return Listing(
        ("Event", "State", "Attempts", "Answer", "Last", "Took", "Event id"),
        rows,
        where,
        "delivery",
        "Nothing was sent to it yet. %helios webhooks test sends something now.",
        right=frozenset({2, 5}),
        closing=more,
        many="deliveries",
    )


def outcome(sent: Delivery) -> str:
    """`Delivered webhook.test: the receiver answered 204 in 12 ms.`"""
    name = str(sent.event.get("type", "event"))
    last = sent.attempts[-1] if sent.attempts else None
    if last is None:
        return f"{name} is on its way; no attempt has ended yet. %helios webhooks deliveries shows it."
    took = duration(last.duration_ms)
    if sent.status == "delivered":
        return f"Delivered {name}: the receiver answered {last.status_code} in {took}."
    what = f"the receiver answered {last.status_code}" if last.error is None else last.error
    again = "It is tried again." if sent.status == "pending" else "It is not tried again."
    return f"{name} was not delivered in {counted(len(sent.attempts), 'attempt')}: {what}. {again}"


def _state(sent: Delivery, now: datetime) -> str:
    if sent.status == "pending" and sent.next_attempt_at is not None and sent.attempts:
        return f"again {short(sent.next_attempt_at, now)}"
    return sent.status


def _answer(sent: Delivery) -> str:
    if not sent.attempts:
        return ""
    last = sent.attempts[-1]
    return last.error or str(last.status_code)
