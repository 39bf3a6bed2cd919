"""The command `helios`: one module per command, each with `add(subparsers)`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from helios_magic.cli import doctor, embeddings, lab, serve, status, stop
from helios_magic.errors import HeliosError, UsageError
from helios_magic.version import __version__

_EXIT_FAILED, _EXIT_USAGE, _EXIT_INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except HeliosError as error:
        print(f"helios: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return _EXIT_USAGE if isinstance(error, UsageError) else _EXIT_FAILED
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="helios", description="HeliosDB in notebooks, with a local HeliosDB bundled.")
    parser.add_argument("--version", action="version", version=f"helios-magic {__version__}")
    parser.set_defaults(run=lambda _: _show_help(parser))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in (serve, lab, status, stop, embeddings, doctor):
        command.add(commands)
    helper = commands.add_parser("help", help="show this, or a command's own help")
    helper.add_argument("command", nargs="?", choices=[*commands.choices])
    helper.set_defaults(run=lambda options: _show_help(commands.choices.get(options.command, parser)))
    return parser


def _show_help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return 0
