"""Records of what was asked of each database: totals by month, latencies by span, slow queries, thresholds told.

What a latency sketch is made of, its writer knows; here it is bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helios_magic.models.webhooks import Event
from helios_magic.store.ids import from_text, to_text
from helios_magic.store.outbox import Outbox
from helios_magic.store.sqlite import Records

#: Slow queries that are kept of a database.
MOST_SLOW = 10_000
#: A commit of counters leaves in memory what `Records.recall` keeps of accounts and databases.
_ABOUT = "metrics"


@dataclass(frozen=True, slots=True)
class Totals:
    """A month's calls, queries, and microseconds spent on them."""

    calls: int = 0
    queries: int = 0
    spent_us: int = 0

    def plus(self, calls: int, queries: int, spent_us: int) -> Totals:
        return Totals(self.calls + calls, self.queries + queries, self.spent_us + spent_us)


@dataclass(frozen=True, slots=True)
class Span:
    """The queries of `width` seconds from `at` on (Unix seconds, a multiple of the width)."""

    database_id: str
    width: int
    at: int
    count: int
    errors: int
    latencies: bytes


@dataclass(frozen=True, slots=True)
class SlowRecord:
    """A query that took long: its text without literals, milliseconds, and whose answer it was."""

    database_id: str
    at: dt.datetime
    query: str
    duration_ms: float
    branch: str
    rows_examined: int | None
    request_id: str


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a record brings with it: both are kept or neither."""

    event: Event
    account_id: str
    data: Mapping[str, Any]


class Metrics:
    """Records of counters.  Written is durable when the method returns."""

    def __init__(self, records: Records, outbox: Outbox) -> None:
        self._records, self._outbox = records, outbox

    def add(
        self,
        months: Mapping[tuple[str, str], Totals],
        spans: Iterable[Span],
        slow: Iterable[SlowRecord] = (),
        told: Iterable[Told] = (),
    ) -> None:
        """Add to months (`(database, "2026-01")`), put spans in the place of what they were, note slow queries."""
        totals = [(*key, each.calls, each.queries, each.spent_us) for key, each in months.items()]
        latencies = [(s.database_id, s.width, s.at, s.count, s.errors, s.latencies) for s in spans]
        queries = [
            (s.database_id, to_text(s.at), s.query, s.duration_ms, s.branch, s.rows_examined, s.request_id)
            for s in slow
        ]
        with self._records.transaction(about=_ABOUT) as connection:
            connection.executemany(
                "INSERT INTO usage VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, "
                "queries = queries + excluded.queries, spent_us = spent_us + excluded.spent_us",
                totals,
            )
            connection.executemany("INSERT OR REPLACE INTO latencies VALUES (?, ?, ?, ?, ?, ?)", latencies)
            connection.executemany("INSERT INTO slow_queries VALUES (?, ?, ?, ?, ?, ?, ?)", queries)
            for each in told:
                self._outbox.emit(each.event, each.account_id, each.data, connection)

    def month(self, database_id: str, month: str) -> Totals:
        row = self._records.read_one(
            "SELECT calls, queries, spent_us FROM usage WHERE database_id = ? AND month = ?", (database_id, month)
        )
        return Totals() if row is None else Totals(*row)

    def span(self, database_id: str, width: int, at: int) -> Span | None:
        found = self.spans(database_id, width, at, at)
        return found[0] if found else None

    def spans(self, database_id: str, width: int, first: int, last: int) -> list[Span]:
        """The spans of one width that begin from `first` to `last`, in order."""
        rows = self._records.read(
            "SELECT at, count, errors, sketch FROM latencies "
            "WHERE database_id = ? AND width = ? AND at BETWEEN ? AND ? ORDER BY at",
            (database_id, width, first, last),
        )
        return [Span(database_id, width, at, count, errors, sketch) for at, count, errors, sketch in rows]

    def slowest(self, database_id: str, since: dt.datetime, most: int) -> list[SlowRecord]:
        """The slowest queries since a moment, slowest first."""
        rows = self._records.read(
            "SELECT at, query, duration_ms, branch, rows_examined, request_id FROM slow_queries "
            "WHERE database_id = ? AND at >= ? ORDER BY duration_ms DESC, at LIMIT ?",
            (database_id, to_text(since), most),
        )
        return [SlowRecord(database_id, from_text(at), *rest) for at, *rest in rows]

    def forget(self, spans_before: Mapping[int, int], slow_before: dt.datetime) -> None:
        """Drop spans by width that begin before a moment, old and superfluous slow queries, all of databases gone."""
        with self._records.transaction(about=_ABOUT) as connection:
            connection.executemany("DELETE FROM latencies WHERE width = ? AND at < ?", spans_before.items())
            connection.execute("DELETE FROM slow_queries WHERE at < ?", (to_text(slow_before),))
            connection.execute(
                "DELETE FROM slow_queries WHERE rowid IN (SELECT row FROM (SELECT rowid AS row, row_number() OVER "
                "(PARTITION BY database_id ORDER BY at DESC, rowid DESC) AS place FROM slow_queries) WHERE place > ?)",
                (MOST_SLOW,),
            )
            for table in ("usage", "latencies", "slow_queries"):
                connection.execute(f"DELETE FROM {table} WHERE database_id NOT IN (SELECT id FROM databases)")
            known = "SELECT id FROM databases UNION SELECT id FROM accounts"
            connection.execute(f"DELETE FROM thresholds WHERE subject_id NOT IN ({known})")

    def threshold(self, subject_id: str, resource: str) -> int:
        """The per cent of a quota of a database or an account that was last told of; 0: none."""
        row = self._records.read_one(
            "SELECT percent FROM thresholds WHERE subject_id = ? AND resource = ?", (subject_id, resource)
        )
        return 0 if row is None else int(row[0])

    def set_threshold(self, subject_id: str, resource: str, percent: int, told: Told | None = None) -> None:
        with self._records.transaction(about=_ABOUT) as connection:
            connection.execute("INSERT OR REPLACE INTO thresholds VALUES (?, ?, ?)", (subject_id, resource, percent))
            if told is not None:
                self._outbox.emit(told.event, told.account_id, told.data, connection)
