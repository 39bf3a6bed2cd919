"""What conditions ask of one column, as far as they compare it with constants: a list of texts, or limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

#: How a comparison's constant becomes the least or the most whole number that it leaves.
_LEAST: dict[str, Callable[[float], int]] = {"gte": math.ceil, "gt": lambda limit: math.floor(limit) + 1}
_MOST: dict[str, Callable[[float], int]] = {"lte": math.floor, "lt": lambda limit: math.ceil(limit) - 1}


@dataclass(frozen=True, slots=True)
class Bounds:
    """`listed` are the texts that an IN names, `least` and `most` the whole numbers that comparisons leave."""

    listed: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None

    def within(self, least: int, most: int) -> tuple[int, int]:
        """The wanted numbers, narrowed; where none of them is allowed, the nearest that is."""
        if self.least is not None and self.least > least:
            least, most = self.least, max(self.least, most)
        if self.most is not None and self.most < most:
            least, most = min(self.most, least), self.most
        return least, most


def bounds(column: str, conditions: Iterable[str]) -> Bounds:
    """What always holds of the column where all these conditions do; what says it of more than the column is passed
    over."""
    listed: list[str] = []
    least: list[int] = []
    most: list[int] = []
    for condition in (each for text in conditions for each in _joined(text) if _column(each.this) == column):
        if isinstance(condition, exp.In):
            listed = listed or [each.name for each in condition.expressions if each.is_string]
        elif isinstance(condition, exp.Between):
            least += _number(condition.args["low"], _LEAST["gte"])
            most += _number(condition.args["high"], _MOST["lte"])
        elif condition.key in _LEAST:
            least += _number(condition.expression, _LEAST[condition.key])
        elif condition.key in _MOST:
            most += _number(condition.expression, _MOST[condition.key])
    return Bounds(tuple(listed), max(least, default=None), min(most, default=None))


def _joined(text: str) -> Iterator[exp.Expr]:
    """The conditions that AND joins; none of what cannot be read."""
    try:
        tree = parse_one(text, dialect="postgres").unnest()
    except SqlglotError:
        return
    for each in tree.flatten() if isinstance(tree, exp.And) else [tree]:
        yield each.unnest()


def _column(node: object) -> str | None:
    """The column's name, casts and parentheses taken off."""
    while isinstance(node, exp.Paren | exp.Cast):
        node = node.this
    if not isinstance(node, exp.Column):
        return None
    return node.name if node.this.args.get("quoted") else node.name.lower()


def _number(node: exp.Expr, whole: Callable[[float], int]) -> list[int]:
    """The constant as a whole number, or nothing where it is no number."""
    node = node.unnest()
    sign = -1 if isinstance(node, exp.Neg) else 1
    literal = node.this if isinstance(node, exp.Neg) else node
    return [whole(sign * float(literal.name))] if isinstance(literal, exp.Literal) and not literal.is_string else []
