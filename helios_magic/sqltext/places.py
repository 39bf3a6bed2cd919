"""Where things stand in the user's text."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass

from helios_magic.sqltext.scanner import Token, scan

_NOT_LINES = re.compile(r"[^\n]+")


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
class Plain:
    """A text without dollar quotes and comments, and the way back: `original(offset)` is the offset in the text before.

    `edits` are the literals written anew, in order: start and end here, start and end before.
    """

    text: str
    edits: tuple[tuple[int, int, int, int], ...] = ()

    def original(self, offset: int) -> int:
        """Inside a literal that was written anew, where it opened."""
        at = bisect.bisect_right(self.edits, offset, key=lambda edit: edit[0]) - 1
        if at < 0:
            return offset
        _, end, old_start, old_end = self.edits[at]
        return old_start if offset < end else old_end + offset - end


def plain_quotes(sql: str, *, tokens: Sequence[Token] | None = None) -> Plain:
    """The text with every `$tag$…$tag$` as an ordinary `'…'`, and blanks where comments were.

    To sqlglot's tokenizer a dollar opens a quote or names a parameter, and it guesses which; without dollar quotes
    there is nothing to guess.  It takes some comments for hints, and loses count of nested ones.
    """
    if "$" not in sql and "--" not in sql and "/*" not in sql:
        return Plain(sql)
    parts: list[str] = []
    edits: list[tuple[int, int, int, int]] = []
    length = 0
    for token in tokens if tokens is not None else scan(sql):
        written = token.text
        if token.kind == "string" and written[0] == "$":
            tag = written.index("$", 1) + 1
            written = "'" + written[tag:-tag].replace("'", "''") + "'"
            edits.append((length, length + len(written), token.start, token.end))
        elif token.kind == "comment":
            written = _NOT_LINES.sub(lambda line: " " * len(line[0]), written)
        parts.append(written)
        length += len(written)
    return Plain("".join(parts), tuple(edits))
