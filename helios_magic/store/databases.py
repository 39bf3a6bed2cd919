"""Records of databases.  `status` tells an unfinished creation or deletion, which the next start completes."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass
from typing import Any

from helios_magic.errors import AlreadyExistsError
from helios_magic.models.databases import DatabaseStatus, Tier
from helios_magic.store.ids import Clock, Ids, from_text, to_text
from helios_magic.store.outbox import Outbox
from helios_magic.store.sqlite import Records

_COLUMNS = "id, account_id, name, tier, region, status, created_at"


@dataclass(frozen=True, slots=True)
class DatabaseRecord:
    """One database; `name` is unique in the store."""

    id: str
    account_id: str
    name: str
    tier: Tier
    region: str
    status: DatabaseStatus
    created_at: dt.datetime


class Databases:
    """Records of databases.  Written is durable when the method returns."""

    def __init__(self, records: Records, clock: Clock, ids: Ids, outbox: Outbox) -> None:
        self._records, self._clock, self._ids, self._outbox = records, clock, ids, outbox

    def add(self, account_id: str, name: str, tier: Tier, region: str) -> DatabaseRecord:
        """Record a database as `provisioning`.  Raises `AlreadyExistsError` when the name is taken."""
        record = DatabaseRecord(self._ids("db"), account_id, name, tier, region, "provisioning", self._clock())
        values = (record.id, account_id, name, tier, region, record.status, to_text(record.created_at))
        try:
            with self._records.transaction() as connection:
                connection.execute("INSERT INTO databases VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        except sqlite3.IntegrityError:
            raise AlreadyExistsError(
                f"a database named “{name}” exists already", hint="Choose another name.", details={"name": name}
            ) from None
        return record

    def activate(self, record: DatabaseRecord) -> None:
        """Record that the database is made, and tell `database.created`."""
        told = {
            "id": record.id,
            "name": record.name,
            "tier": record.tier,
            "region": record.region,
            "created_at": record.created_at,
        }
        with self._records.transaction() as connection:
            connection.execute("UPDATE databases SET status = 'active' WHERE id = ?", (record.id,))
            self._outbox.emit("database.created", record.account_id, told, connection)

    def mark_deleting(self, database_id: str) -> None:
        """Record that the database is to go; from now on it does, at the next start if not now."""
        with self._records.transaction() as connection:
            connection.execute("UPDATE databases SET status = 'deleting' WHERE id = ?", (database_id,))

    def remove(self, database_id: str) -> None:
        """Forget a database; where it was to be deleted, tell `database.deleted`."""
        with self._records.transaction() as connection:
            gone = connection.execute(
                "SELECT account_id, name, status FROM databases WHERE id = ?", (database_id,)
            ).fetchone()
            connection.execute("DELETE FROM databases WHERE id = ?", (database_id,))
            if gone is not None and gone[2] == "deleting":
                self._outbox.emit("database.deleted", gone[0], {"id": database_id, "name": gone[1]}, connection)

    def get(self, database_id: str) -> DatabaseRecord | None:
        return self._one("id", database_id)

    def named(self, name: str) -> DatabaseRecord | None:
        return self._one("name", name)

    def of_account(self, account_id: str) -> tuple[DatabaseRecord, ...]:
        """An account's databases, oldest first."""
        return self._where("account_id = ?", account_id)

    def unfinished(self) -> tuple[DatabaseRecord, ...]:
        """Those whose creation or deletion did not come to its end."""
        return self._where("status <> ?", "active")

    def _one(self, column: str, value: str) -> DatabaseRecord | None:
        records = self._where(f"{column} = ?", value)
        return records[0] if records else None

    def _where(self, condition: str, value: str) -> tuple[DatabaseRecord, ...]:
        query = f"SELECT {_COLUMNS} FROM databases WHERE {condition} ORDER BY created_at, id"
        return self._records.recall(query, (value,), _made)


def _made(rows: list[tuple[Any, ...]]) -> tuple[DatabaseRecord, ...]:
    return tuple(
        DatabaseRecord(id_, account, name, tier, region, status, from_text(created))
        for id_, account, name, tier, region, status, created in rows
    )
