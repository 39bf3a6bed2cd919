"""What a statement's text alone tells of its size: the most rows it can answer, and whether it reads any."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from helios_magic.engine.dialect.aggregates import NAMES as AGGREGATES
from helios_magic.engine.dialect.setreturning import SET_RETURNING
from helios_magic.engine.dialect.typed import Node, constant_int


@dataclass(frozen=True, slots=True)
class RowBound:
    """`most_rows` and `limit_parameter` (a `$n`) of the result, None where the text does not tell; `scans`."""

    most_rows: int | None = None
    limit_parameter: int | None = None
    scans: bool = True


def row_bound(tree: Node) -> RowBound:
    """The bound of a statement as it was parsed, before its names are resolved."""
    if isinstance(tree, exp.Insert):
        rows = tree.expression
        return RowBound(len(rows.expressions) if isinstance(rows, exp.Values) else None, scans=_reads(tree))
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        return RowBound()
    limit = tree.args.get("limit")
    count = limit.args.get("expression") or limit.args.get("count") if limit is not None else None
    if isinstance(count, exp.Parameter):
        return RowBound(None, constant_int(count.this), _reads(tree))
    most = constant_int(count)
    if most is None and isinstance(tree, exp.Select) and _one_row(tree):
        most = 1
    return RowBound(most, scans=_reads(tree))


def _reads(tree: Node) -> bool:
    return tree.find(exp.From, exp.Join, exp.Update, exp.Delete, exp.Merge) is not None


def _one_row(select: Node) -> bool:
    """No FROM, or everything in one group."""
    if select.args.get("group") is not None:
        return False
    called = {str(call.this).lower() for part in select.expressions for call in part.find_all(exp.Anonymous)}
    if called & SET_RETURNING:
        return False
    return select.args.get("from_") is None or any(_aggregates(part) for part in select.expressions)


def _aggregates(projection: Node) -> bool:
    """Whether an aggregate of the query's own is called: not one over a window, not one of a query inside."""
    inside = projection.walk(prune=lambda node: isinstance(node, exp.Window | exp.Query))
    return any(isinstance(node, exp.Anonymous) and str(node.this).lower() in AGGREGATES for node in inside)
