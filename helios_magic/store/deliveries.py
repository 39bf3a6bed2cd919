"""The log of deliveries: one event for one webhook each, with every attempt.

A delivery is `pending` while it has a moment at which it is due, then `delivered` or `failed`.  An attempt is noted
once it is over, so one that a crash cut off is made again: at least once, and always with the event's own id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from helios_magic.models.webhooks import Attempt, DeliveryStatus
from helios_magic.store.ids import Clock, Ids, from_text, to_text
from helios_magic.store.outbox import ABOUT, Outbox, add_delivery, payload
from helios_magic.store.sqlite import Records

#: Deliveries of a webhook that are over and kept to be read and replayed, and the attempts kept of each.
KEPT = 500
_ATTEMPTS_KEPT = 50

_SELECT = (
    "SELECT d.id, d.webhook_id, w.account_id, d.payload, d.status, d.attempts, d.tries, d.due_at "
    "FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id"
)


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """One delivery; `payload` is the body, byte by byte, `tries` counts since it was last made due by hand."""

    id: str
    webhook_id: str
    account_id: str
    payload: bytes
    status: DeliveryStatus
    attempts: tuple[Attempt, ...]
    tries: int
    due_at: dt.datetime | None

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = msgspec.json.decode(self.payload)
        return event


class Deliveries:
    """Records of deliveries.  A crash of the process takes nothing back; a power cut may, and then sends again."""

    def __init__(self, records: Records, clock: Clock, ids: Ids, outbox: Outbox) -> None:
        self._records, self._clock, self._ids, self._outbox = records, clock, ids, outbox

    def add(self, webhook_id: str, event: str, data: Mapping[str, Any]) -> str:
        """Record an event for one webhook only, due now; answers the delivery's id."""
        delivery_id = self._ids("dlv")
        with self._records.transaction(durable=False, about=ABOUT) as connection:
            add_delivery(connection, delivery_id, webhook_id, payload(event, data, self._clock, self._ids), self._clock)
            self._outbox.written()
        return delivery_id

    def replay(self, delivery_id: str) -> None:
        """Make it due now, whatever became of it, with all its attempts before it."""
        with self._records.transaction(durable=False, about=ABOUT) as connection:
            connection.execute(
                "UPDATE deliveries SET status = 'pending', tries = 0, due_at = ? WHERE id = ?",
                (to_text(self._clock()), delivery_id),
            )
            self._outbox.written()

    def note(
        self, delivery: DeliveryRecord, attempt: Attempt, status: DeliveryStatus, due_at: dt.datetime | None
    ) -> None:
        """Record an attempt that is over, and what is to become of the delivery."""
        attempts = msgspec.json.encode([*delivery.attempts, attempt][-_ATTEMPTS_KEPT:]).decode()
        due = None if due_at is None else to_text(due_at)
        with self._records.transaction(durable=False, about=ABOUT) as connection:
            connection.execute(
                "UPDATE deliveries SET attempts = ?, status = ?, tries = ?, due_at = ? WHERE id = ?",
                (attempts, status, delivery.tries + 1, due, delivery.id),
            )
            if due is None:
                connection.execute(
                    "DELETE FROM deliveries WHERE webhook_id = ?1 AND due_at IS NULL AND rowid <= (SELECT rowid "
                    "FROM deliveries WHERE webhook_id = ?1 AND due_at IS NULL ORDER BY rowid DESC LIMIT 1 OFFSET ?2)",
                    (delivery.webhook_id, KEPT),
                )

    def due(self, but: Collection[str]) -> tuple[list[DeliveryRecord], dt.datetime | None]:
        """The oldest due delivery of every webhook but these, and when the next one of them will be due."""
        now, found, later = to_text(self._clock()), [], []
        firsts = self._records.read(
            "SELECT webhook_id, min(due_at) FROM deliveries WHERE due_at IS NOT NULL GROUP BY webhook_id"
        )
        for webhook_id, due_at in firsts:
            if webhook_id in but:
                continue
            if due_at > now:
                later.append(due_at)
                continue
            row = self._records.read_one(
                f"{_SELECT} WHERE d.webhook_id = ? AND d.due_at = ? ORDER BY d.rowid LIMIT 1",
                (webhook_id, due_at),
            )
            if row is not None:
                found.append((due_at, _made(*row)))
        found.sort(key=lambda each: each[0])
        return [delivery for _, delivery in found], from_text(min(later)) if later else None

    def get(self, delivery_id: str) -> DeliveryRecord | None:
        row = self._records.read_one(f"{_SELECT} WHERE d.id = ?", (delivery_id,))
        return None if row is None else _made(*row)

    def of_webhook(self, webhook_id: str, limit: int) -> tuple[list[DeliveryRecord], int]:
        """The newest deliveries of a webhook, newest first, and how many there are."""
        rows = self._records.read(
            f"{_SELECT} WHERE d.webhook_id = ? ORDER BY d.rowid DESC LIMIT ?", (webhook_id, limit)
        )
        ((total,),) = self._records.read("SELECT count(*) FROM deliveries WHERE webhook_id = ?", (webhook_id,))
        return [_made(*row) for row in rows], total

    def pending(self) -> bool:
        """Whether anything is on its way."""
        return bool(
            self._records.read(
                "SELECT 1 FROM outbox UNION ALL SELECT 1 FROM deliveries WHERE due_at IS NOT NULL LIMIT 1"
            )
        )


def _made(
    id_: str,
    webhook_id: str,
    account_id: str,
    body: bytes,
    status: DeliveryStatus,
    attempts: str,
    tries: int,
    due_at: str | None,
) -> DeliveryRecord:
    made = tuple(msgspec.json.decode(attempts, type=list[Attempt]))
    due = None if due_at is None else from_text(due_at)
    return DeliveryRecord(id_, webhook_id, account_id, body, status, made, tries, due)
