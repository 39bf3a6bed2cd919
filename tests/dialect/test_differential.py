"""Generated statements answer as a real PostgreSQL server answers them."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.dialect.differential import SEED
from tests.dialect.differential.report import Tally
from tests.dialect.differential.runner import OFTEN, draw

SECONDS = 25


def test_generated_statements_answer_as_postgresql_does(pair):
    tally, constructs, ends = Tally(), sorted(OFTEN), time.monotonic() + SECONDS

    @seed(SEED)
    @settings(
        max_examples=100_000, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(st.sampled_from(constructs), st.randoms(use_true_random=False))
    def alike(construct, random):
        if time.monotonic() > ends:
            raise _TimeIsUpError
        for outcome in pair.play(draw(random, construct)):
            tally.add(outcome)
            assert not outcome.verdict.different, (outcome.before, outcome.drawn.statement, outcome.verdict)

    with pytest.raises(_TimeIsUpError):
        alike()
    print(f"seed {SEED}: {tally.summary()}")
    assert tally.share("same", "error") >= 0.9, tally.summary()


class _TimeIsUpError(Exception):
    pass
