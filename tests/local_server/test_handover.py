"""Large answers go to a client on the same machine by a file that both map."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import helios_magic
from helios_magic.emulator.handover import Handover
from helios_magic.local_server import Records
from helios_magic.models.arrowstream import read_stream
from helios_magic.models.handover import PROBE, TAKEN, is_ours, take
from tests.local_server.ending import end_all, gone

LARGE = (
    "SELECT i AS id, i * 0.5::float8 AS score, 'name ' || (i % 1000) AS name FROM generate_series(1, 300000) AS r(i)"
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files are handed over on POSIX systems only")


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("HELIOS_RUNTIME", str(folder))
    monkeypatch.setenv("HELIOS_STORE", str(tmp_path / "store"))
    yield folder
    end_all(folder)


def folder_of(store: Path) -> Path:
    record = Records(store).read()
    assert record is not None
    return Path(record.handover)


def test_a_large_answer_is_the_same_and_leaves_nothing(runtime: Path, tmp_path: Path) -> None:
    with helios_magic.connect("local") as shared, helios_magic.connect(":memory:") as private:
        kept = shared.run(LARGE).table
        assert kept.equals(private.run(LARGE).table)
        folder = folder_of(tmp_path / "store")
        (taken,) = (path for path in folder.iterdir() if path.name != PROBE)
        assert taken.suffix == TAKEN
    assert kept.column("id")[299_999].as_py() == 300_000, "the rows outlive the session"


def test_memory_is_written_again_only_when_no_view_of_it_is_left(runtime: Path, tmp_path: Path) -> None:
    with helios_magic.connect("local") as session:
        first = session.run(LARGE).table
        before = first.column("id").slice(299_999).to_pylist() + first.column("name").slice(0, 1).to_pylist()
        second = session.run(LARGE.replace("'name '", "'other '")).table
        folder = folder_of(tmp_path / "store")
        inodes = {path.stat().st_ino for path in folder.glob(f"*{TAKEN}")}
        assert len(inodes) == 2, "what is still viewed is left alone"
        view = first.column("name").chunk(0)
        del first
        third = session.run(LARGE).table
        assert len(list(folder.glob(f"*{TAKEN}"))) == 3, "a view of one column holds the whole"
        assert view[0].as_py() == before[1]
        del view, second, third
        again = session.run(LARGE).table
        now = {path.stat().st_ino for path in folder.glob(f"*{TAKEN}")}
        assert len(now) == 3
        assert inodes < now
        assert again.column("id").slice(299_999).to_pylist() + again.column("name").slice(0, 1).to_pylist() == before


def test_what_nobody_views_is_removed_after_a_while(tmp_path: Path) -> None:
    handover = Handover("a", runs=lambda pid: True)
    try:
        table = pa.table({"n": pa.array(range(1_000_000), pa.int64())})
        names = [handover.put(table, b"{}") for _ in range(2)]
        kept = take(handover.folder, names[0] or "")
        take(handover.folder, names[1] or "")
        for path in handover.folder.glob(f"*{TAKEN}"):
            os.utime(path, (0, 0))
        handover.sweep()
        assert [path.stem for path in handover.folder.glob(f"*{TAKEN}")] == [names[0]]
        assert read_stream(kept)[0].equals(table)
    finally:
        handover.close()


def test_the_folder_of_a_killed_server_is_removed_by_the_next(runtime: Path, tmp_path: Path) -> None:
    with helios_magic.connect("local") as session:
        session.run(LARGE)
        first, record = folder_of(tmp_path / "store"), Records(tmp_path / "store").read()
        assert record is not None
        os.kill(record.pid, signal.SIGKILL)
        assert gone(record.pid)
        assert session.run(LARGE).row_count == 300_000
        assert not first.exists()
        assert folder_of(tmp_path / "store").exists()


def test_only_a_folder_of_one_s_own_with_the_instance_is_believed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    (folder / PROBE).write_text("a")
    assert is_ours(folder, "a")
    assert not is_ours(folder, "b")
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert not is_ours(link, "a")
    folder.chmod(0o755)
    assert not is_ours(folder, "a")


@pytest.mark.parametrize("name", ["../secret", "a/b", "", "."])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match="is no name"):
        take(tmp_path, name)
