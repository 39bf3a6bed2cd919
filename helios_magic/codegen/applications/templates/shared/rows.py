"""Rows of any table: SQL is built of quoted names, values are always bound."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helios_magic import Session

from .tables import TABLES, Column, Relation, Table

Row = dict[str, Any]
OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "like": "LIKE"}


@dataclass(frozen=True)
class Condition:
    """`operator` is one of OPERATORS, `in` (the value is a list) or `null` (the value says whether)."""

    column: str
    operator: str
    value: Any


class Parameters:
    """Values for $1, $2, …"""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def bind(self, column: Column, value: Any) -> str:
        """The placeholder of a value, as the column's type."""
        if column.kind == "json" and value is not None:
            value = json.dumps(value)
        self.values.append(_interval_in_words(value) if column.type.startswith("interval") else value)
        return f"${len(self.values)}::{column.type}"


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def find(session: Session, table: Table, key: Sequence[Any]) -> Row | None:
    """The row with this key, or None."""
    rows = select(session, table, by_key(table, key))
    return rows[0] if rows else None


def by_key(table: Table, key: Sequence[Any]) -> list[Condition]:
    return [Condition(name, "eq", value) for name, value in zip(table.key, key, strict=True)]


def select(
    session: Session,
    table: Table,
    where: Iterable[Condition] = (),
    order: Iterable[str] = (),
    limit: int | None = None,
    offset: int = 0,
) -> list[Row]:
    """Rows in an order (`-name` is descending), by the key where it leaves a choice: pages do not overlap."""
    parameters = Parameters()
    columns = ", ".join(quote(column.name) for column in table.columns)
    query = f"SELECT {columns} FROM {table.name}{_where(table, where, parameters)}"
    listed = list(order)
    listed += [name for name in table.key if name not in {each.lstrip("-") for each in listed}]
    if listed:
        query += " ORDER BY " + ", ".join(_direction(table, each) for each in listed)
    if limit is not None:
        query += f" LIMIT {int(limit)} OFFSET {int(offset)}"
    return _rows(session, table, query, parameters)


def count(session: Session, table: Table, where: Iterable[Condition] = ()) -> int:
    parameters = Parameters()
    query = f"SELECT count(*) FROM {table.name}{_where(table, where, parameters)}"
    found = session.run(query, parameters.values).table
    assert found is not None
    return int(found.column(0)[0].as_py())


def insert(session: Session, table: Table, values: Mapping[str, Any]) -> Row:
    """The new row, with what the database added to it."""
    parameters = Parameters()
    names = ", ".join(quote(name) for name in values)
    bound = ", ".join(parameters.bind(table.column(name), value) for name, value in values.items())
    what = f"({names}) VALUES ({bound})" if values else "DEFAULT VALUES"
    return _rows(session, table, f"INSERT INTO {table.name} {what} RETURNING {_all(table)}", parameters)[0]


def update(session: Session, table: Table, key: Sequence[Any], values: Mapping[str, Any]) -> Row | None:
    """The row as it is now, or None where there is none."""
    if not values:
        return find(session, table, key)
    parameters = Parameters()
    changes = ", ".join(
        f"{quote(name)} = {parameters.bind(table.column(name), value)}" for name, value in values.items()
    )
    where = _where(table, by_key(table, key), parameters)
    rows = _rows(session, table, f"UPDATE {table.name} SET {changes}{where} RETURNING {_all(table)}", parameters)
    return rows[0] if rows else None


def delete(session: Session, table: Table, key: Sequence[Any]) -> Row | None:
    """The row that was, or None where there was none."""
    parameters = Parameters()
    where = _where(table, by_key(table, key), parameters)
    rows = _rows(session, table, f"DELETE FROM {table.name}{where} RETURNING {_all(table)}", parameters)
    return rows[0] if rows else None


