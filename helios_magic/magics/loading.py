"""`load`: a frame or a file into a table, with progress that clears itself."""

from __future__ import annotations

import difflib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from helios_magic.display import change
from helios_magic.errors import HeliosError, UsageError
from helios_magic.magics import requests
from helios_magic.magics.asking import protect_main_from
from helios_magic.magics.failures import Scene, happened, interruptible
from helios_magic.magics.progress import Progress
from helios_magic.magics.running import Outcome
from helios_magic.magics.vectors import embed_column
from helios_magic.magics.workbench import Workbench

_FILES = (".csv", ".parquet")
_AFTER = "What was loaded until then may stay: count the rows before you load again."


def load(request: requests.Load, workbench: Workbench) -> Outcome | None:
    """Load rows and say how many, and how fast."""
    rows = _rows(request.source, workbench)
    session = workbench.session
    where = workbench.where(request.branch)
    protect_main_from("This load writes to main.", workbench, request.branch, yes=request.yes)
    _check_embedding(request, rows, workbench)
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
    shown = change.of_load(loaded, request.table, took, replace(where, duration_ms=took))
    if request.embed is not None:
        with_vectors = embed_column(workbench, request.table, request.embed, request)
        shown = replace(shown, also=(*shown.also, with_vectors.sentence, *with_vectors.also))
    return Outcome("LOAD", shown) if workbench.preferences.feedback else None


def _check_embedding(request: requests.Load, rows: Any, workbench: Workbench) -> None:
    """What would fail once the rows are there fails before."""
    for name, given in (("--into", request.into), ("--model", request.model)):
        if given is not None and request.embed is None:
            raise UsageError(f"{name} belongs to --embed.", hint="Write --embed COLUMN, the column of texts.")
    if request.embed is None:
        return
    names = getattr(rows, "column_names", None) or [str(name) for name in getattr(rows, "columns", ())]
    if names and request.embed not in names:
        near = difflib.get_close_matches(request.embed, names, n=1)
        raise UsageError(
            f"“{request.source}” has no column “{request.embed}”.",
            hint=f"Did you mean {near[0]}?" if near else f"It has {', '.join(names)}.",
        )
    if request.model is not None:
        workbench.session.client.embed(["probe"], request.model)


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
