from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.serving import Served, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    """One `helios serve --tls-self-signed` for the whole run."""
    with serving("--memory", "--tls-self-signed") as served:
        yield served
