"""Records of webhooks: where an account wants to be told, of what, and the secret that signs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from helios_magic.models.webhooks import Event
from helios_magic.settings import Secret
from helios_magic.store.ids import Clock, Ids, from_text, to_text
from helios_magic.store.outbox import ABOUT, Outbox
from helios_magic.store.sqlite import Records

_COLUMNS = "id, account_id, url, events, secret, active, created_at"


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """One webhook; not `active` once its receiver said that it is gone."""

    id: str
    account_id: str
    url: str
    events: tuple[Event, ...]
    secret: Secret
    active: bool
    created_at: dt.datetime


class Webhooks:
    """Records of webhooks.  Written is durable when the method returns."""

    def __init__(self, records: Records, clock: Clock, ids: Ids, outbox: Outbox) -> None:
        self._records, self._clock, self._ids, self._outbox = records, clock, ids, outbox

    def add(self, account_id: str, url: str, events: Sequence[Event], secret: Secret) -> WebhookRecord:
        record = WebhookRecord(self._ids("wh"), account_id, url, tuple(events), secret, True, self._clock())
        # Signing needs the secret itself, so it is kept: in the store's file, which only its user can read.
        values = (record.id, account_id, url, msgspec.json.encode(events).decode(), secret.reveal(), True)
        with self._records.transaction(about=ABOUT) as connection:
            connection.execute(
                f"INSERT INTO webhooks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*values, to_text(record.created_at)),
            )
            self._outbox.learn_who_is_interested(connection)
        return record

    def remove(self, webhook_id: str) -> None:
        """Forget a webhook and its deliveries."""
        with self._records.transaction(about=ABOUT) as connection:
            connection.execute("DELETE FROM webhooks WHERE id = ?", (webhook_id,))
            self._outbox.learn_who_is_interested(connection)

    def disable(self, webhook_id: str) -> None:
        """Send it nothing more: what waits for it has failed."""
        with self._records.transaction(about=ABOUT) as connection:
            connection.execute("UPDATE webhooks SET active = 0 WHERE id = ?", (webhook_id,))
            connection.execute(
                "UPDATE deliveries SET status = 'failed', due_at = NULL WHERE webhook_id = ? AND due_at IS NOT NULL",
                (webhook_id,),
            )
            self._outbox.learn_who_is_interested(connection)

    def get(self, webhook_id: str) -> WebhookRecord | None:
        found = self._where("id = ?", webhook_id)
        return found[0] if found else None

    def of_account(self, account_id: str) -> list[WebhookRecord]:
        """An account's webhooks, oldest first."""
        return self._where("account_id = ?", account_id)

    def _where(self, condition: str, value: str) -> list[WebhookRecord]:
        rows = self._records.read(f"SELECT {_COLUMNS} FROM webhooks WHERE {condition} ORDER BY rowid", (value,))
        return [_made(*row) for row in rows]


def _made(id_: str, account_id: str, url: str, events: str, secret: str, active: int, created_at: str) -> WebhookRecord:
    wanted: Any = tuple(msgspec.json.decode(events))
    return WebhookRecord(id_, account_id, url, wanted, Secret(secret), bool(active), from_text(created_at))
