"""Stores open in this process: all sessions on one folder share one local HeliosDB."""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.errors import HeliosError
from helios_magic.settings import Secret, resolve

if TYPE_CHECKING:
    from helios_magic.emulator.local import Local


class SharedStore:
    """One open local HeliosDB and how many sessions are on it."""

    def __init__(self, local: Local, key: Path | None) -> None:
        self.local = local
        self.token = Secret(local.token)
        self.key = key
        self.sessions = 0
        self.process = os.getpid()

    def release(self) -> None:
        with _LOCK:
            self.sessions -= 1
            if self.sessions > 0:
                return
            _OPEN.discard(self)
        self._close()

    def _close(self) -> None:
        # After a fork the files belong to the parent, who closes them.
        if os.getpid() == self.process:
            self.local.close()


_OPEN: set[SharedStore] = set()
_LOCK = threading.Lock()


def open_shared(path: Path | None, memory_limit: str | None) -> SharedStore:
    from helios_magic.emulator.local import open_local

    key = None if path is None else Path(os.path.realpath(path))
    with _LOCK:
        shared = next((each for each in _OPEN if key is not None and each.key == key), None)
        if shared is None or shared.process != os.getpid():
            opened = open_local(
                path,
                memory_limit=memory_limit,
                slow_seconds=resolve("slow_query"),
                close_idle=resolve("close_idle"),
                open_databases=resolve("open_databases"),
            )
            shared = SharedStore(opened, key)
            _OPEN.add(shared)
        shared.sessions += 1
        return shared


@atexit.register
def _close_all() -> None:
    with _LOCK:
        left = [*_OPEN]
        _OPEN.clear()
    for shared in left:
        try:
            shared._close()
        except HeliosError:
            # At exit nobody is left to tell; the store recovers when it is opened next.
            continue
