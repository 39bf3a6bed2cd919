"""What a run came to: the share answered, and a table of constructs, those that it must show first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.dialect.differential.runner import Outcome

ENOUGH = 20
"""A construct that came less often has hardly been tried."""

STRUCTURE = (
    "foreign keys", "foreign keys: CASCADE", "foreign keys: SET NULL", "foreign keys: SET DEFAULT",
    "foreign keys: RESTRICT", "foreign keys: NO ACTION", "deferred constraints", "SERIAL", "IDENTITY",
    "generated columns", "CHECK constraints", "lengths", "unique indexes", "partial unique indexes", "enums",
    "named constraints", "ALTER TABLE", "TRUNCATE", "views", "materialised views", "sequences", "comments", "schemas",
)  # fmt: skip
"""What a schema is made of: the constructs that a run must have shown."""
LANGUAGE = (
    "jsonb", "arrays", "regular expressions", "dates", "intervals", "numeric", "text functions", "text patterns",
    "formatting", "casts", "NULL order", "integer division", "identifier case", "unnamed column names", "DISTINCT ON",
    "LATERAL", "data-modifying CTEs", "ON CONFLICT", "RETURNING", "MERGE", "window frames", "grouping sets",
    "ordered aggregates",
)  # fmt: skip
"""What a statement is made of, likewise."""


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
        others = sorted(self.constructs.keys() - set(STRUCTURE) - set(LANGUAGE))
        parts = (("structure", STRUCTURE), ("language", LANGUAGE), ("besides", others))
        return "\n\n".join(self._part(title, constructs) for title, constructs in parts)

    def _part(self, title: str, constructs: Iterable[str]) -> str:
        lines = [f"{title:<37}{'statements':>11}{'answered':>10}{'errors':>8}{'refused':>9}{'different':>11}"]
        for construct in constructs:
            kinds = self.constructs.get(construct, Counter())
            counts = [kinds[kind] for kind in ("same", "error", "refused", "different")]
            lines.append("{:<37}{:>11,}{:>10,}{:>8,}{:>9,}{:>11,}".format(construct, kinds.total(), *counts))
        return "\n".join(lines)

    def scarce(self) -> list[str]:
        """The constructs that came too seldom to tell anything."""
        return [each for each in (*STRUCTURE, *LANGUAGE) if self.constructs.get(each, Counter()).total() < ENOUGH]

    def refused(self, most: int = 25) -> str:
        """The refusals that came most often."""
        return "\n".join(f"{count:>6,}  {message}" for message, count in self.refusals.most_common(most))
