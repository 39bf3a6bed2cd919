"""The engine's search, beside what DuckDB's own functions find in the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, MergeOrder, Search, Statement
from helios_magic.errors import NotFoundError, ValidationError

D = 8


def run(engine: DuckDBEngine, query: str, *params: Any, branch: str = "main") -> pa.Table:
    return engine.execute("db", branch, Statement(query, params), Limits()).table


def fill(engine: DuckDBEngine, count: int, first: int = 0, branch: str = "main") -> np.ndarray:
    vectors = np.random.default_rng(first).standard_normal((count, D)).astype(np.float32)
    rows = pa.table(
        {
            "id": np.arange(first, first + count),
            "t": [f"row {n}" for n in range(first, first + count)],
            "v": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), D),
        }
    )
    engine.load("db", branch, "d", rows, "append", Limits())
    return vectors


def ids(engine: DuckDBEngine, vector: Any, branch: str = "main", **order: Any) -> list[int]:
    found = engine.search("db", branch, Search("d", "v", vector, **order), Limits())
    return found.rows.column("id").to_pylist()


@pytest.fixture
def table(engine: DuckDBEngine) -> np.ndarray:
    run(engine, f"CREATE TABLE d (id int PRIMARY KEY, t text, v vector({D}))")
    return fill(engine, 500)


METRICS = {
    "cosine": lambda v, q: v @ q / np.linalg.norm(v, axis=1) / np.linalg.norm(q),
    "l2": lambda v, q: -np.linalg.norm(v - q, axis=1),
    "inner_product": lambda v, q: v @ q,
}


@pytest.mark.parametrize("metric", METRICS)
def test_the_nearest_rows_come_best_first(engine: DuckDBEngine, table: np.ndarray, metric: Any) -> None:
    query = np.random.default_rng(7).standard_normal(D).astype(np.float32)
    scores = METRICS[metric](table, query)
    found = engine.search("db", "main", Search("d", "v", query.tolist(), metric=metric), Limits())
    assert found.rows.column("id").to_pylist() == np.argsort(-scores)[:10].tolist()
    assert found.rows.column_names == ["id", "t"]
    top = np.sort(scores)[::-1][:10]
    told = 1 / (1 - top) if metric == "l2" else top
    assert found.similarities == pytest.approx(told.tolist(), abs=1e-5)
    assert found.index == "exact"


def test_it_is_always_current(engine: DuckDBEngine, table: np.ndarray) -> None:
    query = table[3].tolist()
    assert ids(engine, query, limit=1) == [3]
    run(engine, "DELETE FROM d WHERE id = 3")
    assert ids(engine, query, limit=1) != [3]
    run(engine, "INSERT INTO d VALUES (1000, 'new', $1)", query)
    assert ids(engine, query, limit=1) == [1000]
    run(engine, "UPDATE d SET v = $1 WHERE id = 1000", [-x for x in query])
    assert ids(engine, query, limit=1) != [1000]
    run(engine, "UPDATE d SET t = 'other', v = $1 WHERE id = 4", query)
    found = engine.search("db", "main", Search("d", "v", query, limit=1), Limits())
    assert found.rows.to_pylist() == [{"id": 4, "t": "other"}]
    run(engine, "UPDATE d SET v = NULL WHERE id = 4")
    assert ids(engine, query, limit=1) != [4]


def test_branches_are_apart_and_merge(engine: DuckDBEngine, table: np.ndarray) -> None:
    query = table[5].tolist()
    assert ids(engine, query, limit=1) == [5]
    engine.fork("db", "b", "main", Limits())
    run(engine, "DELETE FROM d WHERE id = 5", branch="b")
    run(engine, "INSERT INTO d VALUES (2000, 'on main', $1)", query)
    assert ids(engine, query, "b", limit=1) not in ([5], [2000])
    assert sorted(ids(engine, query, limit=2)) == [5, 2000]
    assert engine.merge("db", MergeOrder("b", strategy="three-way"), Limits()).merged
    assert ids(engine, query, limit=1) == [2000]


def test_row_numbers_that_a_checkpoint_moves_are_noticed(engine: DuckDBEngine, table: np.ndarray) -> None:
    more = fill(engine, 200, 10_000)
    query = more[7].tolist()
    assert ids(engine, query, limit=1) == [10_007]
    run(engine, "DELETE FROM d WHERE id < 10000")
    held = engine.database("db")
    with held.mutex:
        (file,) = held._instance.attachments
    held.files.fold(file)
    run(engine, "INSERT INTO d VALUES (1, 'x', $1)", [-x for x in query])
    held.files.fold(file)
    assert run(engine, "SELECT count(*) AS n FROM d").to_pylist() == [{"n": 201}]
    assert ids(engine, query, limit=1) == [10_007]
    assert ids(engine, [-x for x in query], limit=1) == [1]


def test_a_table_that_was_altered_or_made_anew(engine: DuckDBEngine, table: np.ndarray) -> None:
    query = table[5].tolist()
    assert ids(engine, query, limit=1) == [5]
    run(engine, "ALTER TABLE d ADD COLUMN n int DEFAULT 1")
    run(engine, "ALTER TABLE d DROP COLUMN t")
    assert ids(engine, query, limit=1) == [5]
    run(engine, "TRUNCATE d")
    assert ids(engine, query) == []
    run(engine, "INSERT INTO d VALUES (9, $1, 3)", query)
    assert ids(engine, query) == [9]
    run(engine, "DROP TABLE d")
    run(engine, f"CREATE TABLE d (id int, v vector({D}))")
    assert ids(engine, query) == []


def test_a_condition_chooses_before_the_search(engine: DuckDBEngine, table: np.ndarray) -> None:
    query = table[100]
    scores = METRICS["cosine"](table, query)
    rare = {
        "and": [{"column": "id", "op": "between", "value": [200, 204]}, {"not": {"column": "t", "value": "row 202"}}]
    }
    expected = [n for n in np.argsort(-scores).tolist() if 200 <= n <= 204 and n != 202]
    assert ids(engine, query.tolist(), condition=rare) == expected
    assert ids(engine, query.tolist(), condition={"column": "id", "op": "<", "value": -1}) == []


def test_threshold_and_columns(engine: DuckDBEngine, table: np.ndarray) -> None:
    query = table[100].tolist()
    found = engine.search("db", "main", Search("d", "v", query, threshold=0.9999, columns=["v", "id"]), Limits())
    assert found.rows.to_pylist() == [{"v": pytest.approx(query), "id": 100}]
    none = engine.search("db", "main", Search("d", "v", query, threshold=1.5), Limits())
    assert none.rows.num_rows == 0
    assert none.best == pytest.approx(1)


@pytest.mark.parametrize(
    ("order", "error", "told"),
    [
        (Search("dd", "v", [1] * D), NotFoundError, "there is no table “dd”"),
        (Search("d", "w", [1] * D), NotFoundError, "has no column “w”"),
        (Search("d", "t", [1] * D), ValidationError, "has the type text, not vector"),
        (Search("d", "v", [1] * 3), ValidationError, "the query has 3 dimensions, “v” of “d” has 8"),
        (Search("d", "v", [0] * D), ValidationError, "a query of zeros has no direction"),
        (Search("d", "v", [float("nan")] * D), ValidationError, "not finite"),
        (Search("d", "v", [1e39] * D), ValidationError, "not finite, or that a float4 cannot hold"),
        (Search("d", "v", [1] * D, columns=["nope"]), NotFoundError, "has no column “nope”"),
    ],
)
def test_bad_orders_are_named(engine: DuckDBEngine, table: np.ndarray, order: Any, error: Any, told: str) -> None:
    with pytest.raises(error, match=told):
        engine.search("db", "main", order, Limits())


def test_null_and_zero_vectors_are_nobodys_neighbours(engine: DuckDBEngine) -> None:
    run(engine, "CREATE TABLE d (id int, v vector(2))")
    assert ids(engine, [1, 1]) == []
    run(engine, "INSERT INTO d VALUES (1, NULL), (2, '[0,0]'), (3, '[1,0]'), (4, '[-1,0]')")
    assert ids(engine, [1, 0]) == [3, 4]
    assert ids(engine, [0, 0], metric="l2") == [2, 3, 4]
    assert ids(engine, [1, 0], metric="inner_product") == [3, 2, 4]


def test_a_table_whose_own_column_is_called_rowid(engine: DuckDBEngine) -> None:
    run(engine, "CREATE TABLE d (id int, rowid int, v vector(2))")
    run(engine, "INSERT INTO d VALUES (1, 9, '[0,1]'), (2, 8, '[1,0]'), (3, 7, NULL), (4, 6, '[0,0]')")
    found = engine.search("db", "main", Search("d", "v", [1, 0.1]), Limits())
    assert (found.rows.column("id").to_pylist(), found.index) == ([2, 1], "exact (scan)")
    assert ids(engine, [1, 0], condition={"column": "rowid", "op": ">", "value": 8}) == [1]
    assert ids(engine, [1, 0], metric="l2", limit=2) == [2, 4]


def test_words_and_vectors_together(engine: DuckDBEngine) -> None:
    run(engine, "CREATE TABLE d (id int, t text, v vector(2))")
    run(
        engine,
        "INSERT INTO d VALUES (1, 'a zip archive', '[1,0]'), (2, 'tar', '[0.9,0.1]'), (3, 'gzip archive', '[-1,0.1]'),"
        " (4, 'zip archive without a vector', NULL)",
    )
    found = engine.search("db", "main", Search("d", "v", [1, 0], words="gzip!", limit=2), Limits())
    assert found.rows.column("id").to_pylist() == [3, 1]
    assert found.similarities[1] == 1.0
    assert found.index == "hybrid (exact, bm25)"
    run(engine, "INSERT INTO d VALUES (5, 'another gzip', '[-1,0]')")
    assert set(ids(engine, [1, 0], words="gzip", limit=2)) == {3, 5}
    assert ids(engine, [1, 0], words="gzip", condition={"column": "id", "op": "<", "value": 5}, limit=1) == [3]
    assert ids(engine, [1, 0], words="nowhere") == [1, 2, 3, 5]
