"""One suite, two ways: in process, and over HTTP against a real `helios serve`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

import helios_magic
from helios_magic.session import Session
from tests.client.served import Served, serve

_NAMES = itertools.count(1)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serve() as server:
        yield server


@pytest.fixture(scope="session")
def in_process() -> Iterator[Session]:
    with helios_magic.connect(":memory:") as session:
        yield session


@pytest.fixture(params=["in process", "http"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session in an empty database of its own."""
    name = f"test-{next(_NAMES)}"
    if request.param == "in process":
        parent: Session = request.getfixturevalue("in_process")
        parent.client.create_database(name, "enterprise")
        parent.use(name)
        yield parent
        parent.use("default")
        return
    server: Served = request.getfixturevalue("served")
    with helios_magic.connect(server.url, token=server.token) as opening:
        opening.client.create_database(name, "enterprise")
    with helios_magic.connect(server.url, token=server.token, database=name) as session:
        yield session
