"""An engine with a database “db”, for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helios_magic.engine.engine import DuckDBEngine, open_engine
from helios_magic.store import Store


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    store = Store.open(tmp_path / "store")
    opened = open_engine(store)
    opened.create("db")
    yield opened
    opened.close()
    store.close()
