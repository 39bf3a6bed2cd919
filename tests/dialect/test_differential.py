"""Generated statements answer as a real PostgreSQL server answers them."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from tests.dialect.differential.report import Tally
from tests.dialect.differential.runner import OFTEN, draw

SECONDS = 30
LEAST = 0.8
"""The share that both must answer with rows or counts.  It is above 0.9 over many thousand; where a scenario's table
is not made, all that comes after fails alike, and a thousand statements are few scenarios."""
EXAMPLES = 30
"""Scenarios between two looks at the clock."""


def test_generated_statements_answer_as_postgresql_does(pair, seed):
    tally, ends, number = Tally(), time.monotonic() + SECONDS, seed * 1000
    while time.monotonic() < ends:
        run(pair, tally, number, seed)
        number += 1
    print(f"{tally.table()}\n\nseed {seed}: {tally.summary()}")
    assert tally.share("same") >= LEAST, f"seed {seed}: {tally.summary()}\n{tally.refused()}"


def run(pair, tally, number, first):
    """Some scenarios drawn by hypothesis from a seed; the first difference fails, with what was run before it."""

    @seeded(number)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(st.sampled_from(OFTEN), st.randoms(use_true_random=False))
    def alike(construct, random):
        for outcome in pair.play(draw(random, construct)):
            tally.add(outcome)
            words = f"seed {first}: {outcome.before} {outcome.drawn.statement}: {outcome.verdict}"
            assert not outcome.verdict.different, words

    alike()
