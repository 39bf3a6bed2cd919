"""A real store in a folder of its own, a real engine on it, and a short way to run SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from helios_magic.engine.engine import DuckDBEngine, open_engine
from helios_magic.engine.face import Limits, Outcome, Statement
from helios_magic.store import Store

DATABASE = "db_test"
Run = Callable[..., Outcome]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def engine(store: Store) -> Iterator[DuckDBEngine]:
    opened = open_engine(store)
    opened.create(DATABASE)
    yield opened
    opened.close()


@pytest.fixture
def run(engine: DuckDBEngine) -> Run:
    def one(query: str, params: Sequence[Any] = (), **limits: Any) -> Outcome:
        return engine.execute(DATABASE, "main", Statement(query, params), Limits(**limits))

    return one


@pytest.fixture
def rows(run: Run) -> Callable[..., list[tuple[Any, ...]]]:
    def fetch(query: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        table = run(query, params).table
        assert table is not None
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True)) if table.num_rows else []

    return fetch
