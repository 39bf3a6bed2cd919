"""Expressions: every node is resolved, typed and, where DuckDB means something else, rewritten; bottom up.

A node that no rule knows is refused: nothing reaches DuckDB by accident.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.grammar import Row
from helios_magic.engine.dialect.pgtypes import STRINGS
from helios_magic.engine.dialect.scope import Scope, Source
from helios_magic.engine.dialect.typed import Node, base_of, name_of, place_of, sql, type_of, typed

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

Rule = Callable[["Binder", Node, Scope], Node]
#: Types of whose values DuckDB's statistics know a least and a greatest text, and what makes a NULL of its own.
_STATISTICS, _CHOICES = (*STRINGS, "bytea"), ("CASE", "nullif(")
_OPERANDS = frozenset({"this", "expression", "expressions"})
#: Per kind of node its rule, and the parts of the node that the rule reads (None: it judges the parts itself).
_RULES: dict[type[Node], tuple[Rule, frozenset[str] | None]] = {}


def rule(*kinds: type[Node], parts: tuple[str, ...] | None = ()) -> Callable[[Rule], Rule]:
    """Register how a kind of node is resolved.

    `parts` names what the rule reads beside the operands.  A node that has more is refused: a NOT or a modifier that
    the parser keeps as a part must never be passed over in silence.
    """

    def register(function: Rule) -> Rule:
        for kind in kinds:
            _RULES[kind] = (function, None if parts is None else _OPERANDS.union(parts))
        return function

    return register


def visit(binder: Binder, node: Node, scope: Scope) -> Node:
    """The node resolved: typed, its names printed as DuckDB must read them."""
    if "pg" in node.meta:
        return node
    binder.visited += 1
    if not binder.visited & 63:
        binder.check()
    found = _RULES.get(type(node))
    if found is None:
        raise unsupported(f"{node.key.upper()} in an expression", place=place_of(node))
    resolve, parts = found
    if parts is not None:
        more = [name for name, part in node.args.items() if part and name not in parts]
        if more:
            raise unsupported(f"{node.key.upper()} with {more[0]}", place=place_of(node))
    place = place_of(node)
    result = _unfolded(resolve(binder, node, scope))
    if place is not None:
        result.meta.setdefault("start", place)
    return result


def _unfolded(node: Node) -> Node:
    """A text or bytea that is NULL where its columns are not, or the other way round, kept from DuckDB's statistics.

    Where they say that LIKE or IN holds for every value of such a text, DuckDB 2.0 reads the rows in which its column
    is not NULL: `WHERE CASE WHEN s = 'Z' THEN 'abc' END LIKE 'a%'` gave all that have an `s`.  It knows none of
    `repeat`.
    """
    if base_of(node) not in _STATISTICS or not str(node.args.get("template", "")).startswith(_CHOICES):
        return node
    return sql("repeat({0}, 1)", node, pg=type_of(node))


@rule(exp.Column, parts=("table", "db", "catalog"))
def _column(binder: Binder, node: Node, scope: Scope) -> Node:
    from helios_magic.engine.dialect.sources import reference

    name, table = name_of(node.this), node.args.get("table")
    if isinstance(node.this, exp.Star):
        return _all_of(table, node, scope)
    if node.args.get("catalog") is not None:
        raise unsupported("a column name in four parts", place=place_of(node))
    shown = name_of(table) if table is not None else None
    if name == "user" and shown is None and not node.this.quoted:
        return sql("'helios'", pg="name")
    if shown is None and not _known(name, scope):
        source = scope.source(name)
        if source is not None and source.scalar:
            return reference(source, source.fields[0])
        if source is not None:
            return whole_row(source)
    found, column = scope.column(name, shown, place_of(node))
    if found is None:
        value, kind = column  # type: ignore[misc]
        return typed(value.copy(), kind)
    return reference(found, column)  # type: ignore[arg-type]


def _all_of(table: Node | None, node: Node, scope: Scope) -> Node:
    """`t.*` where a value stands: the row of t."""
    source = scope.source(name_of(table)) if table is not None else None
    if source is None:
        if table is not None:
            message = f'missing FROM-clause entry for table "{name_of(table)}"'
            raise Refusal("42P01", message, place=place_of(node))
        raise Refusal("42601", "* is not allowed here", place=place_of(node))
    return whole_row(source)


def _known(name: str, scope: Scope) -> bool:
    return any(name in s.merged or any(source.find(name) for source in s.sources) for s in scope.around())


def whole_row(source: Source) -> Node:
    """A table's alias as a value: its row, for row_to_json, to_jsonb and count."""
    from helios_magic.engine.dialect.sources import reference

    node = row_of([f.name for f in source.fields], [reference(source, f) for f in source.fields])
    columns = source.table.columns if source.table is not None else ()
    present = next((i for i, column in enumerate(columns) if not column.nullable), None)
    if present is not None and len(columns) == len(source.fields):
        node.meta["present"] = present
    return node


def row_of(names: list[str], values: list[Node]) -> Node:
    """A row as a value: only JSON, count and the tests of NULL take one."""
    node = typed(Row(names=names, expressions=values), "record")
    node.meta["row"] = True
    return node


@rule(exp.Paren)
def _paren(binder: Binder, node: Node, scope: Scope) -> Node:
    inner = visit(binder, node.this, scope)
    node.set("this", inner)
    result = typed(node, str(inner.meta["pg"]))
    for key in ("exact_scale", "scale", "written"):
        if inner.meta.get(key):
            result.meta[key] = inner.meta[key]
    return inner if isinstance(inner, (exp.Literal, exp.Null, Row)) else result


@rule(exp.Subquery, exp.Select, exp.Union, exp.Intersect, exp.Except, parts=None)
def _scalar_subquery(binder: Binder, node: Node, scope: Scope) -> Node:
    body, fields = binder.query(node, scope)
    if len(fields) != 1:
        raise Refusal("42601", "subquery must return only one column", place=place_of(node))
    wrapped = body if isinstance(body, exp.Subquery) else exp.Subquery(this=body)
    result = typed(wrapped, fields[0].type)
    result.meta["exact_scale"] = fields[0].exact_scale
    return result


@rule(exp.Exists)
def _exists(binder: Binder, node: Node, scope: Scope) -> Node:
    if isinstance(node.this, exp.Select) and not node.this.expressions:
        node.this.set("expressions", [exp.Literal.number(1)])  # EXISTS (SELECT FROM …)
    body, _ = binder.query(node.this, scope)
    node.set("this", body)
    return typed(node, "bool")


@rule(exp.Alias, parts=("alias",))
def _alias(binder: Binder, node: Node, scope: Scope) -> Node:
    return visit(binder, node.this, scope)


def load_rules() -> None:
    """Import the modules that register rules; they import this one."""
    from helios_magic.engine.dialect import (
        arrays,
        calls,
        jsonaccess,
        literals,
        operators,
        predicates,
        regexcalls,
        temporal,
    )
    from helios_magic.engine.dialect.pgcatalog import operators as named_operators

    del arrays, calls, jsonaccess, literals, named_operators, operators, predicates, regexcalls, temporal
