"""Events on their way out: written with what they tell of, in one transaction.

`emit` is all that the rest of the house knows of webhooks.  Where no webhook of the account wants the event, nothing
is written: who is interested is kept in memory, for this process owns the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, get_args

import msgspec

from helios_magic.models.webhooks import Event
from helios_magic.store.ids import Clock, Ids, to_text
from helios_magic.store.sqlite import Records

#: Transactions about webhooks make nothing forgotten that `Records.recall` keeps of other things.
ABOUT = "webhooks"
_AT_ONCE = 500

EVENTS: tuple[Event, ...] = get_args(Event)


def payload(event: str, data: Mapping[str, Any], clock: Clock, ids: Ids) -> bytes:
    """An event as it is sent: `{"id","type","created_at","data"}`."""
    return msgspec.json.encode({"id": ids("evt"), "type": event, "created_at": clock(), "data": data})


class Outbox:
    """Events that wait to be addressed to webhooks.  `written` is called after each, inside its transaction."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self._records, self._clock, self._ids = records, clock, ids
        self._wanted: Mapping[str, frozenset[str]] = {}
        self._wanted_by_any: frozenset[str] = frozenset()
        self.written: Callable[[], None] = lambda: None
        with records.transaction(about=ABOUT) as connection:
            self.learn_who_is_interested(connection)

    def wants(self, event: Event, account_id: str) -> bool:
        """Whether an active webhook of the account asked for the event."""
        return event in self._wanted.get(account_id, ())

    def emit(
        self, event: Event, account_id: str, data: Mapping[str, Any], within: sqlite3.Connection | None = None
    ) -> None:
        """Tell the account's webhooks, if one wants it; `data` is the event's JSON.

        `within` is the connection of the transaction that the event is part of: both are kept or neither.  Without it
        the event is no record's and gets a transaction of its own, which a power cut may take back.
        """
        if not self.wants(event, account_id):
            return
        if within is None:
            with self._records.transaction(durable=False, about=ABOUT) as connection:
                self._write(connection, event, account_id, data)
        else:
            self._write(within, event, account_id, data)

    def emit_of_database(
        self, event: Event, database_id: str, data: Mapping[str, Any], within: sqlite3.Connection
    ) -> None:
        """`emit` to the owner of a database, whose name and id join `data`."""
        if event not in self._wanted_by_any:
            return
        found = within.execute("SELECT account_id, name FROM databases WHERE id = ?", (database_id,)).fetchone()
        if found is not None:
            self.emit(event, found[0], {**data, "database": found[1], "database_id": database_id}, within)

    def address(self) -> None:
        """Make a delivery of every waiting event for every active webhook that wants it and is not younger.

        It looks inside a transaction, so whoever was woken by `written` waits here for that writer to commit.
        """
        while self._address_some():
            pass

    def _address_some(self) -> bool:
        with self._records.transaction(durable=False, about=ABOUT) as connection:
            events = connection.execute(
                "SELECT id, account_id, type, created_at, payload FROM outbox ORDER BY id LIMIT ?", (_AT_ONCE,)
            ).fetchall()
            for _, account_id, event, created_at, body in events:
                webhooks = connection.execute(
                    "SELECT id, events FROM webhooks "
                    "WHERE account_id = ? AND active AND created_at <= ? ORDER BY rowid",
                    (account_id, created_at),
                ).fetchall()
                for webhook_id, wanted in webhooks:
                    if event in msgspec.json.decode(wanted):
                        add_delivery(connection, self._ids("dlv"), webhook_id, body, self._clock)
            if events:
                connection.execute("DELETE FROM outbox WHERE id <= ?", (events[-1][0],))
        return bool(events)

    def learn_who_is_interested(self, connection: sqlite3.Connection) -> None:
        """Called within every transaction that changes webhooks."""
        wanted: dict[str, frozenset[str]] = {}
        for account_id, events in connection.execute("SELECT account_id, events FROM webhooks WHERE active"):
            wanted[account_id] = wanted.get(account_id, frozenset()) | frozenset(msgspec.json.decode(events))
        self._wanted, self._wanted_by_any = wanted, frozenset().union(*wanted.values())

    def _write(self, connection: sqlite3.Connection, event: Event, account_id: str, data: Mapping[str, Any]) -> None:
        connection.execute(
            "INSERT INTO outbox (account_id, type, created_at, payload) VALUES (?, ?, ?, ?)",
            (account_id, event, to_text(self._clock()), payload(event, data, self._clock, self._ids)),
        )
        self.written()


def add_delivery(connection: sqlite3.Connection, delivery_id: str, webhook_id: str, body: bytes, clock: Clock) -> None:
    """Record a delivery that is due at once."""
    connection.execute(
        "INSERT INTO deliveries (id, webhook_id, payload, status, due_at) VALUES (?, ?, ?, 'pending', ?)",
        (delivery_id, webhook_id, body, to_text(clock())),
    )
