"""What is known in memory of a branch file's vectors, and when it is out of date.

DuckDB's row numbers stay what they are, and a row whose vector changes gets a new one.  Two things renumber rows: a
checkpoint after deletions, and some ALTERs.  A checkpoint is seen in the file: its header counts them.
"""

from __future__ import annotations

import contextlib
import itertools
import struct
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.nearest import Rows

if TYPE_CHECKING:
    from helios_magic.engine.vectors.words import Words

_numbers = itertools.count(1)
_HEADERS = (4096, 8192)
"""Where a DuckDB file has its two headers; each has a checksum of 8 bytes, then the number of its checkpoint."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A column's vectors as they were at one version of their table."""

    rows: Rows
    version: int
    shape: int
    checkpoint: int
    highest: int
    """The highest row number that was ever seen."""


class Versions:
    """A number per table that changes with every commit that may have touched its rows.  Thread-safe.

    `moves` is odd while a commit or a checkpoint is under way: what is read then may be of before or of after.
    """

    def __init__(self) -> None:
        self.moves = 0
        self.shape = 0
        """Changes whenever tables may have been rewritten."""
        self.kept: dict[tuple[str, str], Kept] = {}
        """By the identities of table and column."""
        self.words: dict[str, Words] = {}
        """By the identity of the table."""
        self.reading = threading.Lock()
        """Around bringing what is kept up to date."""
        self._lock = threading.Lock()
        self._under_way = 0
        self._tables: dict[str, int] = {}

    def of(self, table: str) -> int:
        """The version of a table, by `schema.table`."""
        return self._tables.get(table, 0)

    @contextlib.contextmanager
    def moving(self, tables: Iterable[str] = (), *, reshaped: bool = False) -> Iterator[None]:
        """While a commit that touches these tables, or a checkpoint, is under way."""
        with self._lock:
            self._under_way += 1
            if self._under_way == 1:
                self.moves += 1
        try:
            yield
        finally:
            with self._lock:
                for table in tables:
                    self._tables[table] = next(_numbers)
                if reshaped:
                    self.shape = next(_numbers)
                self._under_way -= 1
                if self._under_way == 0:
                    self.moves += 1

    def inherited(self) -> Versions:
        """What a copy of the file begins with."""
        heir = Versions()
        with self._lock:
            heir.shape, heir.kept, heir._tables = self.shape, dict(self.kept), dict(self._tables)
        return heir


def checkpoint_of(path: Path) -> int:
    """How many checkpoints have been written into a DuckDB file."""
    with path.open("rb", buffering=0) as file:
        head = file.read(_HEADERS[-1] + 16)
    numbers: list[int] = [struct.unpack_from("<Q", head, at + 8)[0] for at in _HEADERS]
    return max(numbers)
