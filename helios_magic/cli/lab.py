"""`helios lab`: JupyterLab on a copy of the tutorials."""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helios_magic
from helios_magic.errors import UsageError

DEFAULT_FOLDER = "helios-tutorials"
#: What was copied, by hash: a file that still has it is ours to renew, any other is the user's.
_RECORD = ".helios-tutorials.json"


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "lab",
        help="open JupyterLab on a copy of the tutorials",
        description="Open JupyterLab on a copy of the tutorials.  Files that you changed are never overwritten.  "
        "What follows DIR is handed to jupyter lab.",
    )
    parser.add_argument("folder", metavar="DIR", nargs="?", default=DEFAULT_FOLDER, help="default: %(default)s")
    parser.add_argument("arguments", metavar="ARG", nargs=argparse.REMAINDER, help="for jupyter lab (--no-browser …)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        raise UsageError("JupyterLab is not installed", hint="pip install 'helios-magic[lab]'")
    folder = Path(options.folder).expanduser().absolute()
    try:
        copy_tutorials(tutorials(), folder)
    except OSError as error:
        raise UsageError(f"the tutorials cannot be copied to {folder}: {error.strerror}") from None
    from jupyterlab.labapp import LabApp

    # In this process, not in a child: whoever stops `helios lab` stops JupyterLab and its kernels.
    LabApp.launch_instance([f"--ServerApp.root_dir={folder}", *_first_page(folder), *options.arguments])
    return 0


def _first_page(folder: Path) -> list[str]:
    """A newcomer lands in the first tutorial, not in an empty launcher."""
    first = next((path.name for path in sorted(folder.glob("*.ipynb"))), None)
    return [f"--LabApp.default_url=/lab/tree/{first}"] if first else []


def tutorials() -> Path:
    """Where the tutorials are: inside the package when it was installed, beside it in a checkout."""
    package = Path(helios_magic.__file__).parent
    for place in (package / "tutorials", package.parent / "notebooks"):
        if place.is_dir():
            return place
    raise UsageError("this installation came without its tutorials", hint="pip install --force-reinstall helios-magic")


def copy_tutorials(source: Path, target: Path) -> list[Path]:
    """Copy what is missing or unchanged since it was copied; answers the files written, relative to `target`."""
    target.mkdir(parents=True, exist_ok=True)
    record = target / _RECORD
    try:
        copied: dict[str, str] = json.loads(record.read_text())
    except (OSError, ValueError):
        copied = {}
    written = []
    for path in _files(source):
        name = path.as_posix()
        ours, theirs = source / path, target / path
        if theirs.exists() and (copied.get(name) != _digest(theirs) or _digest(theirs) == _digest(ours)):
            continue
        theirs.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ours, theirs)
        copied[name] = _digest(ours)
        written.append(path)
    record.write_text(json.dumps(copied, indent=1))
    return written


def _files(source: Path) -> Iterator[Path]:
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if path.is_file() and not any(part.startswith((".", "__")) for part in relative.parts):
            yield relative


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
