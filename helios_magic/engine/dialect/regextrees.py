"""The parts of a regular expression, and which characters its classes hold."""

from __future__ import annotations

from dataclasses import dataclass, field


def broken(why: str) -> ValueError:
    return ValueError(f"[2201B] invalid regular expression: {why}")


@dataclass(slots=True)
class Node:
    """Any part of a pattern; the empty one by itself."""


@dataclass(slots=True)
class One(Node):
    """One character of a set."""

    ranges: tuple[tuple[str, str], ...] = ()
    classes: tuple[str, ...] = ()
    negated: bool = False
    folded: bool = False

    def has(self, mark: str) -> bool:
        forms = {mark, mark.lower(), mark.upper()} if self.folded else (mark,)
        found = any(
            any(low <= form <= high for low, high in self.ranges) or any(in_class(name, form) for name in self.classes)
            for form in forms
        )
        return found is not self.negated


@dataclass(slots=True)
class Assertion(Node):
    """A place: start, end, line_start, line_end, word_start, word_end, boundary, inside."""

    kind: str


@dataclass(slots=True)
class Look(Node):
    """A look ahead or behind."""

    inner: Node
    behind: bool
    negated: bool


@dataclass(slots=True)
class Back(Node):
    """What a group has matched, again."""

    number: int
    group: Group


@dataclass(slots=True)
class Group(Node):
    """A capturing group, counted from 1."""

    number: int
    inner: Node


@dataclass(slots=True)
class Repeat(Node):
    """`prefers` is L for greedy, S for not, and empty for {m}, which has the preference of what it repeats."""

    inner: Node
    least: int
    most: int | None
    prefers: str


@dataclass(slots=True)
class Sequence(Node):
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Choice(Node):
    branches: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A whole pattern, its number of groups, and whether it is one that has to be compared without case."""

    tree: Node
    groups: int
    folded: bool


def in_class(name: str, mark: str) -> bool:
    """A character class in C.UTF-8: letters of every script, digits of ASCII alone."""
    code = ord(mark)
    if name == "digit":
        return "0" <= mark <= "9"
    if name == "xdigit":
        return mark in "0123456789abcdefABCDEF"
    if name == "alpha":
        return mark.isalpha()
    if name in ("alnum", "word"):
        return mark.isalnum() or (name == "word" and mark == "_")
    if name == "space":
        return mark in " \t\n\r\f\v" or (code > 127 and mark.isspace() and code not in (0x85, 0xA0, 0x2007, 0x202F))
    if name == "blank":
        return mark in " \t"
    if name in ("lower", "upper"):
        return mark.islower() if name == "lower" else mark.isupper()
    if name == "cntrl":
        return code < 32 or 127 <= code < 160
    if name == "print":
        return mark.isprintable()
    graph = mark.isprintable() and not mark.isspace()
    return graph if name == "graph" else graph and not mark.isalnum()
