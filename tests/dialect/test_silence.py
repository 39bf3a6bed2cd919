"""Nothing that a statement says is passed over: found by comparing with PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import helios_magic
from helios_magic.errors import QueryError


@pytest.fixture(scope="module")
def queries() -> Iterator[helios_magic.Session]:
    """A session in which tests only ask."""
    with helios_magic.connect(":memory:") as session:
        yield session


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("'abc' NOT LIKE 'a%'", False),
        ("'abc' NOT ILIKE 'B%'", True),
        ("'a%c' NOT LIKE 'a!%c' ESCAPE '!'", False),
        ("1 = ANY (NULL::int[])", None),
        ("1 <> ALL (NULL::int[])", None),
        ("1 = ANY ('{2,NULL}'::int[])", None),
        ("upper('a') IN ('A', 'B')", True),
        ("(CASE WHEN true THEN 1 END) IN (2, 1.5)", False),
        ("(SELECT string_agg(x, '' ORDER BY x DESC NULLS LAST) FROM unnest('{1,NULL,2}'::text[]) u(x))", "21"),
        ("json_build_object('a', 1, 'b\"', json_build_object('c', NULL))::text", '{"a" : 1, "b\\"" : {"c" : null}}'),
        ("json_build_array(1, 'a', NULL)::text || json_build_array()::text", '[1, "a", null][]'),
        ("json_build_object()::text", "{}"),
        ("jsonb_build_object('a', 1, 'b', '{2}'::int[])::text", '{"a": 1, "b": [2]}'),
        ("pg_typeof(nullif(1, 2.5))::text", "numeric"),
        ("pg_typeof(nullif(1::int, 2::bigint))::text", "integer"),
        ("pg_typeof(nullif(1.5, 2.5::float8))::text", "double precision"),
        ("date_trunc('month', date '2024-01-03') = timestamptz '2024-01-01 00:00+00'", True),
        ("pg_typeof(date_trunc('month', date '2024-01-03'))::text", "timestamp with time zone"),
    ],
)
def test_as_postgresql(queries: helios_magic.Session, expression: str, answer: object) -> None:
    table = queries.run(f"SELECT {expression} AS answer").to_arrow()
    assert table is not None
    assert table.to_pylist() == [{"answer": answer}]


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        ("x", [1, 2, None]),
        ("x DESC", [None, 2, 1]),
        ("x NULLS FIRST", [None, 1, 2]),
        ("x DESC NULLS LAST", [2, 1, None]),
        ("1 DESC NULLS LAST LIMIT 3", [2, 1, None]),
    ],
)
def test_nulls_stand_where_postgresql_puts_them(
    queries: helios_magic.Session, order: str, answer: list[object]
) -> None:
    for distinct in ("", "DISTINCT "):
        query = f"SELECT {distinct}x FROM (VALUES (1), (NULL), (2)) v(x) ORDER BY {order}"
        table = queries.run(query).to_arrow()
        assert table is not None
        assert table.column(0).to_pylist() == answer


def test_a_date_has_no_hour(queries: helios_magic.Session) -> None:
    with pytest.raises(helios_magic.HeliosError, match='unit "hour"'):
        queries.run("SELECT extract(hour FROM date '2024-01-03')")


def test_two_new_rows_with_one_key_are_refused() -> None:
    with helios_magic.connect(":memory:") as session:
        session.run("CREATE TABLE t (id int PRIMARY KEY, s text)")
        upsert = "INSERT INTO t VALUES (1, 'a'), ({}, 'b') ON CONFLICT (id) DO UPDATE SET s = t.s || excluded.s"
        assert session.run(upsert.format(2)).affected_rows == 2
        assert session.run(upsert.format(2)).affected_rows == 2
        with pytest.raises(QueryError) as refused:
            session.run(upsert.format(1))
        assert refused.value.sqlstate == "21000"
        rows = session.run("SELECT * FROM t ORDER BY id").to_arrow()
        assert rows is not None
        assert rows.to_pylist() == [{"id": 1, "s": "aa"}, {"id": 2, "s": "bb"}]


@pytest.mark.parametrize(
    ("query", "params"), [("SELECT 1\0", []), ("SELECT 'a\0b'", []), ("SELECT $1::text", ["a\0b"])]
)
def test_text_holds_no_nul(queries: helios_magic.Session, query: str, params: list[str]) -> None:
    with pytest.raises(QueryError) as refused:
        queries.run(query, params)
    assert refused.value.sqlstate == "22021"


def test_a_json_key_is_not_null(queries: helios_magic.Session) -> None:
    with pytest.raises(QueryError) as refused:
        queries.run("SELECT json_build_object(NULL::text, 1)")
    assert refused.value.sqlstate == "22004"
