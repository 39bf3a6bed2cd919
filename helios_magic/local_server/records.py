"""Where a store's server writes down that it is there, for other processes of the same user and nobody else."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from helios_magic.errors import StoreError
from helios_magic.settings import APPLICATION, Secret

#: Servers and clients with the same number understand each other, whatever their versions.
API_NUMBER = 1
_LONGEST = 64 * 1024
#: PF_EXITING among a process's flags, and SIGKILL among its pending signals (Linux).
_EXITING, _KILLED = 0x4, 1 << (9 - 1)


@dataclass(frozen=True, slots=True)
class Record:
    """A server that said it is there.  `born` is its process's creation time, which tells a reused pid."""

    url: str
    pid: int
    born: float
    instance: str
    store: str
    version: str
    api: int
    token: Secret = field(repr=False)
    handover: str = ""
    """The folder through which large answers are handed to processes of this machine."""

    @property
    def alive(self) -> bool:
        """Whether the process that wrote the record still runs."""
        return born(self.pid) == self.born


#: The token is the one field that is no JSON of its own.
_DECODER = msgspec.json.Decoder(Record, dec_hook=lambda _, text: Secret(text))


class Records:
    """The record of one store's server, and the lock under which a server is started."""

    def __init__(self, store: Path, folder: Path | None = None) -> None:
        """`store` is the store's folder; raises `StoreError` where the runtime folder is not this user's alone."""
        self.store = Path(os.path.realpath(store))
        name = hashlib.sha256(os.fsencode(self.store)).hexdigest()[:24]
        self.folder = _private(folder or runtime_folder())
        self.path = self.folder / f"{name}.json"
        #: A second copy, for processes that have another runtime folder: after `sudo` or `su`, in cron, at a hub.
        self.beside = self.store / "server.json"
        self.log = self.folder / f"{name}.log"
        self._lock = self.folder / f"{name}.lock"

    def read(self) -> Record | None:
        """What a server wrote, one that runs before one that ended; None where nothing is there, or nothing of ours."""
        found = [read for path in (self.path, self.beside) if (read := self._read(path)) is not None]
        return next((read for read in found if read.alive), found[0] if found else None)

    def _read(self, path: Path) -> Record | None:
        """A record that this user wrote, and nobody else: any other is not ours."""
        try:
            with open(_opened(path, os.O_RDONLY), "rb") as file:
                if not _is_private(os.fstat(file.fileno())):
                    return None
                read = _DECODER.decode(file.read(_LONGEST))
        except (OSError, msgspec.DecodeError):
            return None
        if read.store != str(self.store) or not read.url.startswith("http://127.0.0.1:"):
            return None
        return read

    def write(self, record: Record) -> None:
        """Put the record in place at once: a reader sees the old one or the new one, never half of it."""
        text = msgspec.json.encode(record, enc_hook=Secret.reveal)
        for path in (self.beside, self.path):
            descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".record-")  # mode 0600
            try:
                with open(descriptor, "wb") as file:
                    file.write(text)
                Path(draft).replace(path)
            except BaseException:
                Path(draft).unlink(missing_ok=True)
                raise

    def remove(self, instance: str) -> None:
        """Take the record away, where it is still this instance's."""
        for path in (self.path, self.beside):
            found = self._read(path)
            if found is not None and found.instance == instance:
                path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Only one process starts or replaces the server at a time; waits for it."""
        descriptor = _opened(self._lock, os.O_RDWR | os.O_CREAT)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def open_log(self) -> int:
        """A descriptor for what the server says while it starts, emptied first."""
        return _opened(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def last_words(self) -> str:
        """What a server that did not come up said last."""
        with contextlib.suppress(OSError), open(_opened(self.log, os.O_RDONLY), "rb") as file:
            return file.read(_LONGEST).decode("utf-8", "replace").strip()
        return ""


def runtime_folder() -> Path:
    """Where this user's programs keep what lives no longer than a session; `HELIOS_RUNTIME` names another folder."""
    if named := os.environ.get("HELIOS_RUNTIME"):
        return Path(named)
    import platformdirs

    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR a folder below the system's temporary one is used; it is checked before it is trusted.
        warnings.simplefilter("ignore")
        return platformdirs.user_runtime_path(APPLICATION)


def born(pid: int) -> float | None:
    """When a process was created, in seconds since 1970; None where there is no such process."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def ends(pid: int) -> bool:
    """Whether a process has ended, or has been killed and is about to: from then on it takes no request."""
    try:
        with open(f"/proc/{pid}/stat") as stat_file, open(f"/proc/{pid}/status") as status_file:
            stat_line, status = stat_file.read(), status_file.read()
    except OSError:  # it is gone, or this system has no /proc
        return born(pid) is None
    # After the name in brackets: the state, six numbers, the flags (proc(5)).
    state, *numbers = stat_line.rpartition(")")[2].split()
    pending = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigPnd:", "ShdPnd:"))]
    return state in "ZX" or bool(int(numbers[5]) & _EXITING) or any(each & _KILLED for each in pending)


def _private(folder: Path) -> Path:
    """The folder, made for this user alone; refused where somebody else could have put something there."""
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = os.lstat(folder)
    except OSError as error:
        raise StoreError(f"the folder {folder} for running servers cannot be made: {error.strerror}") from None
    if not stat.S_ISDIR(found.st_mode) or not _is_private(found):
        raise StoreError(
            f"{folder} is not a folder of yours alone, so what it says of servers is not believed",
            hint=f"Remove it, or close it: chmod 700 {folder}; or set XDG_RUNTIME_DIR to a private folder.",
        )
    return folder


def _is_private(found: os.stat_result) -> bool:
    if sys.platform == "win32":
        return True
    return found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _opened(path: Path, flags: int) -> int:
    """A descriptor of a file in the runtime folder; a symbolic link is refused."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0), 0o600)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
