"""Prepared statements, kept by text and schema version."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from helios_magic.engine import rowwise
from helios_magic.engine.dialect import Prepared, prepare
from helios_magic.engine.links import Touched, links, touched
from helios_magic.engine.vectors.ordered import Ordered, ordered
from helios_magic.engine.vectors.origins import Origin, origins
from helios_magic.schema import Schema

if TYPE_CHECKING:
    import duckdb

_LONGEST_KEPT = 32_768
_CHANGES_BY_ITSELF = re.compile(
    r"random|uuid|(?:next|curr|last|set)val|now|current|clock|time\w*\s*\(|today|sleep", re.I
)
"""What may stand for a call that answers, or takes, something else each time; finding too much does no harm."""
_LONGEST_PARSED = 4096
"""DuckDB's trees take many times the room of their text."""


@dataclass(slots=True)
class Planned:
    """A prepared statement, the foreign keys it may break, and how its result can be fetched."""

    prepared: Prepared
    touched: Touched | None
    written: frozenset[str] = frozenset()
    """The tables that it may change, through foreign keys too, as `schema.table`."""
    rowwise: bool = False
    """Whether its rows, if they are few, can be fetched one by one."""
    plain_rows: bool = False
    """Whether its rows, if they are few, can be answered as Python values."""
    nearest: Ordered | None = None
    """What a statement that orders by a distance asks for."""
    origins: tuple[Origin, ...] = ()
    """What it says of the vectors that it writes."""
    runs: int = field(default=0, init=False)
    """How often it was run so far, where that is asked."""
    _parsed: duckdb.Statement | None = field(default=None, init=False)
    _steady: bool | None = field(default=None, init=False)

    @property
    def writes(self) -> bool:
        return self.prepared.kind not in ("select", "show") or bool(self.prepared.writes)

    @property
    def plain(self) -> bool:
        """Whether the count of affected rows tells all that it changed."""
        prepared = self.prepared
        single = len(prepared.writes) == 1 and len(prepared.steps) == 1
        return single and prepared.kind in ("insert", "update", "delete", "merge")

    @property
    def steady(self) -> bool:
        """Whether it does the same each time, as long as nobody writes; one that reads freely may read a view."""
        if self._steady is None:
            known = not self.writes and self.prepared.reading != "freely"
            self._steady = known and not any(map(_CHANGES_BY_ITSELF.search, self.prepared.steps))
        return self._steady

    def last_step(self, cursor: duckdb.DuckDBPyConnection) -> duckdb.Statement | str:
        """The last step as DuckDB runs it, parsed once."""
        text = self.prepared.steps[-1]
        if len(text) > _LONGEST_PARSED:
            return text
        if self._parsed is None:
            (self._parsed,) = cursor.extract_statements(text)
        return self._parsed


def plan(query: str, schema: Schema, check: Callable[[], None]) -> Planned:
    prepared = prepare(query, schema, check)
    broken = touched(prepared, schema)
    written = _written(prepared, broken, schema)
    asked = ordered(query) if prepared.kind == "select" and not prepared.writes else None
    said = origins(query) if prepared.kind != "select" and _has_vectors(query, schema) else ()
    return Planned(prepared, broken, written, rowwise.faithful(prepared), rowwise.plain(prepared), asked, said)


def _has_vectors(query: str, schema: Schema) -> bool:
    return "helios_embed" in query.lower() or any(
        column.type.startswith("vector(") for table in schema.tables for column in table.columns
    )


def differing(before: Schema, after: Schema) -> set[str]:
    """The tables and views that are not the same in two structures."""
    old = {table.full_name: table for table in before.tables}
    new = {table.full_name: table for table in after.tables}
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def reached(schema: Schema, tables: set[str]) -> set[str]:
    """The tables, and those that cascades from them may change."""
    known = [link for link in links(schema) if link.acts]
    found = set(tables)
    while more := {link.child_label for link in known if link.parent_label in found} - found:
        found |= more
    return found


def _written(prepared: Prepared, broken: Touched | None, schema: Schema) -> frozenset[str]:
    named = {f"{name.schema}.{name.name}" for name in prepared.writes}
    return frozenset(reached(schema, named) if broken is not None and broken.removed else named)


class Plans:
    """An LRU of plans; the key's version is new for every change of a branch's structure."""

    def __init__(self, size: int = 1024) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str], Planned] = OrderedDict()

    def get(self, version: int, query: str, schema: Schema, check: Callable[[], None]) -> Planned:
        key = (version, query)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = plan(query, schema, check)
        # What a statement makes has an identity of its own: no two runs may share it.
        if len(query) <= _LONGEST_KEPT and made.prepared.kind != "ddl":
            with self._lock:
                self._kept[key] = made
                if len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
