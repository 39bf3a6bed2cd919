"""A session: where you are connected, which database and branch you are on, and what you ran.

Nothing heavy is imported before a target is opened.
"""

from __future__ import annotations

from helios_magic.client.results import BatchOutcome, Result
from helios_magic.session.session import HistoryEntry, Session, Status
from helios_magic.session.targets import connect

__all__ = ["BatchOutcome", "HistoryEntry", "Result", "Session", "Status", "connect"]
