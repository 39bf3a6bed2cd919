"""Prepared statements, kept by text and schema version."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from helios_magic.engine.dialect import Prepared, prepare
from helios_magic.engine.links import Touched, touched
from helios_magic.schema import Schema

_LONGEST_KEPT = 32_768


@dataclass(frozen=True, slots=True)
class Planned:
    """A prepared statement and the foreign keys it may break."""

    prepared: Prepared
    touched: Touched | None

    @property
    def writes(self) -> bool:
        return self.prepared.kind not in ("select", "show") or bool(self.prepared.writes)


def plan(query: str, schema: Schema) -> Planned:
    prepared = prepare(query, schema)
    return Planned(prepared, touched(prepared, schema))


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
