"""What an index is made of: its keys and its condition, read from the definition that the catalogue keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helios_magic.schema import Index

_HEAD = re.compile(r"\bUSING\s+(\w+)\s*\(", re.IGNORECASE)
_ORDER = re.compile(r"(?P<desc>\s+DESC)?(?P<asc>\s+ASC)?(?:\s+NULLS\s+(?P<nulls>FIRST|LAST))?\s*$", re.IGNORECASE)
_CLASS = re.compile(r"\s+(vector_\w+_ops)$")
_NAME = re.compile(r'(?:[a-z_][a-z0-9_$]*|"(?:[^"]|"")+")')


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an index: a table's column by name, or an expression (`column` is None then)."""

    column: str | None
    expression: str
    desc: bool = False
    nulls_first: bool = False
    included: bool = False
    operators: str = ""
    """The operator class, where it is not the method's default."""

    @property
    def option(self) -> int:
        return int(self.desc) | int(self.nulls_first) << 1


def method(index: Index) -> str:
    found = _HEAD.search(index.definition or "")
    return found[1].lower() if found else "btree"


def tail(definition: str) -> str:
    """A definition from USING on: all that does not say how index and table are called."""
    if "USING " in definition:
        return definition[definition.index("USING ") :]
    return "USING btree " + definition[definition.index("(") :]


def index_keys(index: Index) -> tuple[Key, ...]:
    """The keys in order."""
    inside = _bracketed(index)
    if inside is None:
        return tuple(Key(name, name) for name in index.columns)
    return tuple(_key(part) for part in _split(inside[0]))


def predicate(index: Index) -> str | None:
    """The condition of a partial index."""
    inside = _bracketed(index)
    found = re.search(r"\bWHERE\s+(.*)$", inside[1], re.IGNORECASE | re.DOTALL) if inside else None
    return found[1].strip() if found else None


def parameters(index: Index) -> str:
    """What an index of vectors was given, as ` WITH (lists='100')`."""
    inside = _bracketed(index)
    found = re.search(r" WITH \([^)]*\)", inside[1]) if inside else None
    return found[0] if found else ""


def _bracketed(index: Index) -> tuple[str, str] | None:
    """The text between the outer brackets of the keys, and what comes after them."""
    text = index.definition or ""
    head = _HEAD.search(text) or re.search(r"\bON\s+[^(]+\(", text, re.IGNORECASE)
    if head is None:
        return None
    depth, quote = 1, ""
    for at in range(head.end(), len(text)):
        letter = text[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
            if depth == 0:
                return text[head.end() : at], text[at + 1 :]
    return None


def _split(text: str) -> list[str]:
    parts, depth, quote, start = [], 0, "", 0
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]


def _key(text: str) -> Key:
    order = _ORDER.search(text)
    desc = bool(order and order["desc"])
    first = order["nulls"].upper() == "FIRST" if order and order["nulls"] else desc
    inner = text[: order.start()].strip() if order else text
    named = _CLASS.search(inner)
    inner = inner[: named.start()] if named else inner
    operators = named[1] if named else ""
    if _NAME.fullmatch(inner):
        name = inner[1:-1].replace('""', '"') if inner.startswith('"') else inner
        return Key(name, inner, desc, first, operators=operators)
    return Key(None, inner, desc, first)
