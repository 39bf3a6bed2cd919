"""Sequences: one counter each for all branches of a database, never rolled back, never behind after a crash.

A sequence's definition is in the branch file (`_helios.sequences`), its counter in the store.  The counter's id is
the sequence's identity: branches share it, DROP and CREATE make a new one.  Whatever draws from it carries counter
and definition as text (`encoded`), so that drawing needs no look into any branch.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import threading
import uuid
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from helios_magic.engine.names import literal
from helios_magic.errors import StoreError
from helios_magic.schema import Sequence, quoted

if TYPE_CHECKING:
    import duckdb

    from helios_magic.store import Counters

_SMALL, _LARGE = 32, 65_536
"""Numbers reserved at once: few for single rows, since a crash loses them, many for bulk."""
_BULK = 1024
_CALL = re.compile(r"\bpg_(?P<function>nextval|currval|setval)\('(?P<text>(?:[^']|'')*)'")
_SESSION = re.compile(r"(?:, )?\bcurrent_connection_id\(\)")
_COERCED = re.compile(r"CAST\((nextval\('(?:[^']|'')*'::regclass\)) AS (?:SMALLINT|INTEGER|BIGINT)\)")
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


def new_counter() -> str:
    """The identity of a sequence that is just being made."""
    return f"sq_{uuid.uuid4().hex}"


def encoded(sequence: Sequence) -> str:
    """Counter and definition as the text that drawing from it carries."""
    s = sequence
    parts = [s.counter, s.start, s.increment, s.minimum, s.maximum, s.cycle, s.schema, s.name]
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)


@functools.lru_cache(4096)
def decoded(text: str) -> Sequence:
    """The sequence of `encoded`, without type and owner."""
    counter, start, increment, minimum, maximum, cycle, schema, name = json.loads(text)
    return Sequence(
        name, schema, counter=counter, start=start, increment=increment, minimum=minimum, maximum=maximum, cycle=cycle
    )


def drawing(sequence: Sequence) -> str:
    """`nextval` of the sequence as DuckDB runs it, in defaults too."""
    return f"pg_nextval({literal(encoded(sequence))}, current_connection_id())"


def drawn_from(text: str | None) -> list[Sequence]:
    """The sequences that a default or a view names, as the engine keeps its text."""
    return [_named(match) for match in _CALL.finditer(text or "")]


def shown(text: str) -> str:
    """A default or an expression of the engine's as PostgreSQL shows it: `nextval('e_id_seq'::regclass)`."""
    if "current_connection_id" not in text:
        return text
    named = _CALL.sub(lambda match: f"{match['function']}({literal(spelled(_named(match)))}::regclass", text)
    return _COERCED.sub(r"\1", _SESSION.sub("", named).replace("pg_lastval(", "lastval("))


def _named(match: re.Match[str]) -> Sequence:
    return decoded(match["text"].replace("''", "'"))


def spelled(sequence: Sequence) -> str:
    """The sequence's name as `regclass` prints it."""
    parts = [sequence.name] if sequence.schema == "public" else [sequence.schema, sequence.name]
    return ".".join(part if _PLAIN.fullmatch(part) else quoted(part) for part in parts)


class SequenceRefusal(ValueError):  # noqa: N818 - DuckDB passes on its text only
    """What PostgreSQL refuses: `[SQLSTATE] message`."""

    def __init__(self, sqlstate: str, message: str) -> None:
        super().__init__(f"[{sqlstate}] {message}")


@dataclass(slots=True)
class Drawn:
    """What one session (a request, a batch) has drawn, for `currval` and `lastval`."""

    numbers: dict[str, int] = field(default_factory=dict)
    last: int | None = None


@dataclass(slots=True)
class _Counter:
    """`next` is handed out next; numbers before `reserved` may be, without asking the store."""

    next: int
    reserved: int
    block: int = _SMALL
    lock: threading.Lock = field(default_factory=threading.Lock)


