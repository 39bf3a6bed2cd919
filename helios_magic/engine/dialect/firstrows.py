"""Of rows with several keys, those that no row taken before them meets: a choice that SQL cannot make at once."""

from __future__ import annotations

from collections.abc import Sequence


def first_of_each(rows: Sequence[int], groups: Sequence[Sequence[int | None]]) -> list[int]:
    """The numbers of the rows to take, in order.

    `groups` has for each row one number per key, the same for rows with the same key, None where a key is not met.
    """
    taken: set[tuple[int, int]] = set()
    chosen = []
    for row, keys in zip(rows, groups, strict=True):
        named = {(position, group) for position, group in enumerate(keys) if group is not None}
        if taken.isdisjoint(named):
            taken |= named
            chosen.append(row)
    return chosen
