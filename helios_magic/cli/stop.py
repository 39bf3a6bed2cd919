"""`helios stop`: end the local server of a store."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from helios_magic.errors import ServerError
from helios_magic.settings import resolve

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
    parser.add_argument("--force", action="store_true", help="stop it though it is busy; what runs is cancelled")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from helios_magic.local_server import Records, find, stop

    records = Records(Path(resolve("store", options.store)))
    with records.starting():
        found = find(records)
        if found is None:
            print(f"No local server has {records.store}.")
            return 0
        if found.seen.running and not options.force:
            requests = "request" if found.seen.running == 1 else "requests"
            raise ServerError(
                f"the local server works on {found.seen.running} {requests}",
                hint="Wait until they have ended, or stop it all the same: helios stop --force",
            )
        if not stop(found.record, even_busy=options.force):
            raise ServerError("the local server did not take the wish to stop", hint=f"kill {found.record.pid}")
        give_up = time.monotonic() + _SECONDS
        while found.record.alive:
            if time.monotonic() > give_up:
                raise ServerError(
                    f"the local server still runs after {_SECONDS:.0f} seconds", hint=f"kill {found.record.pid}"
                )
            time.sleep(0.02)
    print(f"Stopped the local server of {records.store} (process {found.record.pid}).")
    return 0
