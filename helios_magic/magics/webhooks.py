"""`%helios webhooks`: who is told of what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helios_magic.display import deliveries as display
from helios_magic.display import lists
from helios_magic.errors import UsageError
from helios_magic.magics import requests
from helios_magic.magics.drawings import Drawing
from helios_magic.magics.operation_subcommands import EVENTS
from helios_magic.magics.passwords import ask_secret
from helios_magic.magics.workbench import Workbench

if TYPE_CHECKING:
    import pandas as pd

    from helios_magic.models.webhooks import Delivery


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Registered:
    """The value of `webhooks create`; `%helios webhooks test NAME` takes the variable that holds it."""

    id: str
    url: str
    events: tuple[str, ...]


def listed(request: requests.WebhooksList, workbench: Workbench) -> None:
    """The webhooks as a list."""
    listing = display.webhooks(workbench.session.client.list_webhooks(), workbench.where())
    workbench.show(lists.html(listing), lists.text(listing))


def create(request: requests.WebhooksCreate, workbench: Workbench) -> Registered:
    """Register a webhook."""
    client = workbench.session.client
    secret = ask_secret(
        workbench.shell, "Signing secret, the receiver has the same: ", request.secret_env, option="--secret-env"
    )
    # Which events there are is the grammar's and the contract's: the parser has let no other through.
    held = workbench.variables.get(request.url) if request.url.isidentifier() else None
    url = held if isinstance(held, str) else request.url
    made = client.create_webhook(url, request.events or EVENTS, secret)  # type: ignore[arg-type]
    value = Registered(made.id, made.url, tuple(made.events))
    listing = display.webhooks(made, workbench.where())
    workbench.drawings.remember(value, Drawing(lists.html(listing), lists.text(listing)))
    return value


def delete(request: requests.WebhooksDelete, workbench: Workbench) -> None:
    """Take a webhook away."""
    id_ = _id(request.webhook, workbench)
    workbench.session.client.delete_webhook(id_)
    if workbench.preferences.feedback:
        workbench.tell(f"Deleted webhook {id_}; it is told no more.")


def deliveries(request: requests.WebhooksDeliveries, workbench: Workbench) -> pd.DataFrame:
    """What was sent, newest first, as a DataFrame with one row a delivery."""
    import pyarrow as pa

    sent = workbench.session.client.list_deliveries(_id(request.webhook, workbench))
    listing = display.deliveries(sent, workbench.where())
    columns = {
        "id": (pa.string(), [each.id for each in sent.deliveries]),
        "event_id": (pa.string(), [each.event.get("id") for each in sent.deliveries]),
        "type": (pa.string(), [each.event.get("type") for each in sent.deliveries]),
        "status": (pa.string(), [each.status for each in sent.deliveries]),
        "attempts": (pa.int32(), [len(each.attempts) for each in sent.deliveries]),
        "status_code": (pa.int32(), [_last(each, "status_code") for each in sent.deliveries]),
        "error": (pa.string(), [_last(each, "error") for each in sent.deliveries]),
        "last_attempt_at": (pa.timestamp("us", "UTC"), [_last(each, "at") for each in sent.deliveries]),
        "next_attempt_at": (pa.timestamp("us", "UTC"), [each.next_attempt_at for each in sent.deliveries]),
    }
    rows = pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})
    return workbench.frame(rows, Drawing(lists.html(listing), lists.text(listing)))


def test(request: requests.WebhooksTest, workbench: Workbench) -> None:
    """Send `webhook.test`, and say what came of it."""
    sent = workbench.session.client.test_webhook(_id(request.webhook, workbench))
    workbench.tell(display.outcome(sent))


def _last(delivery: Delivery, field: str) -> Any:
    return getattr(delivery.attempts[-1], field) if delivery.attempts else None


def _id(named: str | None, workbench: Workbench) -> str:
    """The id that a word means: itself, what a variable of that name holds, or the only webhook there is."""
    if named is not None:
        held = workbench.variables.get(named) if named.isidentifier() else None
        if isinstance(held, Registered):
            return held.id
        return held if isinstance(held, str) else named
    known = workbench.session.client.list_webhooks().webhooks
    if len(known) == 1:
        return known[0].id
    if not known:
        raise UsageError("There are no webhooks.", hint="%helios webhooks create URL --event EVENT makes one.")
    raise UsageError(f"There are {len(known)} webhooks.", hint=f"Name one: {', '.join(each.id for each in known[:8])}.")
