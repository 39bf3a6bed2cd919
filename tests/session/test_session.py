"""Targets, stores shared by sessions, forks, and what a closed session says."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import helios_magic
from helios_magic.errors import (
    AuthenticationError,
    ConnectionFailedError,
    NotFoundError,
    StoreInUseError,
    UsageError,
)
from helios_magic.settings import SETTINGS
from tests.client.misbehaving import serving, success
from tests.client.served import serve


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.setenv("HELIOS_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("HELIOS_STORE", str(tmp_path / "store"))


def python(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
    )


def test_the_default_is_the_local_store_with_a_database_and_a_branch_at_once(tmp_path: Path) -> None:
    with helios_magic.connect() as session:
        assert (session.target, session.database, session.branch) == ("local", "default", "main")
        session.sql("CREATE TABLE kept (a int4)")
        session.sql("INSERT INTO kept VALUES (7)")
        assert session.status().address == str(tmp_path / "store")
    with helios_magic.connect("local") as session:
        assert session.sql("SELECT a FROM kept")["a"].tolist() == [7]


def test_a_private_store_is_gone_afterwards() -> None:
    with helios_magic.connect(":memory:") as one, helios_magic.connect(":memory:") as other:
        one.sql("CREATE TABLE mine (a int4)")
        assert other.tables().tables == []


def test_sessions_on_one_path_share_one_store(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    first = helios_magic.connect(path)
    (tmp_path / "link").symlink_to(path)
    second = helios_magic.connect(str(tmp_path / "link"))
    first.sql("CREATE TABLE t (a int4)")
    assert [table.name for table in second.tables().tables] == ["t"]
    first.close()
    first.close()
    assert second.sql("SELECT count(*) AS n FROM t")["n"][0] == 0
    second.close()
    with helios_magic.connect(path) as third:
        assert [table.name for table in third.tables().tables] == ["t"]


def test_a_store_that_another_process_holds_is_named_with_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "held"
    with helios_magic.connect(path):
        script = (
            "import sys, helios_magic\n"
            "try: helios_magic.connect(sys.argv[1])\n"
            "except helios_magic.HeliosError as e: print(type(e).__name__, e)"
        )
        said = python(script, str(path)).stdout
    assert said.startswith(StoreInUseError.__name__)
    assert str(os.getpid()) in said


def test_what_is_written_survives_an_exit_without_close(tmp_path: Path) -> None:
    script = (
        "import sys, helios_magic\n"
        "s = helios_magic.connect(sys.argv[1])\n"
        "s.sql('CREATE TABLE t (a int4)'); s.sql('INSERT INTO t VALUES (1)')"
    )
    done = python(script, str(tmp_path / "s"))
    assert (done.returncode, done.stderr) == (0, "")
    with helios_magic.connect(tmp_path / "s") as session:
        assert session.sql("SELECT a FROM t")["a"].tolist() == [1]


def test_a_closed_session_says_so() -> None:
    session = helios_magic.connect(":memory:")
    session.close()
    with pytest.raises(UsageError, match="closed"):
        session.sql("SELECT 1")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_is_told_to_connect_again() -> None:
    with helios_magic.connect(":memory:") as session:
        session.sql("SELECT 1")
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                session.sql("SELECT 1")
            except UsageError as error:
                os.write(write, str(error).encode())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(write)
        said = os.read(read, 10_000).decode()
        os.close(read)
        assert "forked" in said
        assert "connect() again" in said
        assert session.sql("SELECT 1 AS one")["one"][0] == 1


def test_a_server_needs_a_token() -> None:
    with pytest.raises(UsageError, match=r"api\.heliosdb\.io needs a token") as caught:
        helios_magic.connect("https://api.heliosdb.io")
    assert "HELIOS_TOKEN" in str(caught.value.hint)


def test_a_server_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as server:
        monkeypatch.setenv("HELIOS_URL", server.url)
        monkeypatch.setenv("HELIOS_TOKEN", server.token)
        with helios_magic.connect() as session:
            assert session.sql("SELECT 1 AS one")["one"][0] == 1
            status = session.status()
            assert (status.place, status.database) == ("server", "default")
            assert server.token not in repr(session) + repr(session.client) + repr(vars(session)) + repr(status)
        with pytest.raises(AuthenticationError):
            helios_magic.connect(token="hdb_live_wrong")
        with pytest.raises(NotFoundError, match="no database “nope”"):
            helios_magic.connect(database="nope")


def test_a_server_with_a_certificate_of_its_own() -> None:
    pytest.importorskip("cryptography")
    with serve("--memory", "--tls-self-signed") as server:
        assert server.url.startswith("https://")
        with pytest.raises(ConnectionFailedError, match="is not trusted") as caught:
            helios_magic.connect(server.url, token=server.token)
        assert "verify=" in str(caught.value.hint)
        with helios_magic.connect(server.url, token=server.token, verify=False) as session:
            assert session.sql("SELECT 1 AS one")["one"][0] == 1


def test_a_token_for_servers_is_not_used_for_a_local_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_TOKEN", "hdb_live_for_another_place")
    with helios_magic.connect(":memory:") as session:
        assert session.sql("SELECT 1 AS one")["one"][0] == 1


def test_settings_of_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    databases = success({"databases": [], "total": 0})
    with serving(databases) as server, pytest.raises(NotFoundError, match="no database “default”"):
        helios_magic.connect(server.url, token="hdb_live_x")
    monkeypatch.setenv("HELIOS_TIMEOUT", "never")
    with pytest.raises(UsageError, match="HELIOS_TIMEOUT"):
        helios_magic.connect(":memory:")


def test_importing_a_session_is_cheap() -> None:
    script = (
        "import sys, helios_magic.session\n"
        "heavy = {'pandas', 'duckdb', 'sqlglot', 'starlette', 'uvicorn', 'pyarrow', 'httpx', 'IPython', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert python(script).stdout == "[]\n"


def test_opening_one_store_from_many_threads(tmp_path: Path) -> None:
    opened: list[helios_magic.Session] = []
    threads = [
        threading.Thread(target=lambda: opened.append(helios_magic.connect(tmp_path / "many"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for session in opened:
        session.close()
    with helios_magic.connect(tmp_path / "many"):
        pass


def test_a_scheme_that_is_not_known_is_not_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        helios_magic.connect("postgresql://me:" + "swordfish@host/db")
    assert "postgresql://…" in caught.value.message
    assert ":memory:" in str(caught.value.hint)
    assert "https://host" in str(caught.value.hint)
    assert "swordfish" not in str(caught.value)
    assert not list(tmp_path.iterdir())
