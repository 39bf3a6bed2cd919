"""What a random sequence is made of."""

from __future__ import annotations

from dataclasses import dataclass

from tests.branching.operations import Op


class Step:
    pass


@dataclass(frozen=True)
class Run(Step):
    """Statements on a branch: one alone, or a batch with or without a transaction."""

    branch: str
    ops: tuple[Op, ...]
    transaction: bool = True

    def __str__(self) -> str:
        how = "" if len(self.ops) == 1 else " (transaction)" if self.transaction else " (each on its own)"
        return f"on {self.branch}{how}: " + "; ".join(op.sql for op in self.ops)


@dataclass(frozen=True)
class Fork(Step):
    name: str
    parent: str

    def __str__(self) -> str:
        return f"CREATE BRANCH {self.name} FROM {self.parent}"


@dataclass(frozen=True)
class Delete(Step):
    name: str

    def __str__(self) -> str:
        return f"DROP BRANCH {self.name}"


@dataclass(frozen=True)
class Merge(Step):
    """`settle` is the seed of a choice of resolutions; 0: none."""

    source: str
    target: str
    strategy: str
    dry_run: bool = False
    settle: int = 0

    def __str__(self) -> str:
        words = f"MERGE BRANCH {self.source} INTO {self.target} by {self.strategy}"
        return words + (", dry run" if self.dry_run else "") + (f", settled by {self.settle}" if self.settle else "")


@dataclass(frozen=True)
class Diff(Step):
    branch: str
    against: str

    def __str__(self) -> str:
        return f"diff of {self.branch} against {self.against}"


@dataclass(frozen=True)
class Reopen(Step):
    def __str__(self) -> str:
        return "close and open again"


@dataclass(frozen=True)
class Collect(Step):
    """The background's collection, at once."""

    def __str__(self) -> str:
        return "collect what nobody needs"


@dataclass(frozen=True)
class Rest(Step):
    """Idle for so long that the background tidies up and lays spare copies ready."""

    def __str__(self) -> str:
        return "rest"
