"""The store's format number and the way from each format to the next.

`about` holds the format and the version that wrote it, and keeps its shape for ever: a version that is too old reads
there which one it would need.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from helios_magic.errors import StoreError, StoreVersionError
from helios_magic.store.sqlite import Records
from helios_magic.version import __version__

_FORMAT_1 = (
    """CREATE TABLE accounts (
        id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, password_hash TEXT,
        is_owner INTEGER NOT NULL, created_at TEXT NOT NULL)""",
    """CREATE TABLE tokens (
        digest BLOB PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
        family TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT, replaced_at TEXT)""",
    "CREATE INDEX tokens_family ON tokens (family)",
    """CREATE TABLE databases (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts, name TEXT NOT NULL UNIQUE,
        tier TEXT NOT NULL, region TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL)""",
    "CREATE INDEX databases_account ON databases (account_id)",
    "CREATE TABLE nodes (id TEXT PRIMARY KEY, database_id TEXT NOT NULL, file TEXT NOT NULL UNIQUE)",
    """CREATE TABLE branches (
        id TEXT PRIMARY KEY, database_id TEXT NOT NULL, name TEXT NOT NULL, parent TEXT,
        node_id TEXT NOT NULL REFERENCES nodes, created_at TEXT NOT NULL, UNIQUE (database_id, name))""",
)

_FORMAT_2 = (
    # Ancestry, and what must be known before a merge.  Files of format 1 are brought up to date when they are attached.
    "ALTER TABLE nodes ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE nodes ADD COLUMN dirty INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE nodes ADD COLUMN parents TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE nodes ADD COLUMN written TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE nodes ADD COLUMN writes INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE nodes ADD COLUMN tables INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE nodes ADD COLUMN kept INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE nodes ADD COLUMN format INTEGER NOT NULL DEFAULT 1",
    "CREATE INDEX nodes_database ON nodes (database_id)",
    "ALTER TABLE branches ADD COLUMN merged_into TEXT",
    "ALTER TABLE branches ADD COLUMN merged_at TEXT",
    "CREATE INDEX branches_node ON branches (node_id)",
    """CREATE TABLE counters (
        database_id TEXT NOT NULL, id TEXT NOT NULL, next TEXT NOT NULL, PRIMARY KEY (database_id, id))""",
)

_FORMAT_3 = (
    # Webhooks, events that wait to be addressed to them, and what became of each.
    """CREATE TABLE webhooks (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE, url TEXT NOT NULL,
        events TEXT NOT NULL, secret TEXT NOT NULL, active INTEGER NOT NULL, created_at TEXT NOT NULL)""",
    "CREATE INDEX webhooks_account ON webhooks (account_id)",
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY, account_id TEXT NOT NULL, type TEXT NOT NULL, created_at TEXT NOT NULL,
        payload BLOB NOT NULL)""",
    """CREATE TABLE deliveries (
        id TEXT PRIMARY KEY, webhook_id TEXT NOT NULL REFERENCES webhooks ON DELETE CASCADE, payload BLOB NOT NULL,
        status TEXT NOT NULL, attempts TEXT NOT NULL DEFAULT '[]', tries INTEGER NOT NULL DEFAULT 0, due_at TEXT)""",
    "CREATE INDEX deliveries_webhook ON deliveries (webhook_id, due_at)",
)

_FORMAT_4 = (
    # What was asked of each database.  No reference to it: counters are written after the fact, and may come late.
    """CREATE TABLE usage (
        database_id TEXT NOT NULL, month TEXT NOT NULL, calls INTEGER NOT NULL, queries INTEGER NOT NULL,
        spent_us INTEGER NOT NULL, PRIMARY KEY (database_id, month))""",
    """CREATE TABLE latencies (
        database_id TEXT NOT NULL, width INTEGER NOT NULL, at INTEGER NOT NULL, count INTEGER NOT NULL,
        errors INTEGER NOT NULL, sketch BLOB NOT NULL, PRIMARY KEY (database_id, width, at))""",
    """CREATE TABLE slow_queries (
        database_id TEXT NOT NULL, at TEXT NOT NULL, query TEXT NOT NULL, duration_ms REAL NOT NULL,
        branch TEXT NOT NULL, rows_examined INTEGER, request_id TEXT NOT NULL)""",
    "CREATE INDEX slow_queries_database ON slow_queries (database_id, at)",
    """CREATE TABLE thresholds (
        subject_id TEXT NOT NULL, resource TEXT NOT NULL, percent INTEGER NOT NULL,
        PRIMARY KEY (subject_id, resource))""",
)

#: `MIGRATIONS[n]` leads from format n to n + 1; an empty file has format 0.
MIGRATIONS: tuple[Sequence[str], ...] = (_FORMAT_1, _FORMAT_2, _FORMAT_3, _FORMAT_4)


#: The format that this version writes, and the newest that it reads.
NEWEST_FORMAT = len(MIGRATIONS)


def format_of(folder: Path) -> tuple[int, str] | None:
    """A store's format and the version that wrote it, read without opening it; None where there are no records.

    Raises `StoreError` where the records cannot be read.
    """
    path = folder / "helios.sqlite3"
    if not path.exists() or not path.stat().st_size:
        return None
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        about: dict[str, str] = dict(connection.execute("SELECT key, value FROM about").fetchall())
        return int(about["format"]), about["written_by"]
    except (sqlite3.Error, KeyError, ValueError) as problem:
        raise StoreError(
            f"the records {path} cannot be read: {problem}",
            hint="Restore them from a copy; versions that changed the format kept one beside it.",
        ) from None
    finally:
        connection.close()


def migrate(records: Records, migrations: Sequence[Sequence[str]] = MIGRATIONS, version: str = __version__) -> None:
    """Bring the file to the newest format; before an older one is changed a copy of it is kept beside it.

    Raises `StoreVersionError` for a format that is newer than this version knows.
    """
    found, written_by = _format(records)
    newest = len(migrations)
    if found > newest:
        raise StoreVersionError(
            f"the store {records.path.parent} has format {found}; helios-magic {version} reads up to {newest}",
            hint=f"It was written by helios-magic {written_by}: pip install 'helios-magic>={written_by}'",
            details={"format": found, "written_by": written_by},
        )
    if found == newest:
        return
    if found:
        _copy(records, records.path.with_name(f"{records.path.name}.format{found}"))
    with records.transaction() as connection:
        for steps in migrations[found:]:
            for step in steps:
                connection.execute(step)
        connection.execute("CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        facts = [("format", str(newest)), ("written_by", version)]
        connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", facts)


def _format(records: Records) -> tuple[int, str]:
    if not records.read("SELECT 1 FROM sqlite_master WHERE name = 'about'"):
        return 0, ""
    about: dict[str, str] = dict(records.read("SELECT key, value FROM about"))
    return int(about["format"]), about["written_by"]


def _copy(records: Records, to: Path) -> None:
    """A copy that is whole: SQLite's own backup includes what is still in the write-ahead log."""
    source, target = sqlite3.connect(records.path), sqlite3.connect(to)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
