"""Sequence counters: one a sequence, shared by all branches of a database.

A counter is durable ahead of its use: numbers below `next` may have been handed out, numbers from there on never.
"""

from __future__ import annotations

from helios_magic.store.sqlite import Records


class Counters:
    """Records of counters.  Written is durable when the method returns."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def next(self, database_id: str, counter: str) -> int | None:
        """The first number that was never reserved; None for a counter that nobody drew from."""
        row = self._records.read_one(
            "SELECT next FROM counters WHERE database_id = ? AND id = ?", (database_id, counter)
        )
        return None if row is None else int(row[0])

    def reserve(self, database_id: str, counter: str, first_free: int) -> None:
        """Record that numbers before `first_free` may be handed out from now on."""
        with self._records.transaction() as connection:
            # Text: with the increment past the largest bigint it does not fit SQLite's integers.
            connection.execute(
                "INSERT OR REPLACE INTO counters VALUES (?, ?, ?)", (database_id, counter, str(first_free))
            )
