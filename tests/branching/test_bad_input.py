"""What must be refused, or survived: a branch that goes while it is read, a merge into itself, a full disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.engine.face import Limits, MergeOrder, Statement
from helios_magic.errors import NotFoundError, ServerError, ValidationError
from helios_magic.store import Store
from tests.branching.beside import opened_at
from tests.branching.told import DATABASE


def run(engine: DuckDBEngine, branch: str, sql: str) -> list[dict[str, object]]:
    table = engine.execute(DATABASE, branch, Statement(sql), Limits()).table
    return [] if table is None else list(table.to_pylist())


def test_a_reader_of_a_branch_that_is_deleted_finishes(engine: DuckDBEngine) -> None:
    run(engine, "main", "CREATE TABLE t (id integer PRIMARY KEY)")
    engine.fork(DATABASE, "gone", "main", Limits())
    run(engine, "gone", "INSERT INTO t SELECT * FROM generate_series(1, 30000)")
    found: list[object] = []
    sql = "SELECT count(*) AS n FROM t a JOIN t b ON a.id % 1000 <> b.id % 999 + 5000"
    reader = threading.Thread(target=lambda: found.append(run(engine, "gone", sql)))
    reader.start()
    time.sleep(0.1)
    assert reader.is_alive(), "the query is too short to be raced"
    engine.delete_branch(DATABASE, "gone", Limits())
    while_it_ran = reader.is_alive()
    engine.fork(DATABASE, "gone", "main", Limits())
    assert run(engine, "gone", "SELECT count(*) AS n FROM t") == [{"n": 0}]
    reader.join()
    assert while_it_ran, "the delete waited for its reader"
    assert found == [[{"n": 900_000_000}]]


def test_whoever_comes_after_the_delete_finds_nothing(engine: DuckDBEngine) -> None:
    engine.fork(DATABASE, "gone", "main", Limits())
    engine.delete_branch(DATABASE, "gone", Limits())
    for act in (
        lambda: run(engine, "gone", "SELECT 1"),
        lambda: engine.fork(DATABASE, "other", "gone", Limits()),
        lambda: engine.merge(DATABASE, MergeOrder("gone", "main"), Limits()),
        lambda: engine.merge(DATABASE, MergeOrder("main", "gone"), Limits()),
        lambda: engine.delete_branch(DATABASE, "gone", Limits()),
        lambda: engine.describe(DATABASE, "gone"),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert [branch.name for branch in engine.branches(DATABASE)] == ["main"]


@pytest.mark.parametrize("strategy", ["fast-forward", "three-way", "ours", "theirs"])
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_merge_into_itself_is_refused(engine: DuckDBEngine, strategy: str, dry_run: bool) -> None:
    with pytest.raises(ValidationError):
        engine.merge(DATABASE, MergeOrder("main", "main", strategy, dry_run), Limits())  # type: ignore[arg-type]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MiB, mounted for this test."""
    place = tmp_path / "small"
    place.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small file system can be mounted by root only")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "none", place], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path) -> Path:
    """Leave next to nothing of a file system."""
    ballast = place / "ballast"
    free = shutil.disk_usage(place).free
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(0, free - (600 << 10)))
    return ballast


def files(store: Store) -> set[str]:
    return {p.relative_to(store.data_path).as_posix().removesuffix(".wal") for p in store.data_path.glob("*/*")}


@contextlib.contextmanager
def opened(place: Path) -> Iterator[tuple[Store, DuckDBEngine]]:
    """A store on a disk that has room again when it is closed."""
    store, engine = opened_at(place / "store")
    try:
        yield store, engine
    finally:
        (place / "ballast").unlink(missing_ok=True)
        engine.close()
        store.close()


def count(engine: DuckDBEngine, branch: str) -> object:
    return run(engine, branch, "SELECT count(*) AS n FROM t")[0]["n"]


def prepared(engine: DuckDBEngine) -> None:
    engine.create(DATABASE)
    run(engine, "main", "CREATE TABLE t (id integer PRIMARY KEY, v text)")
    run(engine, "main", "INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 40000) AS g (i)")
    engine.fork(DATABASE, "b", "main", Limits())


def refused_for_want_of_room(act: Callable[[], object]) -> None:
    with pytest.raises(ServerError) as refused:
        act()
    assert refused.value.status == 500
    assert refused.value.details["reason"] == "disk_full"


def test_a_disk_that_fills_during_the_first_write_changes_nothing(small_disk: Path) -> None:
    with opened(small_disk) as (store, engine):
        prepared(engine)
        before = files(store)
        fill(small_disk)
        for branch in ("b", "main"):
            refused_for_want_of_room(lambda: run(engine, branch, "DELETE FROM t WHERE id = 1"))  # noqa: B023
            assert count(engine, branch) == 40000
        assert files(store) == before
        (small_disk / "ballast").unlink()
        run(engine, "b", "DELETE FROM t WHERE id = 1")
        assert count(engine, "b") == 39999
        assert count(engine, "main") == 40000


def test_a_disk_that_fills_during_a_merge_changes_nothing(small_disk: Path) -> None:
    with opened(small_disk) as (_, engine):
        prepared(engine)
        run(engine, "b", "DELETE FROM t WHERE id = 1")
        run(engine, "main", "DELETE FROM t WHERE id = 2")
        fill(small_disk)
        order = MergeOrder("b", "main", "three-way")
        refused_for_want_of_room(lambda: engine.merge(DATABASE, order, Limits()))
        assert count(engine, "main") == 39999
        (small_disk / "ballast").unlink()
        assert engine.merge(DATABASE, order, Limits()).merged
        assert run(engine, "main", "SELECT min(id) AS n FROM t") == [{"n": 3}]
    with opened(small_disk) as (store, engine):
        assert run(engine, "main", "SELECT min(id) AS n FROM t") == [{"n": 3}]
        assert files(store) == store.branches.files()


def test_a_disk_that_fills_while_a_branch_is_written_loses_nothing(small_disk: Path) -> None:
    """Not the copy but the rows themselves find no room."""
    with opened(small_disk) as (_, engine):
        prepared(engine)
        run(engine, "b", "DELETE FROM t WHERE id = 1")
        fill(small_disk)
        many = "INSERT INTO t SELECT i, md5(i::text) FROM generate_series(100000, 400000) AS g (i)"
        refused_for_want_of_room(lambda: run(engine, "b", many))
        (small_disk / "ballast").unlink()
        assert count(engine, "b") == 39999
        run(engine, "b", "DELETE FROM t WHERE id = 2")
        assert count(engine, "b") == 39998
        assert count(engine, "main") == 40000


def test_a_store_closes_on_a_full_disk_and_loses_nothing(small_disk: Path) -> None:
    store, engine = opened_at(small_disk / "store")
    prepared(engine)
    run(engine, "b", "DELETE FROM t WHERE id = 1")
    fill(small_disk)
    engine.close()
    store.close()
    (small_disk / "ballast").unlink()
    with opened(small_disk) as (_, again):
        assert count(again, "b") == 39999
        assert count(again, "main") == 40000
