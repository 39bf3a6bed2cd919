"""The folder through which a server hands large Arrow answers to clients on its own machine."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.models.arrowstream import write_stream_to
from helios_magic.models.handover import PROBE

if TYPE_CHECKING:
    import pyarrow as pa

#: Answers below are as quick over the socket.
SMALLEST = 4 * 2**20
_MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
#: Seconds after which a file that no client has taken is removed.
_UNTAKEN = 60.0
#: The share of the free memory that handed-over answers may take.
_SHARE = 0.5


class Handover:
    """A private folder in memory (where the system has one), gone when the server ends."""

    def __init__(self, instance: str) -> None:
        _remove_abandoned()
        parent = _MEMORY if os.access(_MEMORY, os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix=f"helios-{os.getpid()}-", dir=parent))  # mode 0700
        (self.folder / PROBE).write_text(instance)

    def put(self, table: pa.Table, envelope: bytes) -> str | None:
        """Write an answer and return its name; None where it is small, or there is no room for it."""
        if table.nbytes < SMALLEST or table.nbytes > shutil.disk_usage(self.folder).free * _SHARE:
            return None
        self._sweep()
        name = secrets.token_hex(16)
        path = self.folder / name
        try:
            write_stream_to(path, table, envelope)
        except OSError:
            path.unlink(missing_ok=True)
            return None
        return name

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what clients asked for and never took."""
        for path in self.folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.name != PROBE and time.time() - path.stat().st_mtime > _UNTAKEN:
                    path.unlink()


def _remove_abandoned() -> None:
    """Remove the folders of servers that were killed."""
    for folder in _MEMORY.glob("helios-*-*") if _MEMORY.is_dir() else ():
        pid = folder.name.split("-")[1]
        with contextlib.suppress(OSError):
            if pid.isdecimal() and folder.lstat().st_uid == os.geteuid() and not _runs(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
