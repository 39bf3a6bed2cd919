"""How a large Arrow answer reaches a client on the same machine: by a file both map, instead of a copy over a socket.

A client that has seen the server's folder asks for it with the header; the answer names the file in the same header
and has no body.  The client locks the file as long as it has a view of it and marks its name as taken: once the lock is
gone, be it because the client ended, the server writes another answer into the same memory, or removes it.  Memory that
the server has had in view before is written in a tenth of the time of new memory.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

HEADER = "x-helios-map"
PROBE = "instance"
"""The file in the folder that says whose it is."""
TAKEN = ".taken"
"""What the name of a file ends in that a client has mapped."""


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


def take(folder: Path, name: str) -> memoryview:
    """The content of a handed-over file, mapped; what is written to it stays here.  Raises `OSError`."""
    import fcntl
    import mmap

    if not name.isalnum():
        raise OSError(f"“{name}” is no name of a handed-over file")
    path = folder / name
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(file, fcntl.LOCK_SH)
        # The map keeps the file open, and so the lock, until the last view is gone.
        mapped = mmap.mmap(file, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    finally:
        os.close(file)
    with contextlib.suppress(FileNotFoundError):
        path.rename(path.with_name(name + TAKEN))
    return memoryview(mapped)
