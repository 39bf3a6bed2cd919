"""Which branch stands in which line of the tree, and which rails run past it.

The newest work is on top: a branch stands above the one it was made from, and of the branches of one parent the
one whose own or whose descendants' making is newest is first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from helios_magic.models.branches import Branch


@dataclass(frozen=True, slots=True)
class Line:
    """A branch and the rails beside it.

    `ancestors` run from the root to the parent.  `passing` says of each of them whether its rail goes on above this
    line; where it does not, this branch is the topmost that was made from it.
    """

    branch: Branch
    ancestors: tuple[Branch, ...]
    passing: tuple[bool, ...]
    children: int

    @property
    def depth(self) -> int:
        return len(self.ancestors)

    @property
    def merged(self) -> bool:
        return self.branch.status == "merged"

    def stands_on(self, below: Line | None) -> bool:
        """Whether its rail runs straight down into the dot of its parent, which is the line below."""
        return self.depth > 1 and not self.merged and below is not None and below.branch is self.ancestors[-1]


def lines(branches: Sequence[Branch]) -> list[Line]:
    """The tree from top to bottom; `main` is the last line.  A branch of an unknown parent is a root of its own."""
    known = {branch.name: branch for branch in branches}
    children: dict[str | None, list[Branch]] = {}
    for branch in branches:
        parent = branch.parent if branch.parent in known and not _circular(branch, known) else None
        children.setdefault(parent, []).append(branch)
    newest = _newest(children)
    for siblings in children.values():
        siblings.sort(key=lambda branch: (not branch.is_default, newest[branch.name], branch.name))
    # From the bottom up: a parent, then its children from the oldest to the newest, each with its own on top of it.
    found: list[Line] = []
    pending: list[tuple[Branch, tuple[Branch, ...]]] = [(root, ()) for root in reversed(children.get(None, []))]
    while pending:
        branch, ancestors = pending.pop()
        below = children.get(branch.name, [])
        passing = tuple(
            children[ancestor.name][-1] is not child
            for ancestor, child in zip(ancestors, (*ancestors, branch)[1:], strict=True)
        )
        found.append(Line(branch, ancestors, passing, len(below)))
        pending.extend((child, (*ancestors, branch)) for child in reversed(below))
    return found[::-1]


def _circular(branch: Branch, known: dict[str, Branch]) -> bool:
    seen = {branch.name}
    at = known.get(branch.parent or "")
    while at is not None:
        if at.name in seen:
            return True
        seen.add(at.name)
        at = known.get(at.parent or "")
    return False


def _newest(children: dict[str | None, list[Branch]]) -> dict[str, dt.datetime]:
    """When the newest of a branch and its descendants was made."""
    order: list[Branch] = []
    pending = list(children.get(None, []))
    while pending:
        branch = pending.pop()
        order.append(branch)
        pending.extend(children.get(branch.name, []))
    newest: dict[str, dt.datetime] = {}
    for branch in reversed(order):
        own = [newest[child.name] for child in children.get(branch.name, [])]
        newest[branch.name] = max([branch.created_at, *own])
    return newest
