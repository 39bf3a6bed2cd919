"""UNION, INTERSECT, EXCEPT and VALUES: one type for each column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sources
from helios_magic.engine.dialect.conversion import coerce, common_type
from helios_magic.engine.dialect.documents import has_documents, united
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.limits import limit
from helios_magic.engine.dialect.numericshapes import aligned
from helios_magic.engine.dialect.pgtypes import base
from helios_magic.engine.dialect.queries import aliased, comparable, order, settled_type
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.typed import Node, identifier, place_of, type_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_ENDS = ("order", "limit", "offset", "with_")
_PARTS = {"with_", "this", "expression", "distinct", "order", "limit", "offset"}


def set_operation(
    binder: Binder, node: exp.SetOperation, outer: Scope | None, targets: Sequence[str]
) -> tuple[Node, list[Field]]:
    for part, value in node.args.items():
        if value and part not in _PARTS:
            raise Refusal(SYNTAX, f'syntax error at or near "{part.strip("_").upper()}"')
    scope = Scope(outer=outer)
    binder.with_clause(node, scope)
    word = node.key.upper()
    left, mine = binder.query(node.this, scope)
    right, theirs = binder.query(node.expression, scope)
    if len(mine) != len(theirs):
        raise Refusal(
            SYNTAX, f"each {word} query must have the same number of columns", place=place_of(node.expression)
        )
    fields = []
    for position, (one, other) in enumerate(zip(mine, theirs, strict=True)):
        kind = common_type([_open_type(left, position, one), _open_type(right, position, other)], word)
        if not (kind == "bpchar" and _keeps_all(node)):
            comparable(kind, word)
        fields.append(Field(one.name, settled_type(kind), one.printed))
    node.set("this", _cast_columns(binder, left, mine, fields))
    node.set("expression", _cast_columns(binder, right, theirs, fields))
    align_sides(node.this, node.expression, fields)
    if has_documents(fields) and node.args.get("distinct"):
        if not isinstance(node, exp.Union):
            raise unsupported(f"{word} of jsonb", place=place_of(node), hint="Cast it to text.")
        return _of_documents(binder, node, fields, scope, targets)
    query: Node = node
    if isinstance(node, (exp.Except, exp.Intersect)):
        query, fields = _as_left(binder, node, fields, mine)
    if query.args.get("order"):
        order(binder, query, fields, scope, only_output=True)
    limit(binder, query, scope)
    if targets and any(base(f.type) != base(t) for f, t in zip(fields, targets, strict=False)):
        return _wrapped(binder, query, fields, targets)
    return query, fields


def _as_left(
    binder: Binder, node: exp.SetOperation, fields: list[Field], left: list[Field]
) -> tuple[Node, list[Field]]:
    """What is left over of the left side has the digits that it had there."""
    digits = [f.type == "numeric" and base(mine.type) == "numeric" for f, mine in zip(fields, left, strict=True)]
    wanted = [mine.type if same else f.type for f, mine, same in zip(fields, left, digits, strict=True)]
    if wanted == [f.type for f in fields]:
        return node, fields
    ends = {part: node.args.get(part) for part in _ENDS}
    for part in _ENDS:
        node.set(part, None)
    query, fields = _wrapped(binder, node, fields, wanted)
    for part, value in ends.items():
        query.set(part, value)
    return query, fields


def _keeps_all(node: exp.SetOperation) -> bool:
    return isinstance(node, exp.Union) and not node.args.get("distinct")


def _of_documents(
    binder: Binder, node: exp.SetOperation, fields: list[Field], scope: Scope, targets: Sequence[str]
) -> tuple[Node, list[Field]]:
    query = united(node, fields)
    for part in _ENDS:
        query.set(part, node.args.get(part))
        node.set(part, None)
    if query.args.get("order"):
        order(binder, query, fields, scope, only_output=True)
    limit(binder, query, scope)
    if targets and any(base(f.type) != base(t) for f, t in zip(fields, targets, strict=False)):
        return _wrapped(binder, query, fields, targets)
    return query, fields


def _open_type(query: Node, position: int, column: Field) -> str:
    """The type a branch offers to UNION: a bare literal or NULL has none of its own yet."""
    if isinstance(query, exp.Select):
        value = query.expressions[position].unalias()
        if value.meta.get("was_unknown"):
            return "unknown"
    return column.type


def _cast_columns(binder: Binder, query: Node, fields: list[Field], wanted: list[Field]) -> Node:
    if all(base(f.type) == base(w.type) for f, w in zip(fields, wanted, strict=True)):
        return query
    if isinstance(query, exp.Select) and not query.args.get("distinct"):
        for alias, target in zip(query.expressions, wanted, strict=True):
            alias.set("this", coerce(binder, _reopened(alias.this), target.type))
        return query
    return _wrapped(binder, query, fields, [w.type for w in wanted])[0]


def align_sides(left: Node, right: Node, fields: list[Field], *, always: bool = False) -> None:
    """Numeric columns of both sides with one scale; see `numericshapes`."""
    numerics = [(position, column) for position, column in enumerate(fields) if base(column.type) == "numeric"]
    leaves = [*_leaves(left), *_leaves(right)] if numerics else []
    for position, column in numerics:
        aliases = [leaf.expressions[position] for leaf in leaves]
        values = aligned([alias.this for alias in aliases], column.type, always=always)
        for alias, value in zip(aliases, values, strict=True):
            if value is not alias.this:
                alias.set("this", value)


def _leaves(query: Node) -> list[exp.Select]:
    """The SELECTs of a nest of set operations, in their order."""
    found: list[exp.Select] = []
    left = [query]
    while left:
        inner = left.pop()
        if isinstance(inner, exp.Subquery):
            left.append(inner.this)
        elif isinstance(inner, exp.SetOperation):
            left += [inner.expression, inner.this]
        elif isinstance(inner, exp.Select):
            found.append(inner)
    return found


def _reopened(value: Node) -> Node:
    return value.meta["was_unknown"] if value.meta.get("was_unknown") is not None else value


def _wrapped(binder: Binder, query: Node, fields: list[Field], targets: Sequence[str]) -> tuple[Node, list[Field]]:
    """The query's columns as other types: SELECT … FROM (query)."""
    source = Source("_q", fields)
    columns = [
        coerce(binder, sources.reference(source, f), t, assignment=True) for f, t in zip(fields, targets, strict=False)
    ]
    outer = [Field(f.name, type_of(c), f.printed) for f, c in zip(fields, columns, strict=False)]
    inner = exp.Subquery(
        this=query.this if isinstance(query, exp.Subquery) else query,
        alias=exp.TableAlias(this=identifier("_q"), columns=[identifier(f.printed) for f in fields]),
    )
    return exp.Select(
        expressions=[aliased(c, f) for c, f in zip(columns, outer, strict=True)], from_=exp.From(this=inner)
    ), outer


