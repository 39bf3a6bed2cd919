"""One process owns a store at a time; the lock says which."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from helios_magic.errors import StoreInUseError
from helios_magic.store.ids import Clock, to_text

#: The locked byte lies far behind the text, so that others can read who the owner is (Windows locks are mandatory).
_LOCKED_BYTE = 1 << 30


class FolderLock:
    """The `lock` file of a store, held while this object is open.  The system lets go of it when a process dies."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Take the lock or raise `StoreInUseError`."""
        self._path = folder / "lock"
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take_soon(self._descriptor)
        except OSError:
            os.close(self._descriptor)
            raise _in_use(folder, self._path) from None
        owner = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": to_text(clock()),
            "command": _command(),
        }
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, json.dumps(owner).encode())
        self._open = True

    def release(self) -> None:
        if self._open:
            self._open = False
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)


def _take_soon(descriptor: int) -> None:
    """Take the lock; tried again for a moment, for `holder_of` may be looking."""
    for _ in range(4):
        try:
            return _take(descriptor)
        except OSError:
            time.sleep(0.03)
    return _take(descriptor)


def holder_of(folder: Path) -> dict[str, Any] | None:
    """Who has the store open now: pid, host, since, command (empty where it cannot be told); None: nobody."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return None
    try:
        _take(descriptor, shared=True)
    except OSError:
        return owner_of(folder) or {}
    else:
        return None
    finally:
        os.close(descriptor)


def owner_of(folder: Path) -> dict[str, Any] | None:
    """Who wrote the lock file last: pid, host, since, command; None where nobody did or it cannot be read."""
    try:
        owner = json.loads((folder / "lock").read_text())
    except (OSError, ValueError):
        return None
    return owner if isinstance(owner, dict) else None


def _in_use(folder: Path, path: Path) -> StoreInUseError:
    owner = owner_of(folder)
    who = "another process"
    if owner is not None:
        who = f"process {owner.get('pid')} ({owner.get('command')})"
        if owner.get("host") not in {None, socket.gethostname()}:
            who += f" on {owner['host']}"
    return StoreInUseError(
        f"the store {folder} is in use by {who}",
        hint="Stop that process, or shut that kernel down, and try again; or connect to its address if it is a "
        "server; or use another folder (HELIOS_STORE).",
        details={"store": str(folder), "owner": owner or {}, "lock": str(path)},
    )


def _command() -> str:
    """What this process is, in words; never its arguments in full, they may hold a secret."""
    program = Path(sys.argv[0] if sys.argv else "").name
    if program in {"ipykernel_launcher.py", "colab_kernel_launcher.py"}:
        return "a Jupyter kernel"
    if program == "__main__.py":
        program = Path(sys.argv[0]).parent.name.replace("helios_magic", "helios")
    command = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1].isidentifier() and program == "helios" else ""
    return f"{program} {command}".strip() or "python"


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int, *, shared: bool = False) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _take(descriptor: int, *, shared: bool = False) -> None:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
