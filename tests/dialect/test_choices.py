"""CASE and NULLIF in conditions: NULL where no column is, and the other way round, as PostgreSQL 18 answers.

DuckDB's statistics take a condition on them for a question whether their column is NULL.
"""

from __future__ import annotations

import pytest

import helios_magic


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as opened:
        opened.run("CREATE TABLE t (id int, s text, v text)")
        opened.run("INSERT INTO t VALUES (1, 'Z', 'abc1'), (2, 'b', 'abc2'), (3, NULL, 'abc3'), (4, 'zz', NULL)")
        yield opened


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("CASE WHEN s = 'Z' THEN 'abc' END", [1]),
        ("nullif('abc', s)", [1, 2, 3, 4]),
        ("nullif(v, 'abc2')", [1, 3]),
        ("CASE WHEN v IS NULL THEN 'abc' ELSE v END", [1, 2, 3, 4]),
        ("coalesce(nullif(v, 'abc2'), NULL)", [1, 3]),
    ],
)
@pytest.mark.parametrize(
    "test", ["{} LIKE 'abc%'", "starts_with({}, 'a')", "{} IN ('abc', 'abc1', 'abc2', 'abc3')", "{} ~ 'abc'"]
)
def test_a_condition_on_a_choice(session, text: str, rows: list[int], test: str) -> None:
    direct = f"SELECT id FROM t WHERE {test.format(text)} ORDER BY 1"
    within = f"SELECT id FROM (SELECT id, {text} AS w FROM t) AS q WHERE {test.format('w')} ORDER BY 1"
    for query in (direct, within):
        assert session.run(query).table["id"].to_pylist() == rows