def values(binder: Binder, node: exp.Values, outer: Scope | None, targets: Sequence[str]) -> tuple[Node, list[Field]]:
    scope = Scope(outer=outer)
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    width = len(rows[0])
    for row, before in zip(rows, node.expressions, strict=True):
        if len(row) != width:
            raise Refusal(SYNTAX, "VALUES lists must all be the same length", place=place_of(before))
    bound = [[visit(binder, value, scope) for value in row] for row in rows]
    kinds = []
    for position in range(width):
        kind = common_type([type_of(row[position]) for row in bound], "VALUES")
        kinds.append(targets[position] if position < len(targets) else settled_type(kind))
    assign = bool(targets)
    columns = [
        aligned([coerce(binder, row[position], kind, assignment=assign) for row in bound], kind)
        for position, kind in enumerate(kinds)
    ]
    node.set("expressions", [exp.Tuple(expressions=list(row)) for row in zip(*columns, strict=True)])
    fields = [Field(f"column{i}", kind, f"col{i - 1}") for i, kind in enumerate(kinds, 1)]
    return node, fields


def selected(node: exp.Values) -> exp.Select:
    """VALUES as a statement: SELECT * FROM (VALUES …), ordered and limited as it says."""
    parts = {part: node.args.pop(part, None) for part in ("order", "limit", "offset")}
    node.set("alias", exp.TableAlias(this=identifier("*VALUES*")))
    query = exp.Select(expressions=[exp.Star()], from_=exp.From(this=node))
    for part, value in parts.items():
        if value is not None:
            query.set(part, value)
    return query
