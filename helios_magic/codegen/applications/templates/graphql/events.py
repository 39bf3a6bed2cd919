"""Changes that this process makes, told to those who listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from .tables import Table

_LISTENERS: dict[str, set[asyncio.Queue[dict[str, Any]]]] = {}
#: Who does not keep up loses the oldest.
_MOST_WAITING = 1000


def tell(table: Table, kind: str, row: dict[str, Any]) -> None:
    """Tell a change to everyone who listens to the table."""
    for queue in _LISTENERS.get(table.name, ()):
        if queue.full():
            queue.get_nowait()
        queue.put_nowait({"kind": kind, "row": row})


async def changes(table: Table) -> AsyncIterator[dict[str, Any]]:
    """Every change of the table from now on."""
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_MOST_WAITING)
    _LISTENERS.setdefault(table.name, set()).add(queue)
    try:
        while True:
            yield await queue.get()
    finally:
        _LISTENERS[table.name].discard(queue)
