"""Pages of rows, as Relay's connections: filters, an order, and cursors that say how far one has come."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from graphql import GraphQLError

from . import rows
from .context import Context
from .tables import Table

MOST_ROWS = 1000


async def connection(
    context: Context,
    table: Table,
    columns: dict[str, str],
    first: int = 100,
    after: str | None = None,
    filter: dict[str, Any] | None = None,  # noqa: A002 - the schema's name
    orderBy: list[str] | None = None,  # noqa: N803 - the schema's name
) -> dict[str, Any]:
    """The first rows after a cursor.  `columns` maps fields to columns."""
    if not 0 <= first <= MOST_ROWS:
        raise GraphQLError(f"“first” is {first}; a page has 0 to {MOST_ROWS} rows.")
    offset = 0 if after is None else _place(after)
    where = list(_conditions(columns, filter or {}))
    order = [_order(columns, each) for each in orderBy or ()]
    found = await context.ask(rows.select, table, where, order, first + 1, offset)
    nodes = found[:first]
    edges = [{"cursor": _cursor(offset + place), "node": node} for place, node in enumerate(nodes, 1)]
    return {
        "edges": edges,
        "nodes": nodes,
        "totalCount": lambda *_: context.ask(rows.count, table, where),
        "pageInfo": {
            "hasNextPage": len(found) > first,
            "hasPreviousPage": offset > 0,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _conditions(columns: dict[str, str], given: dict[str, Any]) -> Any:
    for name, asked in given.items():
        for operator, value in (asked or {}).items():
            if value is not None:
                yield rows.Condition(columns[name], "null" if operator == "isNull" else operator, value)


def _order(columns: dict[str, str], each: str) -> str:
    name, _, direction = each.rpartition("_")
    return ("-" if direction == "DESC" else "") + columns[name]


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"row:{place}".encode()).decode()


def _place(cursor: str) -> int:
    try:
        word, _, number = base64.urlsafe_b64decode(cursor).decode().partition(":")
        place = int(number) if word == "row" else -1
    except (ValueError, binascii.Error):
        place = -1
    if not 0 <= place < 2**31:
        raise GraphQLError(f"“{cursor}” is no cursor of a page.")
    return place
