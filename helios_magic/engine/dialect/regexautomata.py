"""Regular expressions as automata: states made as they are met, so that a match costs one step a character.

Places (`^`, `\\y`, look-ahead) are conditions on the way into a state; a run asks the text whether they hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from helios_magic.engine.dialect.regextrees import (
    Assertion,
    Back,
    Choice,
    Group,
    Look,
    Node,
    One,
    Repeat,
    Sequence,
    broken,
    in_class,
)

_MOST_STATES = 20_000
_MOST_STEPS = 1_000_000


class Subject:
    """A text that is matched, what its places are, and how many steps are left for it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.steps = _MOST_STEPS
        self.ends: dict[tuple[int, int], list[int]] = {}
        self._places: dict[tuple[int, int], bool] = {}

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise ValueError("[54000] regular expression matching takes too many steps on this text")

    def holds(self, condition: Assertion | Look, at: int, looks: Automaton | None) -> bool:
        if isinstance(condition, Assertion):
            return self._assertion(condition.kind, at)
        key = (id(condition), at)
        if key not in self._places and looks is not None:
            if condition.behind:
                found = any(at in looks.ends(self, start) for start in range(at, -1, -1))
            else:
                found = bool(looks.ends(self, at))
            self._places[key] = found is not condition.negated
        return self._places[key]

    def _assertion(self, kind: str, at: int) -> bool:
        text = self.text
        if kind in ("start", "line_start"):
            return at == 0 or (kind == "line_start" and text[at - 1] == "\n")
        if kind in ("end", "line_end"):
            return at == len(text) or (kind == "line_end" and text[at] == "\n")
        before = at > 0 and in_class("word", text[at - 1])
        after = at < len(text) and in_class("word", text[at])
        return {
            "word_start": after and not before,
            "word_end": before and not after,
            "boundary": before is not after,
            "inside": before is after,
        }[kind]


@dataclass(slots=True)
class _State:
    """Its one step over a character, or its free ways on, each with the place that it needs."""

    one: One | None = None
    to: int = -1
    free: list[tuple[int, Assertion | Look | None]] = field(default_factory=list)


class Automaton:
    """What a pattern matches, without its groups."""

    def __init__(self, node: Node) -> None:
        self._states: list[_State] = []
        self._final = self._new()
        self._first = self._build(node, self._final)
        self._looks: dict[int, Automaton] = {}
        self._conditions = [c for state in self._states for _, c in state.free if c is not None]
        for condition in self._conditions:
            if isinstance(condition, Look):
                self._looks[id(condition)] = Automaton(condition.inner)
        self._closures: dict[tuple[frozenset[int], tuple[bool, ...]], frozenset[int]] = {}
        self._moves: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def ends(self, subject: Subject, start: int) -> list[int]:
        """Where a match that begins at `start` can end, in order."""
        key = (id(self), start)
        known = subject.ends.get(key)
        if known is None:
            known = subject.ends[key] = self._run(subject, start, first=False)
        return known

    def first_end(self, subject: Subject, start: int) -> int | None:
        """The end of the match, wherever it begins from `start` on, that ends first."""
        found = self._run(subject, start, first=True)
        return found[0] if found else None

    def _run(self, subject: Subject, start: int, *, first: bool) -> list[int]:
        text, found = subject.text, []
        current = self._closed(frozenset((self._first,)), subject, start)
        at = start
        while current:
            if self._final in current:
                found.append(at)
                if first:
                    break
            if at >= len(text):
                break
            moved = self._moved(current, text[at])
            at += 1
            if first:
                moved |= {self._first}
            current = self._closed(moved, subject, at)
        subject.spend(at - start + 1)
        return found

    def _moved(self, states: frozenset[int], mark: str) -> frozenset[int]:
        known = self._moves.get((states, mark))
        if known is None:
            if len(self._moves) > _MOST_STATES:
                self._moves.clear()
            steps = (self._states[state] for state in states)
            known = frozenset(step.to for step in steps if step.one is not None and step.one.has(mark))
            self._moves[states, mark] = known
        return known

    def _closed(self, states: frozenset[int], subject: Subject, at: int) -> frozenset[int]:
        places = tuple([subject.holds(c, at, self._looks.get(id(c))) for c in self._conditions])
        key = (states, places)
        known = self._closures.get(key)
        if known is None:
            if len(self._closures) > _MOST_STATES:
                self._closures.clear()
            met = {id(c): holds for c, holds in zip(self._conditions, places, strict=True)}
            reached, waiting = set(states), list(states)
            while waiting:
                for to, condition in self._states[waiting.pop()].free:
                    if to not in reached and (condition is None or met[id(condition)]):
                        reached.add(to)
                        waiting.append(to)
            known = self._closures[key] = frozenset(reached)
        return known

    def _new(self, *ways: int) -> int:
        if len(self._states) > _MOST_STATES:
            raise broken("regular expression is too complex")
        self._states.append(_State(free=[(way, None) for way in ways]))
        return len(self._states) - 1

    def _build(self, node: Node, end: int) -> int:
        """The state from which `node` leads to `end`."""
        if isinstance(node, One):
            state = self._new()
            self._states[state].one, self._states[state].to = node, end
            return state
        if isinstance(node, Assertion | Look):
            state = self._new()
            self._states[state].free.append((end, node))
            return state
        if isinstance(node, Sequence):
            for item in reversed(node.items):
                end = self._build(item, end)
            return end
        if isinstance(node, Choice):
            return self._new(*(self._build(branch, end) for branch in node.branches))
        if isinstance(node, Group):
            return self._build(node.inner, end)
        if isinstance(node, Back):
            return self._build(node.group.inner, end)
        if isinstance(node, Repeat):
            return self._repeat(node, end)
        return end

    def _repeat(self, node: Repeat, end: int) -> int:
        if node.most is None:
            loop = self._new(end)
            self._states[loop].free.append((self._build(node.inner, loop), None))
            end = loop
        else:
            out = end
            for _ in range(node.most - node.least):
                end = self._new(self._build(node.inner, end), out)
        for _ in range(node.least):
            end = self._build(node.inner, end)
        return end
