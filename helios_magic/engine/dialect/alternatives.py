"""Conditions of which one must hold."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from helios_magic.engine.dialect.typed import Node, sql

_MANY = 100
"""Alternatives from which on a condition is written otherwise."""


def any_of(sides: Sequence[Node]) -> Node:
    """The sides joined by OR."""
    return _many(sides) if len(sides) >= _MANY else _joined(sides, "({0})")


def _joined(sides: Sequence[Node], around: str) -> Node:
    text = " OR ".join(f"{{{i}}}" for i in range(len(sides)))
    return sql(around.replace("{0}", text), *sides, pg="bool")


def _many(sides: Sequence[Node]) -> Node:
    """Those that compare one column with constants are an IN.

    The time in which DuckDB looks through the alternatives of a condition grows with their square; it looks into no
    COALESCE.
    """
    lists: dict[Node, list[Node]] = {}
    rest = []
    for side in sides:
        parts = side.expressions
        compares = side.args.get("template") == "({0} = {1})"
        if compares and isinstance(parts[0], exp.Column) and isinstance(parts[1], exp.Literal):
            lists.setdefault(parts[0], []).append(parts[1])
        else:
            rest.append(side)
    rest += [
        sql("({0} IN (" + ", ".join(f"{{{i}}}" for i in range(1, len(members) + 1)) + "))", one, *members, pg="bool")
        for one, members in lists.items()
    ]
    return _joined(rest, "coalesce(({0}), NULL)" if len(rest) >= _MANY else "({0})")
