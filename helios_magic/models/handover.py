"""How a large Arrow answer reaches a client on the same machine: by a file both map, instead of a copy over a socket.

A client that has seen the server's folder asks for it with the header; the answer names the file in the same header
and has no body.  The client removes the file's name at once, so that the memory goes with the last view of it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

HEADER = "x-helios-map"
PROBE = "instance"
"""The file in the folder that says whose it is."""


def is_ours(folder: Path, instance: str) -> bool:
    """Whether the folder is this user's alone, and the server's that we speak to."""
    if sys.platform == "win32":
        return False
    try:
        found = os.lstat(folder)
        private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
        return private and (folder / PROBE).read_text() == instance
    except OSError:
        return False


def take(folder: Path, name: str) -> pa.Buffer:
    """The content of a handed-over file, mapped; its name is gone afterwards.  Raises `OSError`."""
    import pyarrow as pa

    if not name.isalnum():
        raise OSError(f"“{name}” is no name of a handed-over file")
    path = folder / name
    with pa.memory_map(str(path), "r") as mapped:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        return mapped.read_buffer()
