"""`load`: a frame or a file into a table, with progress that clears itself."""

from __future__ import annotations

import difflib
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from helios_magic.display import change
from helios_magic.display.quantities import count
from helios_magic.errors import HeliosError, UsageError
from helios_magic.magics import requests
from helios_magic.magics.asking import protect_main_from
from helios_magic.magics.failures import Scene, happened, interruptible
from helios_magic.magics.running import Outcome
from helios_magic.magics.workbench import Workbench

_FILES = (".csv", ".parquet")
_QUIET = 0.5
_REFRESH = 0.1
_AFTER = "What was loaded until then may stay: count the rows before you load again."


def load(request: requests.Load, workbench: Workbench) -> Outcome | None:
    """Load rows and say how many, and how fast."""
    rows = _rows(request.source, workbench)
    session = workbench.session
    where = workbench.where(request.branch)
    protect_main_from("This load writes to main.", workbench, request.branch, yes=request.yes)
    progress = Progress(workbench)
    start = time.perf_counter()
    try:
        with interruptible(workbench.shell, where, _AFTER):
            loaded = session.load(
                rows, request.table, mode=request.mode, branch=request.branch, progress=progress.update
            )
    except HeliosError as error:
        happened(error, Scene(where))
        raise
    finally:
        progress.clear()
    took = (time.perf_counter() - start) * 1000
    if not workbench.preferences.feedback:
        return None
    return Outcome("LOAD", change.of_load(loaded, request.table, took, replace(where, duration_ms=took)))


class Progress:
    """One line that is written over itself: rows so far, of how many, how fast.  Nothing in the first half second."""

    def __init__(self, workbench: Workbench) -> None:
        self._handle: Any = None
        self._in_kernel = hasattr(workbench.shell, "kernel")
        self._start = self._last = time.perf_counter()
        self._written = 0

    def update(self, rows: int, total: int | None) -> None:
        now = time.perf_counter()
        if now - self._start < _QUIET or now - self._last < _REFRESH:
            return
        self._last = now
        of = "" if total is None else f" of {count(total)}"
        self._write(f"{count(rows)}{of} rows, {count(round(rows / (now - self._start)))} rows/s")

    def clear(self) -> None:
        if self._written:
            self._write("")

    def _write(self, line: str) -> None:
        # A kernel's front end knows a display that changes; a terminal knows the carriage return.
        if self._in_kernel:
            from IPython.display import display

            bundle = {"text/plain": line}
            if self._handle is None:
                self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
            else:
                self._handle.update(bundle, raw=True)
        else:
            sys.stdout.write("\r" + line.ljust(self._written) + ("\r" if not line else ""))
            sys.stdout.flush()
        self._written = len(line) or self._written


def _rows(source: str, workbench: Workbench) -> Any:
    """The frame that a variable holds, or the path of a file."""
    if source in workbench.variables:
        value = workbench.variables[source]
        if isinstance(value, (str, Path)):
            return _file(str(value))
        kind = type(value)
        if kind.__name__ in ("DataFrame", "Table") or hasattr(value, "__arrow_c_stream__"):
            return value
        hint = f"Make it a frame first: pandas.DataFrame({source})"
        raise UsageError(f"“{source}” is a {kind.__name__}, not a frame.", hint=hint)
    if source.lower().endswith(_FILES):
        return _file(source)
    near = difflib.get_close_matches(source, [name for name in workbench.variables if not name.startswith("_")], n=1)
    raise UsageError(
        f"No variable is called “{source}”, and it names no .csv or .parquet file.",
        hint=f"Did you mean {near[0]}?" if near else "%helios load DATAFRAME TABLE, or %helios load FILE.csv TABLE",
    )


def _file(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.exists():
        raise UsageError(f"There is no file {name}.", hint=f"The notebook runs in {Path.cwd()}.")
    return path
