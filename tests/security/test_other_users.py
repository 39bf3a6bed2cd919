"""Another user of the same machine: sees nothing of a store, and plants nothing that is followed.

The files that tell where a server is: `tests.local_server.test_sharing`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helios_magic.emulator.local import open_local
from helios_magic.errors import StoreError
from helios_magic.store import Store
from tests.emulator.calling import CHEAP, Api, Clock
from tests.security.conftest import as_root

pytestmark = pytest.mark.skipif(os.name != "posix", reason="users and modes are POSIX")
NOBODY = 65534


@pytest.fixture
def shared_folder(tmp_path: Path) -> Path:
    """A place that other users reach: pytest's own folders are closed to them."""
    for each in (tmp_path, *tmp_path.parents):
        if each.stat().st_uid == os.geteuid() and each != Path("/"):
            each.chmod(each.stat().st_mode | 0o055)
        if each == Path("/tmp"):
            break
    return tmp_path


def test_no_file_of_a_store_at_work_is_readable_by_others(tmp_path: Path) -> None:
    """Under the widest umask; the folder itself may have been made by its user before, open to readers."""
    store = tmp_path / "store"
    before = os.umask(0)
    try:
        store.mkdir(mode=0o755)
        local = open_local(store, passwords=CHEAP)
        api = Api(local, Clock())
        api.sql("CREATE TABLE t (a int)")
        api("POST", "/branches", {"name": "b"}, database="default")
        api("POST", "/sql", {"query": "INSERT INTO t VALUES (1)", "branch": "b"}, database="default")
        reached = [path for path in _reached_by_others(store) if path != store]
        local.close()
        reached += [path for path in _reached_by_others(store) if path != store]
    finally:
        os.umask(before)
    assert not reached


def _reached_by_others(folder: Path) -> list[Path]:
    """What a user who owns nothing here may read or list."""
    found = []
    for path in folder.iterdir():
        mode = path.stat().st_mode
        if mode & 0o044:
            found.append(path)
        if path.is_dir() and mode & 0o011:
            found += _reached_by_others(path)
    return found


@pytest.mark.skipif(not as_root(), reason="only root can be another user")
def test_another_user_reads_neither_token_nor_rows(shared_folder: Path) -> None:
    store = shared_folder / "store"
    open_local(store, passwords=CHEAP).close()
    look = (
        "import os, sys\nfor d, _, names in os.walk(sys.argv[1]):\n  for n in names: print(n); open(os.path.join(d, n))"
    )
    done = subprocess.run(["python3", "-c", look, str(store)], user=NOBODY, capture_output=True, text=True, env={})
    assert done.stdout == ""
    opened = subprocess.run(["cat", str(store / "token")], user=NOBODY, capture_output=True, text=True, env={})
    assert "hdb_live_" not in opened.stdout
    assert "Permission denied" in opened.stderr


@pytest.mark.parametrize("name", ["token", "helios.sqlite3", "lock", "data", "scratch"])
def test_a_planted_link_is_not_followed(tmp_path: Path, name: str) -> None:
    store, target = tmp_path / "store", tmp_path / "precious"
    store.mkdir(mode=0o700)
    target.write_text("precious")
    (store / name).symlink_to(target)
    with pytest.raises(StoreError, match="leads elsewhere") as refused:
        Store.open(store)
    assert refused.value.details.get("hint") or refused.value.hint
    assert target.read_text() == "precious"


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o702])
def test_a_folder_that_others_write_to_is_no_store(tmp_path: Path, mode: int) -> None:
    store = tmp_path / "store"
    store.mkdir()
    store.chmod(mode)
    with pytest.raises(StoreError, match="other users of this machine may write"):
        Store.open(store)
    assert not list(store.iterdir())


@pytest.mark.skipif(not as_root(), reason="only root can give files away")
def test_a_folder_or_file_of_another_user_is_no_store(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, NOBODY, NOBODY)
    with pytest.raises(StoreError, match="other users"):
        Store.open(theirs)
    mine = tmp_path / "mine"
    mine.mkdir(mode=0o700)
    (mine / "token").write_text("hdb_live_known_to_another")
    os.chown(mine / "token", NOBODY, NOBODY)
    with pytest.raises(StoreError, match="another user"):
        Store.open(mine)


def test_a_token_that_was_planted_is_not_taken_for_the_owner_s(tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir(mode=0o700)
    (store / "token").write_text("hdb_live_known_to_another\n")
    local = open_local(store, passwords=CHEAP)
    assert local.token != "hdb_live_known_to_another"
    assert (store / "token").read_text().strip() == local.token
    assert Api(local, Clock())("GET", "/databases", token="hdb_live_known_to_another").status == 401
    local.close()


def test_the_token_is_on_no_command_line(tmp_path: Path) -> None:
    """Command lines and environments of processes are what other users see first."""
    script = (
        "import helios_magic, os, subprocess, sys\n"
        "with helios_magic.connect() as s:\n"
        "    print(subprocess.run(['ps', '-eo', 'args'], capture_output=True, text=True).stdout)\n"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HELIOS_")},
        "HELIOS_STORE": str(tmp_path / "store"),
        "HELIOS_RUNTIME": os.environ["HELIOS_RUNTIME"],
    }
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=60)
    assert "helios_magic" in done.stdout, done.stderr
    assert (tmp_path / "store" / "token").read_text().strip() not in done.stdout
