"""The folder through which a server hands large Arrow answers to clients on its own machine."""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from helios_magic.models.arrowmap import Layout, lay_out, write_map
from helios_magic.models.handover import PROBE, TAKEN

if TYPE_CHECKING:
    import pyarrow as pa

#: Answers below are as quick over the socket.
SMALLEST = 4 * 2**20
_MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
#: Seconds after which a file that no client has taken is removed.
_UNTAKEN = 60.0
#: Seconds from its writing for which a file that nobody views any more waits for another answer.
_KEPT = 15.0
#: The share of the free memory that handed-over answers may take.
_SHARE = 0.5


class Handover:
    """A private folder in memory (where the system has one), gone when the server ends.

    `runs` says whether a process runs: the folders of those that were killed are removed.
    """

    def __init__(self, instance: str, *, runs: Callable[[int], bool]) -> None:
        _remove_abandoned(runs)
        parent = _MEMORY if os.access(_MEMORY, os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix=f"helios-{os.getpid()}-", dir=parent))  # mode 0700
        (self.folder / PROBE).write_text(instance)
        self._claiming = threading.Lock()
        self._views: dict[int, mmap.mmap] = {}
        """By inode, the memory of files that were written before."""

    def put(self, table: pa.Table, envelope: bytes) -> str | None:
        """Write an answer and return its name; None where it is small, or there is no room for it."""
        layout = lay_out(table, envelope)
        if layout.size < SMALLEST or layout.size > shutil.disk_usage(self.folder).free * _SHARE:
            return None
        self.sweep()
        name = secrets.token_hex(16)
        path = self.folder / name
        try:
            file = self._free_file(path, layout.size)
            if file is None:
                file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "wb") as opened, self._sink(path, opened, layout) as sink:
                write_map(sink, table, envelope, layout)
                os.utime(file)
        except OSError:
            path.unlink(missing_ok=True)
            return None
        return name

    def close(self) -> None:
        self._views.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what clients asked for and never took, and what they took and let go of a while ago."""
        with self._claiming:
            for path in self._files():
                with contextlib.suppress(FileNotFoundError):
                    found = path.stat()
                    age = time.time() - found.st_mtime
                    if path.suffix != TAKEN and age > _UNTAKEN:
                        path.unlink()
                        self._views.pop(found.st_ino, None)
                    elif path.suffix == TAKEN and age > _KEPT and (file := _unviewed(path)) is not None:
                        path.unlink()
                        self._views.pop(found.st_ino, None)
                        os.close(file)

    def _sink(self, path: Path, opened: BinaryIO, layout: Layout) -> pa.NativeFile:
        """Where to write a file: in the memory that it has, or behind each other into one that must grow."""
        import pyarrow as pa

        if layout.size > os.fstat(opened.fileno()).st_size:
            return pa.PythonFile(opened, mode="w")
        return pa.FixedSizeBufferWriter(pa.py_buffer(self._view(path, layout.size)))

    def _view(self, path: Path, size: int) -> mmap.mmap:
        """The memory of a file that is there already: its pages need not be found and cleared again."""
        with path.open("r+b") as file:  # a description of its own: a view of the claimed one would keep its lock
            inode = os.fstat(file.fileno()).st_ino
            view = self._views.get(inode)
            if view is None or len(view) < size:
                view = mmap.mmap(file.fileno(), size, mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0))
                self._views[inode] = view
        return view

    def _free_file(self, path: Path, size: int) -> int | None:
        """The file nearest to this size that nobody views any more, opened, and now of this name."""
        with self._claiming, contextlib.suppress(OSError):
            taken = {each: each.stat().st_size for each in self._files() if each.suffix == TAKEN}
            for each in sorted(taken, key=lambda each: (taken[each] < size, abs(taken[each] - size))):
                file = _unviewed(each)
                if file is not None:
                    each.rename(path)  # under the lock: nobody else has opened it as free
                    return file
        return None

    def _files(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.name != PROBE]


def _unviewed(path: Path) -> int | None:
    """The file, opened, if no client holds it."""
    import fcntl

    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def _remove_abandoned(runs: Callable[[int], bool]) -> None:
    """Remove the folders of servers that were killed."""
    for folder in _MEMORY.glob("helios-*-*") if _MEMORY.is_dir() else ():
        pid = folder.name.split("-")[1]
        with contextlib.suppress(OSError):
            if pid.isdecimal() and folder.lstat().st_uid == os.geteuid() and not runs(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)
