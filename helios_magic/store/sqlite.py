"""SQLite as the store uses it: one writer, any number of readers, nothing acknowledged before it is on the disk."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from helios_magic.errors import StoreError

T = TypeVar("T")

#: Commits between two checkpoints of the write-ahead log.
_COMMITS_PER_CHECKPOINT = 500
#: Bytes of log from which it begins anew: SQLite does so by itself only where nobody writes during a checkpoint.
_LONG_LOG = 8 << 20
#: How long a checkpoint waits for readers to let go of the log; the next one comes soon.
_FOR_READERS_MS = 100
#: Answers that `Records.recall` keeps; past it, it begins anew.
_MOST_REMEMBERED = 1024


class Records:
    """The connections to one SQLite file.

    Writes go through one connection under a lock, `synchronous=FULL`.  Reads borrow a connection from a pool and see
    the last committed state.  The write-ahead log is checkpointed by a thread of its own and at `close`, so that no
    request pays for it; once it is long, writers wait a moment for it to begin anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._writer = _connect(path)
        self._idle: list[sqlite3.Connection] = []
        self._commits = 0
        self._remembered: dict[tuple[str, tuple[Any, ...]], tuple[tuple[int, int], Any]] = {}
        self._rounds: dict[str, int] = {}
        self._forgotten = 0
        self._closed = False
        self._wake = threading.Event()
        self._checkpointer = threading.Thread(target=self._checkpoint_when_due, name="helios-checkpoint", daemon=True)
        self._checkpointer.start()

    @contextlib.contextmanager
    def transaction(self, *, durable: bool = True, about: str = "") -> Iterator[sqlite3.Connection]:
        """A write transaction, committed and synced at the end of the block, rolled back when it raises.

        What `recall` keeps is forgotten; with `about`, only what was recalled about the same.

        One that is not `durable` survives a crash of the process; a power cut may take it back.  The next durable one
        makes it durable too, for the log is written in order.
        """
        with self._lock:
            self._check_open()
            if not durable:
                self._writer.execute("PRAGMA synchronous=NORMAL")
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                except BaseException:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    raise
            finally:
                if not durable:
                    self._writer.execute("PRAGMA synchronous=FULL")
            if about:
                self._rounds[about] = self._rounds.get(about, 0) + 1
            else:
                self._remembered = {}
                self._forgotten += 1
            self._commits += 1
            if self._commits % _COMMITS_PER_CHECKPOINT == 0:
                self._wake.set()

    def read(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query; from any thread."""
        self._check_open()
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = _connect(self.path)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            self._idle.append(connection)
            if self._closed:
                self._close_idle()

    def read_one(self, query: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        rows = self.read(query, values)
        return rows[0] if rows else None

    def recall(
        self, query: str, values: tuple[Any, ...], make: Callable[[list[tuple[Any, ...]]], T], about: str = ""
    ) -> T:
        """As `read`, for what every request asks anew: what `make` makes of the rows is kept until the next commit.

        It is handed out again, so it must not be changed.  This process owns the file, so nobody else can change it.
        An answer counts only while no commit has come since before it was read; one that is not `about` anything
        outlives the commits that are.
        """
        moment, key = (self._forgotten, self._rounds.get(about, 0)), (query, values)
        kept = self._remembered.get(key)
        if kept is not None and kept[0] == moment and not self._closed:
            remembered: T = kept[1]
            return remembered
        made = make(self.read(query, values))
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered = {}
        self._remembered[key] = (moment, made)
        return made

    def close(self) -> None:
        """Wait for a running write, fold the log into the file, let go of it.  Twice is once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._wake.set()
        self._checkpointer.join()
        with self._lock:
            self._close_idle()
            # On a full disk the log stays, and serves the next start as it is.
            with contextlib.suppress(sqlite3.OperationalError):
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._writer.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(f"the store {self.path.parent} is closed", hint="Connect again.")

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _checkpoint_when_due(self) -> None:
        connection = _connect(self.path)
        connection.execute(f"PRAGMA busy_timeout={_FOR_READERS_MS}")
        try:
            while not self._closed:
                self._wake.wait()
                self._wake.clear()
                if not self._closed:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    if self._log_bytes() > _LONG_LOG:
                        # Nearly all of it is in the file by now, so writers do not wait long.
                        with self._lock:
                            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()

    def _log_bytes(self) -> int:
        with contextlib.suppress(OSError):
            return self.path.with_name(f"{self.path.name}-wal").stat().st_size
        return 0


def _connect(path: Path) -> sqlite3.Connection:
    # isolation_level=None: transactions are written out, Python starts none of its own.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.execute("PRAGMA wal_autocheckpoint=0").fetchall()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection
