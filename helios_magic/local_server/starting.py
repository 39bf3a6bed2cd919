"""Finding a store's server, and starting or replacing it where there is none that fits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from helios_magic.errors import HeliosError, ServerError, StoreInUseError
from helios_magic.local_server import health
from helios_magic.local_server.records import API_NUMBER, Record, Records

#: How long a server may take to come up, and one that was asked to stop to be gone, in seconds.
START_SECONDS, STOP_SECONDS = 30.0, 15.0
_POLL = 0.02


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `started` says whether this call started it."""

    record: Record
    seen: health.Seen
    started: bool = False


def find(records: Records) -> Server | None:
    """The store's server, if one is there and shows the instance that it wrote down."""
    record = records.read()
    if record is None or not record.alive:
        return None
    seen = health.look_at(record)
    return Server(record, seen) if seen is not None else None


def ensure(records: Records, *, memory_limit: str | None = None, starts: Callable[[], object] = lambda: None) -> Server:
    """The store's server, started if there is none, replaced if it speaks another API number.

    `starts` is called before one is started: that takes a second.

    Raises `StoreInUseError` while a process that is no server owns the store, `ServerError` where the server does not
    come up, and where an older one is too busy to be replaced.
    """
    found = find(records)
    if found is not None and found.record.api == API_NUMBER:
        return found
    with records.starting():
        found = find(records)
        if found is not None and found.record.api == API_NUMBER:
            return found
        if found is not None:
            _end(found)
        starts()
        return _start(records, memory_limit)


def _end(found: Server) -> None:
    """Ask a server that speaks another number to leave, and wait until it has."""
    if not health.stop(found.record):
        raise ServerError(
            f"a server of version {found.record.version} has the store and is busy",
            hint="Wait until its statements have ended, or end it: helios stop",
            details={"reason": "busy", "pid": found.record.pid},
        )
    give_up = time.monotonic() + STOP_SECONDS
    while found.record.alive and time.monotonic() < give_up:
        time.sleep(_POLL)


def _start(records: Records, memory_limit: str | None) -> Server:
    process = _spawn(records, memory_limit)
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        found = find(records)
        if found is not None and found.record.api == API_NUMBER:
            if found.record.pid == process.pid:
                return replace(found, started=True)
            # A process with another runtime folder, which has a lock of its own, was faster.
            process.kill()
            process.wait()
            return found
        if process.poll() is not None:
            raise _failed(records)
        time.sleep(_POLL)
    process.kill()
    process.wait()
    raise ServerError(
        f"the local server did not come up within {START_SECONDS:.0f} seconds", hint=f"Its log is {records.log}."
    )


def _spawn(records: Records, memory_limit: str | None) -> subprocess.Popen[bytes]:
    """A process of its own session, so that neither Ctrl-C nor the end of a kernel reaches it."""
    command = [sys.executable, "-m", "helios_magic", "serve", "--shared", "--port", "0", "--store", str(records.store)]
    environment = {**os.environ, "HELIOS_RUNTIME": str(records.folder)}
    if memory_limit is not None:
        environment["HELIOS_MEMORY_LIMIT"] = memory_limit
    # Its token is in the store; one for a remote server is none of its business.
    environment.pop("HELIOS_TOKEN", None)
    log = records.open_log()
    try:
        return _Detached(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            close_fds=True,
            cwd=Path(records.store).anchor,
            env=environment,
            start_new_session=True,
        )
    finally:
        os.close(log)


class _Detached(subprocess.Popen[bytes]):
    """A process that is meant to outlive this one, which Python otherwise warns of."""

    def __del__(self) -> None:
        self.returncode = self.returncode or 0
        super().__del__()


def _failed(records: Records) -> HeliosError:
    """Why the server did not come up, in its own words."""
    said = records.last_words()
    from helios_magic.store import holder_of

    holder = holder_of(records.store)
    if holder is not None:
        who = f"process {holder.get('pid', '?')} ({holder.get('command', '?')})"
        record = records.read()
        hangs = record is not None and record.alive and record.pid == holder.get("pid")
        return StoreInUseError(
            f"the store {records.store} is in use by {who}" + (", its server, which does not answer" if hangs else ""),
            hint="End it: helios stop --force  What it had answered is kept."
            if hangs
            else "Stop that process, or shut that kernel down, and try again.",
            details={"store": str(records.store), "owner": holder},
        )
    lines = [line for line in said.splitlines() if line.strip()]
    told = next((line.removeprefix("helios: ") for line in lines if line.startswith("helios: ")), "")
    return ServerError(
        f"the local server could not start: {told or (lines[-1] if lines else 'it said nothing')}",
        hint=f"Its log is {records.log}.",
    )
