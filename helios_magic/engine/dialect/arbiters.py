"""Which unique keys decide an ON CONFLICT: named, inferred from columns, expressions and a predicate, or all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.assignments import find_column
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, nearest, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.pgcatalog.indexes import index_keys, predicate
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.tableshape import shown_tree
from helios_magic.engine.dialect.typed import Node, name_of, place_of, quoted
from helios_magic.schema import Index, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


@dataclass(frozen=True, slots=True)
class Arbiter:
    """A unique key: its columns or expressions, and what rows it holds for; as DuckDB text over `{0}`."""

    name: str
    columns: tuple[str, ...]
    """Empty where a part of the key is an expression."""
    parts: tuple[str, ...]
    predicate: str | None = None
    conditions: frozenset[str] = frozenset()
    """The parts of the predicate that all must hold."""
    is_constraint: bool = True
    nulls_distinct: bool = True

    @property
    def plain(self) -> bool:
        return bool(self.columns) and self.predicate is None and self.nulls_distinct

    def implied_by(self, given: frozenset[str]) -> bool:
        """Whether conditions that hold say that the row is one of the key's."""
        return self.conditions <= given

    def key(self, alias: str) -> list[str]:
        return [part.format(quoted(alias)) for part in self.parts]

    def holds(self, alias: str) -> str:
        """Whether a row is one of those that the key holds for: none of its parts is a NULL unlike all others."""
        known = [f"{part} IS NOT NULL" for part in self.key(alias)] if self.nulls_distinct else []
        return " AND ".join([*known, *([self.predicate.format(quoted(alias))] if self.predicate else [])]) or "true"

    def same(self, one: str, other: str) -> str:
        sign = "=" if self.nulls_distinct else "IS NOT DISTINCT FROM"
        equal = [f"{a} {sign} {b}" for a, b in zip(self.key(one), self.key(other), strict=True)]
        conditions = [f"({self.predicate.format(quoted(a))})" for a in (one, other) if self.predicate]
        return " AND ".join([*equal, *conditions])


def arbiters(binder: Binder, table: Table) -> list[Arbiter]:
    """All unique keys of a table, those that hold for all of its rows first."""
    found = [_of_index(binder, table, index) for index in table.indexes if index.unique]
    known = {frozenset(a.columns) for a in found if a.plain}
    for columns in (table.primary_key, *table.unique):
        if columns and frozenset(columns) not in known:
            found.append(Arbiter("", tuple(columns), tuple(map(_own, columns))))
    return sorted(found, key=lambda arbiter: arbiter.predicate is not None)


def _own(column: str) -> str:
    return "{0}." + _slots(quoted(column))


def _of_index(binder: Binder, table: Table, index: Index) -> Arbiter:
    keys = index_keys(index)
    parts = tuple(
        _own(key.column) if key.column is not None else _over_rows(binder, table, shown_tree(key.expression))
        for key in keys
    )
    columns = tuple(key.column for key in keys if key.column is not None)
    condition = predicate(index)
    return Arbiter(
        index.name,
        columns if len(columns) == len(keys) else (),
        parts,
        _over_rows(binder, table, shown_tree(condition)) if condition is not None else None,
        _conjuncts(binder, table, shown_tree(condition)) if condition is not None else frozenset(),
        is_constraint=index.definition is None,
        nulls_distinct=index.nulls_distinct,
    )


def chosen(binder: Binder, table: Table, conflict: exp.OnConflict) -> list[Arbiter]:
    """The arbiters of a statement; none where it names no key, or none that there is; 42704 for its name."""
    known = arbiters(binder, table)
    name = conflict.args.get("constraint")
    if name is not None:
        found = [a for a in known if a.name == name_of(name) and a.is_constraint]
        if not found:
            raise Refusal(
                "42704",
                f'constraint "{name_of(name)}" for table "{table.name}" does not exist',
                place=place_of(name),
                hint=nearest(name_of(name), [a.name for a in known]),
            )
        return found
    keys = conflict.args.get("conflict_keys") or ()
    if not keys:
        return []
    wanted = {_wanted(binder, table, key) for key in keys}
    where = conflict.args.get("index_predicate")
    given = _conjuncts(binder, table, where.this) if where is not None else frozenset()
    return [a for a in known if set(a.parts) == wanted and a.implied_by(given)]


def _conjuncts(binder: Binder, table: Table, condition: Node) -> frozenset[str]:
    """The parts of a condition that all must hold."""
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if isinstance(condition, exp.And):
        return _conjuncts(binder, table, condition.this) | _conjuncts(binder, table, condition.expression)
    return frozenset({_over_rows(binder, table, condition)})


def _wanted(binder: Binder, table: Table, key: Node) -> str:
    inner = key.this if isinstance(key, exp.Ordered) else key
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.Opclass):
        raise unsupported("an operator class in ON CONFLICT", place=place_of(inner))
    if isinstance(inner, (exp.Column, exp.Identifier)):
        if isinstance(inner, exp.Column) and inner.args.get("table") is not None:
            raise Refusal(SYNTAX, "a column of ON CONFLICT takes no table name", place=place_of(inner))
        name = name_of(inner)
        if table.column(name) is None:
            raise Refusal("42703", f'column "{name}" does not exist', place=place_of(inner))
        return "{0}." + _slots(quoted(find_column(table, inner).name))
    return _over_rows(binder, table, inner)


def _over_rows(binder: Binder, table: Table, node: Node) -> str:
    """An expression of a table's columns, as DuckDB text with `{0}` for the row."""
    fields = [Field(c.name, c.type) for c in table.columns]
    scope = Scope(sources=[Source(table.name, fields, table, _HOLE)])
    while isinstance(node, exp.Paren):
        node = node.this
    printed = text(visit(binder, node.copy(), scope))
    return _slots(printed).replace(quoted(_HOLE), "{0}")


def _slots(printed: str) -> str:
    return printed.replace("{", "{{").replace("}", "}}")


_HOLE = "_helios_row"
