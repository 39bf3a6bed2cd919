"""The text of a cell as statements, and an engine's position back in the text the user wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from helios_magic.display.errors import Excerpt
from helios_magic.display.footer import Where
from helios_magic.errors import HeliosError, QueryError, UsageError, ValidationError
from helios_magic.magics.failures import Scene, happened
from helios_magic.magics.variables import Bound
from helios_magic.sqltext import Piece, UnclosedError, scan, split

_EXAMPLE = "Write the SQL on the lines below it, for instance: SELECT 1"


@dataclass(frozen=True, slots=True)
class Source:
    """What the user wrote: the text, and how many lines of the cell come before it (None: a line magic)."""

    text: str
    lines_before: int | None

    def excerpt(self, start: int, end: int) -> Excerpt:
        return Excerpt(self.text, start, end, None if self.lines_before is None else self.lines_before + 1)


def one(source: Source, magic: str, where: Where | None) -> Piece:
    """The one statement of a text.  Raises UsageError for none, and for several."""
    pieces = _pieces(source, where) if _may_be_more(source.text) else [Piece(source.text.strip(), _lead(source.text))]
    if not pieces or not pieces[0].text:
        raise UsageError(f"There is no SQL under {magic}.", hint=_EXAMPLE)
    if len(pieces) > 1:
        second = pieces[1]
        error = UsageError(
            f"There are {len(pieces)} statements here, and {magic} runs one.",
            hint="%%helios batch runs several, all or nothing.",
        )
        happened(error, Scene(where, source.excerpt(second.start, _word_end(source.text, second.start))))
        raise error
    return pieces[0]


def several(source: Source, magic: str, where: Where | None) -> list[Piece]:
    """The statements of a batch."""
    pieces = _pieces(source, where)
    if not pieces:
        raise UsageError(f"There is no SQL under {magic}.", hint="Write statements below it, each closed with ;")
    return pieces


def point_at(error: HeliosError, source: Source, piece: Piece, bound: Bound | None, where: Where) -> None:
    """Keep where in the user's text the error points, as far as it says."""
    if isinstance(error, (QueryError, ValidationError)):
        position = error.details.get("position")
        offset = position - 1 if isinstance(position, int) else None
    else:
        offset = None
    if offset is None or bound is None or not 0 <= offset <= len(bound.text):
        happened(error, Scene(where))
        return
    start = piece.start + bound.written(offset)
    unclosed = error.details.get("sqlstate") == "42601" and "unterminated" in error.message
    happened(error, Scene(where, source.excerpt(start, start + 1 if unclosed else _word_end(source.text, start))))


def point_at_name(error: UsageError, source: Source, piece: Piece, where: Where) -> None:
    """A placeholder that could not be bound: mark it."""
    offset, name = error.details.get("offset"), error.details.get("name")
    if isinstance(offset, int):
        start = piece.start + offset
        happened(error, Scene(where, source.excerpt(start, start + int(error.details.get("length", 1)))))
    elif isinstance(name, str):
        for token in scan(piece.text):
            if token.kind == "named" and token.name == name:
                happened(error, Scene(where, source.excerpt(piece.start + token.start, piece.start + token.end)))
                return


def _pieces(source: Source, where: Where | None) -> list[Piece]:
    try:
        return split(source.text)
    except UnclosedError as problem:
        _never_closed(problem, source, where)


def _never_closed(problem: UnclosedError, source: Source, where: Where | None) -> NoReturn:
    line = source.text.count("\n", 0, problem.start) + 1 + (source.lines_before or 0)
    place = "" if source.lines_before is None else f" on line {line}"
    what = {"comment": "comment", "dollar-quoted string": "dollar quote"}.get(problem.what, "quote")
    error = QueryError(f"A {what} opened{place} is never closed.", details={"sqlstate": "42601"})
    happened(error, Scene(where, source.excerpt(problem.start, problem.start + 1)))
    raise error from None


def _may_be_more(text: str) -> bool:
    """Whether the text must be scanned: it has a semicolon, comments, or a quote that might be open."""
    return ";" in text or "--" in text or "/*" in text or not text.strip()


def _lead(text: str) -> int:
    return len(text) - len(text.lstrip())


def _word_end(text: str, start: int) -> int:
    """Where the word that begins at `start` ends."""
    try:
        for token in scan(text[start:]):
            return start + (token.end if token.code else 1)
    except UnclosedError:
        pass
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return max(end, start + 1)
