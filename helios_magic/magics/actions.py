"""What each subcommand does: a request and the workbench in, the cell's value out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helios_magic.display import lists
from helios_magic.display.quantities import count, duration
from helios_magic.magics import (
    accounts,
    branching,
    designing,
    generating,
    metrics,
    places,
    requests,
    structure,
    vectors,
    webhooks,
)
from helios_magic.magics import help as help_text
from helios_magic.magics.loading import load
from helios_magic.magics.running import run_batch, run_explain, run_sql
from helios_magic.magics.workbench import Workbench


def perform(request: requests.Request, workbench: Workbench) -> Any:
    """Do what was asked.  Raises the tree of `helios_magic.errors`, and KeyboardInterrupt when stopped."""
    return _ACTIONS[type(request)](request, workbench)


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


_ACTIONS: dict[type[Any], Callable[[Any, Workbench], Any]] = {
    requests.Connect: accounts.connect,
    requests.Disconnect: accounts.disconnect,
    requests.Login: accounts.login,
    requests.Logout: accounts.logout,
    requests.Whoami: accounts.whoami,
    requests.Signup: accounts.signup,
    requests.Status: places.show_status,
    requests.Databases: places.databases,
    requests.DatabasesCreate: places.create_database,
    requests.Use: places.use,
    requests.Tables: structure.tables,
    requests.Describe: structure.describe,
    requests.SchemaGenerate: designing.generate,
    requests.SchemaErd: designing.erd,
    requests.SchemaDiff: designing.diff,
    requests.CodegenTypes: generating.types,
    requests.CodegenRest: generating.rest,
    requests.CodegenGraphql: generating.graphql,
    requests.Sql: run_sql,
    requests.Batch: run_batch,
    requests.Explain: run_explain,
    requests.Load: load,
    requests.Embed: vectors.embed,
    requests.EmbeddingsInstall: vectors.install,
    requests.VectorsSearch: vectors.search,
    requests.Branch: branching.tree,
    requests.BranchCreate: branching.create,
    requests.BranchUse: branching.use,
    requests.BranchDiff: branching.diff,
    requests.BranchMerge: branching.merge,
    requests.BranchDelete: branching.delete,
    requests.MetricsUsage: metrics.usage,
    requests.MetricsPerformance: metrics.performance,
    requests.WebhooksList: webhooks.listed,
    requests.WebhooksCreate: webhooks.create,
    requests.WebhooksDelete: webhooks.delete,
    requests.WebhooksDeliveries: webhooks.deliveries,
    requests.WebhooksTest: webhooks.test,
    requests.History: _history,
    requests.Help: _help,
}
