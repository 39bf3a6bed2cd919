"""`helios stop`: end the local server of a store, one that answers nothing any more too."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helios_magic.errors import ServerError
from helios_magic.settings import resolve

if TYPE_CHECKING:
    from helios_magic.local_server import Record

_SECONDS = 15.0


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "stop",
        help="stop the local server",
        description="Stop the server that notebooks and scripts share.  The next of them to need it starts another; "
        "what was answered is kept.",
    )
    parser.add_argument(
        "--store", metavar="DIR", help="folder of the store (default: HELIOS_STORE, or your data folder)"
    )
    parser.add_argument(
        "--force", action="store_true", help="stop it though it is busy, or answers nothing; what runs is cancelled"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from helios_magic.local_server import Records, find, stop

    records = Records(Path(resolve("store", options.store)))
    with records.starting():
        found = find(records)
        record = found.record if found is not None else records.read()
        if record is None or not record.alive:
            print(f"No local server has {records.store}.")
            return 0
        if found is None and not options.force:
            raise ServerError(
                f"process {record.pid} has {records.store} and does not answer",
                hint=f"End it all the same: {_again(options)}  What it had answered is kept.",
            )
        if found is not None and found.seen.running and not options.force:
            requests = "request" if found.seen.running == 1 else "requests"
            raise ServerError(
                f"the local server works on {found.seen.running} {requests}",
                hint=f"Wait until they have ended, or stop it all the same: {_again(options)}",
            )
        asked = found is not None and stop(record, even_busy=options.force)
        if not (asked and _ends(record)) and not (options.force and _killed(record)):
            raise ServerError(f"the local server, process {record.pid}, still runs", hint=f"End it: {_again(options)}")
        records.remove(record.instance)
    print(f"Stopped the local server of {records.store} (process {record.pid}).")
    return 0


def _again(options: argparse.Namespace) -> str:
    return "helios stop --force" + (f" --store {shlex.quote(options.store)}" if options.store else "")


def _ends(record: Record) -> bool:
    give_up = time.monotonic() + _SECONDS
    while record.alive and time.monotonic() < give_up:
        time.sleep(0.02)
    return not record.alive


def _killed(record: Record) -> bool:
    """End what takes no wish: a server that hangs, or was stopped.  What it had answered is on the disk."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(record.pid)
        if record.alive:
            process.kill()
    return _ends(record)
