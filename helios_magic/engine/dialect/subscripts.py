"""Assigning to a part of a column: one item or a slice of an array, what stands at a path of a jsonb."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import INTEGERS, STRINGS, UNKNOWN, base, element, is_array, long_name
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, base_of, place_of, sql
from helios_magic.schema import Column

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def column_of(target: Node) -> Node:
    """The column that `a[1]`, `a[1:2]` and `j['x']['y']` are parts of."""
    while isinstance(target, exp.Bracket):
        target = target.this
    return target


def changed(binder: Binder, column: Column, before: Node, target: exp.Bracket, value: Node, scope: Scope) -> Node:
    """The whole column when `value` is assigned to a part of it; `before` is the column as it stands until then.

    Raises 42804 for a value of another type and for what has no parts.
    """
    kind = base(column.type)
    if kind == "jsonb":
        return _in_document(binder, column, before, target, value, scope)
    if not is_array(kind):
        message = f"cannot subscript type {long_name(kind)} because it does not support subscripting"
        raise Refusal("42804", message, place=place_of(target))
    if isinstance(target.this, exp.Bracket) or len(target.expressions) != 1 or is_array(element(kind)):
        raise unsupported("assigning to a part of an array of arrays", place=place_of(target))
    index = target.expressions[0]
    if not isinstance(index, exp.Slice):
        item = _fitting(binder, column, value, element(column.type))
        return sql("pg_put_item({0}, {1}, {2})", before, _place(binder, index, scope), item, pg=column.type)
    items = _fitting(binder, column, value, column.type)
    low, high = (
        _place(binder, bound, scope) if bound is not None else None for bound in (index.this, index.expression)
    )
    whole = low is not None and high is not None
    return sql(
        f"pg_put_slice({{0}}, {{1}}, {{2}}, {{3}}, {'true' if whole else 'false'})",
        before, low or sql("1", pg="int4"), high or sql("len({0})", before.copy(), pg="int4"), items, pg=column.type,
    )  # fmt: skip


def _place(binder: Binder, index: Node, scope: Scope) -> Node:
    return coerce(binder, visit(binder, index, scope), "int4")


def _fitting(binder: Binder, column: Column, value: Node, kind: str) -> Node:
    try:
        return coerce(binder, value, kind, assignment=True)
    except Refusal as refusal:
        if refusal.sqlstate != "42804":
            raise
        message = (
            f'subscripted assignment to "{column.name}" requires type {long_name(base(kind))} '
            f"but expression is of type {long_name(base_of(value))}"
        )
        hint = "You will need to rewrite or cast the expression."
        raise Refusal("42804", message, place=place_of(value), hint=hint) from None


def _in_document(binder: Binder, column: Column, before: Node, target: exp.Bracket, value: Node, scope: Scope) -> Node:
    steps: list[Node] = []
    kinds: list[str] = []
    part: Node = target
    while isinstance(part, exp.Bracket):
        if len(part.expressions) != 1 or isinstance(part.expressions[0], exp.Slice):
            raise Refusal("0A000", "jsonb subscript does not support slices", place=place_of(part))
        step = visit(binder, part.expressions[0], scope)
        kinds.insert(0, base_of(step))
        if kinds[0] not in (*INTEGERS, *STRINGS, UNKNOWN):
            raise Refusal("42804", f"subscript type {long_name(kinds[0])} is not supported", place=place_of(part))
        steps.insert(0, coerce(binder, step, "text", assignment=True))
        part = part.this
    new = _fitting(binder, column, value, "jsonb")
    path = "[" + ", ".join(f"{{{at}}}" for at in range(2, len(steps) + 2)) + "]"
    empty = "[]" if kinds[0] in INTEGERS else "{{}}"
    return sql(
        f"CAST(pg_json_put(coalesce(CAST({{0}} AS VARCHAR), '{empty}'), CAST({path} AS VARCHAR[]), "
        "coalesce(CAST({1} AS VARCHAR), 'null')) AS JSON)",
        before, new, *steps, pg="jsonb",
    )  # fmt: skip
