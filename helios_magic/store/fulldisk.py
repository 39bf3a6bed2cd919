"""A full disk, told as one error wherever it was met."""

from __future__ import annotations

import errno
import sqlite3

from helios_magic.errors import ServerError

_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def full_disk(error: BaseException) -> ServerError | None:
    """What to tell of a full disk; None for an error that says anything else."""
    full = isinstance(error, OSError) and error.errno in _ERRNOS
    if not full and not (isinstance(error, sqlite3.OperationalError) and "disk is full" in str(error)):
        return None
    return ServerError(
        "the disk is full",
        hint="Free some space where the store lives, then try again; nothing was changed.",
        details={"reason": "disk_full"},
    )
