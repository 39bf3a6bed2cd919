"""Ending the servers that tests started."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from helios_magic.local_server.records import born


def end_all(folder: Path) -> list[int]:
    """End every server with a record in the runtime folder; answers their pids."""
    ended = []
    for path in folder.glob("*.json"):
        written = json.loads(path.read_text())
        if born(written["pid"]) == written["born"]:
            end(written["pid"])
            ended.append(written["pid"])
    return ended


def end(pid: int, seconds: float = 15.0) -> None:
    """SIGTERM, and SIGKILL for one that does not listen."""
    os.kill(pid, signal.SIGTERM)
    give_up = time.monotonic() + seconds
    while born(pid) is not None:
        if time.monotonic() > give_up:
            os.kill(pid, signal.SIGKILL)
            raise AssertionError(f"process {pid} did not end on SIGTERM")
        time.sleep(0.02)


def gone(pid: int, seconds: float = 15.0) -> bool:
    """Whether a process is gone within that time."""
    give_up = time.monotonic() + seconds
    while born(pid) is not None:
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True
