"""`helios doctor`: what is installed, what runs, where the data is, and the mend for each thing that is wrong."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import helios_magic
from helios_magic.errors import HeliosError, UsageError
from helios_magic.settings import SETTINGS, config_path, profiles, resolve
from helios_magic.version import __version__

State = Literal["ok", "note", "wrong"]
_MARKS: dict[State, str] = {"ok": "ok", "note": "·", "wrong": "WRONG"}
_PACKAGES = (
    "duckdb",
    "pyarrow",
    "pandas",
    "sqlglot",
    "msgspec",
    "httpx",
    "starlette",
    "uvicorn",
    "ipython",
    "ipykernel",
)
_LITTLE = 200_000_000
"""Bytes of free disk below which writing soon fails."""
_ANOTHER = "Name another folder: export HELIOS_STORE=…"
#: The sidebar's name among JupyterLab's extensions.
EXTENSION = "helios-magic"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.  `mend` is what to do about it."""

    name: str
    state: State
    said: str
    mend: str | None = None


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "doctor",
        help="look at everything, and say what is wrong and how to mend it",
        description="Look at the installation, the store, the local server and JupyterLab.  The exit code is 1 where "
        "something is wrong.",
    )
    parser.add_argument(
        "--store", metavar="DIR", help="folder of the store (default: HELIOS_STORE, or your data folder)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    findings = list(examine(options.store))
    names = max(len(finding.name) for finding in findings)
    marks = max(len(mark) for mark in _MARKS.values())
    print(f"helios-magic {__version__}, {Path(helios_magic.__file__).parent}")
    for finding in findings:
        print(f"  {_MARKS[finding.state]:<{marks}}  {finding.name:<{names}}  {finding.said}")
        for line in (finding.mend or "").splitlines():
            print(f"  {'':<{marks}}  {'':<{names}}  → {line}")
    wrong = sum(finding.state == "wrong" for finding in findings)
    print({0: "Nothing is wrong.", 1: "One thing is wrong."}.get(wrong, f"{wrong} things are wrong."))
    return 1 if wrong else 0


def examine(store: str | None = None) -> Iterator[Finding]:
    """Everything, one after the other; nothing is changed by looking."""
    yield Finding("Python", "ok", f"{'.'.join(map(str, sys.version_info[:3]))}, {sys.executable}")
    yield _packages()
    settled = _settings()
    yield settled
    try:
        folder = Path(resolve("store", store)).absolute()
    except UsageError as error:
        if settled.state == "ok":
            yield _refused("store", error)
        return
    said = {settled.said}
    for finding in (*(_guarded(look, folder) for look in _LOOKS), _embeddings()):
        # One cause is told once, though several looks meet it.
        if finding.state != "wrong" or finding.said not in said:
            yield finding
        said.add(finding.said)
    yield _jupyterlab()
    yield _sidebar()


def _guarded(look: Callable[[Path], Finding], folder: Path) -> Finding:
    try:
        return look(folder)
    except HeliosError as error:
        return _refused(look.__name__.lstrip("_"), error)
    except OSError as error:
        return Finding(look.__name__.lstrip("_"), "wrong", f"{folder} cannot be looked at: {error.strerror}")


def _refused(name: str, error: HeliosError) -> Finding:
    return Finding(name, "wrong", error.message, error.hint)


def _packages() -> Finding:
    missing, found = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", "wrong", f"missing: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    return Finding("packages", "ok", ", ".join(found))


def _settings() -> Finding:
    path = config_path()
    try:
        known = profiles()
        for name in tuple(setting.name for setting in SETTINGS if setting.name != "store"):
            resolve(name)
    except UsageError as error:
        return _refused("settings", error)
    if not path.exists():
        return Finding("settings", "ok", f"{path} (not there, none is needed); target {resolve('target')}")
    listed = f", profiles {', '.join(known)}" if known else ""
    return Finding("settings", "ok", f"{path}; target {resolve('target')}{listed}")


def _store(folder: Path) -> Finding:
    if not folder.exists():
        place = _nearest(folder)
        if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
            return Finding("store", "wrong", f"{folder} cannot be made: {place} cannot be written to", _ANOTHER)
        return Finding("store", "note", f"{folder} (not made yet; the first use makes it)")
    if not folder.is_dir():
        return Finding("store", "wrong", f"{folder} is no folder", _ANOTHER)
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding("store", "wrong", f"{folder} cannot be written to", f"chmod u+rwx {folder}")
    for path in (folder, folder / "token", folder / "helios.sqlite3"):
        if os.name == "posix" and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            return Finding("store", "wrong", f"{path} can be read by other users", f"chmod go-rwx {path}")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Finding("store", "ok", f"{folder}, {size / 1e6:.1f} MB")


def _format(folder: Path) -> Finding:
    from helios_magic.store import NEWEST_FORMAT, format_of

    found = format_of(folder)
    if found is None:
        return Finding("format", "note", f"none yet; this version writes {NEWEST_FORMAT}")
    number, written_by = found
    if number > NEWEST_FORMAT:
        said = f"{number}, written by helios-magic {written_by}; this version reads up to {NEWEST_FORMAT}"
        return Finding("format", "wrong", said, f"pip install 'helios-magic>={written_by}'")
    if number < NEWEST_FORMAT:
        said = f"{number}; the next use brings it to {NEWEST_FORMAT} and keeps a copy of the records"
        return Finding("format", "note", said)
    return Finding("format", "ok", str(number))


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_nearest(folder)).free
    said = f"{free / 1e9:.1f} GB free"
    if free < _LITTLE:
        return Finding("disk", "wrong", said, "Make room: writing fails where the disk is full.")
    return Finding("disk", "ok", said)