def expand(session: Session, rows: Sequence[Row], relation: Relation) -> None:
    """Put the related rows into each row, under the relation's name: one query for all of them."""
    wanted = [tuple(row[name] for name in relation.columns) for row in rows]
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in related(session, relation, wanted):
        found.setdefault(tuple(row[name] for name in relation.target_columns), []).append(row)
    for row, values in zip(rows, wanted, strict=True):
        mine = found.get(values, [])
        row[relation.name] = mine if relation.many else (mine[0] if mine else None)


def related(session: Session, relation: Relation, wanted: Iterable[tuple[Any, ...]]) -> list[Row]:
    """The rows over there of all these values, in the order of their key."""
    target = TABLES[relation.target]
    asked = list(dict.fromkeys(values for values in wanted if None not in values))
    if not asked:
        return []
    parameters = Parameters()
    columns = [target.column(name) for name in relation.target_columns]
    either = " OR ".join(
        "("
        + " AND ".join(
            f"{quote(column.name)} = {parameters.bind(column, value)}"
            for column, value in zip(columns, values, strict=True)
        )
        + ")"
        for values in asked
    )
    order = "".join(f"{', ' if place else ' ORDER BY '}{quote(name)}" for place, name in enumerate(target.key))
    return _rows(session, target, f"SELECT {_all(target)} FROM {target.name} WHERE {either}{order}", parameters)


def _all(table: Table) -> str:
    return ", ".join(quote(column.name) for column in table.columns)


def _direction(table: Table, each: str) -> str:
    name = each.removeprefix("-")
    return f"{quote(table.column(name).name)} {'DESC' if each.startswith('-') else 'ASC'}"


def _where(table: Table, conditions: Iterable[Condition], parameters: Parameters) -> str:
    parts = []
    for each in conditions:
        column = table.column(each.column)
        if each.operator == "null":
            parts.append(f"{quote(column.name)} IS {'' if each.value else 'NOT '}NULL")
        elif each.operator == "in":
            listed = ", ".join(parameters.bind(column, value) for value in each.value)
            parts.append(f"{quote(column.name)} IN ({listed})" if listed else "FALSE")
        else:
            parts.append(f"{quote(column.name)} {OPERATORS[each.operator]} {parameters.bind(column, each.value)}")
    return " WHERE " + " AND ".join(parts) if parts else ""


def _rows(session: Session, table: Table, query: str, parameters: Parameters) -> list[Row]:
    found = session.run(query, parameters.values).table
    if found is None:
        return []
    names = [column.name for column in table.columns]
    columns = [
        [_value(column, value) for value in values.to_pylist()]
        for column, values in zip(table.columns, found.columns, strict=True)
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _value(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        return [_value(column, item) for item in value]
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if column.kind == "json" or column.type.startswith("json"):
        return json.loads(value)
    if column.type.startswith("interval"):
        return _iso_interval(value.months, value.days, value.nanoseconds)
    return value


_DURATION = re.compile(r"P(?P<date>[^T]*)(?:T(?P<time>.*))?")
_PART = re.compile(r"(-?[\d.]+)([A-Z])")
_UNITS = {"Y": "years", "M": "months", "W": "weeks", "D": "days"}
_TIME_UNITS = {"H": "hours", "M": "minutes", "S": "seconds"}


def _interval_in_words(value: Any) -> Any:
    """`P1DT2H` → `1 days 2 hours`, which every PostgreSQL reads; lists item by item."""
    if isinstance(value, list):
        return [_interval_in_words(item) for item in value]
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    words = [f"{number} {_UNITS[unit]}" for number, unit in _PART.findall(match["date"])]
    words += [f"{number} {_TIME_UNITS[unit]}" for number, unit in _PART.findall(match["time"] or "")]
    return " ".join(words) or "0 seconds"


def _iso_interval(months: int, days: int, nanoseconds: int) -> str:
    """`P1M2DT3.5S`: months, days and time are not told in each other."""
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    seconds, fraction = divmod(rest, 10**9)
    text = f"P{f'{months}M' if months else ''}{f'{days}D' if days else ''}"
    if rest:
        decimals = f".{fraction:09d}".rstrip("0") if fraction else ""
        text += f"T{sign}{seconds}{decimals}S"
    return text if len(text) > 1 else "PT0S"
