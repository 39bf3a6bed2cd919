"""The shared local server as its users meet it: found, started once, followed, replaced, left alone by strangers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import helios_magic
from helios_magic.errors import ConnectionFailedError, ServerError, StoreError, StoreInUseError
from helios_magic.local_server import API_NUMBER, Records, ensure, find, look_at, stop
from helios_magic.settings import Secret
from tests.local_server.ending import end_all, gone

RACER = """
import sys
from helios_magic.local_server import Records, ensure
print(ensure(Records(sys.argv[1])).record.pid)
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store's folder that is `local`, with a runtime folder of its own."""
    monkeypatch.setenv("HELIOS_STORE", str(tmp_path / "store"))
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("HELIOS_RUNTIME", str(runtime))
    yield tmp_path / "store"
    end_all(runtime)


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


def wrote(records: Records) -> dict[str, object]:
    told: dict[str, object] = json.loads(records.path.read_text())
    return told


def test_two_sessions_another_process_and_curl_share_a_store(store: Path) -> None:
    with helios_magic.connect("local") as one, helios_magic.connect() as other:
        one.run("CREATE TABLE t (id int PRIMARY KEY)")
        other.run("INSERT INTO t VALUES (1)")
        script = "import helios_magic as h\nwith h.connect('local') as s: s.run('INSERT INTO t VALUES (2)')"
        with python(script) as other_process:
            assert other_process.wait(30) == 0
        record = Records(store).read()
        assert record is not None
        query = urllib.request.Request(
            f"{record.url}/db/default/api/v1/sql", b'{"query": "SELECT count(*) AS n FROM t"}',
            {"Authorization": f"Bearer {(store / 'token').read_text().strip()}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(query) as answer:
            assert json.load(answer)["data"]["rows"] == [[2]]
        assert one.run("SELECT count(*) FROM t").table.to_pylist() == [{"count": 2}]


def test_a_path_that_a_server_has_is_reached_through_it(store: Path) -> None:
    with helios_magic.connect("local") as served:
        served.run("CREATE TABLE t (id int)")
        with helios_magic.connect(str(store)) as same:
            assert same.place == "server"
            assert [table.name for table in same.tables().tables] == ["t"]


def test_clients_that_race_find_one_server(store: Path) -> None:
    racers = [python(RACER, str(store)) for _ in range(8)]
    pids = {racer.communicate(timeout=60)[0].strip() for racer in racers}
    record = Records(store).read()
    assert record is not None
    assert pids == {str(record.pid)}


def test_a_killed_server_is_followed_by_another(store: Path) -> None:
    with helios_magic.connect("local") as session, helios_magic.connect("local") as other:
        session.run("CREATE TABLE t (id int PRIMARY KEY)")
        for number in range(20):
            session.run("INSERT INTO t VALUES ($1)", [number])
        record = Records(store).read()
        assert record is not None
        os.kill(record.pid, signal.SIGKILL)
        assert gone(record.pid)
        assert session.run("SELECT count(*) FROM t").table.to_pylist() == [{"count": 20}]
        assert other.run("SELECT max(id) FROM t").table.to_pylist() == [{"max": 19}]
        again = Records(store).read()
        assert again is not None
        assert again.pid != record.pid


def test_a_write_that_was_cut_off_is_not_repeated(store: Path) -> None:
    with helios_magic.connect("local") as session:
        session.run("CREATE TABLE t (id int)")
        record = Records(store).read()
        assert record is not None
        with python(f"import os, time; time.sleep(1); os.kill({record.pid}, 9)"):
            endless = "SELECT a.i FROM generate_series(1, 100000) a(i), generate_series(1, 100000) b"
            with pytest.raises(ConnectionFailedError, match="may have been carried out"):
                session.run(f"INSERT INTO t {endless}")
        assert gone(record.pid)
        assert session.run("SELECT count(*) FROM t").table.to_pylist() == [{"count": 0}]


def test_a_server_that_speaks_another_number_is_replaced(store: Path) -> None:
    records = Records(store)
    first = ensure(records)
    records.write(replace(first.record, api=API_NUMBER - 1))
    second = ensure(records)
    assert second.started
    assert second.record.pid != first.record.pid
    assert second.record.api == API_NUMBER
    assert gone(first.record.pid)


def test_a_busy_server_of_another_number_is_not_torn_away(store: Path) -> None:
    with helios_magic.connect("local") as session:
        records = Records(store)
        record = records.read()
        assert record is not None
        records.write(replace(record, api=API_NUMBER - 1))
        busy = (
            "import helios_magic as h, pathlib\n"
            f"s = h.connect({record.url!r}, token=pathlib.Path({str(store / 'token')!r}).read_text().strip())\n"
            "s.run('SELECT count(*) FROM generate_series(1, 400000) a(i), generate_series(1, 400000) b(i)"
            " WHERE a.i % 7 <> b.i % 11')"
        )
        with python(busy) as worker:
            give_up, looks = time.monotonic() + 20, 0
            while looks < 10:  # in a row: a moment before the statement the worker asks other things
                seen = look_at(record)
                looks = looks + 1 if seen is not None and seen.running else 0
                assert time.monotonic() < give_up
                time.sleep(0.02)
            with pytest.raises(ServerError, match="is busy"):
                ensure(records)
            records.write(record)
            worker.kill()
        assert session.run("SELECT 1 AS x").table.to_pylist() == [{"x": 1}]


def test_what_the_record_says_is_not_believed_without_the_instance(store: Path) -> None:
    records = Records(store)
    first = ensure(records).record
    records.write(replace(first, token=Secret("hdb_live_wrong")))
    assert find(records) is None
    records.write(replace(first, born=first.born - 100))  # the number of a process that is gone
    assert find(records) is None
    records.write(replace(first, instance="0" * 32))
    assert find(records) is None
    assert gone(first.pid), "a server whose record is not its own leaves"


@pytest.mark.parametrize("text", ["", "{}", "null", '{"url": 1}', "\x00"])
def test_an_unreadable_record_is_not_ours(store: Path, text: str) -> None:
    records = Records(store)
    records.path.write_text(text)
    records.path.chmod(0o600)
    assert find(records) is None
    records.path.unlink()


def test_a_record_that_others_may_write_or_that_leads_elsewhere_is_not_ours(store: Path, tmp_path: Path) -> None:
    records = Records(store)
    server = ensure(records)
    records.beside.unlink()
    records.path.chmod(0o644)
    assert find(records) is None
    records.path.chmod(0o600)
    planted = tmp_path / "planted.json"
    records.path.rename(planted)
    records.path.symlink_to(planted)
    assert find(records) is None
    records.path.unlink()
    planted.rename(records.path)
    found = find(records)
    assert found is not None
    assert found.record == server.record


def test_processes_with_different_runtime_folders_share_one_server(store: Path, tmp_path: Path) -> None:
    """One has XDG_RUNTIME_DIR, the other has not: after `su`, in cron, in the kernel of a hub."""
    first = ensure(Records(store)).record
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    elsewhere = Records(store, other)
    found = ensure(elsewhere)
    assert (found.record, found.started) == (first, False)
    assert not elsewhere.path.exists()
    elsewhere.beside.chmod(0o644)
    assert find(elsewhere) is None
    elsewhere.beside.chmod(0o600)
    assert stop(first)
    assert gone(first.pid)
    assert not elsewhere.beside.exists()


@pytest.mark.long
def test_a_race_from_two_runtime_folders_ends_with_one_server(store: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(store)], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "HELIOS_RUNTIME": str(folder)},
        )
        for folder in (tmp_path / "run", other)
    ]  # fmt: skip
    pids = {racer.communicate(timeout=40)[0] for racer in racers}
    assert len(pids) == 1
    end_all(other)


