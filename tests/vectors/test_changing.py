"""After any changes on any branch the search finds what looking at every row finds."""

from __future__ import annotations

import pytest

from helios_magic.engine.engine import DuckDBEngine
from helios_magic.nearest.tuning import RECALL
from tests.vectors.changing import BRANCHES, Changing


def test_changes_on_three_branches(engine: DuckDBEngine) -> None:
    changing = Changing(engine, 8, 20_261_123)
    changing.begin(300)
    for number in range(60):
        changing.step()
        assert changing.check(BRANCHES[number % 3]) == 1.0
        if number == 30:
            changing.merge()


@pytest.mark.long
def test_ten_thousand_changes_with_lists(engine: DuckDBEngine) -> None:
    changing = Changing(engine, 32, 20_261_124)
    changing.begin(60_000)
    assert engine.database("db").vectors.wait(300)
    changing.changes, recalls = 0, []
    while changing.changes < 10_000:
        for _ in range(40):
            changing.step()
        recalls += [changing.check(branch) for branch in BRANCHES]
        if len(recalls) % 30 == 0:
            changing.merge()
    assert engine.database("db").vectors.wait(300)
    recalls += [changing.check(branch) for branch in BRANCHES * 20]
    print(f"{changing.changes} changes, {len(recalls)} searches: recall {sum(recalls) / len(recalls):.4f}")
    assert sum(recalls) / len(recalls) >= RECALL
