"""JSON made of Python values and JSON made of Arrow columns are the same text for the same rows."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helios_magic.engine.face import Limits, Statement, Values
from helios_magic.models.seam import ARROW_STREAM, JSON
from tests.emulator.calling import Api

TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8)
#: PostgreSQL type → literals' values.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(),
    "int2": st.integers(-(2**15), 2**15 - 1),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1) | st.sampled_from([2**53, 2**53 + 1, -(2**53), -(2**53) - 1]),
    "float8": st.floats() | st.sampled_from([-0.0, 1e300, 5e-324, math.nan, math.inf, -math.inf]),
    "text": TEXTS,
    "varchar(9)": TEXTS,
    "uuid": st.uuids().map(str),
    "timestamp": st.datetimes().filter(lambda at: at.year > 1).map(str),
    "date": st.dates(min_value=dt.date(1, 1, 2)).map(str),
    "jsonb": st.dictionaries(st.sampled_from("ab"), st.integers() | TEXTS, max_size=2).map(json.dumps),
}


def rows_of(api: Api, query: str, params: list[Any], accept: str) -> str:
    """The rows as the answer's text has them; with Arrow accepted, the JSON that would have been its other form."""
    reply = api.reply(
        "POST", "/sql", {"query": query, "params": params}, database="default", headers={"accept": accept}
    )
    assert reply.status == 200, reply.json()
    return reply.json().decode().partition('"rows":')[2].partition(',"row_count"')[0]


def values_of(api: Api, query: str, params: list[Any]) -> Values | None:
    record = api.local.store.databases.named("default")
    assert record is not None
    return api.local.engine.execute(record.id, "main", Statement(query, params, as_values=True), Limits()).values


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_both_ways_make_the_same_text(shared: Api, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=5))
    rows = data.draw(st.lists(st.tuples(*(st.none() | VALUES[name] for name in names)), min_size=1, max_size=4))
    number = iter(range(1, 100))
    lines = [", ".join(f"${next(number)}::text::{name}" for name in names) for _ in rows]
    params = [None if value is None else str(value) for row in rows for value in row]
    query = f"SELECT * FROM (VALUES {', '.join(f'({line})' for line in lines)}) AS t LIMIT 100"
    assert values_of(shared, query, params) is not None
    assert rows_of(shared, query, params, JSON) == rows_of(shared, query, params, ARROW_STREAM)


@pytest.mark.parametrize(
    ("selected", "shown"),
    [
        ("TIMESTAMP '9999-12-31 23:59:59.999999'", '[["9999-12-31T23:59:59.999999"]]'),
        ("TIMESTAMP '0001-01-01'", '[["0001-01-01T00:00:00"]]'),
        ("DATE '9999-12-31'", '[["9999-12-31"]]'),
        ("DATE '9999-12-31' + 1", '[["10000-01-01"]]'),
        ("NULL::date", "[[null]]"),
    ],
)
def test_the_ends_of_the_calendar(shared: Api, selected: str, shown: str) -> None:
    query = f"SELECT {selected} AS v LIMIT 1"
    assert rows_of(shared, query, [], JSON) == rows_of(shared, query, [], ARROW_STREAM) == shown


@pytest.mark.parametrize("selected", ["TIMESTAMP 'infinity'", "DATE '-infinity'"])
def test_infinite_dates_are_refused_either_way(shared: Api, selected: str) -> None:
    for accept in (JSON, ARROW_STREAM):
        body = {"query": f"SELECT {selected} AS v LIMIT 1"}
        answered = shared("POST", "/sql", body, database="default", headers={"accept": accept})
        assert answered.code == (400, "QUERY_ERROR")
