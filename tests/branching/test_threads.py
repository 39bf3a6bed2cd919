"""Eight threads on eight sets of branches at once: no error but the documented ones, and nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.branching.crowd import crowd


@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=pytest.mark.long)])
def test_eight_threads_write_make_merge_and_delete(seconds: int, seed: int, tmp_path: Path) -> None:
    counts = crowd(tmp_path / "store", seconds, seed)
    print(dict(counts))
    assert counts["writes"] > 50
    assert counts["forks"] > 8
