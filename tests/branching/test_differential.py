"""Random sequences on the engine and on a slow oracle: after each step both hold the same.

A fixed list of seeds that once found something, and about a minute, by the clock, from the run's `--seed`.  Longer,
and new in each run: `python -m tests.branching.differential --seconds 3600`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.branching.differential import hunt, replay, report, run, shrink
from tests.branching.operations import Alter, CreateIndex, CreateTable, Spec
from tests.branching.steps import Collect, Fork, Merge, Reopen, Run, Step
from tests.branching.writes import Delete, Insert

SECONDS = 45.0
REGRESSIONS = (
    809104791, 809104795, *(pytest.param(seed, marks=pytest.mark.long) for seed in (5000115, 6000205, 7000093)),
)  # fmt: skip
"""The long ones are of many steps; the minute of drawn ones goes the same ways."""

T = CreateTable("t", (Spec("id", "integer"), Spec("a", "integer")), ("id",))
ONE = Insert("t", ("id", "a"), ((1, 5),))
AGAIN = Insert("t", ("id", "a"), ((2, 5),))
INDEX = CreateIndex("i", "t", ("a",), unique=True)
STORIES: dict[str, tuple[Step, ...]] = {
    "an index made with a delete, then copied": (
        Run("main", (T,)), Run("main", (ONE,)), Run("main", (INDEX, Delete("t"))), Fork("b", "main"),
        Run("b", (AGAIN,)), Run("main", (AGAIN,)),
    ),
    "an index made before a delete, then copied": (
        Run("main", (T,)), Run("main", (ONE,)), Run("main", (INDEX,)), Run("main", (Delete("t"),)), Fork("b", "main"),
        Run("b", (AGAIN,)), Run("main", (AGAIN,)),
    ),
    "a type that changes": (
        Run("main", (T,)), Run("main", (ONE,)), Run("main", (Alter("t", "type", "a", "text"),)),
        Run("main", (Insert("t", ("id", "a"), ((2, "6"),)),)),
    ),
    "a first write that fails, then branches of it": (
        Run("main", (T,)), Run("main", (ONE,)), Fork("b", "main"), Run("b", (ONE,)), Fork("c", "b"),
        Collect(), Run("b", (AGAIN,)), Run("c", (Insert("t", ("id", "a"), ((3, 6),)),)), Collect(),
        Merge("b", "c", "three-way"), Merge("c", "main", "three-way"), Reopen(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("seed", REGRESSIONS)
def test_a_seed_that_once_found_something(seed: int, tmp_path: Path) -> None:
    run(seed, tmp_path / "store", Counter())


@pytest.mark.parametrize("story", STORIES)
def test_a_story_that_once_went_wrong(story: str, tmp_path: Path) -> None:
    assert replay(STORIES[story], tmp_path / "store") is None


def test_engine_and_oracle_agree(seed: int, say: Callable[[str], None]) -> None:
    counts, failures = hunt(SECONDS, seed)
    say(f"{counts['sequences']} sequences from seed {seed}\n{report(counts)}")
    assert not failures, str(shrink(failures[0]))
    assert counts["sequences"] > 3
    assert counts["reopen"]
    assert counts["merge"]
    assert not counts["not built"]
