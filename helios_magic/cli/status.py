"""`helios status`: the local store, who has it, and the owner's token."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from helios_magic.errors import StoreError
from helios_magic.settings import resolve
from helios_magic.version import __version__


def add(commands: Any) -> None:
    parser = commands.add_parser("status", help="tell about the local store", description="Tell about the local store.")
    parser.add_argument(
        "--store", metavar="DIR", help="folder of the store (default: HELIOS_STORE, or your data folder)"
    )
    parser.add_argument("--token", action="store_true", help="print the owner's token, and nothing else")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    store = Path(resolve("store", options.store)).absolute()
    if options.token:
        print(_token(store))
        return 0
    print(f"helios-magic {__version__}")
    print(f"store   {store}{'' if (store / 'helios.sqlite3').exists() else ' (not made yet)'}")
    print(f"in use  {_use(store)}")
    print(f"server  {_server(store)}")
    return 0


def _token(store: Path) -> str:
    try:
        return (store / "token").read_text().strip()
    except FileNotFoundError:
        raise StoreError(
            f"the store {store} has no token yet",
            hint="It is made at first use: helios serve, or %load_ext helios_magic.",
        ) from None
    except OSError as error:
        raise StoreError(f"{store / 'token'} cannot be read: {error.strerror}") from None


def _server(store: Path) -> str:
    from helios_magic.local_server import Records, find

    found = find(Records(store))
    if found is None:
        return "none; the first notebook or script that needs it starts one"
    seen = found.seen
    doing = f"{seen.running} running" if seen.running else f"idle for {seen.idle_seconds:.0f} s"
    return f"{found.record.url}, process {found.record.pid}, version {seen.version}, {doing}"


def _use(store: Path) -> str:
    from helios_magic.store import holder_of

    holder = holder_of(store)
    if holder is None:
        return "no"
    return f"by process {holder.get('pid', '?')} ({holder.get('command', '?')}) since {holder.get('since', '?')}"
