"""`OPERATOR(pg_catalog.~)`, as psql writes its patterns: the operator that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import unsupported
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, place_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_NAMED: dict[str, type[exp.Expression]] = {
    "~": exp.RegexpLike, "~*": exp.RegexpILike, "~~": exp.Like, "~~*": exp.ILike, "=": exp.EQ, "<>": exp.NEQ,
    "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE, "||": exp.DPipe, "+": exp.Add, "-": exp.Sub,
}  # fmt: skip


@rule(exp.Operator, parts=("operator",))
def _operator(binder: Binder, node: Node, scope: Scope) -> Node:
    text = node.args["operator"]
    sign = (text.name if isinstance(text, exp.Expression) else str(text)).replace(" ", "").removeprefix("pg_catalog.")
    negated = sign.startswith("!")
    made = _NAMED.get(sign.removeprefix("!"))
    if made is None or (negated and sign == "!"):
        raise unsupported(f"OPERATOR({sign})", place=place_of(node))
    whole = made(this=node.this, expression=node.expression)
    return visit(binder, exp.Not(this=whole) if negated else whole, scope)
