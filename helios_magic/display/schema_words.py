"""A change of structure, as a diff words it, in its parts: `+ column helpful_votes int4` → sign, kind, name, rest."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from helios_magic.display.signs import Sign

_CHANGE = re.compile(
    r"\s*(?P<sign>[+~−-])\s*(?P<kind>primary key|foreign key|unique index|renamed|\w+)\s*(?P<rest>.*)", re.DOTALL
)
_NAME = re.compile(r'("(?:[^"]|"")*"|[^\s"]+)\s*(.*)', re.DOTALL)
#: Kinds that are followed by the name of a column; a table's comment is told by its quotation mark.
_OF_COLUMNS = frozenset({"column", "type", "default", "generated", "identity", "comment"})
#: Kinds that have a name of their own, and stand in a schema beside the table.
_NAMED = frozenset({"index", "unique index", "check"})
_NO_NAME = re.compile(r"“|none → ", re.DOTALL)


class Words(NamedTuple):
    """`sign` is None for a change that is written in another way; it then stands in `rest` as it is."""

    sign: Sign | None
    kind: str
    name: str
    rest: str


def parsed(table: str, change: str, columns: Collection[str] = ()) -> Words:
    """The parts of one change of `table`; `columns` are names that may hold blanks.

    `+ column qty int4` of stock → `+`, `column`, `stock.qty`, `int4`; `+ unique (qty)` → `+`, `unique`, `stock`,
    `(qty)`.
    """
    match = _CHANGE.fullmatch(change)
    if match is None:
        return Words(None, "", table, change)
    sign: Sign = "−" if match["sign"] in "−-" else "+" if match["sign"] == "+" else "~"
    kind, rest = match["kind"], match["rest"]
    if kind in _OF_COLUMNS and not (kind == "comment" and _NO_NAME.match(rest)):
        name, rest = _first(rest, columns)
        return Words(sign, kind, f"{table}.{name}" if name else table, rest)
    if kind in _NAMED and not rest.startswith("("):
        name, rest = _first(rest, ())
        return Words(sign, kind, f"{table}.{name}" if name else table, rest)
    return Words(sign, kind, table, rest)


def _first(words: str, known: Collection[str]) -> tuple[str, str]:
    """The name that words begin with, and the rest: the longest known one, else a quoted one or the first word."""
    names = [name for name in known if words == name or words.startswith(name + " ")]
    if names:
        name = max(names, key=len)
        return name, words[len(name) :].lstrip()
    match = _NAME.match(words)
    return (match[1], match[2]) if match else ("", words)
