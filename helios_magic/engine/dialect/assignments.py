"""SET: single columns, (a, b) = (…), (a, b) = ROW(…), (a, b) = (SELECT …), DEFAULT."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sources, subscripts
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, UNDEFINED_COLUMN, Refusal, nearest, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.pgtypes import base, long_name, modifiers
from helios_magic.engine.dialect.scope import Field, Scope
from helios_magic.engine.dialect.typed import (
    Node,
    identifier,
    is_string,
    name_of,
    place_of,
    quoted,
    sql,
    type_of,
    typed,
)
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

VOLATILE = re.compile(r"\b(?:random|pg_nextval|pg_setval|gen_random_uuid|uuid\w*|clock_timestamp)\s*\(", re.IGNORECASE)


def find_column(table: Table, node: Node) -> Column:
    name = name_of(node)
    column = table.column(name)
    if column is None:
        raise Refusal(
            UNDEFINED_COLUMN,
            f'column "{name}" of relation "{table.name}" does not exist',
            place=place_of(node),
            hint=nearest(name, [c.name for c in table.columns]),
        )
    return column


def is_default(value: Node) -> bool:
    return isinstance(value, exp.Var) or (
        isinstance(value, exp.Column)
        and not value.args.get("table")
        and name_of(value) == "default"
        and not (isinstance(value.this, exp.Identifier) and value.this.quoted)
    )


def assignments(binder: Binder, expressions: list[Node], table: Table, scope: Scope) -> list[Node]:
    """The assignments one by one, as `column = value`; DEFAULT for a generated column assigns nothing."""
    values: dict[str, Node | None] = {}
    in_parts: set[str] = set()
    twice = None
    for assignment in expressions:
        if not isinstance(assignment, exp.EQ):
            raise Refusal(SYNTAX, "syntax error in SET", place=place_of(assignment))
        of_part = isinstance(assignment.this, exp.Bracket)
        found = (
            [_part(binder, assignment, table, scope, values)] if of_part else _parts(binder, assignment, table, scope)
        )
        for column, value in found:
            if column.name in values and not (of_part and column.name in in_parts):
                twice = twice or column.name
            values[column.name] = value
            if of_part:
                in_parts.add(column.name)
    if twice is not None:
        raise Refusal(SYNTAX, f'multiple assignments to same column "{twice}"')
    return [
        exp.EQ(this=exp.Column(this=identifier(name)), expression=value)
        for name, value in values.items()
        if value is not None
    ]


def _parts(binder: Binder, assignment: exp.EQ, table: Table, scope: Scope) -> list[tuple[Column, Node | None]]:
    left, right = assignment.this, assignment.expression
    if not isinstance(left, (exp.Tuple, exp.Paren)):
        return [_single(binder, left, right, table, scope)]
    targets = left.expressions if isinstance(left, exp.Tuple) else [left.this]
    inner: Node = right.this if isinstance(right, exp.Subquery) else right
    if isinstance(inner, (exp.Select, exp.SetOperation, exp.Subquery)):
        return _from_query(binder, targets, inner, table, scope)
    if isinstance(right, exp.Tuple) or (isinstance(right, exp.Anonymous) and name_of(right) == "row"):
        values = right.expressions
    else:
        message = "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression"
        raise Refusal("0A000", message, place=place_of(assignment))
    if len(targets) != len(values):
        raise Refusal(SYNTAX, "number of columns does not match number of values", place=place_of(assignment))
    return [_single(binder, name, value, table, scope) for name, value in zip(targets, values, strict=True)]


def _part(
    binder: Binder, assignment: exp.EQ, table: Table, scope: Scope, before: dict[str, Node | None]
) -> tuple[Column, Node]:
    """a[1] = …: the whole column, with what the assignments before this one made of it."""
    target, value = assignment.this, assignment.expression
    name = subscripts.column_of(target)
    column = _target(table, name)
    _own_value(column, name)
    if is_default(value):
        raise Refusal("0A000", "cannot set an array element to DEFAULT", place=place_of(value))
    refuse_aggregates(value, "UPDATE")
    value = visit(binder, value, scope)
    own = sources.reference(scope.sources[0], Field(column.name, column.type))
    return column, subscripts.changed(binder, column, before.get(column.name) or own, target, value, scope)


def _single(binder: Binder, name: Node, value: Node, table: Table, scope: Scope) -> tuple[Column, Node | None]:
    column = _target(table, name)
    if is_default(value):
        return column, None if column.generated is not None else default_of(column)
    refuse_aggregates(value, "UPDATE")
    value = visit(binder, value, scope)
    foresee_long(binder, value, column.type)
    stored = stored_as(binder, value, column)
    _own_value(column, name)
    return column, stored


def _target(table: Table, name: Node) -> Column:
    if not isinstance(name, (exp.Column, exp.Identifier)):
        raise unsupported("assigning to a part of a column", place=place_of(name), hint="Assign the whole column.")
    if isinstance(name, exp.Column) and name.args.get("table") is not None:
        first = name.args.get("db") or name.args["table"]
        shown = name_of(first)
        raise Refusal(
            UNDEFINED_COLUMN,
            f'column "{shown}" of relation "{table.name}" does not exist',
            place=place_of(name),
            hint="SET target columns cannot be qualified with the relation name.",
        )
    return find_column(table, name.this if isinstance(name, exp.Column) else name)


def _own_value(column: Column, name: Node) -> None:
    if column.identity == "ALWAYS" or column.generated is not None:
        what = "an identity column defined as GENERATED ALWAYS" if column.identity else "a generated column"
        raise Refusal(
            "428C9",
            f'column "{column.name}" can only be updated to DEFAULT',
            place=place_of(name),
            hint=f'Column "{column.name}" is {what}.',
        )


def default_of(column: Column) -> Node:
    """A column's default as a value of its type."""
    default = (column.default or "NULL").replace("{", "{{").replace("}", "}}")
    return sql(f"({default})", pg=column.type)


