"""Generated sources, made once a run; each test brings them to its own tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.codegen import schemas
from tests.emulator.calling import Api, an_api

Types = Callable[..., str]


def database(statements: Sequence[str]) -> Api:
    """A HeliosDB of its own, these statements run."""
    api = an_api()
    done = api("POST", "/sql/batch", {"statements": [{"query": each} for each in statements]}, database="default")
    assert done.status == 200, done.body
    return api


@pytest.fixture(scope="session")
def shop() -> Iterator[Api]:
    api = database(schemas.SHOP)
    yield api
    api.local.close()


@pytest.fixture(scope="session")
def hostile() -> Iterator[Api]:
    api = database(schemas.HOSTILE)
    yield api
    api.local.close()


@pytest.fixture(scope="session", params=["shop", "hostile"])
def types(request: pytest.FixtureRequest) -> Types:
    """`types("go")`: the source for all tables of a database; once for each of the two."""
    api: Api = request.getfixturevalue(request.param)
    tables = schemas.SHOP_TABLES if request.param == "shop" else schemas.HOSTILE_TABLES

    def make(language: str, style: str | None = None) -> str:
        body = {"tables": tables, "language": language} | ({"style": style} if style else {})
        source: str = api("POST", "/codegen/types", body, database="default").data[language]
        return source

    return make
