"""Vectors in memory, brought up to date before each search, and their lists, made in the background.

Branches share what they have in common: a copy of a file begins with what was known of the original.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from helios_magic.engine.names import place, quoted
from helios_magic.engine.vectors.versions import Kept, checkpoint_of
from helios_magic.nearest import Rows
from helios_magic.nearest.rows import EXACT_UP_TO
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from helios_magic.engine.execute import Work
    from helios_magic.engine.instance import Attachment

logger = logging.getLogger("helios_magic.engine")

_ROWS = 16_384
Pieces = Iterator[tuple["NDArray[np.int64]", "NDArray[np.float32]"]]


class Stopped(Exception):  # noqa: N818 - it ends a thread
    """The database is being closed."""


class Keeping:
    """The vectors of one database.  `most_bytes` bounds what they take; what does not fit is not kept."""

    def __init__(self, files: Callable[[], list[Attachment]], most_bytes: int) -> None:
        self._files, self._most = files, most_bytes
        self._wish = threading.Condition()
        self._wanted: list[Rows] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    def current(self, work: Work, table: Table, column: Column, dimensions: int) -> Rows | None:
        """The column's vectors as they are now; None where they do not fit, or where something is under way."""
        file, name = work.file, table.full_name
        versions = file.vectors
        key = (table.id or name, column.id or column.name)
        kept = versions.kept.get(key)
        if kept is not None and _as_before(kept, file, name):
            return kept.rows
        work.guard.acquire(versions.reading)
        try:
            kept = versions.kept.get(key)
            if kept is not None and _as_before(kept, file, name):
                return kept.rows
            with work.moment():
                made = self._read(work, table, column, dimensions, kept)
            if made is None:
                return None
            versions.kept[key] = made
        finally:
            versions.reading.release()
        if made.rows.wants_lists:
            self._wish_for(made.rows)
        return made.rows

    def is_worth(self, work: Work, table: Table) -> bool:
        """Whether a table has so many rows that looking at all of them takes long."""
        ((count,),) = work.ask(f"SELECT count(*) FROM {place(table)}")
        return int(count) > EXACT_UP_TO

    def close(self) -> None:
        """Stop making lists."""
        with self._wish:
            self._closed = True
            self._wish.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=30)

    @property
    def busy(self) -> bool:
        """Whether lists are being made."""
        return bool(self._wanted)

    def wait(self, timeout: float) -> bool:
        """Wait until no lists are being made; whether that came within `timeout` seconds."""
        with self._wish:
            return self._wish.wait_for(lambda: not self._wanted, timeout)

    # Reading

    def _read(self, work: Work, table: Table, column: Column, dimensions: int, kept: Kept | None) -> Kept | None:
        import numpy as np

        file, name, moves = work.file, quoted(column.name), work.file.vectors.moves
        stamp = (file.vectors.of(table.full_name), file.vectors.shape, checkpoint_of(file.path))
        source, there = place(table), f"{name} IS NOT NULL"
        with work.guard.running(work.cursor):
            present = work.cursor.execute(f"SELECT rowid FROM {source} WHERE {there}").fetchnumpy()["rowid"]
        if file.vectors.moves != moves or moves % 2:
            # What was seen may be of before or of after; from here on the transaction sees the same.
            return None
        present = np.sort(np.ma.getdata(present).astype(np.int64))
        if not self._fits(len(present) * dimensions * 4, kept):
            return None
        before = kept.rows if kept is not None else Rows.of(*_nothing(dimensions))
        highest = int(present[-1]) if len(present) else -1
        if kept is not None and _numbers_hold(kept, stamp, present):
            come = present[np.searchsorted(present, kept.highest, side="right") :]
            pieces = _pieces(work, f"SELECT rowid, {name} FROM {source} WHERE rowid > {kept.highest} AND {there}")
            vectors = [vectors for _, vectors in pieces] if len(come) else []
            rows = before.now(present, come, np.concatenate([before.base.vectors[:0], *vectors]))
            highest = max(highest, kept.highest)
        else:
            rows = before.again(_pieces(work, f"SELECT rowid, {name} FROM {source} WHERE {there}"))
        return Kept(rows, *stamp, highest)

    def _fits(self, size: int, kept: Kept | None) -> bool:
        """Whether so many bytes more may be kept; branches that were not used for long let go of theirs."""
        if size > self._most:
            return False
        files = sorted(self._files(), key=lambda file: file.used_at)
        for file in files:
            bases = {id(each.rows.base): each.rows.bytes for other in files for each in other.vectors.kept.values()}
            mine = kept.rows.bytes if kept is not None else 0
            if sum(bases.values()) - mine + size <= self._most:
                return True
            if kept is None or kept not in file.vectors.kept.values():
                file.vectors.kept.clear()
        return True

    # Lists, in the background

    def _wish_for(self, rows: Rows) -> None:
        with self._wish:
            if self._closed or any(each.base is rows.base for each in self._wanted):
                return
            self._wanted.append(rows)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="helios-vector-lists", daemon=True)
                self._thread.start()
            self._wish.notify_all()

    def _run(self) -> None:
        while True:
            with self._wish:
                self._wish.wait_for(lambda: self._wanted or self._closed)
                if self._closed:
                    return
                rows = self._wanted[0]
            try:
                self._take_over(rows, rows.listed(self._check))
            except Stopped:
                return
            except Exception:
                # The answers are right without lists, only slower.
                logger.exception("making the lists of %d vectors failed", len(rows))
            finally:
                with self._wish:
                    self._wanted.pop(0)
                    self._wish.notify_all()

    def _check(self) -> None:
        if self._closed:
            raise Stopped

    def _take_over(self, old: Rows, listed: Rows) -> None:
        """Give the lists to every branch whose rows had the same base."""
        for file in self._files():
            with file.vectors.reading:
                for key, kept in list(file.vectors.kept.items()):
                    if kept.rows.base is old.base:
                        file.vectors.kept[key] = replace(kept, rows=kept.rows.on(listed))


def _as_before(kept: Kept, file: Attachment, table: str) -> bool:
    versions = file.vectors
    return (kept.version, kept.shape) == (versions.of(table), versions.shape) and kept.checkpoint == checkpoint_of(
        file.path
    )


def _numbers_hold(kept: Kept, stamp: tuple[int, int, int], present: NDArray[np.int64]) -> bool:
    """Whether a row number still means the row that it meant."""
    version, shape, checkpoint = stamp
    if shape != kept.shape:
        return False
    known = kept.rows.all_ids()
    if checkpoint != kept.checkpoint:
        # Nothing was deleted since, or the same numbers would not be there in the same order.
        return version == kept.version and len(known) == len(present) and bool((known == present).all())
    return kept.rows.has_all(present[present <= kept.highest])


def _nothing(dimensions: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    import numpy as np

    return np.empty(0, dtype=np.int64), np.empty((0, dimensions), dtype=np.float32)


def _pieces(work: Work, query: str) -> Pieces:
    """Row numbers and vectors, piece by piece."""
    import numpy as np

    with work.guard.running(work.cursor):
        reader = work.cursor.sql(query).to_arrow_reader(_ROWS)
        try:
            for batch in reader:
                ids = batch.column(0).to_numpy().astype(np.int64)
                flat = batch.column(1).flatten().to_numpy(zero_copy_only=False)
                yield ids, np.ascontiguousarray(flat.reshape(len(ids), -1), dtype=np.float32)
        finally:
            reader.close()
