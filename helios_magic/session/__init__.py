"""A session: where you are connected, which database and branch you are on, and what you ran.

Nothing heavy is imported before a target is opened.
"""

from __future__ import annotations

from helios_magic.client.results import BatchOutcome, Result
from helios_magic.session.places import Account, Server, Status
from helios_magic.session.session import HistoryEntry, Session
from helios_magic.session.targets import connect, sign_in, sign_up

__all__ = [
    "Account",
    "BatchOutcome",
    "HistoryEntry",
    "Result",
    "Server",
    "Session",
    "Status",
    "connect",
    "sign_in",
    "sign_up",
]
