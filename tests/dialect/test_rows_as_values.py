"""Rows as values: ROW(…), a table's row and what takes them, as PostgreSQL 18 answers."""

from __future__ import annotations

import pytest

import helios_magic
from tests.dialect.refusing import refused


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as opened:
        opened.run("CREATE TABLE u (id int PRIMARY KEY, name text)")
        opened.run("INSERT INTO u VALUES (1, 'Ann'), (2, NULL)")
        yield opened


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("to_jsonb(ROW(1, 'x', NULL))::text", '{"f1": 1, "f2": "x", "f3": null}'),
        ("row_to_json((1, ROW(2, 'x')))::text", '{"f1":1,"f2":{"f1":2,"f2":"x"}}'),
        ("row_to_json(ROW(1, 'a'), true)::text", '{"f1":1,\n "f2":"a"}'),
        ("row_to_json(ROW())::text", "{}"),
        ("json_build_array((1, 2))::text", '[{"f1":1,"f2":2}]'),
        ("(SELECT jsonb_agg(u.* ORDER BY id)::text FROM u)", '[{"id": 1, "name": "Ann"}, {"id": 2, "name": null}]'),
        ("(SELECT row_to_json(ROW(u.*, 7))::text FROM u WHERE id = 1)", '{"f1":1,"f2":"Ann","f3":7}'),
        ("(SELECT count(DISTINCT (name, 1)) FROM u)", 2),
        ("(SELECT count(ROW(name)) FROM u)", 2),
        ("(SELECT count(r) FROM u LEFT JOIN u AS r ON r.id = u.id + 1)", 1),
    ],
)
def test_a_row_is_a_value_for_json_and_count(session, expression, value):
    (row,) = session.run(f"SELECT {expression} AS x").to_arrow().to_pylist()
    assert row["x"] == value


@pytest.mark.parametrize(
    ("query", "sqlstate"),
    [
        ("SELECT row_number() OVER (ORDER BY u DESC) FROM u", "0A000"),
        ("SELECT num_nulls(u) FROM u", "0A000"),
        ("SELECT pg_typeof(u) FROM u", "0A000"),
        ("SELECT ROW(1, 2)", "0A000"),
        ("SELECT to_jsonb(x.*) FROM u", "42P01"),
        ("SELECT jsonb_agg(id ORDER BY id) OVER () FROM u", "0A000"),
    ],
)
def test_elsewhere_a_row_is_refused(session, query, sqlstate):
    with refused(sqlstate):
        session.run(query)
