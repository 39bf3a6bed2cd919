"""A line as words: quotes group, a bracket runs to its partner, and every word knows where it stands.

`shlex` forgets positions and eats the backslashes of Windows paths; this keeps both.
"""

from __future__ import annotations

from dataclasses import dataclass

from helios_magic.errors import UsageError

_QUOTES = "'\""
_PARTNERS = {"[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Word:
    """`text` without its quotes; `line[start:end]` as it was written; `quoted` where it begins with a quote."""

    text: str
    start: int
    end: int
    quoted: bool = False


def next_word(line: str, at: int) -> Word | None:
    """The word that begins at `at` or after it; None at the end.  Raises UsageError for a quote left open."""
    while at < len(line) and line[at].isspace():
        at += 1
    if at >= len(line):
        return None
    if line[at] in _PARTNERS:
        end = _bracket_end(line, at)
        return Word(line[at:end], at, end)
    parts: list[str] = []
    start, quoted = at, line[at] in _QUOTES
    while at < len(line) and not line[at].isspace():
        if line[at] in _QUOTES:
            part, at = _quoted(line, at)
            parts.append(part)
        elif line[at] in _PARTNERS and parts and parts[-1] == "=":
            end = _bracket_end(line, at)
            parts.append(line[at:end])
            at = end
        else:
            parts.append(line[at])
            at += 1
    return Word("".join(parts), start, at, quoted)


def words(line: str) -> list[Word]:
    """All words of a line."""
    found: list[Word] = []
    word = next_word(line, 0)
    while word is not None:
        found.append(word)
        word = next_word(line, word.end)
    return found


def _quoted(line: str, start: int) -> tuple[str, int]:
    """The inside of a quote, and where it ends.  A backslash escapes the quote and itself, nothing else."""
    quote, parts, at = line[start], [], start + 1
    while at < len(line):
        if line[at] == "\\" and line[at + 1 : at + 2] in (quote, "\\"):
            parts.append(line[at + 1])
            at += 2
        elif line[at] == quote:
            return "".join(parts), at + 1
        else:
            parts.append(line[at])
            at += 1
    raise UsageError(f"a quote is never closed: {line[start:]}", hint=f"Close it with {quote}.")


def _bracket_end(line: str, start: int) -> int:
    """Where a JSON value ends that begins with a bracket; blanks and quotes inside belong to it."""
    open_brackets: list[str] = []
    at, in_string = start, False
    while at < len(line):
        character = line[at]
        if in_string:
            at += 1 if character == "\\" else 0
            in_string = character != '"'
        elif character == '"':
            in_string = True
        elif character in _PARTNERS:
            open_brackets.append(_PARTNERS[character])
        elif open_brackets and character == open_brackets[-1]:
            open_brackets.pop()
            if not open_brackets:
                return at + 1
        at += 1
    raise UsageError(f"a bracket is never closed: {line[start:]}", hint=f"Close it with {_PARTNERS[line[start]]}.")
