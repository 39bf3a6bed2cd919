"""Where things stand in the user's text."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from helios_magic.sqltext.scanner import Token, scan


def position(sql: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, both counted from 1; columns count characters."""
    before = sql[: max(0, min(offset, len(sql)))]
    line = before.count("\n") + 1
    return line, len(before) - (before.rfind("\n") + 1) + 1


def find_identifier(sql: str, name: str, nth: int = 0, *, tokens: Sequence[Token] | None = None) -> Token | None:
    """The nth (from 0) place where the text names `name`, a word in any case or a quoted identifier exactly."""
    found = 0
    for token in tokens if tokens is not None else scan(sql):
        if token.kind in ("word", "identifier") and token.name == name:
            if found == nth:
                return token
            found += 1
    return None


@dataclass(frozen=True, slots=True)
class Spaced:
    """A text with blanks put in, and the way back: `original(offset)` is the offset in the text before."""

    text: str
    inserted: tuple[int, ...]

    def original(self, offset: int) -> int:
        return offset - bisect.bisect_left(self.inserted, offset)


def space_placeholders(sql: str, *, tokens: Sequence[Token] | None = None) -> Spaced:
    """The text with a blank after each `$n`: sqlglot reads `$1,$` as the tag of a dollar quote."""
    parts: list[str] = []
    inserted: list[int] = []
    for token in tokens if tokens is not None else scan(sql):
        parts.append(token.text)
        if token.kind == "parameter":
            inserted.append(token.end + len(inserted))
            parts.append(" ")
    return Spaced("".join(parts), tuple(inserted))
