"""A database or a branch by its name; one that is not there is answered with those that are."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from helios_magic.errors import NotFoundError

if TYPE_CHECKING:
    from helios_magic.client.client import Client
    from helios_magic.models.branches import Branch


def check_branch(client: Client, name: str) -> Branch:
    """The branch's record.  Raises NotFoundError that names the nearest, or those there are."""
    listed = client.list_branches().branches
    for record in listed:
        if record.name == name:
            return record
    names = [record.name for record in listed]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    raise NotFoundError(
        f"There is no branch “{name}” in database {client.database}.",
        hint=f"Did you mean {near[0]}?" if near else f"Known branches: {_few(names)}.",
    )


def check_database(client: Client, name: str) -> str:
    """The database's id.  Raises NotFoundError that names those there are."""
    listed = client.list_databases().databases
    for record in listed:
        if record.name == name:
            return record.id
    names = [record.name for record in listed]
    raise NotFoundError(
        f"There is no database “{name}” here.",
        hint=f"Known databases: {', '.join(names)}." if names else "Make one: %helios databases create NAME, or in "
        "Python client.create_database(name, tier).",
    )  # fmt: skip


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
