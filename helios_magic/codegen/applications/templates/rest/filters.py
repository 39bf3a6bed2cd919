"""The query parameters of a list: filters by column, order, page.

`?status=paid`, `?total[gte]=10`, `?status[in]=paid&status[in]=new`, `?name[like]=A%`, `?note[null]=true`;
`?order=-created_at&order=id`, `?limit=20&offset=40`, `?expand=user`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from helios_magic import Session

from . import rows
from .tables import Column, Table
from .values import (
    Date,
    Int2Value,
    Int4Value,
    Int8Value,
    Text,
    Time,
    Timestamp,
    TimestampTz,
    Uuid,
    numeric,
)

MOST_ROWS = 1000
_TYPES: dict[str, Any] = {
    "bool": bool, "int2": Int2Value, "int4": Int4Value, "int8": Int8Value, "numeric": numeric(), "float4": float,
    "float8": float, "text": Text, "enum": Text, "uuid": Uuid, "date": Date, "time": Time, "timestamp": Timestamp,
    "timestamptz": TimestampTz,
}  # fmt: skip
_EQUAL, _ORDERED = ("eq", "ne", "in"), ("lt", "lte", "gt", "gte")
_OPERATORS = {"bool": _EQUAL, "uuid": _EQUAL, "enum": _EQUAL, "text": (*_EQUAL, *_ORDERED, "like")}


class ListQuery(BaseModel):
    """What every list takes."""

    model_config = ConfigDict(extra="forbid")

    limit_: Annotated[int, Field(alias="limit", ge=1, le=MOST_ROWS)] = 100
    offset_: Annotated[int, Field(alias="offset", ge=0, le=2**31 - 1)] = 0


def query_model(name: str, table: Table, enums: dict[str, Any] | None = None) -> type[ListQuery]:
    """The parameters of a table's list; a column called as one of the list's own is asked for as `limit[eq]`."""
    fields: dict[str, Any] = {}
    taken = {"limit", "offset", "order", "expand"}
    for place, column in enumerate(table.columns):
        for operator in _operators(column):
            plain = operator == "eq" and column.name not in taken
            alias = column.name if plain else f"{column.name}[{operator}]"
            kind = (enums or {}).get(column.name) or _TYPES.get(column.kind, Text)
            value: Any = bool if operator == "null" else Text if operator == "like" else kind
            value = list[value] if operator == "in" else value
            fields[f"c{place}_{operator}"] = (Annotated[value | None, Field(alias=alias)], None)
    sortable = [column.name for column in table.columns if column.kind not in ("json", "array", "vector")]
    if sortable:
        choices = Literal[tuple(sortable + [f"-{column}" for column in sortable])]  # type: ignore[valid-type]
        fields["order_"] = (Annotated[list[choices], Field(alias="order")], [])
    if table.relations:
        fields["expand_"] = (Annotated[list[relation_names(table)], Field(alias="expand")], [])  # type: ignore[misc]
    return create_model(name, __base__=ListQuery, **fields)


def relation_names(table: Table) -> Any:
    """The relations that a row may be expanded by."""
    return Literal[tuple(relation.name for relation in table.relations)]


def page(session: Session, table: Table, query: ListQuery) -> dict[str, Any]:
    """The rows of one page, and how many there are of all pages."""
    given = query.model_dump(exclude_unset=True)
    where = []
    for place, column in enumerate(table.columns):
        for operator in _operators(column):
            value = given.get(f"c{place}_{operator}")
            if value is not None:
                where.append(rows.Condition(column.name, operator, value))
    listed = rows.select(session, table, where, given.get("order_", ()), query.limit_, query.offset_)
    expand(session, table, listed, given.get("expand_", ()))
    return {
        "items": listed,
        "total": rows.count(session, table, where),
        "limit": query.limit_,
        "offset": query.offset_,
    }


def expand(session: Session, table: Table, listed: list[rows.Row], names: Any) -> None:
    """Put related rows into the rows."""
    for name in dict.fromkeys(names):
        rows.expand(session, listed, table.relation(name))


def _operators(column: Column) -> tuple[str, ...]:
    """What a column can be asked; bytes, documents, arrays and vectors only whether they are there."""
    if column.kind in ("bytea", "json", "array", "vector", "interval"):
        found: tuple[str, ...] = ()
    else:
        found = _OPERATORS.get(column.kind, (*_EQUAL, *_ORDERED))
    return (*found, "null") if column.nullable else found
