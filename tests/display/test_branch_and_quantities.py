"""The branch colour, and numbers as people read them."""

from __future__ import annotations

import pytest

from helios_magic.display import quantities
from helios_magic.display.branch import chip, hue
from helios_magic.display.characters import cut, pad, plain, width
from tests.display.reading import read


@pytest.mark.parametrize(
    ("name", "degrees"),
    [
        ("feature/reviews", 165),
        ("dev/prices-2027", 315),
        ("fix/emoji-names", 215),
        ("draft/shop-v2", 190),
        ("demo/رمضان", 345),
        ("main", None),
    ],
)
def test_the_hue_is_the_same_for_everyone(name: str, degrees: int | None) -> None:
    assert hue(name) == degrees


def test_the_chip_always_writes_the_name() -> None:
    root = read(chip("demo/رمضان"))
    assert root.text == "demo/رمضان"
    assert root.find("bdi")[0].attributes["dir"] == "auto"
    assert read(chip("a<b>\u202e")).text == "a<b>U+202E"


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (0.04, "0.04 ms"),
        (0.42, "0.4 ms"),
        (12.3, "12 ms"),
        (999.4, "999 ms"),
        (999.6, "1.0 s"),
        (4_200, "4.2 s"),
        (59_960, "1 min"),
        (200_000, "3 min 20 s"),
        (3_900_000, "1 h 5 min"),
    ],
)
def test_durations(milliseconds: float, shown: str) -> None:
    assert quantities.duration(milliseconds) == shown


def test_counts() -> None:
    assert quantities.counted(1, "row") == "1 row"
    assert quantities.counted(12480, "row") == "12,480 rows"
    assert quantities.counted(2, "branch", "branches") == "2 branches"


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("日本", 4), ("é", 1), ("👩‍🔬", 2), ("ليلى حدّاد", 9), ("👍🏽", 2), ("한", 2), ("❤️", 2)],
)
def test_width_counts_display_cells(text: str, cells: int) -> None:
    assert width(text) == cells
    assert width(pad(text, 12)) == 12


def test_cut_and_plain() -> None:
    assert cut("日本語", 5) == "日本…"
    assert plain("a\u202eb\x1bc\nd\te") == "a<U+202E>b<U+001B>c↵d⇥e"
