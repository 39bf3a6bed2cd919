"""Prepared statements, kept by text and schema version."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from helios_magic.engine import rowwise
from helios_magic.engine.dialect import Prepared, prepare
from helios_magic.engine.links import Touched, touched
from helios_magic.schema import Schema

if TYPE_CHECKING:
    import duckdb

_LONGEST_KEPT = 32_768


_LONGEST_PARSED = 4096
"""DuckDB's trees take many times the room of their text."""


@dataclass(slots=True)
class Planned:
    """A prepared statement, the foreign keys it may break, and how its result can be fetched."""

    prepared: Prepared
    touched: Touched | None
    rowwise: bool = False
    """Whether its rows, if they are few, can be fetched one by one."""
    _parsed: duckdb.Statement | None = field(default=None, init=False)

    @property
    def writes(self) -> bool:
        return self.prepared.kind not in ("select", "show") or bool(self.prepared.writes)

    def last_step(self, cursor: duckdb.DuckDBPyConnection) -> duckdb.Statement | str:
        """The last step as DuckDB runs it, parsed once."""
        text = self.prepared.steps[-1]
        if len(text) > _LONGEST_PARSED:
            return text
        if self._parsed is None:
            (self._parsed,) = cursor.extract_statements(text)
        return self._parsed


def plan(query: str, schema: Schema) -> Planned:
    prepared = prepare(query, schema)
    return Planned(prepared, touched(prepared, schema), rowwise.faithful(prepared))


class Plans:
    """An LRU of plans; the key's version is new for every change of a branch's structure."""

    def __init__(self, size: int = 1024) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str], Planned] = OrderedDict()

    def get(self, version: int, query: str, schema: Schema) -> Planned:
        key = (version, query)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = plan(query, schema)
        if len(query) <= _LONGEST_KEPT:
            with self._lock:
                self._kept[key] = made
                if len(self._kept) > self._size:
                    self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
