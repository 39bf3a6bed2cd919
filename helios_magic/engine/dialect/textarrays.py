"""LIKE, ILIKE and ~ over an array or a query: `x LIKE ANY (…)`, `x !~ ALL (…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.arrays import over_members
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import STRINGS, UNKNOWN, element, is_array
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, base_of, place_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_TESTS: dict[type[exp.Expression], str] = {
    exp.Like: "({1} LIKE {0} ESCAPE '\\')",
    exp.ILike: "({1} ILIKE {0} ESCAPE '\\')",
    exp.RegexpLike: "pg_regexp_like({1}, {0}, '')",
    exp.RegexpILike: "pg_regexp_like({1}, {0}, 'i')",
}


def quantified_text(binder: Binder, node: Node, scope: Scope, *, negated: bool) -> Node:
    """A test of text with each member of an array: NULL where it cannot be decided."""
    left = coerce(binder, visit(binder, node.this, scope), "text")
    right = node.expression
    inner = right.this
    while isinstance(inner, exp.Paren | exp.Subquery) and isinstance(inner.this, exp.Expression):
        inner = inner.this
    if isinstance(inner, exp.Query):
        raise unsupported("LIKE or ~ over a query", place=place_of(node), hint="Use an array: ANY (ARRAY(SELECT …)).")
    array = visit(binder, inner, scope)
    if base_of(array) == UNKNOWN:
        array = coerce(binder, array, "text[]")
    if not is_array(base_of(array)) or element(base_of(array)) not in STRINGS:
        raise Refusal("42809", "op ANY/ALL (array) requires array on right side", place=place_of(node))
    test = _TESTS[type(node)].format("m", "{1}")
    if negated:
        test = f"(NOT {test})"
    return over_members(array, left, test, "ALL" if isinstance(right, exp.All) else "ANY")
