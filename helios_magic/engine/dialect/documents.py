"""Equality of jsonb where rows are gathered (DISTINCT, GROUP BY, UNION): 1 and 1.0 are one value, as in PostgreSQL.

The rows are told apart by `pg_json_same`, a document's text with every number in one form; what is shown is one of the
documents as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from helios_magic.engine.dialect.pgtypes import base
from helios_magic.engine.dialect.scope import Field
from helios_magic.engine.dialect.typed import Node, base_of, identifier, sql


def key(value: Node) -> Node:
    """What two equal values have in common: the value itself, but for jsonb."""
    return sql("pg_json_same({0})", value, pg="text") if base_of(value) == "jsonb" else value


def gathered(node: exp.Select) -> None:
    """DISTINCT and GROUP BY of a resolved SELECT go by the keys of its documents."""
    distinct, group = node.args.get("distinct"), node.args.get("group")
    if distinct is not None:
        _tell_apart(node, distinct)
    if group is not None:
        kept = [leaf for leaf in leaves(group) if base_of(leaf) == "jsonb"]
        if kept:
            _group(node, group, kept)


def _tell_apart(node: exp.Select, distinct: Node) -> None:
    on = distinct.args.get("on")
    if on is not None:
        on.set("expressions", [key(part) for part in on.expressions])
        return
    values = [column.unalias() for column in node.expressions]
    if any(base_of(value) == "jsonb" for value in values):
        distinct.set("on", exp.Tuple(expressions=[key(value.copy()) for value in values]))


def leaves(group: Node) -> list[Node]:
    """The keys of a GROUP BY, those of ROLLUP, CUBE and GROUPING SETS too."""
    found: list[Node] = []
    for value in group.args.values():
        for part in value if isinstance(value, list) else ():
            if isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Tuple):
                found += leaves(part)
            else:
                found.append(part.this if isinstance(part, exp.Paren) else part)
    return found


def _group(node: exp.Select, group: Node, kept: Sequence[Node]) -> None:
    sets = group.find(exp.Rollup, exp.Cube, exp.GroupingSets) is not None
    wanted = [leaf.copy() for leaf in kept]
    for leaf in kept:
        leaf.replace(key(leaf.copy()))
    parts = [*node.expressions, *(node.args[part] for part in ("having", "order", "distinct") if node.args.get(part))]
    for part in parts:
        found = [
            inner
            for inner in part.walk(prune=lambda inner: bool(inner.meta.get("aggregate")) or inner in wanted)
            if inner in wanted
        ]
        for inner in found:
            inner.replace(_shown(inner.copy(), sets=sets))


def _shown(value: Node, *, sets: bool) -> Node:
    one = sql("any_value({0})", value, pg="jsonb")
    if sets:
        one = sql("CASE WHEN grouping({0}) = 0 THEN {1} END", key(value.copy()), one, pg="jsonb")
    one.meta["aggregate"] = True
    return one


def has_documents(fields: Sequence[Field]) -> bool:
    """Whether a column is jsonb."""
    return any(base(column.type) == "jsonb" for column in fields)


def united(node: exp.SetOperation, fields: Sequence[Field]) -> exp.Select:
    """UNION of documents: all the rows, and of those with the same keys one."""
    node.set("distinct", False)
    printed = [exp.Column(this=identifier(column.printed), table=identifier("_q")) for column in fields]
    inner = exp.Subquery(this=node, alias=exp.TableAlias(this=identifier("_q")))
    for column, one in zip(fields, printed, strict=True):
        one.meta["pg"] = column.type
    return exp.Select(
        expressions=[exp.Alias(this=one.copy(), alias=one.this.copy()) for one in printed],
        distinct=exp.Distinct(on=exp.Tuple(expressions=[key(one.copy()) for one in printed])),
        from_=exp.From(this=inner),
    )
