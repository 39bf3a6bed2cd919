"""Two answers to one statement, compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.dialect.differential.answers import Answer
from tests.dialect.differential.servers import split_type

REFUSAL = "0A000"
VIOLATIONS = frozenset({"21000", "23502", "23503", "23505", "23514"})
"""Of several at once a server tells the first that it finds, and the order is its own."""
AGGREGATE_TOLERANCE = 1e-12
"""Sums of floats depend on the order of the rows; anything else is compared as it is printed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is `same`, `error` (the same one), `refused`, or what differs, told in `detail`."""

    kind: str
    detail: str = ""

    @property
    def different(self) -> bool:
        return self.kind not in ("same", "error", "refused")


def compare(ours: Answer, theirs: Answer, *, ordered: bool, aggregates: bool = False, several: bool = False) -> Verdict:
    """What to think of our answer; `ordered` says that the statement orders its rows wholly."""
    if ours.sqlstate == REFUSAL and theirs.sqlstate != REFUSAL:
        return Verdict("refused", ours.message)
    if ours.failed and theirs.failed:
        if ours.sqlstate == theirs.sqlstate or (several and {ours.sqlstate, theirs.sqlstate} <= VIOLATIONS):
            return Verdict("error", ours.sqlstate or "")
        return Verdict("sqlstate", f"{theirs.sqlstate} {theirs.message} / ours {ours.sqlstate} {ours.message}")
    if theirs.failed:
        return Verdict("answered", f"{theirs.sqlstate} {theirs.message} / ours {str(ours.rows)[:200]}")
    if ours.failed:
        return Verdict("failed", f"ours {ours.sqlstate} {ours.message}")
    return _compare_rows(ours, theirs, ordered=ordered, aggregates=aggregates)


def _compare_rows(ours: Answer, theirs: Answer, *, ordered: bool, aggregates: bool) -> Verdict:
    if (ours.rows is None) != (theirs.rows is None):
        return Verdict("rows", f"{theirs.rows} / ours {ours.rows}"[:500])
    if (ours.affected or 0) != (theirs.affected or 0):
        return Verdict("count", f"{theirs.affected} / ours {ours.affected}")
    if ours.names != theirs.names:
        return Verdict("names", f"{theirs.names} / ours {ours.names}")
    if unlike := [(b, a) for a, b in zip(ours.types, theirs.types, strict=True) if not _same_type(a, b)]:
        return Verdict("types", f"{unlike[0][0]} / ours {unlike[0][1]}")
    alike = _alike(AGGREGATE_TOLERANCE if aggregates else 0.0)
    left, right = list(ours.rows or ()), list(theirs.rows or ())
    if len(left) != len(right):
        return Verdict("rows", f"{len(right)} rows / ours {len(left)}: {right[:3]} / {left[:3]}"[:600])
    if not ordered:
        left.sort(key=_key)
        right.sort(key=_key)
    for a, b in zip(left, right, strict=True):
        if not all(map(alike, a, b)):
            return Verdict("rows", f"{b} / ours {a}"[:600])
    return Verdict("same")


def _same_type(ours: str, theirs: str) -> bool:
    """The same name; modifiers that both tell must be the same."""
    # An array's type does not tell its dimensions in PostgreSQL.
    (base, modifier), (their_base, their_modifier) = split_type(ours), split_type(theirs)
    # A planner that folds a constant away shows the modifier of what is left: one that only it tells is no difference.
    untold = not modifier or not their_modifier
    return base.replace("[][]", "[]") == their_base and (untold or modifier == their_modifier)


def _key(row: tuple[Any, ...]) -> str:
    return repr([f"{value:.6g}" if isinstance(value, float) else value for value in row])


def _alike(tolerance: float) -> Callable[[Any, Any], bool]:
    def alike(a: Any, b: Any) -> bool:
        if isinstance(a, float) and isinstance(b, float):
            if math.isnan(a) or math.isnan(b):
                return math.isnan(a) and math.isnan(b)
            return a == b or math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)
        if isinstance(a, list) and isinstance(b, list):
            return len(a) == len(b) and all(map(alike, a, b))
        if isinstance(a, dict) and isinstance(b, dict):
            return a.keys() == b.keys() and all(alike(a[key], b[key]) for key in a)
        if isinstance(a, Decimal) or isinstance(b, Decimal):
            return type(a) is type(b) and a == b
        return type(a) is type(b) and a == b

    return alike
