"""What a request carries: the way to the database, and what it loads of it, many rows at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from . import database, rows
from .tables import Relation


class Context(dict[str, Any]):
    """One per request.  The client waits; so what asks it runs in a thread."""

    def __init__(self, request: Any) -> None:
        super().__init__(request=request)
        self._waiting: dict[Relation, dict[tuple[Any, ...], asyncio.Future[list[rows.Row]]]] = {}

    async def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function of `rows` with the session."""
        return await asyncio.to_thread(function, database.session(), *arguments)

    async def related(self, relation: Relation, row: rows.Row) -> list[rows.Row]:
        """The rows that a relation leads to.  All that ask at the same time are answered by one query."""
        values = tuple(row[name] for name in relation.columns)
        loop = asyncio.get_running_loop()
        waiting = self._waiting.setdefault(relation, {})
        if not waiting:
            loop.call_soon(lambda: asyncio.ensure_future(self._load(relation)))
        if values not in waiting:
            waiting[values] = loop.create_future()
        return await waiting[values]

    async def _load(self, relation: Relation) -> None:
        waiting = self._waiting.pop(relation)
        try:
            found = await self.ask(rows.related, relation, list(waiting))
        except Exception as error:
            for future in waiting.values():
                future.set_exception(error)
            return
        grouped: dict[tuple[Any, ...], list[rows.Row]] = {}
        for row in found:
            grouped.setdefault(tuple(row[name] for name in relation.target_columns), []).append(row)
        for values, future in waiting.items():
            future.set_result(grouped.get(values, []))
