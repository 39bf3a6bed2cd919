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
from helios_magic.models.arrowmap import read_map
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


def test_a_large_frame_takes_the_memory_over_and_writes_to_it_alone(runtime: Path, tmp_path: Path) -> None:
    with helios_magic.connect("local") as session:
        frame = session.sql(LARGE)
        frame.loc[0, "id"] = -1
        frame.loc[1, "score"] = -2.0
        other = session.sql(LARGE)
        assert len(list(folder_of(tmp_path / "store").glob(f"*{TAKEN}"))) == 2, "the frame is a view of the file"
        assert (frame["id"][0], frame["score"][1]) == (-1, -2.0)
        assert (other["id"][0], other["score"][1]) == (1, 1.0)
        result = session.run(LARGE)
        copy = result.to_pandas()
        copy.loc[0, "id"] = -1
        assert result.table["id"][0].as_py() == 1


def test_every_type_null_slice_and_number_of_chunks_comes_through(tmp_path: Path) -> None:
    handover = Handover("a", runs=lambda pid: True)
    columns = {
        "n": pa.chunked_array([pa.array(range(500_000), pa.int64()), pa.array(range(700_000), pa.int64()).slice(7)]),
        "with_null": pa.chunked_array([pa.array([None, *range(1_199_992)], pa.int32())]),
        "text": pa.chunked_array([pa.array(["é"] * 1_199_993)]),
        "exact": pa.chunked_array([pa.array([1], pa.decimal128(38, 2)).take(pa.array([0] * 1_199_993))]),
        "flag": pa.chunked_array([pa.array([True, False, None] * 400_000).slice(7)]),
        "at": pa.chunked_array([pa.array(range(1_199_993), pa.timestamp("us", "UTC"))]),
    }
    try:
        for names in (list(columns), ["n"], ["text"], ["at", "n", "at"]):
            fields = [pa.field("twice", columns[name].type, metadata={"a": "b"}) for name in names]
            table = pa.Table.from_arrays([columns[name] for name in names], schema=pa.schema(fields))
            for part in (table, table.slice(3, 900_001)):
                name = handover.put(part, b'{"a": 1}')
                assert name is not None
                read, envelope = read_map(take(handover.folder, name))
                assert envelope == b'{"a": 1}'
                assert read.equals(part)
                assert read.schema.equals(part.schema, check_metadata=True)
    finally:
        handover.close()


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
        assert read_map(kept)[0].equals(table)
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
