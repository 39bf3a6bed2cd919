"""Rules that turn DuckDB's sentences into PostgreSQL's: a pattern, and what becomes of what it matched."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from helios_magic.engine.dialect.prepared import TableName
from helios_magic.schema import Schema, Table


@dataclass(frozen=True, slots=True)
class Failing:
    """What failed: the user's text, the structure it ran against, and the tables it writes."""

    query: str
    schema: Schema
    writes: Sequence[TableName] = ()

    def tables(self) -> list[Table]:
        """The tables that the statement writes; all, where that is not known."""
        written = [self.schema.table(name.name, name.schema) for name in self.writes]
        return [table for table in written if table is not None] or list(self.schema.tables)

    def table(self, name: str) -> Table | None:
        return next((table for table in self.tables() if table.name == name), None)


@dataclass(frozen=True, slots=True)
class Said:
    """One failure in PostgreSQL's words; `word` is what to mark in the user's text."""

    sqlstate: str
    message: str
    word: str | None = None
    hint: str | None = None
    detail: str | None = None
    constraint: str | None = None


Rule = Callable[[re.Match[str], Failing], Said]


class Rules:
    """An ordered list of rules; the first that matches speaks."""

    def __init__(self) -> None:
        self._rules: list[tuple[re.Pattern[str], Rule]] = []

    def rule(self, pattern: str) -> Callable[[Rule], Rule]:
        """Register a function for what a pattern matches."""

        def register(made: Rule) -> Rule:
            self._rules.append((re.compile(pattern, re.DOTALL), made))
            return made

        return register

    def plain(self, pattern: str, sqlstate: str, message: str, *, word: str | None = None) -> None:
        """Register a message that is a format over the pattern's groups; `word` is the group to mark."""

        def made(match: re.Match[str], _: Failing) -> Said:
            groups = match.groupdict()
            return Said(sqlstate, message.format(**groups), groups.get(word) if word is not None else None)

        self._rules.append((re.compile(pattern, re.DOTALL), made))

    def say(self, text: str, failing: Failing) -> Said | None:
        for pattern, made in self._rules:
            match = pattern.search(text)
            if match is not None:
                return made(match, failing)
        return None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """`Did you mean email?`, or None where nothing is near."""
    spelled = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), spelled, n=1, cutoff=0.6)
    return f"Did you mean {spelled[near[0]]}?" if near else None
