"""Random changes of vectors on several branches, and what the nearest rows then are, by looking at all of them."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, MergeOrder, Search, Statement

BRANCHES = ("main", "b", "c")


class Changing:
    """A table of vectors on three branches, and a model of each in a dictionary."""

    def __init__(self, engine: DuckDBEngine, dimensions: int, seed: int) -> None:
        self.engine, self.dimensions = engine, dimensions
        self.random = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.models: dict[str, dict[int, np.ndarray]] = {"main": {}}
        self.upcoming = 0
        self.changes = 0

    def begin(self, rows: int) -> None:
        """A table with rows on main, searched once, and two branches of it."""
        self.run(f"CREATE TABLE d (id int PRIMARY KEY, n int, v vector({self.dimensions}))")
        self.insert("main", rows)
        self.check("main")
        for name in BRANCHES[1:]:
            self.engine.fork("db", name, "main", Limits())
            self.models[name] = dict(self.models["main"])

    def step(self) -> None:
        """Some change on some branch."""
        branch = self.random.choice(BRANCHES)
        change = self.random.choices((self.insert, self.update, self.delete), (4, 4, 3))[0]
        change(branch, self.random.choice((1, 1, 2, 5, 40)))

    def insert(self, branch: str, count: int) -> None:
        made = self._vectors(count)
        first, self.upcoming = self.upcoming, self.upcoming + count
        for start in range(0, count, 500):
            rows = ", ".join(f"({first + n}, {n}, '{_text(made[n])}')" for n in range(start, min(count, start + 500)))
            self.run(f"INSERT INTO d VALUES {rows}", branch=branch)
        self.models[branch] |= {first + n: made[n] for n in range(count)}
        self.changes += count

    def update(self, branch: str, count: int) -> None:
        model = self.models[branch]
        for key in self._some(branch, count):
            if self.random.random() < 0.2:
                self.run("UPDATE d SET n = n + 1 WHERE id = $1", key, branch=branch)
            else:
                (vector,) = self._vectors(1)
                self.run("UPDATE d SET v = $2 WHERE id = $1", key, vector.tolist(), branch=branch)
                model[key] = vector
            self.changes += 1

    def delete(self, branch: str, count: int) -> None:
        gone = self._some(branch, count)
        listed = ", ".join(map(str, gone)) or "-1"
        self.run(f"DELETE FROM d WHERE id IN ({listed})", branch=branch)
        for key in gone:
            del self.models[branch][key]
        self.changes += len(gone)

    def merge(self) -> None:
        """Bring b into main where nothing clashes; both models follow what the branch then holds."""
        self.engine.merge("db", MergeOrder("b", strategy="theirs"), Limits())
        table = self.engine.execute("db", "main", Statement("SELECT id, v FROM d"), Limits()).table
        keys, vectors = table.column("id").to_pylist(), table.column("v").to_pylist()
        self.models["main"] = {key: np.array(v, dtype=np.float32) for key, v in zip(keys, vectors, strict=True)}

    def check(self, branch: str) -> float:
        """The recall of one search on a branch; its rows must be there, with their own similarity."""
        model = self.models[branch]
        query = self._vectors(1)[0]
        metric: Any = self.random.choice(("cosine", "l2", "inner_product"))
        found = self.engine.search("db", branch, Search("d", "v", query.tolist(), metric), Limits())
        keys = np.array(list(model))
        vectors = np.array(list(model.values())).reshape(len(keys), self.dimensions)
        scores = _scores(vectors, query, metric)
        ids = found.rows.column("id").to_pylist()
        told = [1 - 1 / s if metric == "l2" else s for s in found.similarities]
        at = {key: place for place, key in enumerate(keys.tolist())}
        assert np.allclose([scores[at[key]] for key in ids], told, atol=1e-4), (branch, ids)
        wanted = min(10, len(keys))
        assert len(ids) == wanted
        least = np.sort(scores)[::-1][wanted - 1]
        return float(np.mean([scores[at[key]] >= least - 1e-5 for key in ids]))

    def run(self, query: str, *params: Any, branch: str = "main") -> None:
        self.engine.execute("db", branch, Statement(query, params), Limits())

    def _vectors(self, count: int) -> np.ndarray:
        centres = np.random.default_rng(7).standard_normal((40, self.dimensions))
        picked = centres[self.numbers.integers(0, 40, count)]
        return (picked + 0.4 * self.numbers.standard_normal(picked.shape)).astype(np.float32)

    def _some(self, branch: str, count: int) -> list[int]:
        keys = list(self.models[branch])
        return self.random.sample(keys, min(count, len(keys)))


def _text(vector: np.ndarray) -> str:
    return "[" + ",".join(map(str, vector.tolist())) + "]"


def _scores(vectors: np.ndarray, query: np.ndarray, metric: str) -> np.ndarray:
    if metric == "l2":
        return -np.linalg.norm(vectors - query, axis=1)
    products = vectors @ query
    return products if metric == "inner_product" else products / np.linalg.norm(vectors, axis=1) / np.linalg.norm(query)