def refuse_aggregates(value: Node, where: str) -> None:
    """Refuse (42803, 42P20) aggregates and window functions where each row stands alone."""
    from helios_magic.engine.dialect.aggregates import NAMES

    for call in value.walk(prune=lambda inner: isinstance(inner, exp.Query)):
        if isinstance(call, exp.Window):
            raise Refusal("42P20", f"window functions are not allowed in {where}", place=place_of(call))
        if isinstance(call, exp.Anonymous) and name_of(call) in NAMES:
            raise Refusal("42803", f"aggregate functions are not allowed in {where}", place=place_of(call))


def foresee_long(binder: Binder, value: Node, kind: str) -> None:
    """A constant too long for its column is one even where no row takes it: PostgreSQL computes it with the plan."""
    if base(kind) not in ("varchar", "bpchar") or "(" not in kind or not is_string(value):
        return
    size = modifiers(kind)[0]
    if value.name[size:].strip(" "):
        message = f"value too long for type {long_name(base(kind))}({size})"
        binder.foreseen.append(Refusal("22001", message, place=place_of(value)))


def stored_as(binder: Binder, value: Node, column: Column) -> Node:
    """A value as a column takes it.  42804 where it does not."""
    try:
        return coerce(binder, value, column.type, assignment=True)
    except Refusal as refusal:
        if refusal.sqlstate != "42804":
            raise
        kinds = long_name(base(column.type)), long_name(base(type_of(value)))
        raise Refusal(
            "42804",
            f'column "{column.name}" is of type {kinds[0]} but expression is of type {kinds[1]}',
            place=place_of(value),
            hint="You will need to rewrite or cast the expression.",
        ) from None


def _from_query(
    binder: Binder, targets: list[Node], query: Node, table: Table, scope: Scope
) -> list[tuple[Column, Node | None]]:
    """(a, b) = (SELECT x, y …): DuckDB has it for one column only, so each column asks for its own."""
    columns = [_target(table, name) for name in targets]
    for column, name in zip(columns, targets, strict=True):
        _own_value(column, name)
    body, fields = binder.query(query, scope, targets=[c.type for c in columns])
    if len(fields) != len(columns):
        raise Refusal(SYNTAX, "number of columns does not match number of values", place=place_of(query))
    printed = text(body)
    if len(columns) > 1 and VOLATILE.search(printed):
        raise unsupported("SET (…) = (SELECT …) of what is drawn anew at each call", place=place_of(query))
    names = ", ".join(quoted(f"_{i}") for i in range(len(fields)))
    parts: list[tuple[Column, Node | None]] = []
    for i, (column, field) in enumerate(zip(columns, fields, strict=True)):
        whole = sql(f"(SELECT {quoted(f'_{i}')} FROM ({_slots(printed)}) AS _row({names}))", pg=field.type)
        parts.append((column, stored_as(binder, typed(whole, field.type), column)))
    return parts


def _slots(printed: str) -> str:
    return printed.replace("{", "{{").replace("}", "}}")
