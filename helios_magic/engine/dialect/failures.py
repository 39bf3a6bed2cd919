"""Refusals of the dialect, placed in the query as the user sent it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from helios_magic.errors import QueryError, ValidationError
from helios_magic.sqltext import position

if TYPE_CHECKING:
    from helios_magic.sqltext import Token

SYNTAX = "42601"
UNSUPPORTED = "0A000"
UNDEFINED_TABLE = "42P01"
UNDEFINED_COLUMN = "42703"
UNDEFINED_FUNCTION = "42883"
UNDEFINED_OBJECT = "42704"

_LONGEST = 400


class Refusal(Exception):  # noqa: N818 - it becomes an error once its place is known
    """A refusal raised deep in a rule; `place` is an offset (from 0) in the text that was parsed."""

    def __init__(
        self,
        sqlstate: str,
        message: str,
        *,
        place: int | None = None,
        hint: str | None = None,
        sign: tuple[str, int | None] | None = None,
    ) -> None:
        """`sign` is an operator to point at, which stands after `place` and before the second offset."""
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message
        self.place = place
        self.hint = hint
        self.sign = sign


def sign_place(query: str, tokens: list[Token], refusal: Refusal, start: int, end: int | None) -> int:
    """Where the operator stands that a refusal is about: the parser keeps places of operands only."""
    words = _SPELLED.get(refusal.sign[0], (refusal.sign[0],)) if refusal.sign else ()
    within = [t for t in tokens if t.code and t.start >= start and (end is None or t.start < end)]
    found = [
        token.start
        for token in within
        for word in words
        if token.kind not in ("string", "identifier") and query[token.start : token.start + len(word)].upper() == word
    ]
    if refusal.sign and refusal.sign[0] == "::" and not found:
        found = [t.start for t in tokens if t.code and t.start < start and t.text.upper() == "CAST"]
        return found[-1] if found else start
    return (found[0] if end is None else found[-1]) if found else start


_SPELLED = {
    "<>": ("<>", "!="), "~~": ("LIKE",), "!~~": ("NOT",), "~~*": ("ILIKE",), "!~~*": ("NOT",), "=": ("=", "IN"),
    "IS DISTINCT FROM": ("IS",), "IS NOT DISTINCT FROM": ("IS",),
}  # fmt: skip


def query_error(
    query: str, sqlstate: str, message: str, *, offset: int | None = None, hint: str | None = None
) -> QueryError:
    """A `QueryError` with sqlstate and, where the offset (from 0) is known, position, line and column."""
    details: dict[str, Any] = {"sqlstate": sqlstate}
    if offset is not None:
        line, column = position(query, offset)
        details |= {"position": offset + 1, "line": line, "column": column}
    return QueryError(_short(message), hint=hint, details=details)


def _short(message: str) -> str:
    """A message that repeats a name of a megabyte helps nobody."""
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST // 2]}…{message[-_LONGEST // 4 :]}"


def unsupported(feature: str, *, place: int | None = None, hint: str | None = None) -> Refusal:
    return Refusal(UNSUPPORTED, f"{feature} is not supported", place=place, hint=hint)


def batch_instead(what: str) -> ValidationError:
    return ValidationError(
        what,
        hint="Send several statements to /sql/batch (in a notebook: %%helios batch); it runs them as one transaction.",
        details={"field": "query", "endpoint": "/sql/batch"},
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """`Did you mean email?`, or None where nothing is near."""
    near = difflib.get_close_matches(name.lower(), {k.lower(): k for k in known}, n=1, cutoff=0.6)
    spelled = {k.lower(): k for k in known}
    return f"Did you mean {spelled[near[0]]}?" if near else None
