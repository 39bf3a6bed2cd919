"""The server's side: writing down where it is, and knowing when it is no longer the one."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from helios_magic.emulator.handover import Handover
from helios_magic.emulator.shared import Shared
from helios_magic.local_server.records import API_NUMBER, Record, Records, born
from helios_magic.settings import Secret
from helios_magic.version import __version__


@contextlib.contextmanager
def offered(
    store: Path, token: str, *, idle_seconds: float | None = None
) -> Iterator[tuple[Shared, Callable[[str], None]]]:
    """A server that clients on this machine find while the block runs.

    Answers what to serve `/_local` with, and the function to call with the URL once it answers.  It leaves when its
    record is another's, and after `idle_seconds` without a request.
    """
    records, instance = Records(store), secrets.token_hex(16)
    handover = Handover(instance, runs=lambda pid: born(pid) is not None)
    written = False

    def write_down(url: str) -> None:
        nonlocal written
        records.write(
            Record(
                url, os.getpid(), born(os.getpid()) or 0.0, instance, str(records.store), __version__, API_NUMBER,
                Secret(token), str(handover.folder),
            )
        )  # fmt: skip
        written = True

    def stays() -> bool:
        found = records.read()
        return not written or (found is not None and found.instance == instance)

    try:
        leaves = idle_seconds is not None
        shared = Shared(instance, API_NUMBER, token, stays if leaves else lambda: True, idle_seconds, handover)
        yield shared, write_down
    finally:
        records.remove(instance)
        handover.close()
