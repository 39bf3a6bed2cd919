"""What a statement may add, and its text without values."""

from __future__ import annotations

import pytest

from helios_magic.sqltext import without_literals
from helios_magic.sqltext.growth import Growth, NewTable, growth


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT * FROM t WHERE a = 'x' AND b = 1.5e3", "SELECT * FROM t WHERE a = ? AND b = ?"),
        ("SELECT /* why 'secret' */ 1 -- secret\n, 2", "SELECT ? , ?"),
        ("SELECT $1, $tag$ secret $tag$, E'\\'s', B'1', U&'x'", "SELECT $1, ?, ?, ?, ?"),
        ('SELECT "a""b" FROM "T 1" WHERE c1 = -7', 'SELECT "a""b" FROM "T 1" WHERE c1 = -?'),
        ("SELECT interval '1 day'::text", "SELECT interval ?::text"),
        ("SELECT 'secret", "SELECT …"),
        ("SELECT 1 /* secret", "SELECT ? …"),
        ("", ""),
    ],
)
def test_texts_lose_their_values(sql: str, shown: str) -> None:
    assert without_literals(sql) == shown


def test_a_long_text_is_cut() -> None:
    cut = without_literals("SELECT " + ", ".join(["a"] * 5000), 100)
    assert len(cut) == 100
    assert cut.endswith("…")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", Growth()),
        ("DELETE FROM t", Growth()),
        ("TRUNCATE t", Growth()),
        ("INSERT INTO t VALUES (1)", Growth(rows=True)),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", Growth(rows=True)),
        ("WITH a AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM a", Growth(rows=True)),
        ("CREATE INDEX i ON t (a)", Growth(rows=True)),
        ("CREATE TABLE t (a int)", Growth(rows=True, tables=(NewTable("t"),))),
        ('create table S."T t" as select 1', Growth(rows=True, tables=(NewTable("T t", "s"),))),
        ("CREATE TABLE IF NOT EXISTS t (a int)", Growth(rows=True, tables=(NewTable("t", maybe=True),))),
        ("CREATE UNLOGGED TABLE t (a int)", Growth(rows=True, tables=(NewTable("t"),))),
        ("CREATE TEMP TABLE t (a int)", Growth(rows=True)),
        ("CREATE VIEW v AS SELECT 1", Growth(rows=True)),
        ("SELECT a INTO t FROM u", Growth(rows=True, tables=(NewTable("t"),))),
        ("SELECT a INTO TEMP t FROM u", Growth(rows=True)),
        ("DROP TABLE a, b", Growth(dropped=2)),
        ("DROP TABLE IF EXISTS a CASCADE", Growth(dropped=1)),
        ("DROP VIEW v", Growth()),
        ("CREATE BRANCH b FROM main", Growth(branches=1)),
        ("MERGE BRANCH b", Growth(merges=("b", None))),
        ("MERGE BRANCH b INTO dev USING theirs", Growth(merges=("b", "dev"))),
        ("MERGE BRANCH", Growth()),
        ("DROP BRANCH b", Growth()),
        ("SHOW BRANCHES", Growth()),
        ("CREATE", Growth(rows=True)),
        ("CREATE TABLE", Growth(rows=True)),
        ("CREATE TABLE 'x", Growth()),
        ("", Growth()),
    ],
)
def test_what_a_statement_may_add(sql: str, expected: Growth) -> None:
    assert growth(sql) == expected
