"""What conditions ask of one column."""

from __future__ import annotations

import pytest

from helios_magic.sqltext.bounds import Bounds, bounds


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ([], Bounds()),
        (["c >= 1 AND c <= 5"], Bounds(least=1, most=5)),
        (["((c > 0) AND (c < 2.5))"], Bounds(least=1, most=2)),
        (["c BETWEEN -3 AND 7", "c > -5"], Bounds(least=-3, most=7)),
        (["c IN ('b', 'a')"], Bounds(listed=("b", "a"))),
        (["(c)::text IN ('b')"], Bounds(listed=("b",))),
        (['"C" >= 4'], Bounds()),
        (["c >= 1 OR d > 1", "d > 7", "char_length(c) > 2", "c >= d", "c <> 3", "no condition ("], Bounds()),
    ],
)
def test_what_always_holds(conditions: list[str], found: Bounds) -> None:
    assert bounds("c", conditions) == found


def test_wanted_numbers_are_narrowed() -> None:
    assert Bounds().within(1, 9) == (1, 9)
    assert Bounds(least=3, most=5).within(1, 9) == (3, 5)
    assert Bounds(least=100).within(1, 9) == (100, 100)
    assert Bounds(most=-4).within(1, 9) == (-4, -4)
