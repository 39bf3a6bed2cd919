"""Differences that were told and are not mended yet; each line goes with its mend, so that nothing hides behind it."""

from __future__ import annotations

DECLINED = (
    "an index depends on a column after it",  # DROP COLUMN before an indexed column; ought to work, or be 0A000
    "cannot create index with outstanding updates",  # CREATE INDEX after UPDATE in one transaction; likewise
)
"""Parts of messages that count as a refusal of something unsupported."""

STATES = {"23000": "23505"}
"""SQLSTATEs and what they ought to be: CREATE UNIQUE INDEX over rows that repeat."""

RETYPES = False
"""ALTER COLUMN … TYPE without USING fails with an AttributeError."""

LOGS_LEFT = True
"""DETACH writes some logs not into their files: a .wal stays after a clean close.  Nothing is lost by it."""

INDEXES_WITH_ROWS = False
"""A unique index made in one transaction with writes keeps old entries once the log is replayed: false duplicates."""
