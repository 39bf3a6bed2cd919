"""Long lists of literals, kept from the parser: IN (1, 2, …), and chains of `a = 1 OR a = 2 OR …`.

Parsing and resolving cost about 100 µs for every member.  The statement goes its way with a sign in the list's place,
and the members are written into the result.  Whatever the shorter statement is refused for, the whole one decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.prepared import Prepared
from helios_magic.engine.dialect.typed import Node, sql
from helios_magic.sqltext import UnclosedError, scan

#: Characters from which on a statement is worth the look, and members that make a list long.
_LONG, _MANY = 4_096, 100
#: Begins a sign; no text that a user sends has a NUL.
_SIGN = "\0list "
#: What keeps its text in the catalogue is none of these.
_FIRST_WORDS = re.compile(r"[\s(]*+(?:select|insert|update|delete|merge|with|values|table)\b", re.IGNORECASE)

# Quotes end soon, or every one of a long text would be looked for to its end.
_LITERAL = r"(?:'(?:[^']|''){0,200}+'(?!')|-?\d++(?![\w.]))"
_NAME = r'(?:[^\W\d][\w$]*+|"(?:[^"]|""){1,63}+")'
_OPERAND = rf"(?:{_NAME}(?:\.{_NAME})?+|{_LITERAL}|\$\d++)"
_LISTED = re.compile(
    rf"\bin\s*+\((?P<list>\s*+{_LITERAL}(?:\s*+,\s*+{_LITERAL}){{{_MANY - 1},}}+)\s*+\)", re.IGNORECASE
)


def _chain(word: str, sign: str) -> re.Pattern[str]:
    """`a = 1 word a = 2 word …` but for the ends: what stands beside the chain may bind closer than `word`."""
    apart = r"(?:\s++|(?<='))"
    member, between = rf"\s*+(?:{sign})\s*+{_LITERAL}", rf"{apart}(?i:{word})\s++"
    inner = rf"(?P=operand){member}(?={apart}(?i:{word})\b)"
    return re.compile(
        rf"(?<![\w$\"'.])(?P<operand>{_OPERAND}){member}{between}"
        rf"(?P<list>{inner}(?:{between}{inner}){{{_MANY - 1},}}+)"
    )


_CHAINS = {"IN": _chain("or", "="), "NOT IN": _chain("and", "<>|!=")}
_MEMBER = re.compile(_LITERAL)


@dataclass(frozen=True, slots=True)
class LongLists:
    """`short` is the query with a sign for each list; `members` are the literals of each, as they were written.

    Up to `begin` both are the same.
    """

    short: str
    members: Sequence[Sequence[str]]
    begin: int


class OtherwiseError(Exception):
    """These lists have to go the usual way."""


def long_lists(query: str) -> LongLists | None:
    """The long lists of a query's literals; None where it has none, or is no query."""
    if len(query) < _LONG or not _FIRST_WORDS.match(query):
        return None
    parts: list[str] = []
    members: list[list[str]] = []
    at = 0
    for start, end, written, opening in sorted(_found(query)):
        if start < at or not _outside(query[at:start]):
            continue
        parts += [query[at:start], f"{opening} ('{_SIGN}{len(members)}')"]
        members.append(written)
        at = end
    return LongLists("".join([*parts, query[at:]]), members, len(parts[0])) if members else None


def _found(query: str) -> Iterator[tuple[int, int, list[str], str]]:
    """Where lists begin and end, their members, and what stands before them."""
    for match in _LISTED.finditer(query):
        yield match.start(), match.end(), _MEMBER.findall(match["list"]), "IN"
    for words, chain in _CHAINS.items():
        for match in chain.finditer(query):
            operand = match["operand"]
            members = re.compile(rf"{re.escape(operand)}[\s=<>!]*+({_LITERAL})").findall(match["list"])
            yield match.start("list"), match.end("list"), members, f"{operand} {words}"


def _outside(before: str) -> bool:
    """Whether what follows this text begins outside of a literal and a comment."""
    try:
        last = scan(before)[-1:]
    except UnclosedError:
        return False
    return not last or last[0].kind != "comment"


def members_of(node: Node, lists: Sequence[Sequence[str]]) -> Sequence[str] | None:
    """Which of the lists has its sign in this IN."""
    only = node.expressions[0] if len(node.expressions) == 1 else None
    if not isinstance(only, exp.Literal) or not only.is_string or not only.name.startswith(_SIGN):
        return None
    return lists[int(only.name.removeprefix(_SIGN))]


def literals(members: Sequence[str]) -> list[Node]:
    """The members as the parser would have read them."""
    return [_literal(member) for member in members]


def one_for_all(members: Sequence[str]) -> Node:
    """A member that stands for the others' type.  Raises `OtherwiseError` where no single one does."""
    texts = sum(member[0] == "'" for member in members)
    if texts == len(members):
        return _literal(members[0])
    if texts:
        raise OtherwiseError
    return _literal(max((member.lstrip("-") for member in members), key=lambda digits: (len(digits), digits)))


def as_one(value: Node, one: Node, members: Sequence[str]) -> Node | None:
    """`value IN (members)`, given what became of `one_for_all`; None where the others may become something else."""
    written = text(one)
    if members[0][0] == "'":
        if written != members[0]:
            return None
        listed = ", ".join(members)
    else:
        digits = str(one_for_all(members).this)
        before, found, after = written.partition(digits)
        if not found or digits in after or digits in before:
            return None
        listed = ", ".join(f"{before}{_bracketed(member)}{after}" for member in members)
    return sql(f"({{0}} IN ({listed.replace('{', '{{').replace('}', '}}')}))", value, pg="bool")


def _bracketed(number: str) -> str:
    return f"({number})" if number[0] == "-" else number


def _literal(written: str) -> Node:
    if written[0] == "'":
        return exp.Literal.string(written[1:-1].replace("''", "'"))
    number = exp.Literal.number(written.lstrip("-"))
    return exp.Neg(this=number) if written[0] == "-" else number


def cut_short(prepared: Prepared) -> bool:
    """Whether a sign is left where no list was expected."""
    return any("\0" in step for step in prepared.steps)
