"""Statements: where one ends, and what kind it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helios_magic.sqltext.branch_statement import branch_kind
from helios_magic.sqltext.scanner import Token, scan

_VERBS = {"select", "insert", "update", "delete", "merge"}
_QUERIES = {"select", "values", "table"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement of a longer text, without its semicolon; `text == sql[start:start + len(text)]`."""

    text: str
    start: int


def split(sql: str, *, tokens: Sequence[Token] | None = None) -> list[Piece]:
    """The statements of a text, in order; pieces of nothing but blanks and comments are left out.

    Raises `UnclosedError` for a quote that is never closed.
    """
    pieces: list[Piece] = []
    current: list[Token] = []
    depth = 0
    for token in tokens if tokens is not None else scan(sql):
        if token.text in ("(", "["):
            depth += 1
        elif token.text in (")", "]"):
            depth -= 1
        if token.text == ";" and depth <= 0:
            _close(pieces, current)
            current = []
            depth = 0
        else:
            current.append(token)
    _close(pieces, current)
    return pieces


def _close(pieces: list[Piece], tokens: list[Token]) -> None:
    code = [token for token in tokens if token.code]
    if code:
        kept = [token for token in tokens if code[0].start <= token.start <= code[-1].start]
        pieces.append(Piece("".join(token.text for token in kept), kept[0].start))


def statement_kind(sql: str) -> str:
    """The verb of one statement in lower case: `select`, `insert`, `create`, …; empty text answers "".

    A statement that begins with WITH is what its main verb says; VALUES, TABLE and brackets are `select`.  What is
    about branches answers two words: `create branch`, `merge branch`, `drop branch`, `show branches`.
    """
    of_branches = branch_kind(sql)
    if of_branches is not None:
        return of_branches
    words = [token for token in scan(sql) if token.code]
    if not words:
        return ""
    first = words[0].text.lower()
    if first == "(" or first in _QUERIES:
        return "select"
    return _after_with(words) if first == "with" else first


def _after_with(tokens: list[Token]) -> str:
    depth = 0
    for token in tokens:
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
        elif depth == 0 and token.kind == "word" and token.text.lower() in _VERBS:
            return token.text.lower()
    return "select"
