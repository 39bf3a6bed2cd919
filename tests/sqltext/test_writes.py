"""Which statements may leave something behind."""

from __future__ import annotations

import pytest

from helios_magic.sqltext.writes import writes


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "  -- note\n select * from t for update",
        "(SELECT 1) UNION (SELECT 2)",
        "VALUES (1)",
        "TABLE t",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT count(*) FROM b WHERE true",
        "SELECT 'insert into t' AS \"delete\", (SELECT max(x) FROM t)",
        "SELECT (SELECT 'into') FROM t",
        "EXPLAIN ANALYZE INSERT INTO t VALUES (1)",
        "EXPLAIN DELETE FROM t",
        "SHOW search_path",
        "SHOW BRANCHES",
        "",
    ],
)
def test_readers(sql: str) -> None:
    assert not writes(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES (1)",
        "update t set a = 1",
        "/* x */ DELETE FROM t",
        "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE",
        "WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a",
        "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
        "WITH a AS (WITH b AS (SELECT 1) INSERT INTO t SELECT * FROM b RETURNING 1) SELECT * FROM a",
        "SELECT * INTO kept FROM t",
        "CREATE TABLE t (a int)",
        "CREATE TABLE t AS SELECT 1",
        "DROP TABLE t",
        "ALTER TABLE t ADD COLUMN a int",
        "TRUNCATE t",
        "COMMENT ON TABLE t IS 'x'",
        "CALL something()",
    ],
)
def test_writers(sql: str) -> None:
    assert writes(sql)
