"""Merging structure: what both sides did to tables, columns, keys, indexes, views, sequences and types.

Each story is told in SQL: what was there, what happened on `main` and on `b`, and what `main` answers after the merge
of `b`, or which objects are in conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.branching.told import BEFORE, Told

NO_KEY = ("CREATE TABLE k (x integer, y integer)", "INSERT INTO k VALUES (1, 1), (1, 1), (2, 2)")
NEW_TABLE = """CREATE TABLE n (id serial PRIMARY KEY, t_id integer REFERENCES t (id), v varchar(5) NOT NULL DEFAULT 'x',
    w integer CHECK (w > 0), g integer GENERATED ALWAYS AS (w * 2) STORED, UNIQUE (v, w))"""
Story = tuple[Sequence[str], Sequence[str], Sequence[str], str, list[tuple[Any, ...]]]


CLEAN: dict[str, Story] = {
    "a column with a default": (
        BEFORE, ["DELETE FROM t WHERE id = 2", "INSERT INTO t VALUES (4, 40, 400)"],
        ["ALTER TABLE t ADD COLUMN c text DEFAULT 'd'"],
        "SELECT id, c FROM t ORDER BY id", [(1, "d"), (3, "d"), (4, "d")],
    ),
    "each side adds a column": (
        BEFORE, ["ALTER TABLE t ADD COLUMN c integer", "UPDATE t SET c = 7 WHERE id = 1"],
        ["ALTER TABLE t ADD COLUMN d integer", "UPDATE t SET d = 8 WHERE id = 1"],
        "SELECT id, c, d FROM t ORDER BY id", [(1, 7, 8), (2, None, None), (3, None, None)],
    ),
    "both add the same column": (
        BEFORE, ["ALTER TABLE t ADD COLUMN c integer"],
        ["ALTER TABLE t ADD COLUMN c integer", "UPDATE t SET c = 1 WHERE id = 1"],
        "SELECT id, c FROM t ORDER BY id", [(1, 1), (2, None), (3, None)],
    ),
    "a column goes, another is edited": (
        BEFORE, ["UPDATE t SET a = 11 WHERE id = 1"], ["ALTER TABLE t DROP COLUMN b"],
        "SELECT * FROM t ORDER BY id", [(1, 11), (2, 20), (3, 30)],
    ),
    "both drop one column": (
        BEFORE, ["ALTER TABLE t DROP COLUMN b"], ["ALTER TABLE t DROP COLUMN b"],
        "SELECT * FROM t ORDER BY id", [(1, 10), (2, 20), (3, 30)],
    ),
    "a renamed column is edited": (
        BEFORE, ["UPDATE t SET a = 11 WHERE id = 1", "INSERT INTO t VALUES (4, 40, 400)"],
        ["ALTER TABLE t RENAME COLUMN a TO amount", "UPDATE t SET amount = 21 WHERE id = 2"],
        "SELECT id, amount, b FROM t ORDER BY id", [(1, 11, 100), (2, 21, 200), (3, 30, 300), (4, 40, 400)],
    ),
    "columns exchange their names": (
        BEFORE, ["UPDATE t SET a = 11 WHERE id = 1"],
        [f"ALTER TABLE t RENAME COLUMN {one} TO {other}" for one, other in (("a", "x"), ("b", "a"), ("x", "b"))],
        "SELECT id, a, b FROM t ORDER BY id", [(1, 100, 11), (2, 200, 20), (3, 300, 30)],
    ),
    "a renamed table is edited": (
        BEFORE, ["UPDATE t SET a = 11 WHERE id = 1"],
        ["ALTER TABLE t RENAME TO u", "UPDATE u SET b = 201 WHERE id = 2"],
        "SELECT * FROM u ORDER BY id", [(1, 11, 100), (2, 20, 201), (3, 30, 300)],
    ),
    "one side renames the table, the other a column": (
        BEFORE, ["ALTER TABLE t RENAME TO u", "UPDATE u SET a = 11 WHERE id = 1"],
        ["ALTER TABLE t RENAME COLUMN b TO c", "UPDATE t SET c = 201 WHERE id = 2"],
        "SELECT id, a, c FROM u ORDER BY id", [(1, 11, 100), (2, 20, 201), (3, 30, 300)],
    ),
    "a wider type": (
        BEFORE, ["UPDATE t SET a = 11 WHERE id = 1", "INSERT INTO t VALUES (4, 40, 400)"],
        ["ALTER TABLE t ALTER COLUMN a TYPE bigint USING a::bigint", "UPDATE t SET a = 5000000000 WHERE id = 2"],
        "SELECT id, a FROM t ORDER BY id", [(1, 11), (2, 5000000000), (3, 30), (4, 40)],
    ),
    "a new default": (
        BEFORE, ["UPDATE t SET a = 11 WHERE id = 1"], ["ALTER TABLE t ALTER COLUMN b SET DEFAULT 9"],
        "SELECT column_default FROM information_schema.columns WHERE table_name = 't' AND column_name = 'b'", [("9",)],
    ),
    "NOT NULL over rows that have it": (
        BEFORE, ["INSERT INTO t VALUES (4, 40, 400)"], ["ALTER TABLE t ALTER COLUMN b SET NOT NULL"],
        "SELECT is_nullable FROM information_schema.columns WHERE table_name = 't' AND column_name = 'b'",
        [("NO",)],
    ),
    "a table nobody touched goes": (
        [*BEFORE, *NO_KEY], ["UPDATE t SET a = 11 WHERE id = 1"],
        ["DROP TABLE k", "INSERT INTO t VALUES (4, 40, 400)"],
        "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM information_schema.tables WHERE table_name = 'k')",
        [(4, 0)],
    ),
    "both drop a table": (
        [*BEFORE, *NO_KEY], ["DROP TABLE k"], ["DROP TABLE k"],
        "SELECT count(*) FROM information_schema.tables WHERE table_name = 'k'", [(0,)],
    ),
    "a write that changes nothing does not keep a table": (
        [*BEFORE, *NO_KEY], ["UPDATE k SET y = y"], ["DROP TABLE k"],
        "SELECT count(*) FROM information_schema.tables WHERE table_name = 'k'", [(0,)],
    ),
    "a new table with all that belongs to it": (
        BEFORE, ["UPDATE t SET a = 11 WHERE id = 1"],
        [
            NEW_TABLE,
            "INSERT INTO n (t_id, w) VALUES (1, 3), (2, 4)",
        ],
        "SELECT id, t_id, v, w, g FROM n ORDER BY id", [(1, 1, "x", 3, 6), (2, 2, "x", 4, 8)],
    ),
    "both make one table alike": (
        [], ["CREATE TABLE n (id integer PRIMARY KEY, v text)", "INSERT INTO n VALUES (1, 'one')"],
        ["CREATE TABLE n (id integer PRIMARY KEY, v text)", "INSERT INTO n VALUES (2, 'two')"],
        "SELECT * FROM n ORDER BY id", [(1, "one"), (2, "two")],
    ),
    "an index covers both sides' rows": (
        BEFORE, ["INSERT INTO t VALUES (4, 40, 400)"], ["CREATE INDEX t_b ON t (b)"],
        "SELECT id FROM t WHERE b = 400", [(4,)],
    ),
    "a unique index": (
        BEFORE, ["INSERT INTO t VALUES (4, 40, 400)"], ["CREATE UNIQUE INDEX t_a ON t (a)"],
        "SELECT count(*) FROM t", [(4,)],
    ),
    "the branch mended its duplicates before the index": (
        [*BEFORE, "INSERT INTO t VALUES (4, 10, 400)"], ["UPDATE t SET b = 101 WHERE id = 1"],
        ["DELETE FROM t WHERE id = 4", "CREATE UNIQUE INDEX t_a ON t (a)"],
        "SELECT * FROM t ORDER BY id", [(1, 10, 101), (2, 20, 200), (3, 30, 300)],
    ),
    "a unique index stays through a new column": (
        [*BEFORE, "CREATE UNIQUE INDEX t_a ON t (a)"], ["UPDATE t SET a = 11 WHERE id = 1"],
        ["ALTER TABLE t ADD COLUMN c integer DEFAULT 5"],
        "SELECT id, a, c FROM t ORDER BY id", [(1, 11, 5), (2, 20, 5), (3, 30, 5)],
    ),
    "an index goes": (
        [*BEFORE, "CREATE UNIQUE INDEX t_a ON t (a)"], ["INSERT INTO t VALUES (4, 40, 400)"], ["DROP INDEX t_a"],
        "SELECT count(*) FROM t", [(4,)],
    ),
    "views of both sides": (
        BEFORE, ["CREATE VIEW v1 AS SELECT id FROM t WHERE a > 10"],
        ["CREATE VIEW v2 AS SELECT id FROM t WHERE a > 20"],
        "SELECT (SELECT count(*) FROM v1), (SELECT count(*) FROM v2)", [(2, 1)],
    ),
    "a view of a view": (
        BEFORE, ["INSERT INTO t VALUES (4, 40, 400)"],
        ["CREATE VIEW z AS SELECT id, a FROM t WHERE a > 10", "CREATE VIEW a_first AS SELECT id FROM z WHERE a > 20"],
        "SELECT id FROM a_first ORDER BY id", [(3,), (4,)],
    ),
    "a view goes": (
        [*BEFORE, "CREATE VIEW v AS SELECT id FROM t"], ["UPDATE t SET a = 11 WHERE id = 1"], ["DROP VIEW v"],
        "SELECT count(*) FROM information_schema.tables WHERE table_name = 'v'", [(0,)],
    ),
    "a view over a table that changes beside it": (
        [*BEFORE, "CREATE VIEW v AS SELECT id, a FROM t"], ["INSERT INTO t VALUES (4, 40, 400)"],
        ["ALTER TABLE t ADD COLUMN c integer", "ALTER TABLE t DROP COLUMN b"],
        "SELECT id, a FROM v ORDER BY id", [(1, 10), (2, 20), (3, 30), (4, 40)],
    ),
    "a type and a column of it": (
        BEFORE, ["INSERT INTO t VALUES (4, 40, 400)"],
        ["CREATE TYPE mood AS ENUM ('good', 'bad')", "ALTER TABLE t ADD COLUMN m mood DEFAULT 'bad'",
         "UPDATE t SET m = 'good' WHERE id = 1"],
        "SELECT id, m::text FROM t ORDER BY id", [(1, "good"), (2, "bad"), (3, "bad"), (4, "bad")],
    ),
    "a schema and a table in it": (
        BEFORE, ["INSERT INTO t VALUES (4, 40, 400)"],
        ["CREATE SCHEMA shop", "CREATE TABLE shop.n (id integer PRIMARY KEY)", "INSERT INTO shop.n VALUES (1)"],
        "SELECT * FROM shop.n", [(1,)],
    ),
    "an identical change is none": (
        BEFORE, ["ALTER TABLE t RENAME COLUMN a TO amount", "CREATE INDEX t_b ON t (b)"],
        ["ALTER TABLE t RENAME COLUMN a TO amount", "CREATE INDEX t_b ON t (b)"],
        "SELECT id, amount FROM t ORDER BY id", [(1, 10), (2, 20), (3, 30)],
    ),
    "comments of both sides": (
        BEFORE, ["COMMENT ON TABLE t IS 'things'"], ["COMMENT ON COLUMN t.a IS 'amount'"],
        "SELECT count(*) FROM t", [(3,)],
    ),
    "columns of a table without key": (
        NO_KEY, ["INSERT INTO k VALUES (3, 3)"], ["ALTER TABLE k ADD COLUMN z integer DEFAULT 1"],
        "SELECT * FROM k ORDER BY x", [(1, 1, 1), (1, 1, 1), (2, 2, 1), (3, 3, 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CLEAN)
def test_changes_that_go_together(told: Told, name: str) -> None:
    setup, main, branch, query, expected = CLEAN[name]
    told.split(setup, main, branch)
    merged = told.merge()
    assert (merged.conflicts, merged.merged) == ((), True)
    assert told.rows(query) == expected
    assert told.rows("SELECT (SELECT count(*) FROM only_main), (SELECT count(*) FROM only_branch)") == [(0, 0)]


CONFLICTS: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str], set[tuple[str, str]]]] = {
    "dropped and written": (BEFORE, ["UPDATE t SET a = 11 WHERE id = 1"], ["DROP TABLE t"], {("t", "schema")}),
    "written and dropped": (BEFORE, ["DROP TABLE t"], ["UPDATE t SET a = 11 WHERE id = 1"], {("t", "schema")}),
    "two tables of one name": (
        [], ["CREATE TABLE n (id integer PRIMARY KEY, v text)"], ["CREATE TABLE n (id integer PRIMARY KEY, v integer)"],
        {("n", "schema")},
    ),
    "a column dropped and edited": (
        BEFORE, ["UPDATE t SET b = 101 WHERE id = 1"], ["ALTER TABLE t DROP COLUMN b"], {("t", "schema")},
    ),
    "a column of a table without key, dropped and edited": (
        NO_KEY, ["UPDATE k SET y = 5 WHERE x = 2"], ["ALTER TABLE k DROP COLUMN y"], {("k", "schema")},
    ),
    "two names for one column": (
        BEFORE, ["ALTER TABLE t RENAME COLUMN a TO c"], ["ALTER TABLE t RENAME COLUMN a TO d"], {("t", "schema")},
    ),
    "two columns become namesakes": (
        BEFORE, ["ALTER TABLE t RENAME COLUMN a TO c"], ["ALTER TABLE t RENAME COLUMN b TO c"], {("t", "schema")},
    ),
    "two types": (
        BEFORE, ["ALTER TABLE t ALTER COLUMN a TYPE bigint USING a::bigint"],
        ["ALTER TABLE t ALTER COLUMN a TYPE text USING a::text"], {("t", "schema")},
    ),
    "one column twice, of two types": (
        BEFORE, ["ALTER TABLE t ADD COLUMN c integer"], ["ALTER TABLE t ADD COLUMN c text"], {("t", "schema")},
    ),
    "two defaults": (
        BEFORE, ["ALTER TABLE t ALTER COLUMN a SET DEFAULT 1"], ["ALTER TABLE t ALTER COLUMN a SET DEFAULT 2"],
        {("t", "schema")},
    ),
    "two views of one name": (
        BEFORE, ["CREATE VIEW v AS SELECT id FROM t WHERE a > 10"], ["CREATE VIEW v AS SELECT id FROM t WHERE a > 20"],
        {("v", "schema")},
    ),
    "a view of a column that goes": (
        BEFORE, ["CREATE VIEW v AS SELECT b FROM t"], ["ALTER TABLE t DROP COLUMN b"], {("v", "schema")},
    ),
    "a view of a table that goes": (
        [*BEFORE, *NO_KEY], ["CREATE VIEW v AS SELECT x FROM k"], ["DROP TABLE k"], {("v", "schema")},
    ),
    "a foreign key to a table that goes": (
        [*BEFORE, "CREATE TABLE p (id integer PRIMARY KEY)"],
        ["CREATE TABLE c (id integer PRIMARY KEY, p integer REFERENCES p (id))"], ["DROP TABLE p"],
        {("c", "schema")},
    ),
    "an index of a column that goes": (
        BEFORE, ["CREATE INDEX t_b ON t (b)"], ["ALTER TABLE t DROP COLUMN b"], {("t", "schema")},
    ),
    "a unique index over rows that repeat": (
        BEFORE, ["INSERT INTO t VALUES (4, 10, 400)"], ["CREATE UNIQUE INDEX t_a ON t (a)"], {("t", "unique")},
    ),
    "rows that repeat under a unique index of the target": (
        BEFORE, ["CREATE UNIQUE INDEX t_a ON t (a)"], ["INSERT INTO t VALUES (4, 10, 400)"], {("t", "unique")},
    ),
    "NOT NULL over rows that lack it": (
        BEFORE, ["INSERT INTO t VALUES (4, 40, NULL)"], ["ALTER TABLE t ALTER COLUMN b SET NOT NULL"],
        {("t", "not_null")},
    ),
    "two types of one name": (
        [], ["CREATE TYPE mood AS ENUM ('a')"], ["CREATE TYPE mood AS ENUM ('b')"], {("mood", "schema")},
    ),
    "a table and a view of one name": (
        BEFORE, ["CREATE TABLE n (id integer)"], ["CREATE VIEW n AS SELECT id FROM t"], {("n", "schema")},
    ),
    "two tables come to one name": (
        [*BEFORE, *NO_KEY], ["ALTER TABLE t RENAME TO n"], ["ALTER TABLE k RENAME TO n"], {("n", "schema")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFLICTS)
def test_changes_that_do_not_go_together(told: Told, name: str) -> None:
    setup, main, branch, expected = CONFLICTS[name]
    told.split(setup, main, branch)
    before = told.rows("SELECT table_name FROM information_schema.tables ORDER BY 1")
    merged = told.merge()
    assert {(conflict.table, conflict.kind) for conflict in merged.conflicts} == expected
    assert not merged.merged
    assert told.rows("SELECT table_name FROM information_schema.tables ORDER BY 1") == before


def test_a_schema_conflict_tells_each_sides_definition(told: Told) -> None:
    told.split(BEFORE, ["ALTER TABLE t ALTER COLUMN a SET DEFAULT 1"], ["ALTER TABLE t ALTER COLUMN a SET DEFAULT 2"])
    (conflict,) = told.merge().conflicts
    told_by = [side.to_pylist()[0]["definition"] for side in (conflict.base, conflict.target, conflict.source) if side]
    assert told_by == ["a int4", "a int4 default 1", "a int4 default 2"]


def test_comments_in_conflict_are_told(told: Told) -> None:
    told.split(BEFORE, ["COMMENT ON COLUMN t.a IS 'one'"], ["COMMENT ON COLUMN t.a IS 'two'"])
    (conflict,) = told.merge().conflicts
    told_by = [side.to_pylist()[0]["definition"] for side in (conflict.target, conflict.source) if side]
    assert told_by == ["a int4 comment “one”", "a int4 comment “two”"]


OTHERS = {
    "an enum that goes under a new column": (
        ["CREATE TYPE mood AS ENUM ('a')"], ["CREATE TABLE m (x mood)"], ["DROP TYPE mood"], "m",
    ),
    "a sequence that goes under a new default": (
        ["CREATE SEQUENCE s"], ["CREATE TABLE m (id integer DEFAULT nextval('s'))"], ["DROP SEQUENCE s"], "m",
    ),
    "a schema that goes under a new table": (
        ["CREATE SCHEMA shop"], ["CREATE TABLE shop.m (id integer)"], ["DROP SCHEMA shop"], "shop.m",
    ),
    "a type that changes under a new view": (
        BEFORE, ["CREATE VIEW v AS SELECT a FROM t"], ["ALTER TABLE t ALTER COLUMN a TYPE bigint"], "v",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("name", OTHERS)
def test_what_goes_while_the_other_side_begins_to_use_it(told: Told, name: str, mirrored: bool) -> None:
    setup, uses, goes, table = OTHERS[name]
    told.split(setup, goes if mirrored else uses, uses if mirrored else goes)
    assert {(conflict.table, conflict.kind) for conflict in told.merge().conflicts} == {(table, "schema")}
