"""Names that are paths: of databases, branches, tables and ids.  None leads out of the store."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.contract.serving import Served
from tests.security.test_sql_over_http import asked

PATHS = [
    "../../../../etc/passwd", "..", ".", "/etc/passwd", "....//....//etc", "..\\..\\windows", "C:\\x", "a/../../b",
    "%2e%2e%2f", "..%2f..%2f", "nul\x00byte", "~root", "$(id)", "`id`", ";id", "|id", "a\nb", "file:///etc/passwd",
    "\u002e\u002e/", "․․/", "token", "helios.sqlite3", "data/x", "a'; DROP TABLE mine; --", 'a"b', "x" * 4000,
]  # fmt: skip


def files(server: Served) -> set[str]:
    """Everything in and beside the store, but what the engine makes by names of its own."""
    near = [path.name for path in server.store.parent.iterdir() if path.name.startswith(("etc", "..", "passwd"))]
    return {path.name for path in server.store.iterdir()} | set(near)


@pytest.mark.parametrize("name", PATHS)
def test_a_path_is_no_database(server: Served, eve: str, name: str) -> None:
    before = files(server)
    status, _, text = server.ask("POST", "/v1/databases", {"name": name, "tier": "free"}, token=eve)
    # An empty stretch of letters may be a name: nothing but letters, digits and hyphens is.
    assert status == (201 if name == "token" else 400), text
    for path in (f"/db/{quote(name, safe='')}/api/v1/branches", f"/v1/databases/{quote(name, safe='')}"):
        if name != "token":
            assert server.ask("GET", path, token=eve)[0] in {400, 404}
    assert files(server) == before


@pytest.mark.parametrize("name", PATHS)
def test_a_branch_s_name_is_no_file_s(server: Served, eve: str, name: str) -> None:
    before = files(server)
    status, _, text = server.ask("POST", "/db/eves/api/v1/branches", {"name": name}, token=eve)
    assert status in {201, 400}, text
    if status == 201:
        assert asked(server, eve, "CREATE TABLE written_there (a int)", branch=name)[0] == 200
        assert server.ask("DELETE", f"/db/eves/api/v1/branches/{quote(name, safe='')}", token=eve)[0] == 200
    else:
        assert server.ask("DELETE", f"/db/eves/api/v1/branches/{quote(name, safe='')}", token=eve)[0] in {400, 404}
    assert files(server) == before


@pytest.mark.parametrize("name", PATHS)
def test_a_table_s_name_is_no_file_s(server: Served, eve: str, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    before = files(server)
    status, text = asked(server, eve, f"CREATE TABLE {quoted} (a int)")
    assert status in {200, 400}, text
    if status == 200:
        assert asked(server, eve, f"SELECT * FROM {quoted}")[0] == 200
        assert asked(server, eve, f"DROP TABLE {quoted}")[0] == 200
    loaded = server.ask("POST", f"/db/eves/api/v1/tables/{quote(name, safe='')}/rows", b"x", token=eve)
    assert loaded[0] in {400, 404, 415}, loaded[2]
    assert "passwd:" not in loaded[2].decode()
    assert files(server) == before


def test_errors_name_no_path_of_the_server(server: Served, eve: str) -> None:
    for query in ("SELECT * FROM nowhere", "DROP TABLE nowhere", "SELECT 1/0", "SELECT 'x'::int"):
        assert str(server.store) not in asked(server, eve, query)[1]
    assert json.loads(server.ask("GET", "/v1/../../etc/passwd")[2])["error"]["code"] == "NOT_FOUND"
