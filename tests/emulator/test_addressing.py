"""Which plane, database and path a request means."""

from __future__ import annotations

import pytest

from helios_magic.emulator.addressing import Target, host_name, locate, read_query_string
from helios_magic.errors import NotFoundError, ValidationError


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("api.heliosdb.io", "api.heliosdb.io"),
        ("API.HeliosDB.io:8765", "api.heliosdb.io"),
        ("my-app-db.heliosdb.io:443", "my-app-db.heliosdb.io"),
        ("127.0.0.1:8765", "127.0.0.1"),
        ("localhost", "localhost"),
        ("shop.localhost:1", "shop.localhost"),
        ("[::1]:8765", "[::1]"),
    ],
)
def test_known_hosts(header: str, name: str) -> None:
    assert host_name(header) == name


@pytest.mark.parametrize(
    "header",
    [
        "",
        "example.com",
        "evilheliosdb.io",
        "heliosdb.io.evil.com",
        "127.0.0.1.evil.com",
        "127.0.0.2",
        "a@localhost",
        "::1",
    ],
)
def test_other_hosts_are_refused(header: str) -> None:
    with pytest.raises(ValidationError, match="does not go by the name"):
        host_name(header)


def test_a_host_that_was_asked_for_is_known() -> None:
    assert host_name("192.168.1.5:8765", {"192.168.1.5"}) == "192.168.1.5"


@pytest.mark.parametrize(
    ("host", "path", "target"),
    [
        ("api.heliosdb.io", "/v1/databases", Target("control", None, "/databases", True)),
        ("shop.heliosdb.io", "/api/v1/sql", Target("data", "shop", "/sql", True)),
        ("127.0.0.1", "/v1/auth/login", Target("control", None, "/auth/login", False)),
        ("127.0.0.1", "/db/shop/api/v1/branches/feature%2Fuser-auth",
         Target("data", "shop", "/branches/feature%2Fuser-auth", False)),
    ],
)  # fmt: skip
def test_by_host_and_by_path(host: str, path: str, target: Target) -> None:
    assert locate(host, path) == target


@pytest.mark.parametrize(
    ("host", "path"),
    [("shop.heliosdb.io", "/v1/databases"), ("127.0.0.1", "/api/v1/sql"), ("localhost", "/"), ("localhost", "/v1x")],
)
def test_paths_of_no_plane(host: str, path: str) -> None:
    with pytest.raises(NotFoundError):
        locate(host, path)


def test_query_strings() -> None:
    assert read_query_string("branch=feature%2Fx&mode=") == {"branch": "feature/x", "mode": ""}
    with pytest.raises(ValidationError, match="“branch” comes more than once"):
        read_query_string("branch=a&branch=b")
    with pytest.raises(ValidationError, match="too many"):
        read_query_string("&".join(f"a{n}=1" for n in range(1000)))
