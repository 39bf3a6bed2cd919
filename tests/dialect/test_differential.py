"""Generated statements answer as a real PostgreSQL server answers them."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.dialect.differential import SEED
from tests.dialect.differential.report import Tally
from tests.dialect.differential.runner import OFTEN, draw

SECONDS = 30
LEAST = 0.8
"""The share that both must answer with rows or counts.  It is above 0.9 over many thousand; where a scenario's table
is not made, all that comes after fails alike, and a thousand statements are few scenarios."""
EXAMPLES = 30
"""Scenarios between two looks at the clock."""


def test_generated_statements_answer_as_postgresql_does(pair):
    tally, ends, number = Tally(), time.monotonic() + SECONDS, SEED * 1000
    while time.monotonic() < ends:
        run(pair, tally, number)
        number += 1
    print(f"{tally.table()}\n\nseed {SEED}: {tally.summary()}")
    assert tally.share("same") >= LEAST, f"seed {SEED}: {tally.summary()}\n{tally.refused()}"


def run(pair, tally, number):
    """Some scenarios drawn by hypothesis from a seed; the first difference fails, with what was run before it."""

    @seed(number)
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
            words = f"seed {SEED}: {outcome.before} {outcome.drawn.statement}: {outcome.verdict}"
            assert not outcome.verdict.different, words

    alike()
