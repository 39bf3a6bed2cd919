"""Statements drawn from templates: `«kind»` in a template is an expression of that kind, drawn in turn.

The random source is a `random.Random` or hypothesis's own, so that the same grammar serves both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.dialect.differential.features import EXPRESSIONS
from tests.dialect.differential.schema import LEAVES
from tests.dialect.differential.servers import Statement

_HOLE = re.compile("«([a-z]+)»")
_CLOSED = re.compile(r"\w*\([^«»]*\)|[\w.]+|'[^']*'", re.S)
_DEPTH = 3
_LEAF_SHARE = 0.55
_SELDOM = 0.12
"""The share of steps that fail on purpose: more, and most of a run would only compare errors."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A statement, the constructs in it, and how its rows are to be compared."""

    statement: Statement
    constructs: frozenset[str]
    ordered: bool = False
    aggregates: bool = False
    several: bool = False
    """Whether it may violate several constraints at once: any of them may be the one that is told."""
    check: tuple[str, ...] = ()
    """Queries whose answers must agree afterwards: the state that the statement leaves."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Statements that follow each other, on the shared schema (then they only read) or on an empty database."""

    steps: tuple[Drawn, ...]
    shared: bool = True


_BY_KIND: dict[str, list[tuple[str, str]]] = {}
for _construct, _kinds in EXPRESSIONS.items():
    for _kind, _templates in _kinds.items():
        _BY_KIND.setdefault(_kind, []).extend((_construct, template) for template in _templates)


@dataclass(slots=True)
class Writer:
    """Draws text and remembers the constructs that it used."""

    random: Random
    used: set[str] = field(default_factory=set)

    def one(self, *choices: Any, seldom: tuple[Any, ...] = ()) -> Any:
        """One of the choices, or now and then one of `seldom`: what fails on purpose, or ends what follows."""
        return self.random.choice(seldom if seldom and self.random.random() < _SELDOM else choices)

    def maybe(self, text: str, share: float = 0.5) -> str:
        return text if self.random.random() < share else ""

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def fill(self, template: str, depth: int = 0) -> str:
        """The template with every hole filled."""
        return _HOLE.sub(lambda hole: self.expression(hole[1], depth + 1), template)

    def expression(self, kind: str, depth: int = 0) -> str:
        """An expression of a kind, at most a few calls deep."""
        operations = _BY_KIND.get(kind)
        if not operations or depth >= _DEPTH or self.random.random() < _LEAF_SHARE:
            return self.one(*LEAVES[kind])
        construct, template = self.random.choice(operations)
        self.used.add(construct)
        text = self.fill(template, depth)
        return text if depth == 0 or _CLOSED.fullmatch(text) else f"({text})"

    def of(self, construct: str) -> str:
        """An expression whose outermost operation belongs to the construct."""
        kinds = EXPRESSIONS[construct]
        kind = self.one(*kinds)
        self.used.add(construct)
        return self.fill(self.one(*kinds[kind]))

    def any(self) -> str:
        """An expression of any kind that a result may hold."""
        return self.expression(self.one("int", "num", "flt", "text", "bool", "date", "ts", "json", "ints", "texts"))

    def drawn(self, statement: Statement, *constructs: str, **how: bool | tuple[str, ...]) -> Drawn:
        result = Drawn(statement, frozenset({*self.used, *constructs}), **how)  # type: ignore[arg-type]
        self.used.clear()
        return result


Maker = Callable[[Writer], Scenario]


def over_expressions(construct: str) -> Maker:
    """A maker of SELECTs whose columns or condition use the construct."""

    def make(writer: Writer) -> Scenario:
        columns = [writer.of(construct), *(writer.any() for _ in range(writer.number(0, 1)))]
        where = writer.maybe(f" WHERE {writer.expression('bool')}", 0.4)
        query = f"SELECT id, {', '.join(columns)} FROM t{where} ORDER BY id"
        return Scenario((writer.drawn(query, construct, ordered=True),))

    return make


def catalogue(*families: Iterable[tuple[str, Maker]]) -> dict[str, list[Maker]]:
    """The makers of each construct."""
    makers: dict[str, list[Maker]] = {construct: [over_expressions(construct)] for construct in EXPRESSIONS}
    for family in families:
        for construct, maker in family:
            makers.setdefault(construct, []).append(maker)
    return makers
