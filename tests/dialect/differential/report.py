"""What a run came to: the share answered, and a table of constructs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.dialect.differential.runner import Outcome


@dataclass(slots=True)
class Tally:
    """Counts of outcomes, in all and by construct."""

    kinds: Counter[str] = field(default_factory=Counter)
    constructs: dict[str, Counter[str]] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        kind = "different" if outcome.verdict.different else outcome.verdict.kind
        self.kinds[kind] += 1
        for construct in outcome.drawn.constructs:
            self.constructs.setdefault(construct, Counter())[kind] += 1
        if kind == "refused":
            self.refusals[outcome.verdict.detail.split("\n")[0][:100]] += 1

    @property
    def statements(self) -> int:
        return self.kinds.total()

    def share(self, *kinds: str) -> float:
        return sum(self.kinds[kind] for kind in kinds) / max(1, self.statements)

    def summary(self) -> str:
        """One line: how many statements, and how many of each kind."""
        return (
            f"{self.statements:,} statements: {self.share('same'):.1%} with the same answer, {self.share('error'):.1%} "
            f"with the same error, {self.share('refused'):.1%} refused, {self.kinds['different']:,} different"
        )

    def table(self) -> str:
        """A line a construct: how often it came, and what came of it."""
        lines = [f"{'construct':<32}{'statements':>11}{'answered':>10}{'errors':>8}{'refused':>9}{'different':>11}"]
        for construct, kinds in sorted(self.constructs.items()):
            counts = [kinds[kind] for kind in ("same", "error", "refused", "different")]
            lines.append("{:<32}{:>11,}{:>10,}{:>8,}{:>9,}{:>11,}".format(construct, kinds.total(), *counts))
        return "\n".join(lines)

    def refused(self, most: int = 25) -> str:
        """The refusals that came most often."""
        return "\n".join(f"{count:>6,}  {message}" for message, count in self.refusals.most_common(most))
