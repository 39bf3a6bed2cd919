"""Which rows differ: what the hashes of buckets must not overlook."""

from __future__ import annotations

from typing import Any

import pytest

from helios_magic.engine.face import Engine, Limits, MergeOrder, Page, Statement
from tests.branching.told import DATABASE


def _run(engine: Engine, branch: str, *queries: str) -> list[dict[str, Any]]:
    for query in queries:
        outcome = engine.execute(DATABASE, branch, Statement(query), Limits())
    return outcome.table.to_pylist() if outcome.table is not None else []


def _split(engine: Engine, *queries: str) -> None:
    """A branch `b`, and a target that has moved on elsewhere."""
    _run(engine, "main", "CREATE TABLE elsewhere (x int)", *queries)
    engine.fork(DATABASE, "b", "main", Limits())
    _run(engine, "main", "INSERT INTO elsewhere VALUES (1)")


def _counts(engine: Engine) -> dict[str, tuple[int, int, int]]:
    found = engine.diff(DATABASE, "b", "main", Page(limit=1), Limits())
    return {each.change.table: (each.change.inserted, each.change.updated, each.change.deleted) for each in found}


def _merge(engine: Engine) -> None:
    assert engine.merge(DATABASE, MergeOrder("b", strategy="three-way"), Limits()).merged


@pytest.mark.parametrize("columns", ["flag boolean, v int", "v int, flag boolean"])
def test_many_rows_that_change_alike(engine: Engine, columns: str) -> None:
    """Two equal changes within a bucket cancel each other in an XOR of plain hashes."""
    _split(
        engine,
        f"CREATE TABLE t (id int PRIMARY KEY, {columns})",
        "INSERT INTO t (id, flag, v) SELECT i, false, 1 FROM generate_series(1, 200000) AS g(i)",
    )
    _run(engine, "b", "UPDATE t SET flag = true")
    assert _counts(engine)["t"] == (0, 200000, 0)
    _merge(engine)
    assert _run(engine, "main", "SELECT count(*) AS n FROM t WHERE flag") == [{"n": 200000}]


def test_values_that_change_places(engine: Engine) -> None:
    _split(
        engine,
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 200000) AS g(i)",
    )
    _run(engine, "b", "UPDATE t SET v = 'v' || (200001 - id)")
    assert _counts(engine)["t"] == (0, 200000, 0)
    _merge(engine)
    assert _run(engine, "main", "SELECT count(*) AS n FROM t WHERE v = 'v' || (200001 - id)") == [{"n": 200000}]


_ALIKE = [
    ("int[]", "NULL", "'{}'"),
    ("int[]", "'{}'", "'{NULL}'"),
    ("int[]", "NULL", "'{NULL}'"),
    ("text[]", "'{NULL}'", "'{\"NULL\"}'"),
    ("text[]", "'{a,b}'", "'{\"a,b\"}'"),
    ("vector(2)", "NULL", "'[1,2]'"),
    ("jsonb", "NULL", "'null'"),
    ("text", "NULL", "''"),
    ("float8", "NULL", "'NaN'"),
    ("interval", "'1 month'", "'31 days'"),
    ("bytea", "''", "'\\x00'"),
]


@pytest.mark.parametrize("key", [" PRIMARY KEY", ""], ids=["keyed", "keyless"])
def test_values_that_hash_alike(engine: Engine, key: str) -> None:
    made = []
    for n, (kind, before, _) in enumerate(_ALIKE):
        made += [f"CREATE TABLE t{n} (id int{key}, v {kind})", f"INSERT INTO t{n} VALUES (1, {before})"]
    _split(engine, *made)
    _run(engine, "b", *(f"UPDATE t{n} SET v = {after}" for n, (_, _, after) in enumerate(_ALIKE)))
    _merge(engine)
    for n, told in enumerate(_ALIKE):
        wanted = _run(engine, "b", f"SELECT v FROM t{n}")
        assert repr(_run(engine, "main", f"SELECT v FROM t{n}")) == repr(wanted), told
