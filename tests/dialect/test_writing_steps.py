"""Statements that run in several steps: in a batch, with parameters, on a branch, explained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import helios_magic
from helios_magic.errors import QueryError


@pytest.fixture
def session() -> Iterator[Any]:
    with helios_magic.connect(":memory:") as opened:
        opened.run("CREATE TABLE t (id int PRIMARY KEY, v int)")
        opened.run("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)")
        yield opened


def rows(session: Any, query: str, *params: Any) -> list[tuple[Any, ...]]:
    table = session.run(query, params).to_arrow()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True)) if table.num_rows else []


def test_parameters_go_to_the_steps_that_use_them(session: Any) -> None:
    update = "UPDATE t SET v = $1 FROM (VALUES ($2::int)) x(i) WHERE t.id = x.i RETURNING t.v, x.i, $3::text"
    assert rows(session, update, 5, 1, "k") == [(5, 1, "k")]
    upsert = "INSERT INTO t VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET v = excluded.v + $3 RETURNING old.v, new.v"
    assert rows(session, upsert, 1, 10, 100) == [(5, 110)]
    assert rows(session, "WITH d AS (DELETE FROM t WHERE id = $1 RETURNING *) SELECT v, $2::int FROM d", 2, 7) == [
        (2, 7)
    ]


def test_statements_of_a_batch_do_not_meet_each_others_rows(session: Any) -> None:
    update = "UPDATE t SET v = t.v + 1 FROM (VALUES (1), (2)) x(i) WHERE t.id = x.i RETURNING t.v, x.i"
    moved = "WITH d AS (DELETE FROM t WHERE id = 1 RETURNING *) INSERT INTO t SELECT id, v * 10 FROM d RETURNING v"
    session.batch([update, update, moved, update])
    assert rows(session, "SELECT * FROM t ORDER BY id") == [(1, 31), (2, 5), (3, 3)]


def test_a_batch_that_fails_undoes_all_steps(session: Any) -> None:
    with pytest.raises(QueryError):
        session.batch(
            ["WITH d AS (DELETE FROM t RETURNING id) SELECT count(*) FROM d", "INSERT INTO t VALUES (1), (1)"]
        )
    assert rows(session, "SELECT count(*) FROM t") == [(3,)]


def test_a_select_that_writes_writes_to_its_own_branch(session: Any) -> None:
    session.create_branch("other")
    session.use_branch("other")
    assert rows(session, "WITH d AS (DELETE FROM t WHERE id = 1 RETURNING v) SELECT v FROM d") == [(1,)]
    assert rows(session, "SELECT count(*) FROM t") == [(2,)]
    session.use_branch("main")
    assert rows(session, "SELECT count(*) FROM t") == [(3,)]


@pytest.mark.parametrize(
    "query",
    [
        "WITH d AS (DELETE FROM t WHERE id = 1 RETURNING *) SELECT * FROM d",
        "UPDATE t SET v = 9 FROM (VALUES (1)) x(i) WHERE t.id = x.i RETURNING x.i",
        "MERGE INTO t USING (VALUES (1, 9)) s(i, v) ON t.id = s.i WHEN MATCHED THEN UPDATE SET v = s.v",
    ],
)
def test_explaining_writes_nothing(session: Any, query: str) -> None:
    session.explain(query)
    session.explain(query, analyze=True)
    assert rows(session, "SELECT * FROM t ORDER BY id") == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize(
    "query",
    [
        "UPDATE t SET v = 1 FROM (VALUES (1)) x(i) JOIN duckdb_settings() s ON true WHERE t.id = x.i",
        "DELETE FROM t USING (VALUES (1)) x(i) JOIN read_csv('x') s ON true WHERE t.id = x.i",
        "UPDATE t SET v = 1 FROM t x JOIN nowhere y ON x.id = y.id",
    ],
)
def test_joined_tables_of_update_and_delete_are_resolved_too(session: Any, query: str) -> None:
    with pytest.raises(QueryError) as caught:
        session.run(query)
    assert caught.value.sqlstate in ("42883", "0A000", "42P01")
