"""char(n): printed with its blanks, compared and measured without them (compared with PostgreSQL 18)."""

from __future__ import annotations

import duckdb
import pytest

from tests.dialect.refusing import refused


@pytest.fixture
def coded(branch):
    branch.run("CREATE TABLE c (id int, k char(4) UNIQUE, v varchar(5))")
    branch.run("INSERT INTO c VALUES (1, 'ab', 'ab'), (2, 'abcd', 'abcd'), (3, 'a   ', 'a '), (4, NULL, NULL)")
    return branch


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT k FROM c ORDER BY id", [("ab  ",), ("abcd",), ("a   ",), (None,)]),
        ("SELECT length(k), octet_length(k), k || '|', concat(k, '|') FROM c WHERE id = 1", [(2, 4, "ab|", "ab  |")]),
        ("SELECT id FROM c WHERE k = 'ab      '", [(1,)]),
        ("SELECT id FROM c WHERE k = 'ab'::text", [(1,)]),
        ("SELECT id FROM c WHERE k = v ORDER BY id", [(1,), (2,), (3,)]),
        ("SELECT id FROM c WHERE k IN ('a', 'ab ') ORDER BY id", [(1,), (3,)]),
        ("SELECT id FROM c WHERE k LIKE 'ab'", []),
        ("SELECT id FROM c WHERE k > 'ab' ORDER BY id", [(2,)]),
        ("SELECT coalesce(k, 'q') FROM c WHERE id IN (1, 4) ORDER BY id", [("ab  ",), ("q",)]),
        ("SELECT 'ab'::char(5), 'abcdef'::char(3), 'ab'::char(5)::text, 'x'::char", [("ab   ", "abc", "ab", "x")]),
        ("UPDATE c SET k = 'q' WHERE id = 1 RETURNING k", [("q   ",)]),
    ],
)
def test_blanks_are_printed_and_mean_nothing(coded, query, rows):
    assert coded.run(query) == rows


def test_a_parameter_is_compared_without_blanks_too(coded):
    assert coded.run("SELECT id FROM c WHERE k = $1", "ab") == [(1,)]
    assert coded.run("SELECT id FROM c WHERE k = ANY($1)", ["ab", "a"]) == [(1,), (3,)]
    with pytest.raises(duckdb.Error, match="22001"):
        coded.run("INSERT INTO c (k) VALUES ($1)", "toolong")
    with pytest.raises(duckdb.ConstraintException):
        coded.run("INSERT INTO c (k) VALUES ('ab ')")


@pytest.mark.parametrize(
    ("query", "sqlstate"),
    [
        ("CREATE INDEX i ON c (id)", "42P07"),
        ("CREATE INDEX c ON c (id)", "42P07"),
        ("CREATE TABLE i (a int)", "42P07"),
        ("CREATE VIEW i AS SELECT 1 AS a", "42P07"),
        ("CREATE SEQUENCE i", "42P07"),
        ("DROP TABLE i", "42809"),
        ("DROP INDEX c", "42809"),
        ("DROP INDEX j", "42704"),
    ],
)
def test_an_index_has_its_name_among_the_relations(coded, query, sqlstate):
    coded.run("CREATE INDEX i ON c (v)")
    with refused(sqlstate):
        coded.prepare(query)


def test_indexes_without_a_name_get_one(coded):
    for _ in range(2):
        coded.run("CREATE INDEX ON c (v)")
    coded.run("CREATE INDEX IF NOT EXISTS c_v_idx ON c (v)")
    assert [i.name for i in coded.schema().table("c").indexes][1:] == ["c_v_idx", "c_v_idx1"]
    coded.run("DROP INDEX c_v_idx")
    coded.run("DROP INDEX IF EXISTS c_v_idx")
