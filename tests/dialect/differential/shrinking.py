"""A difference made small: statements before it are left out, then parts of it, as long as it stays the same kind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tests.dialect.differential.runner import Outcome, Pair
from tests.dialect.differential.servers import Statement

_SECONDS = 6
"""How long to try: what is left then is small enough to read."""


def shrink(pair: Pair, outcome: Outcome) -> Outcome:
    """The smallest outcome found with the same kind of difference."""
    ends = time.monotonic() + _SECONDS
    if not outcome.shared:
        outcome = _fewer_before(pair, outcome, ends)
    if isinstance(outcome.drawn.statement, str):
        outcome = _smaller(pair, outcome, ends)
    return outcome


def _again(pair: Pair, outcome: Outcome, before: tuple[Statement, ...], statement: Statement) -> Outcome | None:
    drawn = replace(outcome.drawn, statement=statement)
    verdict = pair.verdict(before, drawn, shared=outcome.shared)
    if verdict.kind != outcome.verdict.kind:
        return None
    if verdict.kind in ("failed", "sqlstate", "answered") and _gist(verdict.detail) != _gist(outcome.verdict.detail):
        return None
    return replace(outcome, drawn=drawn, before=before, verdict=verdict)


def _gist(detail: str) -> str:
    """The SQLSTATEs and the first words of the messages: what the difference is about, whatever it names."""
    return " ".join(" ".join(part.split()[:4]) for part in detail.split(" / "))


def _fewer_before(pair: Pair, outcome: Outcome, ends: float) -> Outcome:
    index = len(outcome.before) - 1
    while index >= 0 and time.monotonic() < ends:
        before = outcome.before[:index] + outcome.before[index + 1 :]
        outcome = _again(pair, outcome, before, outcome.drawn.statement) or outcome
        index -= 1
    return outcome


def _smaller(pair: Pair, outcome: Outcome, ends: float) -> Outcome:
    tried = {outcome.drawn.statement}
    found = True
    while found:
        found = False
        for candidate in _candidates(str(outcome.drawn.statement)):
            if time.monotonic() > ends:
                return outcome
            if candidate in tried:
                continue
            tried.add(candidate)
            better = _again(pair, outcome, outcome.before, candidate)
            if better is not None:
                outcome, found = better, True
                break
    return outcome


def _candidates(query: str) -> Iterator[str]:
    """Shorter statements: a list without an item, a clause left out, an expression replaced by a part of it."""
    try:
        tree = sqlglot.parse_one(query, read="postgres")
    except SqlglotError:
        return
    texts = sorted({text for text in _edits(tree) if len(text) < len(query) and text != "SELECT"}, key=len)
    yield from texts


def _edits(tree: exp.Expression) -> Iterator[str]:
    places = [node for node in tree.walk() if node.parent is not None]
    for number, place in enumerate(places):
        parts = [i for i, part in enumerate(place.walk()) if i and isinstance(part, exp.Expression)][:12]
        for part in (None, *parts):
            copy = tree.copy()
            nodes = [node for node in copy.walk() if node.parent is not None]
            if number >= len(nodes):
                continue
            new = None if part is None else list(nodes[number].walk())[part].copy()
            try:
                nodes[number].replace(new) if new is not None else nodes[number].pop()
                yield copy.sql("postgres")
            except (SqlglotError, ValueError, AttributeError, TypeError, KeyError, IndexError):
                continue
