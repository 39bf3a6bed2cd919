"""Interleaved timing: both sides take turns, so that a busy machine slows both alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def medians(sides: Mapping[str, Callable[[], Any]], rounds: int, warm_up: int = 3) -> dict[str, float]:
    """Median seconds per side over `rounds` turns, every side running once a turn."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(warm_up + rounds):
        for name, run in sides.items():
            gc.collect(0)
            start = time.perf_counter()
            result = run()
            elapsed = time.perf_counter() - start
            del result
            if turn >= warm_up:
                taken[name].append(elapsed)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}
