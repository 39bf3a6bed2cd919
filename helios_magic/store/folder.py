"""A store is a folder: `helios.sqlite3` (records), `data/` (one file a node), `token` (the owner's), `lock`."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
import weakref
from pathlib import Path

from helios_magic.errors import StoreError
from helios_magic.store.accounts import Accounts
from helios_magic.store.branches import Branches
from helios_magic.store.counters import Counters
from helios_magic.store.databases import Databases
from helios_magic.store.deliveries import Deliveries
from helios_magic.store.ids import Clock, Ids, random_id, utc_now
from helios_magic.store.lock import FolderLock, holder_of
from helios_magic.store.metrics import Metrics
from helios_magic.store.migrations import migrate
from helios_magic.store.outbox import Outbox
from helios_magic.store.sqlite import Records
from helios_magic.store.webhooks import Webhooks

_TEMPORARY = "helios-magic-"
_ABANDONED_AFTER = 3600.0


class Store:
    """An open store, owned by this process until `close`.

    `accounts`, `databases`, `branches`, `counters`, `webhooks`, `outbox`, `deliveries` and `metrics` are its records.
    `temporary` stores are removed when they are closed, when nothing refers to them any more, and at exit.
    """

    def __init__(self, path: Path, records: Records, lock: FolderLock, clock: Clock, ids: Ids, *, temporary: bool):
        self.path = path
        self.data_path = path / "data"
        self.temporary = temporary
        self.clock = clock
        self.ids = ids
        self.accounts = Accounts(records, clock, ids)
        self.outbox = Outbox(records, clock, ids)
        self.databases = Databases(records, clock, ids, self.outbox)
        self.branches = Branches(records, clock, ids, self.outbox)
        self.webhooks = Webhooks(records, clock, ids, self.outbox)
        self.deliveries = Deliveries(records, clock, ids, self.outbox)
        self.counters = Counters(records)
        self.metrics = Metrics(records, self.outbox)
        self._finalizer = weakref.finalize(self, _let_go, records, lock, path if temporary else None, os.getpid())

    @staticmethod
    def open(path: Path | str | None, *, clock: Clock = utc_now, ids: Ids = random_id) -> Store:
        """Open the store in a folder, made if it is missing; None: a private temporary one.

        Raises `StoreInUseError` while another process owns it, `StoreVersionError` for one written by a later
        version, `StoreError` where the folder cannot be used.
        """
        if path is None:
            _remove_abandoned()
        folder = _private_folder(path)
        lock = FolderLock(folder, clock)
        records: Records | None = None
        try:
            records = Records(folder / "helios.sqlite3")
            migrate(records)
        except BaseException:
            if records is not None:
                records.close()
            lock.release()
            raise
        return Store(folder, records, lock, clock, ids, temporary=path is None)

    @property
    def token_path(self) -> Path:
        return self.path / "token"

    def owner_token(self) -> str | None:
        """The owner's token, where one was kept."""
        try:
            return self.token_path.read_text().strip() or None
        except FileNotFoundError:
            return None

    def keep_owner_token(self, token: str) -> None:
        """Write the owner's token for other programs of this user, readable by nobody else."""
        draft = self.path / "token.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.token_path)

    def close(self) -> None:
        """Write what is left, let go of the folder, remove it if it is temporary.  Twice is once."""
        self._finalizer()


def _remove_abandoned() -> None:
    """Remove temporary stores whose processes were killed: an hour old, and nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_TEMPORARY}*"):
        try:
            old = time.time() - (folder / "lock").stat().st_mtime > _ABANDONED_AFTER
        except OSError:
            continue
        if old and not folder.is_symlink() and holder_of(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)


def _private_folder(path: Path | str | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=_TEMPORARY) if path is None else path).expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_planted(folder)
        (folder / "data").mkdir(mode=0o700, exist_ok=True)
        # SQLite gives its log the mode of the file itself.
        os.close(os.open(folder / "helios.sqlite3", os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"the store {folder} cannot be made: {error.strerror}", hint="Use a folder that you may write to."
        ) from None
    return folder


def _refuse_planted(folder: Path) -> None:
    """Raise where another user of this machine may have put something into the folder, or still may."""
    if os.name != "posix":
        return
    mine, own_group = os.geteuid(), os.getegid()
    found = folder.stat()
    writers = stat.S_IWOTH | (stat.S_IWGRP if found.st_gid != own_group else 0)
    if found.st_uid != mine or found.st_mode & writers:
        raise StoreError(
            f"other users of this machine may write into the store {folder}",
            hint=f"Make it your own: chown {mine} {folder} && chmod go-w {folder}; or use another folder.",
        )
    for path in folder.iterdir():
        there = path.lstat()
        if stat.S_ISLNK(there.st_mode) or there.st_uid != mine:
            raise StoreError(
                f"{path} is not the store's own: "
                + ("it leads elsewhere" if there.st_uid == mine else "it is another user's"),
                hint="Remove it, or use another folder.",
            )


def _let_go(records: Records, lock: FolderLock, remove: Path | None, pid: int) -> None:
    if os.getpid() != pid:  # a forked child must not close or remove what its parent uses
        return
    records.close()
    lock.release()
    if remove is not None:
        shutil.rmtree(remove, ignore_errors=True)
