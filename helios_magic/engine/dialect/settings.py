"""The settings that SHOW, SET and current_setting know, and what they are here."""

from __future__ import annotations

SETTINGS = {
    "search_path": '"$user", public',
    "timezone": "UTC",
    "client_encoding": "UTF8",
    "server_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "server_version": "18.0",
    "server_version_num": "180000",
    "application_name": "",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "transaction_isolation": "serializable",
    "default_transaction_read_only": "off",
    "integer_datetimes": "on",
    "lc_collate": "C",
}
#: What SET may be told, beside the value that already is: nothing here changes a result.
HARMLESS = frozenset({"application_name", "client_min_messages"})
