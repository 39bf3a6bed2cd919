"""One DuckDB instance: locked down, with branch files attached under permanent aliases, pinned while in use.

DETACH succeeds under open cursors and leaves the file open, so a file is let go of only when nothing uses it.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.engine.bounds import Bounds
from helios_magic.engine.branching.files import log_of, worth_checkpoint
from helios_magic.engine.dialect.prepared import MOST_AT_ONCE, Reading
from helios_magic.engine.names import literal, quoted
from helios_magic.engine.repeating import Repeats
from helios_magic.engine.structure import Structure
from helios_magic.engine.threads import Threads
from helios_magic.engine.vectors.versions import Versions
from helios_magic.errors import ServerError

if TYPE_CHECKING:
    import duckdb

logger = logging.getLogger("helios_magic.engine")

MAX_ATTACHED = 64
"""Each attached file costs two descriptors and about 1 MB."""
WORN = 256
"""After so many files that came and went.  DuckDB notes each use of a block, to know which to let go of first, and
looks through its notes when it needs memory, or has 32,768 in a queue.  Those on a file that is gone take 12 kB."""
_LOCK_RETRY_SECONDS = 10.0
_ASYNC_THREADS = 1
"""DuckDB's own eight wait for remote files; reading ten million rows takes as long with one, from the disk too."""
_IDLE_CURSORS = 8
#: What the lock leaves open: the engine sets these itself, and the dialect lets no statement of a user's set any.
_SET_BY_THE_ENGINE = (
    *("enable_profiling", "profiling_coverage", "tracked_metrics"),
    *("search_path", "operator_memory_limit", "enable_optimizer", "threads"),
)
_versions = itertools.count(1)
_PROFILED = ("SET enable_profiling = 'no_output'", "SET profiling_coverage = 'ALL'")
_IN_SUM = (*_PROFILED, "SET tracked_metrics = ['query.total_rows_scanned']")
#: By how a statement reads: rows are counted by operator only where some operator's do not count (profile.py), for
#: that takes a quarter of a small statement's time; and the optimizer, which takes half of it, is left out where
#: there is nothing to choose.
_SET_BY_READING: dict[Reading, tuple[str, ...]] = {
    "nothing": (),
    "first rows": (*_IN_SUM, "SET enable_optimizer = false"),
    "one table": _IN_SUM,
    "freely": (*_PROFILED, "SET tracked_metrics = ['operator.*']"),
}


@dataclass(slots=True, eq=False)
class Attachment:
    """One branch file under its permanent alias.  `version` changes with every change of its structure."""

    alias: str
    path: Path
    pins: int = 0
    used_at: float = 0.0
    version: int = field(default_factory=lambda: next(_versions))
    structure: Structure | None = None
    database: str | None = None
    """The name of the database that the file belongs to."""
    dirty: bool = False
    """Whether it is recorded that the file differs from its parent's."""
    written: set[str] = field(default_factory=set)
    """The tables (`schema.table`) that are recorded as written here."""
    writes: int = 0
    """Write requests committed here."""
    tables: int = 0
    answer_bytes: int = 2**63
    """How large one answer from it may be."""
    doomed: bool = False
    """No record refers to the file: it goes when nobody uses it any more."""
    idle: dict[Reading, list[duckdb.DuckDBPyConnection]] = field(
        default_factory=lambda: {reading: [] for reading in _SET_BY_READING}
    )
    """Cursors that wait for the next statement, by how it reads."""
    repeats: Repeats = field(default_factory=Repeats)
    """What these cursors keep of statements that come again."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Around version and structure, and around reading the catalogue."""
    copying: threading.Lock = field(default_factory=threading.Lock)
    """Around checkpoints and copies: two branches may copy one sealed file."""
    vectors: Versions = field(default_factory=Versions)
    """What is known in memory of its vector columns."""

    def structure_changed(self, structure: Structure | None = None) -> None:
        """It has another structure than before: this one, or one that has to be read."""
        with self.lock:
            self.version = next(_versions)
            self.structure = structure


