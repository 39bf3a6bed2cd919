"""A quote-aware scanner of PostgreSQL text (PostgreSQL manual, 4.1 "Lexical Structure")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

TokenKind = Literal[
    "space", "comment", "string", "identifier", "word", "number", "parameter", "named", "operator", "punctuation"
]

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<escaped>[eE]'[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+')
    | (?P<unclosed_escaped>[eE]')
    | (?P<string>(?:[uU]&|[bBxXnN])?'[^']*+(?:''[^']*+)*+')
    | (?P<identifier>(?:[uU]&)?"[^"]*+(?:""[^"]*+)*+")
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<parameter>\$\d+)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<number>0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+
        |(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)
    | (?P<braces>\{\{\s*[^\W\d]\w*\s*\}\})
    | (?P<cast>::|:=)
    | (?P<colon>:[^\W\d]\w*)
    | (?P<unclosed>'|"|\$)
    | (?P<operator>[-+*/<>=~!@\#%^&|`?]+)
    | (?P<punctuation>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK_EDGE = re.compile(r"/\*|\*/")
_KINDS: dict[str, TokenKind] = {
    "space": "space",
    "comment": "comment",
    "block": "comment",
    "escaped": "string",
    "string": "string",
    "dollar": "string",
    "identifier": "identifier",
    "word": "word",
    "number": "number",
    "parameter": "parameter",
    "braces": "named",
    "colon": "named",
    "cast": "operator",
    "operator": "operator",
    "punctuation": "punctuation",
    "unclosed": "punctuation",
}
#: What ends where its pattern ends, and changes nothing for what follows.
_PLAIN = frozenset({"space", "comment", "escaped", "string", "identifier", "word", "number", "parameter", "operator"})


class Token(NamedTuple):
    """A piece of the text: `text == sql[start:end]`, offsets count characters from 0.

    `named` is a placeholder of the magics, `:name` or `{{name}}`; `name` is its name.  A word is not folded.
    """

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """What the token names: the placeholder's name, the identifier as PostgreSQL would look it up."""
        if self.kind == "named":
            return self.text.strip(":{} \t\r\n\f\v")
        if self.kind == "identifier":
            return self.text[self.text.index('"') + 1 : -1].replace('""', '"')
        return self.text.lower()

    @property
    def code(self) -> bool:
        """Whether the token means something: neither blank nor comment."""
        return self.kind not in ("space", "comment")


class UnclosedError(ValueError):
    """A quote or a comment that is never closed; `what` says which, `start` where it opened (from 0)."""

    def __init__(self, what: str, start: int) -> None:
        super().__init__(f"unterminated {what}")
        self.what = what
        self.start = start


def scan(sql: str) -> list[Token]:
    """The whole text as tokens, none left out: joining their texts gives `sql` back.

    Raises `UnclosedError` for a quote or comment that is never closed.
    """
    return list(tokens(sql))


def tokens(sql: str) -> Iterator[Token]:
    """As `scan`, one after the other: who needs the first words only pays for those."""
    at, size, match_at = 0, len(sql), _TOKEN.match
    brackets: list[str] = []
    while at < size:
        match = match_at(sql, at)
        if match is None:  # the last alternative takes any character
            break
        group, end = str(match.lastgroup), match.end()
        if group in _PLAIN:
            yield Token(_KINDS[group], match[0], at, end)
            at = end
            continue
        if group == "block":
            end = _block_end(sql, at)
        elif group == "dollar":
            end = _dollar_end(sql, at, match.group())
        elif group.startswith("unclosed") and match.group() != "$":
            raise UnclosedError("quoted identifier" if match.group() == '"' else "quoted string", at)
        elif group == "colon" and brackets and brackets[-1] == "[":
            # Between square brackets a colon separates the bounds of a slice: a[1:n].
            yield Token("punctuation", ":", at, at + 1)
            at += 1
            continue
        elif group == "punctuation":
            _follow(brackets, match.group())
        yield Token(_KINDS[group], sql[at:end], at, end)
        at = end


def _follow(brackets: list[str], mark: str) -> None:
    if mark in "([":
        brackets.append(mark)
    elif mark in ")]" and brackets:
        brackets.pop()


def _block_end(sql: str, start: int) -> int:
    """The end of a comment; PostgreSQL's nest."""
    depth = 0
    for edge in _BLOCK_EDGE.finditer(sql, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    raise UnclosedError("comment", start)


def _dollar_end(sql: str, start: int, tag: str) -> int:
    end = sql.find(tag, start + len(tag))
    if end < 0:
        raise UnclosedError("dollar-quoted string", start)
    return end + len(tag)
