from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.calling import Api, an_api


@pytest.fixture(scope="session")
def shared() -> Iterator[Api]:
    """A HeliosDB for tests that leave no trace others could see."""
    api = an_api()
    yield api
    api.local.close()


@pytest.fixture
def api() -> Iterator[Api]:
    """A HeliosDB of the test's own, with a clock it may move."""
    api = an_api()
    yield api
    api.local.close()