def test_a_runtime_folder_of_somebody_else_is_refused(store: Path, tmp_path: Path) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(StoreError, match="not a folder of yours alone"):
        Records(store, open_to_all)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "run")
    with pytest.raises(StoreError, match="not a folder of yours alone"):
        Records(store, link)


def test_the_runtime_files_are_for_their_user_alone(store: Path) -> None:
    records = Records(store)
    ensure(records)
    assert all(not path.stat().st_mode & 0o077 for path in records.folder.iterdir())
    assert "hdb_live" not in repr(records.read())
    assert "hdb_live" not in records.log.read_text()


def test_a_store_that_a_process_has_open_is_named(store: Path) -> None:
    with helios_magic.connect(str(store)) as mine:
        mine.run("CREATE TABLE t (id int)")
        with pytest.raises(StoreInUseError, match=f"process {os.getpid()}"):
            ensure(Records(store))


def test_a_server_without_requests_leaves(store: Path) -> None:
    command = [sys.executable, "-m", "helios_magic", "serve", "--shared", "--idle-seconds", "0.5", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        assert server.wait(30) == 0
    assert Records(store).read() is None


def test_a_wish_to_stop_that_nobody_waits_for_is_not_carried_out(store: Path) -> None:
    record = ensure(Records(store)).record
    late = urllib.request.Request(
        f"{record.url}/_local/stop?before={time.time() - 1}",
        method="POST",
        headers={"Authorization": f"Bearer {record.token.reveal()}"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(late)
    assert refused.value.code == 409
    refused.value.close()
    assert look_at(record)


def test_private_pages_need_the_owner_s_token(store: Path) -> None:
    record = ensure(Records(store)).record
    for path, method, status in (("health", "GET", 401), ("stop", "POST", 401)):
        query = urllib.request.Request(
            f"{record.url}/_local/{path}", method=method, headers={"Authorization": "Bearer x"}
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(query)
        assert refused.value.code == status
        refused.value.close()
    assert stop(record)
    assert gone(record.pid)
