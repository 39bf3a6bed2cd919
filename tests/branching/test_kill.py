"""kill -9 and power cuts while branches are written, made, copied, merged and deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.branching.differential import temporary
from tests.branching.killing import can_mount, cut_power, kill_once


def _often(kills: int, seed: int, how: Callable[[Path, int, Counter[str]], None]) -> Counter[str]:
    counts = Counter[str]()
    for number in range(seed, seed + kills):
        with temporary() as folder:
            try:
                how(folder, number, counts)
            except Exception as error:
                raise AssertionError(f"seed {number}: {error}") from error
    print(f"{kills} from seed {seed}: {dict(counts)}")
    return counts


def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(seed: int) -> None:
    kills = 15
    counts = _often(kills, seed, kill_once)
    assert counts["messages"] > kills, "killed before they did anything"


@pytest.mark.long
def test_two_hundred_kills(seed: int) -> None:
    _often(200, seed, kill_once)


@pytest.mark.skipif(not can_mount(), reason="a power cut is simulated below a mounted file system, by root")
def test_a_power_cut_takes_nothing_but_fresh_creations(seed: int) -> None:
    counts = _often(5, seed, cut_power)
    assert counts["messages"]


@pytest.mark.long
@pytest.mark.skipif(not can_mount(), reason="a power cut is simulated below a mounted file system, by root")
def test_a_hundred_power_cuts(seed: int) -> None:
    _often(100, seed, cut_power)
