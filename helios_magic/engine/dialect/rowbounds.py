"""What a statement's text alone tells of its size: the most rows it can answer, and how it reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from helios_magic.engine.dialect.aggregates import NAMES as AGGREGATES
from helios_magic.engine.dialect.prepared import MOST_AT_ONCE, Reading
from helios_magic.engine.dialect.setreturning import SET_RETURNING
from helios_magic.engine.dialect.typed import Node, constant_int, name_of
from helios_magic.schema import Schema

_FLAT = frozenset({"expressions", "from_", "where", "group", "limit", "offset"})
_NAMED = frozenset({"this", "db", "alias"})


@dataclass(frozen=True, slots=True)
class RowBound:
    """`most_rows` and `limit_parameter` (a `$n`) of the result, None where the text does not tell; how it reads."""

    most_rows: int | None = None
    limit_parameter: int | None = None
    reading: Reading = "freely"


def row_bound(tree: Node, schema: Schema) -> RowBound:
    """The bound of a statement as it was parsed, before its names are resolved.

    `most_rows` decides how a result is fetched, never what it is.
    """
    if isinstance(tree, exp.Insert):
        rows = tree.expression
        most = len(rows.expressions) if isinstance(rows, exp.Values) else None
        return RowBound(most, reading="freely" if _reads(tree) else "nothing")
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        return RowBound()
    limit = tree.args.get("limit")
    count = limit.args.get("expression") or limit.args.get("count") if limit is not None else None
    if isinstance(count, exp.Parameter):
        return RowBound(None, constant_int(count.this), _reading(tree, schema, None))
    most = constant_int(count)
    if most is None and isinstance(tree, exp.Select) and (_one_group(tree) or _one_key(tree, schema)):
        most = 1
    return RowBound(most, reading=_reading(tree, schema, most))


def _reading(tree: Node, schema: Schema, most: int | None) -> Reading:
    if not _reads(tree):
        return "nothing"
    if not isinstance(tree, exp.Select) or not _one_table(tree, schema):
        return "freely"
    if tree.args.get("limit") is None and tree.args.get("offset") is None:
        return "one table"
    if most is None or most > MOST_AT_ONCE or not isinstance(tree.args.get("limit"), exp.Limit):
        return "freely"
    plain = tree.args.get("where") is None and tree.args.get("group") is None and all(map(_whole, tree.expressions))
    return "first rows" if plain else "one table"


def _one_table(select: Node, schema: Schema) -> bool:
    """Whether it is one flat query over one table: no view, no join, no order, no query or window inside."""
    if any(value and name not in _FLAT for name, value in select.args.items()):
        return False
    read = select.args.get("from_")
    source = read.this if read is not None else None
    if not isinstance(source, exp.Table) or any(value and name not in _NAMED for name, value in source.args.items()):
        return False
    table = schema.table(name_of(source.this), source.db or "public")
    if table is None or table.kind != "table":
        return False
    inside = (node for part in select.expressions for node in part.walk())
    where = select.args.get("where")
    return not any(isinstance(node, exp.Query | exp.Window) for node in (*inside, *(where.walk() if where else ())))


def _whole(projection: Node) -> bool:
    """A column as it stands, or all of them."""
    return isinstance(projection.this if isinstance(projection, exp.Alias) else projection, exp.Star | exp.Column)


def _reads(tree: Node) -> bool:
    return tree.find(exp.From, exp.Join, exp.Update, exp.Delete, exp.Merge) is not None


def _one_group(select: Node) -> bool:
    """No FROM, or everything in one group."""
    if select.args.get("group") is not None:
        return False
    called = {str(call.this).lower() for part in select.expressions for call in part.find_all(exp.Anonymous)}
    if called & SET_RETURNING:
        return False
    return select.args.get("from_") is None or any(_aggregates(part) for part in select.expressions)


def _one_key(select: Node, schema: Schema) -> bool:
    """Whether a whole key of the one table that is read is compared with values: WHERE id = $1."""
    source, where = select.args.get("from_"), select.args.get("where")
    if source is None or where is None or select.args.get("joins") or not isinstance(source.this, exp.Table):
        return False
    table = schema.table(name_of(source.this.this), source.this.db or "public")
    if table is None:
        return False
    conditions = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    given = {name_of(condition.this) for condition in conditions if _gives_value(condition)}
    return any(key and given.issuperset(key) for key in (table.primary_key, *table.unique))


def _gives_value(condition: Any) -> bool:
    if not isinstance(condition, exp.EQ) or not isinstance(condition.this, exp.Column):
        return False
    value = condition.expression.this if isinstance(condition.expression, exp.Cast) else condition.expression
    return isinstance(value, exp.Literal | exp.Parameter)


def _aggregates(projection: Node) -> bool:
    """Whether an aggregate of the query's own is called: not one over a window, not one of a query inside."""
    inside = projection.walk(prune=lambda node: isinstance(node, exp.Window | exp.Query))
    return any(isinstance(node, exp.Anonymous) and str(node.this).lower() in AGGREGATES for node in inside)
