from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.delivery.receiving import Receiver, receiving
from tests.emulator.calling import Api, an_api


@pytest.fixture
def api() -> Iterator[Api]:
    """A HeliosDB of the test's own, with a clock it may move."""
    api = an_api()
    yield api
    api.local.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
