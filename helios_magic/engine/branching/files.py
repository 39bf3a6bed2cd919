"""Copies of branch files: shared blocks where the file system can, plain copies elsewhere, always synced.

A database file and its write-ahead log belong together: a file without its log silently lacks rows.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from pathlib import Path

_FICLONE = 0x40049409
"""Linux's ioctl for a copy that shares its blocks (XFS, btrfs, bcachefs): ioctl_ficlone(2)."""
_CANNOT_SHARE = {
    errno.EOPNOTSUPP, errno.ENOTTY, errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.EACCES,
}  # fmt: skip
_STEP = 64 << 20
_MARGIN = 64 << 20


def log_of(path: Path) -> Path:
    """The write-ahead log of a DuckDB file."""
    return path.with_name(f"{path.name}.wal")


def copy(source: Path, target: Path, *, durable: bool = True) -> None:
    """Copy a file and its log to a name that nobody used before, durable when this returns.

    Without `durable` it is for now only: nothing is synced.  Nothing may write to the source meanwhile.  Raises
    OSError (a full disk), and leaves nothing behind then.
    """
    try:
        _copy_one(source, target, durable)
        if log_of(source).exists():
            _copy_one(log_of(source), log_of(target), durable)
        if durable:
            sync(target.parent)
    except BaseException:
        remove(target)
        raise


def remove(path: Path) -> None:
    """Remove a file and its log, where they are there."""
    for each in (path, log_of(path)):
        each.unlink(missing_ok=True)


def size(path: Path) -> int:
    """Bytes of a file and its log."""
    total = 0
    for each in (path, log_of(path)):
        with contextlib.suppress(FileNotFoundError):
            total += each.stat().st_size
    return total


def sync(path: Path) -> None:
    """Write a file to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def worth_checkpoint(path: Path) -> bool:
    """Whether there is a log, and room to write it into the file: DuckDB gives up a database whose checkpoint fails."""
    return log_of(path).exists() and free_bytes(path.parent) > 2 * size(path) + _MARGIN


def free_bytes(folder: Path) -> int:
    """What is left on the folder's disk."""
    return shutil.disk_usage(folder).free


def _copy_one(source: Path, target: Path, durable: bool) -> None:
    with source.open("rb") as old, target.open("xb") as new:
        os.fchmod(new.fileno(), 0o600)
        if not _share_blocks(old.fileno(), new.fileno()):
            _copy_bytes(old.fileno(), new.fileno())
        if durable:
            os.fsync(new.fileno())


def _share_blocks(old: int, new: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import fcntl

    try:
        fcntl.ioctl(new, _FICLONE, old)
    except OSError as error:
        if error.errno not in _CANNOT_SHARE:
            raise
        return False
    return True


def _copy_bytes(old: int, new: int) -> None:
    """Within the kernel where it can be; NFS and some others share blocks on the server this way."""
    left = os.fstat(old).st_size
    if hasattr(os, "copy_file_range"):
        try:
            while left > 0:
                copied = os.copy_file_range(old, new, min(left, _STEP))
                if copied == 0:
                    break
                left -= copied
        except OSError as error:
            if error.errno not in _CANNOT_SHARE:
                raise
    while left > 0 and (block := os.read(old, _STEP)):
        left -= len(block)
        _write_all(new, block)


def _write_all(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]
