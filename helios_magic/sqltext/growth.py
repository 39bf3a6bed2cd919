"""What a statement may add to a branch, told by reading it: bytes, tables, branches."""

from __future__ import annotations

from dataclasses import dataclass

from helios_magic.errors import QueryError
from helios_magic.sqltext.branch_statement import MergeBranch, branch_statement
from helios_magic.sqltext.scanner import Token, UnclosedError, scan
from helios_magic.sqltext.statements import statement_kind
from helios_magic.sqltext.writes import writes

#: Before TABLE in a CREATE.
_ADJECTIVES = frozenset({"or", "replace", "global", "local", "unlogged"})
_GROWING = frozenset({"insert", "update", "merge", "copy", "create", "refresh", "select"})


@dataclass(frozen=True, slots=True)
class NewTable:
    """A table to be made; with `maybe` one of that name that is there already stays, or makes place for it."""

    name: str
    schema: str = "public"
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class Growth:
    """`rows`: whether it may add bytes.  `dropped` counts the tables that it removes.

    `merges`: a branch and the one it goes into; None for the one that the statement is sent to.
    """

    rows: bool = False
    tables: tuple[NewTable, ...] = ()
    dropped: int = 0
    branches: int = 0
    merges: tuple[str, str | None] | None = None


def growth(sql: str) -> Growth:
    """What one statement may add; nothing for a text that cannot be read."""
    try:
        kind = statement_kind(sql)
        if kind == "create branch":
            return Growth(branches=1)
        if kind == "merge branch":
            merge = branch_statement(sql)
            return Growth(merges=(merge.source, merge.target)) if isinstance(merge, MergeBranch) else Growth()
        if kind not in _GROWING | {"drop", "with"} or not writes(sql):
            return Growth()
        words = [token for token in scan(sql) if token.code]
    except (UnclosedError, QueryError):
        return Growth()
    if kind == "drop":
        return Growth(dropped=_dropped(words))
    made = _created(words) if kind == "create" else _selected_into(words) if kind == "select" else None
    return Growth(rows=True, tables=(made,) if made else ())


def _created(words: list[Token]) -> NewTable | None:
    at, maybe = 1, False
    while at < len(words) and words[at].name in _ADJECTIVES:
        maybe = maybe or words[at].name == "replace"
        at += 1
    if at >= len(words) or words[at].name != "table":
        return None
    if [word.name for word in words[at + 1 : at + 4]] == ["if", "not", "exists"]:
        return _named(words, at + 4, maybe=True)
    return _named(words, at + 1, maybe=maybe)


def _selected_into(words: list[Token]) -> NewTable | None:
    """SELECT … INTO [TABLE] name."""
    depth = 0
    for at, word in enumerate(words):
        depth += (word.text == "(") - (word.text == ")")
        if depth == 0 and word.kind == "word" and word.name == "into":
            after = at + 1
            if after < len(words) and words[after].name in {"temp", "temporary"}:
                return None
            if after < len(words) and words[after].name in {"table", "unlogged"}:
                after += 1
            return _named(words, after, maybe=False)
    return None


def _named(words: list[Token], at: int, *, maybe: bool) -> NewTable | None:
    if at >= len(words) or words[at].kind not in ("word", "identifier"):
        return None
    if at + 2 < len(words) and words[at + 1].text == ".":
        return NewTable(words[at + 2].name, words[at].name, maybe)
    return NewTable(words[at].name, maybe=maybe)


def _dropped(words: list[Token]) -> int:
    if len(words) < 3 or words[1].name != "table":
        return 0
    return 1 + sum(word.text == "," for word in words)
