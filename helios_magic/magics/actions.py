"""What each subcommand does: a request and the workbench in, the cell's value out."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from helios_magic.display import lists, status
from helios_magic.display.quantities import count, counted, duration
from helios_magic.errors import UsageError
from helios_magic.magics import branching, requests, structure
from helios_magic.magics import help as help_text
from helios_magic.magics.loading import load
from helios_magic.magics.running import run_batch, run_explain, run_sql
from helios_magic.magics.workbench import Workbench


def perform(request: requests.Request, workbench: Workbench) -> Any:
    """Do what was asked.  Raises the tree of `helios_magic.errors`, and KeyboardInterrupt when stopped."""
    return _ACTIONS[type(request)](request, workbench)


def _connect(request: requests.Connect, workbench: Workbench) -> None:
    from helios_magic.settings import Secret

    token = None
    if request.token_env is not None:
        text = os.environ.get(request.token_env)
        if not text:
            raise UsageError(
                f"The environment variable {request.token_env} is not set.",
                hint=f"Set it before Jupyter starts: export {request.token_env}=…",
            )
        token = Secret(text)
    workbench.connect(request.target, token=token, database=request.database, branch=request.branch)
    if workbench.preferences.feedback:
        workbench.tell(workbench.connected_line())


def _status(request: requests.Status, workbench: Workbench) -> None:
    now = workbench.session.status()
    facts = [
        ("target", now.target),
        ("place", now.address if now.place == "server" else f"{now.address}, in this process"),
        ("database", f"{now.database}, {now.tier}, {now.region}"),
        (
            "holds",
            ", ".join(
                (
                    counted(now.tables, "table"),
                    counted(now.branches, "branch", "branches"),
                    _size(now.storage_bytes),
                )
            ),
        ),
        ("round trip", duration(now.round_trip_ms)),
    ]
    where = workbench.where()
    workbench.show(status.html("Connected", facts, where), status.text("Connected", facts, where))


def _databases(request: requests.Databases, workbench: Workbench) -> None:
    from helios_magic.display import catalog

    session = workbench.session
    _show_list(catalog.databases(session.databases(), workbench.where()), workbench)


def _use(request: requests.Use, workbench: Workbench) -> None:
    workbench.session.use(request.database)
    if workbench.preferences.feedback:
        workbench.tell(f"Now in database {workbench.session.database}, branch {workbench.session.branch}.")


def _history(request: requests.History, workbench: Workbench) -> None:
    session = workbench.session
    entries = session.history[-request.limit :] if request.limit else session.history
    rows = [
        (
            f"{entry.at.astimezone():%H:%M:%S}",
            _one_line(entry.query),
            f"{entry.database} · {entry.branch}",
            "" if entry.rows is None else count(entry.rows),
            duration(entry.ms),
            entry.error or "",
        )
        for entry in entries
    ]
    listing = lists.Listing(
        ("At", "Statement", "On", "Rows", "Time", "Error"),
        rows,
        workbench.where(),
        "statement",
        "Nothing was run in this session yet. Begin with %%helios sql.",
        right=frozenset({3, 4}),
    )
    _show_list(listing, workbench)


def _help(request: requests.Help, workbench: Workbench) -> None:
    workbench.tell(
        help_text.overview() if request.subcommand is None else help_text.page(request.subcommand, request.part)
    )


def _show_list(listing: lists.Listing, workbench: Workbench) -> None:
    workbench.show(lists.html(listing), lists.text(listing))


def _one_line(query: str) -> str:
    words = " ".join(query.split())
    return words if len(words) <= 100 else words[:99] + "…"


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB" if number >= 100_000 else f"{number / 1e3:.0f} kB"


_ACTIONS: dict[type[Any], Callable[[Any, Workbench], Any]] = {
    requests.Connect: _connect,
    requests.Status: _status,
    requests.Databases: _databases,
    requests.Use: _use,
    requests.Tables: structure.tables,
    requests.Describe: structure.describe,
    requests.Sql: run_sql,
    requests.Batch: run_batch,
    requests.Explain: run_explain,
    requests.Load: load,
    requests.Branch: branching.tree,
    requests.BranchCreate: branching.create,
    requests.BranchUse: branching.use,
    requests.BranchDiff: branching.diff,
    requests.BranchMerge: branching.merge,
    requests.BranchDelete: branching.delete,
    requests.History: _history,
    requests.Help: _help,
}
