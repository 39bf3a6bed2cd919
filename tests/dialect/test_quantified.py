"""ANY and ALL over arrays, some of them other ones for each row, as PostgreSQL 18 answers."""

from __future__ import annotations

import pytest

import helios_magic

ROWS = "(1, 5, '{5,NULL}'), (2, NULL, '{}'), (3, 2, NULL), (4, 7, '{1,2}')"


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as opened:
        opened.run("CREATE TABLE t (id int, i smallint, a int[])")
        opened.run(f"INSERT INTO t VALUES {ROWS}")
        opened.run("CREATE TABLE u (k int, t_id int)")
        opened.run("INSERT INTO u VALUES (2, 3), (9, 1), (NULL, 4), (7, 4)")
        yield opened


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("i = ANY(a)", [True, False, None, False]),
        ("i = ALL(a)", [None, True, None, False]),
        ("i <> ANY(a)", [None, False, None, True]),
        ("i <> ALL(a)", [False, True, None, True]),
        ("i < ANY(a)", [None, False, None, False]),
        ("i >= ALL(a)", [None, True, None, True]),
        ("NULL = ANY(a)", [None, False, None, None]),
        ("i = ANY(ARRAY(SELECT k FROM u WHERE t_id = t.id))", [False, False, True, True]),
        ("i = ANY(trim_array(ARRAY[2], 1) || ARRAY(SELECT k FROM u WHERE t_id = t.id))", [False, False, True, True]),
        ("i <> ALL(a || ARRAY(SELECT k FROM u WHERE t_id = t.id))", [False, True, False, False]),
        ("i = ANY('{1,2,NULL}'::int[])", [None, None, True, None]),
        ("i = ANY('{}'::int[])", [False, False, False, False]),
        ("i = ANY(a)::int", [1, 0, None, 0]),
        ("i = ANY('{2}'::int[])::int::text", ["0", None, "1", "0"]),
    ],
)
def test_any_and_all_over_an_array(session, condition: str, values: list[object]) -> None:
    assert session.run(f"SELECT {condition} AS x FROM t ORDER BY id").table["x"].to_pylist() == values
