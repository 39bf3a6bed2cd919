"""Which of all matches PostgreSQL takes: the leftmost, then the longest or shortest, then group by group.

A pattern is a tree of the parts whose limits matter (groups and back references); everything between them is one
automaton.  Source: cfind, cdissect and their kin in src/backend/regex/regexec.c.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

from helios_magic.engine.dialect.regexautomata import Automaton, Subject
from helios_magic.engine.dialect.regexsyntax import read
from helios_magic.engine.dialect.regextrees import Back, Choice, Group, Look, Node, Pattern, Repeat, Sequence

Spans = dict[int, tuple[int, int]]


@dataclass(slots=True)
class Part:
    """A part of a pattern: plain (an automaton is all), then, group, choice, repeat or back."""

    kind: str
    node: Node
    prefers: str = ""
    parts: list[Part] = field(default_factory=list)
    automaton: Automaton | None = None

    def ends(self, subject: Subject, start: int) -> list[int]:
        if self.automaton is None:
            self.automaton = Automaton(self.node)
        return self.automaton.ends(subject, start)


@dataclass(frozen=True, slots=True)
class Match:
    start: int
    end: int
    groups: tuple[tuple[int, int] | None, ...]


@dataclass(slots=True)
class Matcher:
    """A pattern ready to be matched."""

    pattern: Pattern
    part: Part

    def find(self, text: str, start: int = 0, subject: Subject | None = None) -> Match | None:
        """The first match that begins at `start` or later."""
        subject = subject or Subject(text)
        if self.part.automaton is None:
            self.part.automaton = Automaton(self.part.node)
        last = self.part.automaton.first_end(subject, start)
        if last is None:
            return None
        backs = _has(self.part.node, Back)
        for begin in range(start, (len(text) if backs else last) + 1):
            ends = self.part.ends(subject, begin)
            for end in ends if self.part.prefers == "S" else reversed(ends):
                spans = next(_dissect(self.part, subject, begin, end, {}, folded=self.pattern.folded), None)
                if spans is not None:
                    groups = tuple(spans.get(number) for number in range(1, self.pattern.groups + 1))
                    return Match(begin, end, groups)
        return None

    def matches(self, text: str) -> bool:
        if _has(self.part.node, Back):
            return self.find(text) is not None
        if self.part.automaton is None:
            self.part.automaton = Automaton(self.part.node)
        return self.part.automaton.first_end(Subject(text), 0) is not None

    def all(self, text: str, start: int = 0) -> Iterator[Match]:
        """One match after the other, as the flag g takes them."""
        at, subject = start, Subject(text)
        while at <= len(text):
            match = self.find(text, at, subject)
            if match is None:
                return
            yield match
            at = match.end + (match.end == match.start)


@functools.lru_cache(256)
def matcher(pattern: str, flags: str = "") -> Matcher:
    """The matcher of a pattern.  Raises `[2201B]` and `[22023]`."""
    known = read(pattern, flags)
    return Matcher(known, _part(known.tree))


def _has(node: Node, *kinds: type[Node]) -> bool:
    if isinstance(node, kinds):
        return True
    if isinstance(node, Group | Repeat | Look):
        return _has(node.inner, *kinds)
    if isinstance(node, Sequence):
        return any(_has(item, *kinds) for item in node.items)
    return isinstance(node, Choice) and any(_has(branch, *kinds) for branch in node.branches)


def preferences(node: Node) -> set[str]:
    """Every preference in a pattern: L for long, S for short; two of them have to be told apart."""
    if isinstance(node, Repeat):
        return preferences(node.inner) | ({node.prefers} if node.prefers else set())
    if isinstance(node, Group):
        return preferences(node.inner)
    if isinstance(node, Sequence):
        return {found for item in node.items for found in preferences(item)}
    if isinstance(node, Choice):
        return {"L"} | {found for branch in node.branches for found in preferences(branch)}
    return set()


def _prefers(node: Node) -> str:
    """Whether a part is to be long or short; empty where it cannot choose."""
    if isinstance(node, Repeat):
        return node.prefers or _prefers(node.inner)
    if isinstance(node, Group):
        return _prefers(node.inner)
    if isinstance(node, Sequence):
        return next((found for item in node.items if (found := _prefers(item))), "")
    return "L" if isinstance(node, Choice) else ""


def _messy(node: Node) -> bool:
    return _has(node, Group, Back) or len(preferences(node)) > 1


def _part(node: Node) -> Part:
    if isinstance(node, Sequence):
        return _sequence(node.items)
    if not _messy(node):
        return Part("plain", node, _prefers(node))
    if isinstance(node, Group):
        return Part("group", node, _prefers(node.inner), [_part(node.inner)])
    if isinstance(node, Choice):
        return Part("choice", node, "L", [_part(branch) for branch in node.branches])
    if isinstance(node, Repeat):
        return _repeat(node)
    return Part("back", node)


def _sequence(items: list[Node]) -> Part:
    """Neighbours that are plain, and of one preference, are one part."""
    parts: list[Part] = []
    lump: list[Node] = []
    for item in items:
        if not _messy(item) and len(preferences(Sequence([*lump, item]))) < 2:
            lump.append(item)
            continue
        if lump:
            parts.append(Part("plain", Sequence(lump), _prefers(Sequence(lump))))
        lump = []
        if _messy(item):
            parts.append(_part(item))
        else:
            lump = [item]
    if lump or not parts:
        parts.append(Part("plain", Sequence(lump), _prefers(Sequence(lump))))
    return _chained(parts)


def _chained(parts: list[Part]) -> Part:
    whole = parts[-1]
    for part in reversed(parts[:-1]):
        whole = Part("then", Sequence([part.node, whole.node]), part.prefers or whole.prefers, [part, whole])
    return whole


def _repeat(node: Repeat) -> Part:
    prefers = _prefers(node)
    if isinstance(node.inner, Back):
        return Part("back", node, prefers)
    if (node.least, node.most) == (1, 1) and (not node.prefers or _prefers(node.inner) in ("", node.prefers)):
        return _part(node.inner)
    if not _has(node.inner, Group, Back):
        return Part("plain", node, prefers)
    if node.least > 0 and not _has(node.inner, Back):
        # The groups are those of the last round: the others are one part before it.
        rounds = None if node.most is None else node.most - 1
        before = Part("plain", Repeat(node.inner, node.least - 1, rounds, node.prefers), prefers)
        last = _part(node.inner)
        return Part("then", Sequence([before.node, last.node]), prefers, [before, last])
    return Part("repeat", node, prefers, [_part(node.inner)])


def _dissect(part: Part, subject: Subject, start: int, end: int, spans: Spans, *, folded: bool) -> Iterator[Spans]:
    """The ways to divide text[start:end] among the parts, the preferred one first."""
    subject.spend(1)
    if part.kind == "plain":
        yield spans
    elif part.kind == "group" and isinstance(part.node, Group):
        for found in _dissect(part.parts[0], subject, start, end, spans, folded=folded):
            yield {**found, part.node.number: (start, end)}
    elif part.kind == "choice":
        for branch in part.parts:
            if end in branch.ends(subject, start):
                yield from _dissect(branch, subject, start, end, spans, folded=folded)
    elif part.kind == "then":
        left, right = part.parts
        middles = [middle for middle in left.ends(subject, start) if middle <= end]
        for middle in middles if left.prefers == "S" else reversed(middles):
            ends = right.ends(subject, middle)
            subject.spend(len(ends) // 16 + 1)
            if end not in ends:
                continue
            for found in _dissect(left, subject, start, middle, spans, folded=folded):
                yield from _dissect(right, subject, middle, end, found, folded=folded)
    elif part.kind == "repeat" and isinstance(part.node, Repeat):
        yield from _rounds(part, part.node, subject, start, end, spans, 0, folded=folded)
    else:
        yield from _again(part.node, subject, start, end, spans, folded=folded)


def _rounds(
    part: Part, node: Repeat, subject: Subject, start: int, end: int, spans: Spans, done: int, *, folded: bool
) -> Iterator[Spans]:
    if start == end and done >= node.least:
        yield spans
        return
    if node.most is not None and done >= node.most:
        return
    inner = part.parts[0]
    stops = [
        stop for stop in inner.ends(subject, start) if start < stop <= end or (stop == start and done < node.least)
    ]
    for stop in stops if part.prefers == "S" else reversed(stops):
        for found in _dissect(inner, subject, start, stop, spans, folded=folded):
            yield from _rounds(part, node, subject, stop, end, found, done + 1, folded=folded)


def _again(node: Node, subject: Subject, start: int, end: int, spans: Spans, *, folded: bool) -> Iterator[Spans]:
    back, least, most = (node.inner, node.least, node.most) if isinstance(node, Repeat) else (node, 1, 1)
    if not isinstance(back, Back) or back.number not in spans:
        if start == end and least == 0:
            yield spans
        return
    low, high = spans[back.number]
    wanted, given = subject.text[low:high], subject.text[start:end]
    if folded:
        wanted, given = wanted.lower(), given.lower()
    if not wanted:
        if not given:
            yield spans
        return
    rounds, over = divmod(len(given), len(wanted))
    if not over and least <= rounds and (most is None or rounds <= most) and given == wanted * rounds:
        yield spans
