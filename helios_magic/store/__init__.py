"""The store: a folder with the state in SQLite and one DuckDB file a branch."""

from __future__ import annotations

from helios_magic.store.accounts import Account, Accounts, Token
from helios_magic.store.branches import Branch, Branches, Node
from helios_magic.store.counters import Counters
from helios_magic.store.databases import DatabaseRecord, Databases
from helios_magic.store.deliveries import DeliveryRecord
from helios_magic.store.folder import Store
from helios_magic.store.fulldisk import full_disk
from helios_magic.store.ids import Clock, Ids, random_id, utc_now
from helios_magic.store.lock import holder_of
from helios_magic.store.metrics import Metrics, SlowRecord, Span, Told, Totals
from helios_magic.store.migrations import NEWEST_FORMAT, format_of
from helios_magic.store.webhooks import WebhookRecord

__all__ = [
    "NEWEST_FORMAT",
    "Account",
    "Accounts",
    "Branch",
    "Branches",
    "Clock",
    "Counters",
    "DatabaseRecord",
    "Databases",
    "DeliveryRecord",
    "Ids",
    "Metrics",
    "Node",
    "SlowRecord",
    "Span",
    "Store",
    "Token",
    "Told",
    "Totals",
    "WebhookRecord",
    "format_of",
    "full_disk",
    "holder_of",
    "random_id",
    "utc_now",
]
