"""Scenarios run on both sides, statement by statement, up to the first difference or refusal of each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.dialect.differential import relations, structures  # noqa: F401 - they register their scenes
from tests.dialect.differential.grammar import Drawn, Scenario, Writer, catalogue
from tests.dialect.differential.queries import QUERIES
from tests.dialect.differential.schema import SETUP, rows
from tests.dialect.differential.servers import Ours, PostgreSQL, Statement, Wheel
from tests.dialect.differential.verdict import Verdict, compare
from tests.dialect.differential.writes import SCENES

MAKERS = catalogue(QUERIES, SCENES)
_SCENES = {construct for construct, _ in SCENES}
_TIMES = {"errors": 1, "foreign keys": 4, **dict.fromkeys(MAKERS.keys() - _SCENES - {"errors"}, 6)}
OFTEN = [construct for construct in MAKERS for _ in range(_TIMES.get(construct, 1))]
"""The constructs as often as they are drawn: a scene is many statements, a query one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A statement, what ran before it on an empty database, and what came out."""

    drawn: Drawn
    before: tuple[Statement, ...]
    verdict: Verdict
    shared: bool


@dataclass(slots=True)
class Side:
    """The two servers in the same state."""

    ours: Ours
    theirs: PostgreSQL

    def run(self, drawn: Drawn) -> Verdict:
        """The verdict on a statement, and on the state that it leaves."""
        verdict = compare(
            self.ours.run(drawn.statement),
            self.theirs.run(drawn.statement),
            ordered=drawn.ordered,
            aggregates=drawn.aggregates,
            several=drawn.several,
        )
        if verdict.kind not in ("same", "error"):
            return verdict
        for query in drawn.check:
            state = compare(self.ours.run(query), self.theirs.run(query), ordered=False)
            if state.kind not in ("same", "error"):
                return Verdict(state.kind if state.kind == "refused" else "state", f"{query}: {state.detail}")
        return verdict

    def renew(self) -> None:
        self.ours.renew()
        self.theirs.renew()

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


class Pair:
    """Both servers twice: with the shared schema, which statements only read, and with a database made anew."""

    def __init__(self, wheel: Wheel, seed: int = 0) -> None:
        name = f"seed_{seed}"
        self.shared = Side(Ours(), wheel.database(name))
        self.scene = Side(Ours(), wheel.database(f"{name}_scenes"))
        for statement in (*SETUP, *rows(Random(seed))):
            verdict = self.shared.run(Drawn(statement, frozenset()))
            if verdict.kind != "same":
                raise AssertionError(f"the shared schema: {verdict} in {statement}")

    def play(self, scenario: Scenario) -> Iterator[Outcome]:
        """Each statement's outcome; after a difference, or a refusal of what PostgreSQL did, the scenario ends."""
        if scenario.shared:
            for step in scenario.steps:
                yield Outcome(step, (), self.shared.run(step), shared=True)
            return
        self.scene.renew()
        before: list[Statement] = []
        for step in scenario.steps:
            verdict = self.scene.run(step)
            yield Outcome(step, tuple(before), verdict, shared=False)
            if verdict.kind not in ("same", "error"):
                return
            before.append(step.statement)

    def verdict(self, statements: Sequence[Statement], last: Drawn, *, shared: bool) -> Verdict:
        """The verdict on `last` after the statements: what shrinking asks again and again."""
        if shared:
            return self.shared.run(last)
        self.scene.renew()
        for statement in statements:
            ours, theirs = self.scene.ours.run(statement), self.scene.theirs.run(statement)
            if ours.failed != theirs.failed:
                return Verdict("error")
        return self.scene.run(last)

    def close(self) -> None:
        self.shared.close()
        self.scene.close()


def scenarios(random: Random) -> Iterator[Scenario]:
    """Scenarios without end, each construct about as many statements as any other."""
    constructs = list(OFTEN)
    while True:
        random.shuffle(constructs)
        for construct in constructs:
            yield draw(random, construct)


def draw(random: Random, construct: str) -> Scenario:
    """A scenario made for a construct."""
    return random.choice(MAKERS[construct])(Writer(random))


@contextlib.contextmanager
def servers(seed: int = 0) -> Iterator[Pair]:
    """Both servers, started and in the end stopped."""
    wheel = Wheel()
    try:
        pair = Pair(wheel, seed)
        try:
            yield pair
        finally:
            pair.close()
    finally:
        wheel.close()
