from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

import pytest

from tests.contract.serving import Served, serving

if sys.platform != "win32":
    import resource

#: What a server of these tests may take: small, so that filling it is quick.
MEMORY = "300MB"
PROCESS = 3 * 2**30


def little_memory() -> None:
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (PROCESS, PROCESS))


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    """A server with little memory, and in it tables of the owner's."""
    with serving("--memory", environment={"HELIOS_MEMORY_LIMIT": MEMORY}, before=little_memory) as served:
        served.sql("CREATE TABLE treasure (id int PRIMARY KEY, word text)")
        served.sql("INSERT INTO treasure VALUES (1, 'the owner''s treasure')")
        yield served


@pytest.fixture(scope="session")
def eve(server: Served) -> str:
    """The token of another account, which has the database `eves`."""
    known = {"email": "eve@example.com", "password": "secure-password-123"}
    server.ask("POST", "/v1/auth/signup", known, token=None)
    token = str(json.loads(server.ask("POST", "/v1/auth/login", known, token=None)[2])["data"]["token"])
    made = server.ask("POST", "/v1/databases", {"name": "eves", "tier": "enterprise"}, token=token)
    assert made[0] == 201, made[2]
    server.ask("POST", "/db/eves/api/v1/sql", {"query": "CREATE TABLE mine (id int)"}, token=token)
    return token


def as_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0
