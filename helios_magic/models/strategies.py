"""The strategies of a merge and every name they go by (decisions.md, "Branches")."""

from __future__ import annotations

import difflib
from typing import Literal

Strategy = Literal["fast-forward", "three-way", "ours", "theirs"]

STRATEGIES: dict[Strategy, tuple[str, ...]] = {
    "fast-forward": ("fast_forward", "ff"),
    "three-way": ("three_way", "manual"),
    "ours": ("target-wins", "target_wins"),
    "theirs": ("auto", "source-wins", "source_wins", "branch_wins"),
}
"""Each strategy with its aliases."""

BY_NAME: dict[str, Strategy] = {
    name: strategy for strategy, aliases in STRATEGIES.items() for name in (strategy, *aliases)
}


def listed() -> str:
    """The strategies as a sentence names them."""
    *most, last = STRATEGIES
    return f"{', '.join(most)} or {last}"


def hint(name: str) -> str:
    """What to write in the place of a name that is no strategy."""
    near = difflib.get_close_matches(name.lower(), BY_NAME, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Known strategies: {', '.join(STRATEGIES)}."
