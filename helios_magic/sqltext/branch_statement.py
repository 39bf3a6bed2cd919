"""Branches in SQL, which no parser of PostgreSQL knows.

::

    CREATE BRANCH name [FROM name]
    MERGE BRANCH name [INTO name] [USING strategy]
    DROP BRANCH [IF EXISTS] name
    SHOW BRANCHES

Branch names are case-sensitive, so an unquoted one keeps its case, and it may hold `/`, `-` and `.`: it ends at the
next blank.  A quoted one holds what its quotes hold; `FROM`, `INTO` and `USING` have to be quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from helios_magic.errors import QueryError
from helios_magic.models.strategies import BY_NAME, Strategy, hint
from helios_magic.sqltext.places import position
from helios_magic.sqltext.scanner import Token, UnclosedError, scan, tokens

_MAYBE = re.compile(r"\s*(?:create\b|merge\b|drop\b|show\b|--|/\*)", re.IGNORECASE)
_RESERVED = {"from", "into", "using"}
_ENDS_A_NAME = {"string", "identifier", "parameter", "named"}
_SPELLING = {
    "create branch": "CREATE BRANCH name [FROM name]",
    "merge branch": "MERGE BRANCH name [INTO name] [USING strategy]",
    "drop branch": "DROP BRANCH [IF EXISTS] name",
    "show branches": "SHOW BRANCHES",
}


@dataclass(frozen=True, slots=True)
class CreateBranch:
    """`parent` None: the branch that the statement is sent to."""

    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class MergeBranch:
    """`target` None: the branch that the statement is sent to; `main` where that is the source itself."""

    source: str
    target: str | None = None
    strategy: Strategy = "fast-forward"


@dataclass(frozen=True, slots=True)
class DropBranch:
    name: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class ShowBranches:
    pass


BranchStatement = CreateBranch | MergeBranch | DropBranch | ShowBranches


def branch_kind(query: str) -> str | None:
    """`create branch`, `merge branch`, `drop branch` or `show branches`; None for any other text.

    Looks at the first two words only: a SELECT costs it 0.3 µs.
    """
    if _MAYBE.match(query) is None:
        return None
    words: list[str] = []
    try:
        for token in tokens(query):
            if token.code:
                words.append(token.text.lower())
                if len(words) == 2:
                    break
    except UnclosedError:
        return None
    kind = " ".join(words)
    return kind if kind in _SPELLING else None


def branch_statement(query: str) -> BranchStatement | None:
    """The one statement about branches that the text is; None where it is anything else, several statements too.

    Raises `QueryError` 42601 with position, line and column for one that is misspelt, 22023 for an unknown strategy.
    """
    kind = branch_kind(query)
    if kind is None:
        return None
    try:
        scanned = scan(query)
    except UnclosedError as error:
        raise _refused(query, error.start, f"{error.what} is never closed") from None
    words = _Words(query, scanned, _SPELLING[kind])
    if words.several:
        return None
    statement = _READ[kind](words)
    words.end()
    return statement


def _create(words: _Words) -> CreateBranch:
    return CreateBranch(words.name(), words.name() if words.take("from") else None)


def _merge(words: _Words) -> MergeBranch:
    source = words.name()
    target = words.name() if words.take("into") else None
    return MergeBranch(source, target, words.strategy() if words.take("using") else "fast-forward")


def _drop(words: _Words) -> DropBranch:
    if_exists = words.take("if", "exists")
    return DropBranch(words.name(), if_exists)


def _show(_: _Words) -> ShowBranches:
    return ShowBranches()


_READ: dict[str, Callable[[_Words], BranchStatement]] = {
    "create branch": _create,
    "merge branch": _merge,
    "drop branch": _drop,
    "show branches": _show,
}


class _Words:
    """The statement's tokens after its first two words, read from left to right."""

    def __init__(self, query: str, scanned: list[Token], spelling: str) -> None:
        self._query, self._spelling = query, spelling
        code = [token for token in scanned if token.code]
        while code[-1].text == ";":
            code.pop()
        self._tokens = code[2:]
        self._end = code[-1].end
        self._at = 0
        self.several = any(token.text == ";" for token in self._tokens)

    def take(self, *wanted: str) -> bool:
        """Whether these words come next; if so they are read."""
        following = self._tokens[self._at : self._at + len(wanted)]
        if [token.text.lower() for token in following] != list(wanted):
            return False
        self._at += len(wanted)
        return True

    def name(self) -> str:
        """A branch name: a quoted identifier, or everything up to the next blank."""
        token = self._next()
        if token is not None and token.kind == "identifier" and token.text[0] == '"':
            self._at += 1
            return token.name
        if token is None or token.kind in _ENDS_A_NAME or token.text.lower() in _RESERVED:
            self._wrong()
        start = self._at
        while self._continues(start):
            self._at += 1
        if self._at == start:
            self._wrong()
        return self._query[token.start : self._tokens[self._at - 1].end]

    def strategy(self) -> Strategy:
        token = self._next()
        if token is not None and token.kind == "string" and token.text[0] == "'":
            self._at += 1
            name = token.text[1:-1].replace("''", "'")
        else:
            name = self.name()
        found = BY_NAME.get(name.lower())
        if found is None:
            raise _refused(self._query, token.start if token else self._end, f"there is no merge strategy “{name}”",
                           sqlstate="22023", hint=hint(name))  # fmt: skip
        return found

    def end(self) -> None:
        if self._at < len(self._tokens):
            self._wrong()

    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _continues(self, start: int) -> bool:
        token = self._next()
        if token is None or token.kind in _ENDS_A_NAME or token.text in {"(", ")", ","}:
            return False
        return self._at == start or self._tokens[self._at - 1].end == token.start

    def _wrong(self) -> NoReturn:
        token = self._next()
        at = self._end if token is None else token.start
        near = "end of input" if token is None else f'or near "{token.text}"'
        raise _refused(self._query, at, f"syntax error at {near}", hint=f"It is written {self._spelling}.")


def _refused(query: str, at: int, message: str, *, sqlstate: str = "42601", hint: str | None = None) -> QueryError:
    line, column = position(query, at)
    details = {"sqlstate": sqlstate, "position": at + 1, "line": line, "column": column}
    return QueryError(message, hint=hint, details=details)
