"""Merges of rows through the engine, where the dialect has a say: checks, conversions, defaults, resolutions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from helios_magic.engine.face import Engine, Limits, Merged, MergeOrder, Resolution, Statement
from helios_magic.errors import QueryError, ValidationError
from tests.branching.told import DATABASE


def _run(engine: Engine, branch: str, *queries: str) -> list[tuple[Any, ...]]:
    for query in queries:
        outcome = engine.execute(DATABASE, branch, Statement(query), Limits())
    return [tuple(row.values()) for row in outcome.table.to_pylist()] if outcome.table is not None else []


def _split(engine: Engine, setup: list[str], main: list[str], branch: list[str]) -> None:
    _run(engine, "main", *setup)
    engine.fork(DATABASE, "b", "main", Limits())
    _run(engine, "main", *main)
    _run(engine, "b", *branch)


def _merge(engine: Engine, strategy: Any = "three-way", *resolutions: Resolution) -> Merged:
    return engine.merge(DATABASE, MergeOrder("b", strategy=strategy, resolutions=resolutions), Limits())


@pytest.mark.parametrize("strategy", ["three-way", "ours", "theirs"])
@pytest.mark.parametrize(
    ("columns", "row", "main", "branch"),
    [
        ("a int, b int, CHECK (a < b)", "1, 10", "a = 9", "b = 5"),
        ("a text, b text, CHECK (a || b ~ '^x')", "'x', 'x'", "a = ''", "b = 'y'"),
    ],
)
def test_cells_of_both_sides_that_break_a_check(
    engine: Engine, columns: str, row: str, main: str, branch: str, strategy: str
) -> None:
    setup = [f"CREATE TABLE t (id int PRIMARY KEY, {columns})", f"INSERT INTO t VALUES (1, {row})"]
    _split(engine, setup, [f"UPDATE t SET {main}"], [f"UPDATE t SET {branch}"])
    before = _run(engine, "main", "SELECT * FROM t")
    merged = _merge(engine, strategy)
    assert (merged.merged, dict(merged.counts)) == (False, {"check": 1})
    assert merged.conflicts[0].columns == ("a", "b")
    assert _run(engine, "main", "SELECT * FROM t") == before


@pytest.mark.parametrize("other", ["x2", "h2", "c2", "a FROM b"])
def test_a_changed_type_beside_columns_named_like_ours(engine: Engine, other: str) -> None:
    setup = [f'CREATE TABLE t (id int PRIMARY KEY, "{other}" text, a int)', "INSERT INTO t VALUES (1, 'q', 5)"]
    setup.append("INSERT INTO t VALUES (2, 'w', 6)")
    branch = ["ALTER TABLE t ALTER a TYPE text", "UPDATE t SET a = 'six' WHERE id = 2"]
    _split(engine, setup, ["UPDATE t SET a = 55 WHERE id = 1"], branch)
    assert _merge(engine).merged
    assert _run(engine, "main", "SELECT * FROM t ORDER BY id") == [(1, "q", "55"), (2, "w", "six")]


def test_rows_without_key_beside_values_of_their_own(engine: Engine) -> None:
    """What the source removed cannot be found among rows that each got a value of their own."""
    setup = ["CREATE TABLE t (id int, a int)", "INSERT INTO t VALUES (1, 1), (2, 3)"]
    _split(
        engine, setup, ["ALTER TABLE t ADD COLUMN u uuid DEFAULT gen_random_uuid()"], ["INSERT INTO t VALUES (3, 4)"]
    )
    engine.fork(DATABASE, "c", "b", Limits())
    _run(engine, "c", "DELETE FROM t WHERE id = 1")
    with pytest.raises(QueryError, match="no primary key") as raised:
        engine.merge(DATABASE, MergeOrder("c", strategy="three-way"), Limits())
    assert raised.value.details["sqlstate"] == "0A000"
    assert _merge(engine).merged
    assert _run(engine, "main", "SELECT id, u IS NULL FROM t ORDER BY id") == [(1, False), (2, False), (3, False)]


def test_a_default_set_after_the_column_was_made(engine: Engine) -> None:
    """The NULLs that the column was made with are nobody's change, in rows that the target deleted too."""
    setup = ["CREATE TABLE t (id int PRIMARY KEY, a int)", "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)"]
    branch = [
        "ALTER TABLE t ADD COLUMN c int",
        "ALTER TABLE t ALTER c SET DEFAULT 5",
        "UPDATE t SET c = 1 WHERE id = 1",
    ]
    _split(engine, setup, ["DELETE FROM t WHERE id = 2", "INSERT INTO t VALUES (7, 7)"], branch)
    assert _merge(engine).merged
    assert _run(engine, "main", "SELECT * FROM t ORDER BY id") == [(1, 1, 1), (3, 3, None), (7, 7, 5)]


def test_values_of_every_kind_settle_a_row(engine: Engine) -> None:
    kinds = "i interval, d timestamptz, bt bytea, ar int[], j jsonb, n numeric(6,2), c char(3), m bool"
    setup = [f"CREATE TABLE t (id timestamptz PRIMARY KEY, {kinds})", "INSERT INTO t (id) VALUES ('2020-01-01')"]
    sides = [
        f"UPDATE t SET i='{n} day', d='202{n}-01-01', bt='{n}', ar='{{{n}}}', j='{n}', n={n}, c='{n}', m={n == 2}"
        for n in (1, 2)
    ]
    _split(engine, setup, sides[:1], sides[1:])
    value = {
        "i": "P1Y2DT3H", "d": "2024-05-06T07:08:09Z", "bt": "\\xff", "ar": [7, None], "j": {"kk": [1], "a": None},
        "n": "12.34", "c": "x", "m": None,
    }  # fmt: skip
    assert _merge(engine, "three-way", Resolution("t", {"id": "2020-01-01T00:00:00Z"}, "value", value)).merged
    ((_, i, d, bt, ar, j, n, c, m),) = _run(engine, "main", "SELECT * FROM t")
    assert tuple(i) == (12, 2, 3 * 3600 * 10**9)
    assert d == dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
    assert (bt, ar, str(n), c, m) == (b"\xff", [7, None], "12.34", "x  ", None)
    assert j == '{"a": null, "kk": [1]}'


@pytest.mark.parametrize(("column", "value"), [("a", "zz"), ("a", 1.5), ("a", True), ("i", "P1X"), ("nope", 1)])
def test_a_value_that_does_not_fit(engine: Engine, column: str, value: Any) -> None:
    setup = ["CREATE TABLE t (id int PRIMARY KEY, a int, i interval)", "INSERT INTO t VALUES (1, 1, '1 day')"]
    _split(engine, setup, ["UPDATE t SET a = 2, i = '2 day'"], ["UPDATE t SET a = 3, i = '3 day'"])
    with pytest.raises(ValidationError) as raised:
        _merge(engine, "three-way", Resolution("t", {"id": 1}, "value", value, column))
    assert raised.value.details["table"] == "t"
    assert column in str(raised.value)