def _runtime(folder: Path) -> Finding:
    from helios_magic.local_server import Records

    return Finding("runtime", "ok", str(Records(folder).folder))


def _server(folder: Path) -> Finding:
    from helios_magic.local_server import API_NUMBER, Records, find

    records = Records(folder)
    found = find(records)
    if found is not None:
        said = f"{found.record.url}, process {found.record.pid}, version {found.seen.version}"
        if found.record.api != API_NUMBER:
            mend = "The next use replaces it; helios stop ends it now."
            return Finding("server", "note", f"{said}, which speaks another number of the local API", mend)
        return Finding("server", "ok", said)
    record = records.read()
    if record is None:
        return Finding("server", "note", "none runs; the first notebook or script that needs it starts one")
    if record.alive:
        said = f"process {record.pid} runs and does not answer at {record.url}"
        end = f"helios stop --force --store {shlex.quote(str(folder))}"
        mend = f"Its log is {records.log}. What it had answered is kept. End it:\n{end}"
        return Finding("server", "wrong", said, mend)
    return Finding("server", "note", f"process {record.pid} ended without a word; the next use starts another")


def _lock(folder: Path) -> Finding:
    from helios_magic.local_server import Records
    from helios_magic.store import holder_of

    holder = holder_of(folder)
    if holder is None:
        return Finding("lock", "ok", "nobody has the store open")
    who = f"process {holder.get('pid', '?')} ({holder.get('command', '?')}) since {holder.get('since', '?')}"
    record = Records(folder).read()
    if record is not None and record.alive and record.pid == holder.get("pid"):
        return Finding("lock", "ok", f"the server's, {who}")
    return Finding(
        "lock",
        "wrong",
        f"{who} has the store open for itself; notebooks and scripts cannot share it",
        "Shut that kernel or process down, or let it connect to local instead of the folder.",
    )


#: What is looked at in a store, in this order.
_LOOKS = (_store, _format, _disk, _runtime, _server, _lock)


def _nearest(folder: Path) -> Path:
    """The folder, or the one nearest above it that exists."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _embeddings() -> Finding:
    from helios_magic.embedding import weights

    try:
        present, provider = weights.installed(), resolve("embedding_url")
    except UsageError as error:
        return _refused("embeddings", error)
    also = f"; provider {provider}" if provider else ""
    if present is None:
        return Finding("embeddings", "note", f"by hashing, which only knows the words{also}", weights.INSTALL)
    return Finding("embeddings", "ok", f"{weights.MODEL}, {present}{also}")


def _jupyterlab() -> Finding:
    try:
        return Finding("JupyterLab", "ok", version("jupyterlab"))
    except PackageNotFoundError:
        return Finding("JupyterLab", "note", "not installed", "pip install 'helios-magic[lab]'")


def _sidebar() -> Finding:
    built = Path(helios_magic.__file__).parent / "labextension" / "package.json"
    try:
        from jupyter_core.paths import jupyter_config_path, jupyter_path
    except ImportError:
        return Finding("sidebar", "note", "no Jupyter to look at")
    installed = [Path(place) / EXTENSION for place in jupyter_path("labextensions")]
    found = next((place for place in installed if (place / "package.json").exists()), None)
    if found is None:
        if not built.exists():
            return Finding("sidebar", "note", f"not part of helios-magic {__version__}; the magics need no sidebar")
        mend = "pip install --force-reinstall --no-deps helios-magic"
        return Finding("sidebar", "wrong", "built, and not where JupyterLab looks", mend)
    if _disabled(jupyter_config_path()):
        return Finding("sidebar", "wrong", f"{found}, disabled", f"jupyter labextension enable {EXTENSION}")
    return Finding("sidebar", "ok", f"{found}, enabled")


def _disabled(places: list[str]) -> bool:
    """Whether a page configuration switches the sidebar off; the first place that speaks of it decides."""
    import json

    for place in places:
        try:
            page = json.loads((Path(place) / "labconfig" / "page_config.json").read_text())
            listed = page.get("disabledExtensions", {})
            states = dict.fromkeys(listed, True) if isinstance(listed, list) else dict(listed)
        except (OSError, ValueError, AttributeError):
            continue
        if EXTENSION in states:
            return bool(states[EXTENSION])
    return False
