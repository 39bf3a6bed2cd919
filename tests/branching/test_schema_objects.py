"""Indexes, materialised views, comments, enums and schemas through forks, diffs and three-way merges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import helios_magic
from helios_magic.errors import MergeConflictError, QueryError

TABLE = "CREATE TABLE t (id int PRIMARY KEY, email text, n int, active bool)"
ROWS = "INSERT INTO t VALUES (1, 'a', 1, true), (2, 'b', 2, false)"
Story = Callable[..., Any]


@pytest.fixture
def story() -> Iterator[Story]:
    """A session in which a base, then `main` and `dev` have run their statements; `main` is its branch."""
    opened = []

    def tell(base: list[str], main: list[str], dev: list[str]) -> Any:
        session = helios_magic.connect(":memory:")
        opened.append(session)
        for query in base:
            session.run(query)
        session.create_branch("dev")
        for branch, queries in (("dev", dev), ("main", main)):
            session.use_branch(branch)
            for query in queries:
                session.run(query)
        return session

    yield tell
    for session in opened:
        session.close()


def rows(session: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in session.run(query).to_arrow().to_pylist()]


def objects(caught: Any) -> set[str]:
    return {conflict["key"]["object"] for conflict in caught.value.details["conflicts"]}


def changes(session: Any) -> dict[str, list[str]]:
    merged = session.merge("dev", "main")
    return {table.table: list(table.schema) for table in merged.changes.tables}


def test_partial_and_expression_indexes_come_with_a_merge_and_hold(story: Story) -> None:
    session = story(
        [TABLE, ROWS],
        ["INSERT INTO t VALUES (3, 'c', 3, true)"],
        [
            "ALTER TABLE t RENAME COLUMN n TO num",
            "CREATE UNIQUE INDEX t_act ON t (num) WHERE active",
            "CREATE UNIQUE INDEX t_low ON t (lower(email))",
            "COMMENT ON INDEX t_act IS 'said'",
        ],
    )
    assert changes(session) == {
        "t": [
            "~ column num renamed from n",
            "+ unique index t_act (num) WHERE (active)",
            "+ unique index t_low (lower(email))",
        ],
        "t_act": ["+ comment on index t_act “said”"],
    }
    assert rows(session, "SELECT obj_description('t_act'::regclass)") == [("said",)]
    for values in ("(4, 'd', 3, true)", "(4, 'C', 9, false)"):
        with pytest.raises(QueryError) as caught:
            session.run(f"INSERT INTO t VALUES {values}")
        assert caught.value.sqlstate == "23505"


def test_rows_of_the_other_side_speak_against_a_partial_index(story: Story) -> None:
    session = story(
        [TABLE, ROWS],
        ["INSERT INTO t VALUES (3, 'c', 1, true)"],
        ["CREATE UNIQUE INDEX t_act ON t (n) WHERE active"],
    )
    with pytest.raises(MergeConflictError) as caught:
        session.merge("dev", "main")
    assert objects(caught) == {"t_act"}


def test_a_new_materialised_view_is_filled_from_the_merged_rows(story: Story) -> None:
    session = story(
        [TABLE, ROWS],
        ["INSERT INTO t VALUES (3, 'c', 3, true)"],
        [
            "CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS c FROM t",
            "CREATE UNIQUE INDEX mv_c ON mv (c)",
            "CREATE MATERIALIZED VIEW empty AS SELECT c FROM mv WITH NO DATA",
            "COMMENT ON MATERIALIZED VIEW mv IS 'counted'",
        ],
    )
    assert changes(session) == {"empty": ["+ materialized view"], "mv": ["+ materialized view"]}
    assert rows(session, "SELECT c, obj_description('mv'::regclass) FROM mv") == [(3, "counted")]
    session.run("REFRESH MATERIALIZED VIEW CONCURRENTLY mv")
    with pytest.raises(QueryError) as caught:
        session.run("SELECT * FROM empty")
    assert caught.value.sqlstate == "55000"


@pytest.mark.parametrize(("refreshed", "count"), [(True, 4), (False, 2)])
def test_a_refresh_on_the_source_is_one_of_the_merge(story: Story, refreshed: bool, count: int) -> None:
    session = story(
        [TABLE, ROWS, "CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS c FROM t"],
        ["INSERT INTO t VALUES (3, 'c', 3, true)"],
        ["INSERT INTO t VALUES (4, 'd', 4, true)", *(["REFRESH MATERIALIZED VIEW mv"] if refreshed else [])],
    )
    session.merge("dev", "main")
    assert rows(session, "SELECT c FROM mv") == [(count,)]


def test_two_definitions_of_a_materialised_view_are_a_conflict(story: Story) -> None:
    session = story(
        [TABLE],
        ["CREATE MATERIALIZED VIEW mv AS SELECT 1 AS c FROM t"],
        ["CREATE MATERIALIZED VIEW mv AS SELECT 2 AS c FROM t"],
    )
    with pytest.raises(MergeConflictError) as caught:
        session.merge("dev", "main")
    assert objects(caught) == {"view"}


def test_a_column_that_a_materialised_view_reads_is_not_dropped_by_the_other_side(story: Story) -> None:
    session = story(
        [TABLE, ROWS], ["ALTER TABLE t DROP COLUMN n"], ["CREATE MATERIALIZED VIEW mv AS SELECT sum(n) AS s FROM t"]
    )
    with pytest.raises(MergeConflictError) as caught:
        session.merge("dev", "main")
    assert objects(caught) == {"view"}


MOOD = ["CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE TABLE p (id int PRIMARY KEY, m mood DEFAULT 'ok', ms mood[])",
        "CREATE UNIQUE INDEX p_m ON p (m) WHERE id > 5", "INSERT INTO p VALUES (1, 'sad', '{ok,sad}')"]  # fmt: skip


def test_a_label_comes_with_a_merge_and_the_rows_that_use_it(story: Story) -> None:
    session = story(
        [*MOOD, "COMMENT ON COLUMN p.m IS 'how'"],
        ["INSERT INTO p VALUES (2, 'ok', NULL)"],
        ["ALTER TYPE mood ADD VALUE 'new' BEFORE 'ok'", "INSERT INTO p VALUES (3, 'new', '{new}')"],
    )
    assert changes(session) == {"mood": ["~ type (sad, new, ok)"], "p": []}
    assert rows(session, "SELECT id, m FROM p ORDER BY m") == [(1, "sad"), (3, "new"), (2, "ok")]
    assert rows(session, "SELECT col_description('p'::regclass, 2)") == [("how",)]
    session.run("INSERT INTO p (id) VALUES (7)")
    with pytest.raises(QueryError, match="p_m"):
        session.run("INSERT INTO p (id) VALUES (8)")


@pytest.mark.parametrize(
    ("change", "thing"),
    [("RENAME VALUE 'sad' TO 'unhappy'", "type of column m"), ("RENAME TO feeling", "column m")],
)
def test_other_changes_of_a_type_in_use_are_conflicts(story: Story, change: str, thing: str) -> None:
    session = story(MOOD, ["INSERT INTO p VALUES (2, 'ok', NULL)"], [f"ALTER TYPE mood {change}"])
    assert "mood +0" in repr(session.diff("dev", "main"))
    with pytest.raises(MergeConflictError) as caught:
        session.merge("dev", "main")
    assert thing in objects(caught)


def test_two_comments_on_one_thing_are_a_conflict(story: Story) -> None:
    session = story(["CREATE SCHEMA app"], ["COMMENT ON SCHEMA app IS 'one'"], ["COMMENT ON SCHEMA app IS 'two'"])
    with pytest.raises(MergeConflictError) as caught:
        session.merge("dev", "main")
    assert objects(caught) == {"comment on schema app"}


def test_a_comment_on_what_the_other_side_dropped_is_a_conflict(story: Story) -> None:
    session = story([TABLE, "CREATE INDEX i ON t (n)"], ["DROP INDEX i"], ["COMMENT ON INDEX i IS 'said'"])
    with pytest.raises(MergeConflictError) as caught:
        session.merge("dev", "main")
    assert objects(caught) == {"comment on index i, which is gone"}


def test_a_table_that_went_to_another_schema_is_a_conflict(story: Story) -> None:
    session = story(
        [TABLE, ROWS, "CREATE SCHEMA app"],
        ["INSERT INTO t VALUES (3, 'c', 3, true)"],
        ["ALTER TABLE t SET SCHEMA app"],
    )
    with pytest.raises(MergeConflictError) as caught:
        session.merge("dev", "main")
    assert objects(caught) == {"table"}


def test_the_name_of_a_not_null_comes_with_a_merge(story: Story) -> None:
    session = story(
        ["CREATE TABLE k (id int PRIMARY KEY, a int CONSTRAINT given NOT NULL)"],
        ["ALTER TABLE k RENAME a TO x"],
        ["ALTER TABLE k RENAME CONSTRAINT given TO other", "CREATE TABLE n (z int CONSTRAINT zz NOT NULL)"],
    )
    assert changes(session)["k"] == ["~ not null x given → other"]
    named = "SELECT conname FROM pg_constraint WHERE conname IN ('given', 'other', 'zz') ORDER BY 1"
    assert rows(session, named) == [("other",), ("zz",)]
    session.run("ALTER TABLE k DROP CONSTRAINT other")
    session.run("INSERT INTO k VALUES (1, NULL)")