class Instance:
    """DuckDB for one database.  `folder` is the only place it may touch; callers hold their own mutex."""

    def __init__(self, folder: Path, scratch: Path, bounds: Bounds, extend: Callable[..., None]) -> None:
        self._folder, self._scratch, self._bounds, self._extend = folder, scratch, bounds, extend
        self._attached: dict[str, Attachment] = {}
        self._parked: dict[str, Attachment] = {}
        """Files of before the last close: what was known of them still holds."""
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._threads: Threads | None = None
        self._let_go = 0

    @property
    def helped(self) -> bool:
        """Whether DuckDB's helper threads are at hand."""
        return self._threads is not None and self._threads.at_hand

    def rest(self) -> bool:
        """Let the helper threads go where nothing has used them for a while; whether some are still at hand."""
        if self._threads is not None and self._threads.idle:
            self._threads.rest()
        return self.helped

    @property
    def worn(self) -> bool:
        """Whether so many files came and went that it had better be opened anew."""
        return self._let_go >= WORN

    @property
    def opened(self) -> bool:
        return self._connection is not None

    @property
    def pins(self) -> int:
        return sum(attachment.pins for attachment in self._attached.values())

    @property
    def attachments(self) -> list[Attachment]:
        return list(self._attached.values())

    @property
    def known(self) -> list[Attachment]:
        """The files that something is known of, attached or not."""
        return [*self._attached.values(), *self._parked.values()]

    def attached(self, alias: str) -> Attachment | None:
        """The file under its alias, if it is attached."""
        attachment = self._attached.get(alias)
        if attachment is not None:
            attachment.used_at = time.monotonic()
        return attachment

    def holds(self, attachment: Attachment) -> bool:
        """Whether the file is attached; unlike `attached` this does not count as a use."""
        return self._attached.get(attachment.alias) is attachment

    def attach(self, alias: str, path: Path, wait: Callable[[], None]) -> Attachment:
        """Attach a file under its alias; `wait` may raise while another process holds it."""
        self._make_room()
        attachment = self._parked.get(alias) or Attachment(alias, path, answer_bytes=self._bounds.answer)
        attachment.used_at = time.monotonic()
        self._attach_file(attachment, wait)
        self._parked.pop(alias, None)
        self._attached[alias] = attachment
        return attachment

    def make(self, alias: str, path: Path, script: str) -> None:
        """A new file with what the script makes in it, complete without a log, and attached."""
        attachment = Attachment(alias, path, answer_bytes=self._bounds.answer)
        self._attach_file(attachment, lambda: None)
        cursor = self._open().cursor()
        try:
            cursor.execute(f"USE {alias}")
            cursor.execute(f"BEGIN; {script} COMMIT;")
            cursor.execute(f"CHECKPOINT {alias}")
        finally:
            cursor.close()
        self._attached[alias] = attachment

    def cursor(self, attachment: Attachment, reading: Reading) -> duckdb.DuckDBPyConnection:
        """A cursor whose names resolve in the file's `public` schema, for statements that read so."""
        cursor = attachment.idle[reading].pop() if attachment.idle[reading] else self._new_cursor(attachment, reading)
        if self._threads is not None:
            self._threads.begin(reading)
        return cursor

    def _new_cursor(self, attachment: Attachment, reading: Reading) -> duckdb.DuckDBPyConnection:
        cursor = self._open().cursor()
        cursor.execute(f"SET operator_memory_limit = '{self._bounds.intermediates}B'")
        cursor.execute(f"SET search_path = '{attachment.alias}.public,memory.main'")
        for setting in _SET_BY_READING[reading]:
            cursor.execute(setting)
        return cursor

    def give_back(
        self, attachment: Attachment, cursor: duckdb.DuckDBPyConnection, reading: Reading, *, reuse: bool
    ) -> None:
        """Let go of a cursor; one that ended well serves the next request."""
        if self._threads is not None:
            self._threads.end(reading)
        idle = attachment.idle[reading]
        if reuse and len(idle) < _IDLE_CURSORS and attachment.alias in self._attached:
            idle.append(cursor)
        else:
            cursor.close()

    def detach(self, alias: str) -> None:
        """Let go of an attached file, its log written into it."""
        attachment = self._attached.get(alias)
        if attachment is not None:
            self.forget(attachment)()

    def forget(self, attachment: Attachment) -> Callable[[], None]:
        """Let go of a file that nobody uses; what is returned detaches it, which takes long and needs no mutex."""
        import duckdb

        del self._attached[attachment.alias]
        self._let_go += 1
        self._close_idle(attachment)
        cursor = self._open().cursor()

        def detach() -> None:
            # DETACH skips the log of some files, and fails on a full disk: the log serves the next start as it is.
            if not attachment.doomed and worth_checkpoint(attachment.path):
                with contextlib.suppress(duckdb.Error):
                    cursor.execute(f"CHECKPOINT {attachment.alias}")
            try:
                cursor.execute(f"DETACH {attachment.alias}")
            except duckdb.Error as error:
                logger.warning("a branch's file was let go of with its log: %s", type(error).__name__)
            cursor.close()

        return detach

    def checkpoint(self, attachment: Attachment) -> Callable[[], None]:
        """What writes the file's log into it, where nothing that runs is against it; it needs no mutex."""
        import duckdb

        cursor = self._open().cursor()

        def write() -> None:
            with attachment.vectors.moving(), contextlib.suppress(duckdb.Error):
                cursor.execute(f"CHECKPOINT {attachment.alias}")
            cursor.close()

        return write

    def renew_indexes(self, attachment: Attachment) -> None:
        """Make a file's unique indexes again: a log that was replayed may have left entries of removed rows in them."""
        cursor = self._open().cursor()
        try:
            made = cursor.execute(
                "SELECT schema_name, index_name, sql FROM duckdb_indexes() WHERE database_name = $1 AND is_unique "
                "AND sql IS NOT NULL",
                [attachment.alias],
            ).fetchall()
            for schema, name, text in made:
                cursor.execute(f"USE {attachment.alias}.{quoted(schema)}")
                cursor.execute(f"BEGIN; DROP INDEX {quoted(schema)}.{quoted(name)}; {text}; COMMIT")
        finally:
            cursor.close()

    def park(self) -> None:
        """As `close`, but what is known of the files is known again when they are attached again."""
        known = dict(self._attached)
        self.close()
        # One that has its log yet is read anew: replaying may number its rows otherwise.
        self._parked |= {alias: file for alias, file in known.items() if not log_of(file.path).exists()}
        for alias in list(self._parked)[:-MAX_ATTACHED]:
            del self._parked[alias]

    def unpark(self, alias: str) -> None:
        """Forget what is known of a file that is not attached."""
        self._parked.pop(alias, None)

    def close(self, *, broken: bool = False) -> None:
        """Write every log into its file and let go; a broken instance is only dropped."""
        if self._connection is None:
            return
        for alias in list(self._attached):
            if broken:
                self._close_idle(self._attached.pop(alias))
            else:
                self.detach(alias)
        self._connection.close()
        self._connection = self._threads = None
        self._let_go = 0

    def _close_idle(self, attachment: Attachment) -> None:
        for idle in attachment.idle.values():
            while idle:
                idle.pop().close()

    def _make_room(self) -> None:
        idle = sorted((a for a in self._attached.values() if a.pins == 0), key=lambda a: a.used_at)
        for attachment in idle[: max(0, len(self._attached) - MAX_ATTACHED + 1)]:
            self.detach(attachment.alias)

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            import duckdb

            connection = duckdb.connect(":memory:", config={"async_threads": _ASYNC_THREADS})
            for setting in self._settings():
                connection.execute(setting)
            self._extend(connection)
            connection.execute("SET GLOBAL lock_configuration = true")
            self._connection, self._threads = connection, Threads(connection)
        return self._connection

    def _settings(self) -> list[str]:
        """The engine's lock.  Order matters: after external access is off, directories cannot be changed."""
        return [
            f"SET GLOBAL temp_directory = {literal(str(self._scratch))}",
            f"SET GLOBAL memory_limit = '{self._bounds.memory}B'",
            f"SET GLOBAL max_temp_directory_size = '{self._bounds.temporary}B'",
            "SET GLOBAL integer_division = true",
            "SET GLOBAL TimeZone = 'UTC'",
            "SET GLOBAL default_null_order = 'postgres'",
            "SET GLOBAL autoinstall_known_extensions = false",
            "SET GLOBAL autoload_known_extensions = false",
            "SET GLOBAL python_enable_replacements = false",
            # A plain LIMIT up to here reads its rows at once; past it, it joins the table with itself. An ORDER BY
            # with a LIMIT up to here sorts the keys alone and reads the other columns of the rows it keeps.
            f"SET GLOBAL late_materialization_max_rows = {MOST_AT_ONCE}",
            "SET enable_progress_bar = false",
            f"SET GLOBAL allowed_directories = [{literal(str(self._folder))}, {literal(str(self._scratch))}]",
            "SET GLOBAL enable_external_access = false",
            f"SET GLOBAL allowed_configs = [{', '.join(map(literal, _SET_BY_THE_ENGINE))}]",
        ]

    def _attach_file(self, attachment: Attachment, wait: Callable[[], None]) -> None:
        import duckdb

        connection = self._open()
        give_up = time.monotonic() + _LOCK_RETRY_SECONDS
        while True:
            try:
                connection.execute(f"ATTACH {literal(str(attachment.path))} AS {attachment.alias}")
            except (duckdb.IOException, duckdb.BinderException) as error:
                # A process that is being replaced, or a transaction that has not ended, may still hold the file.
                held = "lock" in str(error) or "already attached" in str(error) or "already open" in str(error)
                if not held:
                    raise
                if time.monotonic() > give_up:
                    raise ServerError(
                        "the database's file is held by another process",
                        hint="Stop the other process, or wait until it has ended.",
                        details={"reason": "locked"},
                    ) from None
                wait()
                time.sleep(0.05)
            else:
                return
