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
    "lc_ctype": "C",
    "lc_messages": "C",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "max_identifier_length": "63",
    "is_superuser": "off",
    "session_authorization": "helios",
    "role": "none",
    "bytea_output": "hex",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "off",
    "transaction_read_only": "off",
    "transaction_deferrable": "off",
    "in_hot_standby": "off",
    "client_min_messages": "notice",
    "default_table_access_method": "heap",
    "extra_float_digits": "1",
    "hnsw.ef_search": "40",
    "ivfflat.probes": "1",
}
#: What SET may be told, beside the value that already is: nothing here changes a result.
HARMLESS = frozenset({"application_name", "client_min_messages", "hnsw.ef_search", "ivfflat.probes"})
