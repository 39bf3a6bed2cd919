"""Random sequences on the engine and on a slow oracle: after each step both hold the same.

About a minute, by the clock, of seeds that are new in each run and printed; and a fixed list of seeds that once found
something.  Longer: `python -m tests.branching.differential --seconds 3600`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import SystemRandom

import pytest

from tests.branching.differential import hunt, report, run, shrink

SECONDS = 50.0
REGRESSIONS: tuple[int, ...] = (1, 39)


@pytest.mark.parametrize("seed", REGRESSIONS)
def test_a_seed_that_once_found_something(seed: int, tmp_path: Path) -> None:
    run(seed, tmp_path / "store", Counter())


def test_engine_and_oracle_agree(capsys: pytest.CaptureFixture[str]) -> None:
    seed = SystemRandom().randrange(1_000_000_000)
    counts, failures = hunt(SECONDS, seed)
    with capsys.disabled():
        print(f"\n{counts['sequences']} sequences from seed {seed}\n{report(counts)}")
    assert not failures, str(shrink(failures[0]))
    assert counts["sequences"] > 3
    assert counts["reopen"]
    assert counts["merge"]
    assert not counts["not built"]