class Sequences:
    """The counters of one database, from any thread.

    Every number is recorded as used before it is handed out, so a crash leaves gaps and never repeats one.  `close`
    records the exact places, so that a clean restart leaves no gap.
    """

    def __init__(self, counters: Counters, database: str) -> None:
        self._store, self._database = counters, database
        self._lock = threading.Lock()
        self._counters: dict[str, _Counter] = {}
        self._numbers: weakref.WeakKeyDictionary[duckdb.DuckDBPyConnection, int] = weakref.WeakKeyDictionary()
        self._sessions: dict[int, Drawn] = {}

    def take(self, sequence: Sequence, count: int) -> list[range]:
        """The next `count` numbers.  Past the end: from the other end with CYCLE, else 2200H."""
        counter = self._counter(sequence)
        pieces = []
        with counter.lock:
            while count > 0:
                left = _left(sequence, counter.next)
                if left == 0:
                    _refuse_end(sequence)
                    other_end = sequence.minimum if sequence.increment > 0 else sequence.maximum
                    counter.next = counter.reserved = other_end
                    continue
                taken = min(count, left)
                piece = range(counter.next, counter.next + taken * sequence.increment, sequence.increment)
                self._reserve(sequence, counter, piece.stop, taken, left)
                counter.next = piece.stop
                pieces.append(piece)
                count -= taken
        return pieces

    def upcoming(self, sequence: Sequence) -> int:
        """The number that would be drawn next, past the end for a sequence that has reached it."""
        counter = self._counter(sequence)
        with counter.lock:
            return counter.next

    def put(self, sequence: Sequence, upcoming: int) -> None:
        """Let the sequence go on at a number, in all branches: `setval` and RESTART.  Durable, never rolled back."""
        counter = self._counter(sequence)
        with counter.lock:
            self._put(sequence, counter, upcoming)

    def raise_to(self, sequence: Sequence, upcoming: int) -> None:
        """As `put`, but never back: for a merge of two sequences that were made independently under one name."""
        counter = self._counter(sequence)
        with counter.lock:
            if _is_past(sequence, upcoming, counter.next):
                self._put(sequence, counter, upcoming)

    def drawn(self, connection: int) -> Drawn:
        """What the session on a DuckDB connection has drawn; nobody keeps it where none was begun."""
        return self._sessions.get(connection) or Drawn()

    @contextlib.contextmanager
    def session(self, cursor: duckdb.DuckDBPyConnection, drawn: Drawn) -> Iterator[None]:
        """Note what the cursor draws under `drawn`, and answer `currval` from it."""
        number = self._numbers.get(cursor)
        if number is None:
            ((number,),) = cursor.execute("SELECT current_connection_id()").fetchall()
            self._numbers[cursor] = number
        self._sessions[number] = drawn
        try:
            yield
        finally:
            self._sessions.pop(number, None)

    def close(self) -> None:
        """Record the exact places.  What draws afterwards reserves anew."""
        with self._lock:
            counters = list(self._counters.items())
        for name, counter in counters:
            with counter.lock:
                if counter.next != counter.reserved:
                    # A store that is closed already keeps the reservations: a gap, as after a crash.
                    with contextlib.suppress(StoreError):
                        self._store.reserve(self._database, name, counter.next)
                    counter.reserved = counter.next

    def _counter(self, sequence: Sequence) -> _Counter:
        with self._lock:
            known = self._counters.get(sequence.counter)
            if known is None:
                recorded = self._store.next(self._database, sequence.counter)
                first = sequence.start if recorded is None else recorded
                known = self._counters[sequence.counter] = _Counter(first, first)
            return known

    def _reserve(self, sequence: Sequence, counter: _Counter, stop: int, taken: int, left: int) -> None:
        if not _is_past(sequence, stop, counter.reserved):
            return
        counter.block = min(counter.block * 4, _LARGE) if taken >= _BULK else _SMALL
        reserved = counter.next + min(max(taken, counter.block), left) * sequence.increment
        self._store.reserve(self._database, sequence.counter, reserved)
        counter.reserved = reserved

    def _put(self, sequence: Sequence, counter: _Counter, upcoming: int) -> None:
        self._store.reserve(self._database, sequence.counter, upcoming)
        counter.next = counter.reserved = upcoming


def _is_past(sequence: Sequence, number: int, other: int) -> bool:
    """Whether the sequence comes to `number` after `other`."""
    return number > other if sequence.increment > 0 else number < other


def _left(sequence: Sequence, upcoming: int) -> int:
    """How many numbers there are from this one to the end."""
    end = sequence.maximum if sequence.increment > 0 else sequence.minimum
    return max(0, (end - upcoming) // sequence.increment + 1)


def _refuse_end(sequence: Sequence) -> None:
    if not sequence.cycle:
        which, end = ("maximum", sequence.maximum) if sequence.increment > 0 else ("minimum", sequence.minimum)
        raise SequenceRefusal("2200H", f'nextval: reached {which} value of sequence "{sequence.name}" ({end})')
