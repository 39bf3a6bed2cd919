"""The store's folder: one owner, a format number, private to its user, gone when it is temporary."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from helios_magic.errors import AlreadyExistsError, StoreError, StoreInUseError, StoreVersionError
from helios_magic.store import Node, Store, holder_of
from helios_magic.store.migrations import MIGRATIONS, migrate
from helios_magic.store.sqlite import Records

HOLD = (
    "import sys, time; from helios_magic.store import Store; s = Store.open(sys.argv[1]); print('open', flush=True); "
)


def held_by_a_child(folder: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD + "time.sleep(60)", str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "open\n"
    return child


def test_a_store_in_use_names_its_owner_and_the_mend(tmp_path: Path) -> None:
    child = held_by_a_child(tmp_path)
    try:
        with pytest.raises(StoreInUseError) as refused:
            Store.open(tmp_path)
        assert str(tmp_path) in refused.value.message
        assert f"process {child.pid}" in refused.value.message
        assert "HELIOS_STORE" in (refused.value.hint or "")
        holder = holder_of(tmp_path)
        assert holder is not None
        assert holder["pid"] == child.pid
    finally:
        child.kill()
        child.communicate()
    Store.open(tmp_path).close()  # the system let go of a killed owner's lock
    assert holder_of(tmp_path) is None


def test_the_same_process_cannot_open_a_store_twice(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with pytest.raises(StoreInUseError, match=f"process {os.getpid()}"):
        Store.open(tmp_path)
    store.close()
    store.close()
    Store.open(tmp_path).close()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_only_the_user_can_read_a_store(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "new" / "store")
    store.keep_owner_token("hdb_live_x")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (store.path, *store.path.iterdir())}
    store.close()
    assert modes.pop("store") == 0o700
    assert modes.pop("data") == 0o700
    assert modes.pop("token") == 0o600
    assert {mode & 0o077 for mode in modes.values()} == {0}, modes


def test_a_temporary_store_is_removed_at_close_when_forgotten_and_at_exit() -> None:
    store = Store.open(None)
    path = store.path
    assert path.is_dir()
    store.close()
    assert not path.exists()

    store = Store.open(None)
    path = store.path
    del store
    gc.collect()
    assert not path.exists()

    left = "import sys; from helios_magic.store import Store; s = Store.open(None); print(s.path)"
    path = Path(subprocess.run([sys.executable, "-c", left], capture_output=True, text=True, check=True).stdout.strip())
    assert path.name.startswith("helios-magic-")
    assert not path.exists()


def test_a_temporary_store_of_a_killed_process_is_removed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    held = Store.open(None)
    code = (
        "from helios_magic.store import Store; import os; s = Store.open(None); print(s.path, flush=True); os._exit(9)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    left = Path(killed.stdout.strip())
    assert left.parent == tmp_path
    Store.open(None).close()
    assert left.is_dir()  # too young to be sure
    for path in (left, held.path):
        os.utime(path / "lock", (0, 0))
    Store.open(None).close()
    assert not left.exists()
    assert held.path.is_dir()
    held.close()


def test_a_folder_that_cannot_be_made_is_an_error_with_a_cause(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "file" / "store")


def test_an_older_format_is_migrated_after_a_copy_is_kept(tmp_path: Path) -> None:
    with_account = Store.open(tmp_path)
    with_account.accounts.add("a@example.com", None)
    with_account.close()
    records = Records(tmp_path / "helios.sqlite3")
    newer = (*MIGRATIONS, ["ALTER TABLE accounts ADD COLUMN motto TEXT", "UPDATE accounts SET motto = 'hello'"])
    migrate(records, newer, version="9.9.9")
    assert records.read("SELECT email, motto FROM accounts") == [("a@example.com", "hello")]
    migrate(records, newer, version="9.9.9")  # once is enough
    records.close()

    copy = sqlite3.connect(tmp_path / f"helios.sqlite3.format{len(MIGRATIONS)}")
    assert copy.execute("SELECT email FROM accounts").fetchall() == [("a@example.com",)]
    assert "motto" not in copy.execute("SELECT sql FROM sqlite_master WHERE name = 'accounts'").fetchone()[0]
    copy.close()

    with pytest.raises(StoreVersionError) as refused:
        Store.open(tmp_path)
    assert f"format {len(MIGRATIONS) + 1}" in refused.value.message
    assert "helios-magic>=9.9.9" in (refused.value.hint or "")
    with pytest.raises(StoreVersionError):  # the refusal let go of the lock
        Store.open(tmp_path)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    records = Records(tmp_path / "helios.sqlite3")
    with pytest.raises(sqlite3.OperationalError):
        migrate(records, (*MIGRATIONS, ["ALTER TABLE accounts ADD COLUMN motto TEXT", "no SQL at all"]))
    records.close()
    Store.open(tmp_path).close()


def test_records_survive_reopening(tmp_path: Path) -> None:
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, 678901, dt.UTC)
    numbers = iter(range(100))
    store = Store.open(tmp_path, clock=lambda: moment, ids=lambda prefix: f"{prefix}_{next(numbers)}")
    account = store.accounts.add("Ada@example.com", "hash")
    store.accounts.add_token(account.id, "secret", moment + dt.timedelta(days=7))
    database = store.databases.add(account.id, "shop", "free", "us-east-1")
    store.databases.activate(database)
    store.branches.add_database(database.id, "n1", "n1.duckdb")
    node = store.branches.head(database.id, "main")
    assert node is not None
    assert (node.id, node.file, node.sealed, node.kept) == ("n1", "n1.duckdb", False, True)
    store.close()

    store = Store.open(tmp_path)
    assert store.accounts.with_email("ada@EXAMPLE.com") == account
    token = store.accounts.token("secret")
    assert token is not None
    assert token.expires_at == moment + dt.timedelta(days=7)
    again = store.databases.named("shop")
    assert again is not None
    assert (again.id, again.status, again.created_at) == (database.id, "active", moment)
    assert store.branches.head(database.id, "main") == node
    assert store.branches.head(database.id, "other") is None
    assert [branch.name for branch in store.branches.list(database.id)] == ["main"]
    assert store.branches.files() == {"n1.duckdb"}
    assert store.branches.remove_database(database.id) == {"n1.duckdb"}
    assert store.branches.files() == set()
    store.close()


def test_a_token_is_never_kept_itself(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    account = store.accounts.add("a@example.com", None)
    store.accounts.add_token(account.id, "hdb_live_very_secret", None)
    store.close()
    assert b"very_secret" not in b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def test_taken_names_are_refused(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    account = store.accounts.add("a@example.com", None)
    store.databases.add(account.id, "shop", "free", "us-east-1")
    with pytest.raises(AlreadyExistsError, match="shop"):
        store.databases.add(account.id, "shop", "team", "us-east-1")
    with pytest.raises(AlreadyExistsError):
        store.accounts.add("A@EXAMPLE.COM", None)
    store.close()


def test_reads_from_many_threads_see_every_acknowledged_write(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    missing: list[str] = []

    def write_and_read(worker: int) -> None:
        for number in range(40):
            email = f"{worker}.{number}@example.com"
            store.accounts.add(email, None)
            if store.accounts.with_email(email) is None:
                missing.append(email)

    threads = [threading.Thread(target=write_and_read, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    assert missing == []


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.accounts.owner()
    with pytest.raises(StoreError, match="is closed"):
        store.accounts.add("a@example.com", None)


def test_a_collection_takes_back_no_mark_that_a_writer_made_meanwhile(tmp_path: Path) -> None:
    """Else a branch that was written counts as unwritten, and a fast-forward goes over its rows."""
    with contextlib.closing(Store.open(tmp_path)) as store:
        database = store.databases.add(store.accounts.add("a@example.com", None).id, "shop", "free", "us-east-1")
        store.branches.add_database(database.id, "n1", "n1.duckdb")
        store.branches.create(database.id, "b", "main")
        store.branches.advance("b", Node("n2", database.id, "n2.duckdb", parents=("n1",)))
        looked_at = store.branches.nodes(database.id)["n2"]
        store.branches.mark_written("n2", {"public.t"})
        store.branches.collect([replace(looked_at, parents=(), written=frozenset({"public.u"}))], [])
        kept = store.branches.nodes(database.id)["n2"]
        assert (kept.dirty, kept.written, kept.parents) == (True, {"public.t", "public.u"}, ())
