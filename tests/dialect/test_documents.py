"""Documents that are equal are one where rows are gathered; long conditions; what does not chain."""

from __future__ import annotations

import pytest

import helios_magic
from helios_magic.errors import QueryError


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as session:
        session.run("CREATE TABLE j (x jsonb, n int)")
        rows = """('{"a": 1.0}', 1), ('{"a": 1}', 2), ('{"b": 1}', 3), (NULL, 4), (NULL, 5)"""
        session.run(f"INSERT INTO j VALUES {rows}")
        session.run("CREATE TABLE o (a int, b text)")
        session.run("INSERT INTO o VALUES (1, 'x'), (NULL, 'y'), (7, NULL), (NULL, NULL)")
        yield session


def answer(session, query):
    return [tuple(row.values()) for row in session.run(query).table.to_pylist()]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT count(DISTINCT x) FROM j", [(2,)]),
        ("SELECT count(*), sum(n) FROM j GROUP BY x ORDER BY 2, 1", [(1, 3), (2, 3), (2, 9)]),
        ("SELECT count(*) FROM j GROUP BY ROLLUP (x) ORDER BY 1", [(1,), (2,), (2,), (5,)]),
        ("SELECT x IS NULL, count(*) FROM j GROUP BY x HAVING x = '{\"a\": 1.00}'", [(False, 2)]),
        ("SELECT count(*) FROM (SELECT DISTINCT x FROM j) AS q", [(3,)]),
        ("SELECT DISTINCT ON (x) n FROM j ORDER BY x, n", [(1,), (3,), (4,)]),
        ("SELECT count(*) FROM (SELECT x FROM j UNION SELECT '{\"b\": 1.00}') AS q", [(3,)]),
        ("SELECT n, count(*) OVER (PARTITION BY x) FROM j ORDER BY n", [(1, 2), (2, 2), (3, 1), (4, 2), (5, 2)]),
        ("SELECT n FROM j WHERE x IN (SELECT '{\"b\": 1.0}'::jsonb)", [(3,)]),
        ("SELECT n FROM j WHERE (n, n) IN (VALUES (1, 1), (3, 4))", [(1,)]),
    ],
)
def test_equal_documents_are_one(session, query, rows):
    assert answer(session, query) == rows


def test_many_alternatives_keep_their_unknowns(session):
    one = " OR ".join(f"a = {number}" for number in range(150))
    both = " OR ".join(f"(a = {number} AND b = 'x')" for number in range(150))
    query = f"SELECT {one} AS one, {both} AS two FROM o ORDER BY a NULLS LAST, b NULLS LAST"
    assert answer(session, query) == [(True, True), (True, None), (None, False), (None, None)]


def test_two_thousand_alternatives_are_no_square(session):
    both = " OR ".join(f"(a = {number} AND b = 'x{number}')" for number in range(2_000))
    assert answer(session, f"SELECT 1 FROM o WHERE {both}") == []


@pytest.mark.parametrize(
    ("query", "sqlstate", "near"),
    [
        ("SELECT 1 < 2 < 3", "42601", "<"),
        ("SELECT a FROM o WHERE a = a = true", "42601", "="),
        ("SELECT a FROM o WHERE a = a > 2", "42601", ">"),
    ],
)
def test_comparisons_do_not_chain(session, query, sqlstate, near):
    with pytest.raises(QueryError) as caught:
        session.run(query)
    assert caught.value.sqlstate == sqlstate
    assert str(caught.value).splitlines()[0] == f'syntax error at or near "{near}"'


@pytest.mark.parametrize(
    "query",
    [
        "WITH RECURSIVE r(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM r) CYCLE a SET c USING p SELECT * FROM r",
        "WITH RECURSIVE r(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM r) SEARCH DEPTH FIRST BY a SET p SELECT * FROM r",
        "SELECT substring('abc' SIMILAR 'a#\"b#\"c' ESCAPE '#')",
        "SELECT JSON_OBJECT('a' VALUE 1 RETURNING jsonb)",
        "SELECT JSON_OBJECT('a': NULL ABSENT ON NULL)",
        "SELECT string_agg('a'::bytea, ','::bytea)",
        "SELECT FROM o",
        "SELECT x FROM j INTERSECT SELECT x FROM j",
    ],
)
def test_what_is_not_built_is_refused_by_name(session, query):
    with pytest.raises(QueryError) as caught:
        session.run(query)
    assert caught.value.sqlstate == "0A000"


def test_a_pattern_that_ends_in_its_escape(session):
    with pytest.raises(QueryError) as caught:
        session.run(r"SELECT 'a%' LIKE 'a\'")
    assert caught.value.sqlstate == "22025"
