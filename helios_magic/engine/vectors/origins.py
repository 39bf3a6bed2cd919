"""Of which models the vectors are that a statement writes: its calls of helios_embed, and columns that it copies.

Numbers that are written as such come from nobody knows where; the column's record is taken at its word for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.engine.dialect.grammar import Operator, parse
from helios_magic.engine.dialect.typed import name_of

if TYPE_CHECKING:
    from sqlglot import exp

_CALL = "helios_embed"
_MAY_COPY = re.compile(r"\b(select|update|merge|table)\b", re.IGNORECASE)
_HEAD = 2000
"""Characters in which a statement that copies shows itself; a long INSERT of rows is not read for it."""
_MEASURES = frozenset({"l2_distance", "cosine_distance", "l1_distance", "inner_product", "vector_dims", "vector_norm"})


@dataclass(frozen=True, slots=True)
class Origin:
    """A column of `table` that is written: by name, or by its place among the table's; None: any of its columns."""

    table: str
    column: str | int | None
    models: frozenset[str]
    copied: frozenset[tuple[str, str]]
    """Tables and columns whose values may stand in it now; the column `*` is the one of the same name."""
    whole: bool = False
    """Whether every row gets a new value."""


def origins(query: str) -> tuple[Origin, ...]:
    """What a statement that writes says of the vectors that it writes."""
    if _CALL not in query.lower() and _MAY_COPY.search(query[:_HEAD]) is None:
        return ()
    (tree,) = parse(query)[:1] or (None,)
    return () if tree is None else tuple(each for each in _written(tree) if each.models or each.copied)


def _written(tree: exp.Expression) -> Iterator[Origin]:
    from sqlglot import exp

    sources = _Sources(tree)
    for node in tree.find_all(exp.Update, exp.Insert, exp.Merge, exp.Create):
        if isinstance(node, exp.Merge):
            table = _place(node.this)
            for action in node.find_all(exp.Update, exp.Insert):
                for column, value in _pairs(action):
                    yield sources.origin(table, column, value)
        elif isinstance(node.parent, exp.When):
            continue
        elif node.this is not None:
            target = node.this.this if isinstance(node.this, exp.Schema) else node.this
            if isinstance(target, exp.Table):
                whole = isinstance(node, exp.Update) and node.args.get("where") is None and not node.args.get("from_")
                for column, value in _pairs(node):
                    yield sources.origin(_place(target), column, value, whole=whole)


def _pairs(node: exp.Expression) -> Iterator[tuple[str | int | None, exp.Expression]]:
    """The columns that an UPDATE, an INSERT or a CREATE TABLE AS writes, and what it writes into each."""
    from sqlglot import exp

    conflict = node.args.get("conflict")
    assigned = node.expressions if isinstance(node, exp.Update) else ()
    for pair in [*assigned, *(conflict.expressions if conflict else ())]:
        if not isinstance(pair, exp.EQ):
            continue
        left, right = pair.this, pair.expression
        if isinstance(left, exp.Tuple):
            values = right.expressions if isinstance(right, exp.Tuple) else [right] * len(left.expressions)
            yield from zip(map(name_of, left.expressions), values, strict=False)
        else:
            yield name_of(left), right
    if isinstance(node, exp.Update):
        return
    listed = node.this.expressions if isinstance(node.this, exp.Schema | exp.Tuple) else ()
    names = [name_of(column) for column in listed]
    for row in _rows(node.args.get("expression")):
        for place, value in enumerate(row):
            if isinstance(value, exp.Star) or (isinstance(value, exp.Column) and isinstance(value.this, exp.Star)):
                yield None, value
                break
            if isinstance(node, exp.Create):
                yield _called(value), value
            else:
                yield (names[place] if place < len(names) else place), value


def _rows(source: exp.Expression | None) -> Iterator[list[exp.Expression]]:
    """The rows of values that a source consists of, and the select lists of its queries."""
    from sqlglot import exp

    if isinstance(source, exp.Values):
        yield from (row.expressions if isinstance(row, exp.Tuple) else [row] for row in source.expressions)
    elif isinstance(source, exp.Tuple | exp.Select):
        yield source.expressions
    elif isinstance(source, exp.SetOperation):
        yield from _rows(source.this)
        yield from _rows(source.expression)
    elif isinstance(source, exp.Subquery):
        yield from _rows(source.this)
    elif isinstance(source, exp.Table):
        yield [exp.Star()]


class _Sources:
    """The tables that a statement reads, by their names in it, and the names that its queries give to vectors."""

    def __init__(self, tree: exp.Expression) -> None:
        from sqlglot import exp

        self._tables = {_called(table): _place(table) for table in tree.find_all(exp.Table)}
        self._named: dict[str, set[str]] = {}
        for alias in tree.find_all(exp.Alias):
            self._named.setdefault(_called(alias), set()).update(_models(alias.this))

    def origin(self, table: str, column: str | int | None, value: exp.Expression, *, whole: bool = False) -> Origin:
        """What may stand in a column once this value is written into it."""
        from sqlglot import exp

        models, copied = _models(value), set[tuple[str, str]]()
        if isinstance(value, exp.Star):
            copied = {(place, "*") for place in self._tables.values()}
            models |= set().union(*self._named.values())
        for each in value.find_all(exp.Column):
            if _measured(each, value):
                continue
            name = "*" if isinstance(each.this, exp.Star) else name_of(each)
            models |= set().union(*self._named.values()) if name == "*" else self._named.get(name, set())
            given = self._tables.get(name_of(each.args.get("table")))
            copied |= {(place, name) for place in (self._tables.values() if given is None else [given])}
        return Origin(table, column, frozenset(models), frozenset(copied), whole)


def _models(value: exp.Expression) -> set[str]:
    """The models of the calls in an expression whose vectors are its value, not those it is compared with."""
    from sqlglot import exp

    return {
        call.expressions[0].name
        for call in value.find_all(exp.Anonymous)
        if name_of(call) == _CALL and call.expressions and not _measured(call, value)
    }


def _measured(node: exp.Expression, within: exp.Expression) -> bool:
    """Whether something only decides, or is measured, below an expression."""
    from sqlglot import exp

    above: exp.Expr | None = node
    while above is not within and above is not None:
        above = above.parent
        if isinstance(above, Operator | exp.Predicate | exp.Where | exp.Order):
            return True
        if isinstance(above, exp.Anonymous) and name_of(above) in _MEASURES | {_CALL}:
            return True
    return False


def _place(table: exp.Expression) -> str:
    return ".".join(name_of(part) for part in (table.args.get("db"), table.this) if part is not None)


def _called(node: exp.Expression) -> str:
    """What a table or a value is called in the statement."""
    alias = node.args.get("alias")
    return name_of(alias if alias is not None and alias.name else node)
