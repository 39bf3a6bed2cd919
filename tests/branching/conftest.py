from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from helios_magic.engine.engine import DuckDBEngine
from tests.branching.beside import opened_at
from tests.branching.told import DATABASE, Told

_numbers = itertools.count(1)


def _opened(folder: Path) -> Iterator[DuckDBEngine]:
    store, engine = opened_at(folder / "store")
    yield engine
    engine.close()
    store.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    """An engine over a fresh store, with one database."""
    for engine in _opened(tmp_path):
        engine.create(DATABASE)
        yield engine


@pytest.fixture(scope="module")
def _shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    yield from _opened(tmp_path_factory.mktemp("told"))


@pytest.fixture
def told(_shared_engine: DuckDBEngine) -> Told:
    """A database of its own in an engine that the module's stories share."""
    return Told(_shared_engine, f"{DATABASE}_{next(_numbers)}")
