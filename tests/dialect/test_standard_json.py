"""JSON_OBJECT, JSON_ARRAY, JSON_EXISTS, JSON_VALUE and JSON_QUERY of the standard, as PostgreSQL 18 answers."""

from __future__ import annotations

import pytest

import helios_magic
from tests.dialect.refusing import refused


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as opened:
        yield opened


DOCUMENT = """'{"a": [1, 2], "b": "x", "c": true, "d": {"e": 1.50}, "f": null}'"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("JSON_OBJECT('a': 1, 'b' VALUE 'x', 'c': NULL)::text", '{"a" : 1, "b" : "x", "c" : null}'),
        ("JSON_OBJECT()::text", "{}"),
        ("JSON_OBJECT('{a,1}')::text", '{"a" : "1"}'),
        ("JSON_ARRAY(1, NULL, 'x', true)::text", '[1, "x", true]'),
        ("JSON_ARRAY()::text", "[]"),
        (f"JSON_EXISTS({DOCUMENT}, '$.a[*] ? (@ > 1)')", True),
        (f"JSON_EXISTS({DOCUMENT}, 'strict $.nope')", False),
        ("JSON_EXISTS(NULL, '$.a')", None),
        (f"JSON_VALUE({DOCUMENT}, '$.b')", "x"),
        (f"JSON_VALUE({DOCUMENT}, '$.c')", "t"),
        (f"JSON_VALUE({DOCUMENT}, '$.d.e')", "1.50"),
        (f"JSON_VALUE({DOCUMENT}, '$.d')", None),
        (f"JSON_VALUE({DOCUMENT}, '$.a[*]')", None),
        (f"JSON_VALUE({DOCUMENT}, '$.f')", None),
        (f"JSON_QUERY({DOCUMENT}, '$.a')::text", "[1, 2]"),
        (f"JSON_QUERY({DOCUMENT}, '$.b')::text", '"x"'),
        (f"JSON_QUERY({DOCUMENT}, '$.a[*]')::text", None),
    ],
)
def test_as_postgresql_answers(session, expression, value):
    (row,) = session.run(f"SELECT {expression} AS x").to_arrow().to_pylist()
    assert row["x"] == value


@pytest.mark.parametrize(
    ("expression", "sqlstate"),
    [
        ("upper('a': 'b')", "42601"),
        ("JSON_OBJECT('a': 1, 2)", "42601"),
        ("JSON_ARRAY(SELECT 1)", "0A000"),
        ("JSON_OBJECTAGG('a': 1)", "0A000"),
        ("JSON_VALUE('{}', '$.a' DEFAULT 'x' ON EMPTY)", "0A000"),
    ],
)
def test_what_is_no_answer(session, expression, sqlstate):
    with refused(sqlstate):
        session.run(f"SELECT {expression}")
