"""The refusals of names that no database and no branch has."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from helios_magic.errors import NotFoundError


def no_database() -> NotFoundError:
    """The id is ours, and the name is known above only."""
    return NotFoundError("the database does not exist any more", details={"resource": "database"})


def no_branch(name: str, branches: Iterable[str]) -> NotFoundError:
    """The refusal of a name that none of a database's branches has; `branches` are their names."""
    known = list(branches)
    if not known:
        return no_database()
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"The branches are: {', '.join(known[:10])}."
    return NotFoundError(
        f"there is no branch “{name}”", hint=hint, details={"resource": "branch", "branch": name, "nearest": near}
    )
