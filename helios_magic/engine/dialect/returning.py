"""RETURNING: the target's columns, those of the other sources, old and new, merge_action()."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.assignments import refuse_aggregates
from helios_magic.engine.dialect.changesets import ChangeSet
from helios_magic.engine.dialect.conversion import settle
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.scope import Field, Scope
from helios_magic.engine.dialect.typed import Node, name_of, place_of, sql, type_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def needs_rows(node: Node, *, others: bool) -> bool:
    """Whether DuckDB's own RETURNING cannot answer: other tables, old and new, a query inside."""
    clause = node.args.get("returning")
    if clause is None:
        return False
    if others or clause.meta.get("aliases"):
        return True
    for part in clause.expressions:
        if part.find(exp.Query) is not None:
            return True
        if any(name_of(column.args.get("table")) in ("old", "new") for column in part.find_all(exp.Column)):
            return True
    return False


def returned_natively(binder: Binder, node: Node, scope: Scope) -> None:
    """RETURNING that DuckDB answers itself."""
    clause = node.args.get("returning")
    if clause is None:
        return
    from helios_magic.engine.dialect.queries import aliased

    values, fields = _values(binder, clause.expressions, scope)
    clause.set("expressions", [aliased(value, f) for value, f in zip(values, fields, strict=True)])
    node.meta["fields"] = fields


def returned_from_rows(
    binder: Binder, node: Node, change: ChangeSet, others: Scope, *, others_first: bool = False
) -> str:
    """The query that answers RETURNING from a change set; without the clause, the number of rows."""
    clause = node.args.get("returning")
    if clause is None:
        return change.counted()
    from helios_magic.engine.dialect.queries import aliased

    aliases = {which: name_of(alias) for which, alias in (clause.meta.get("aliases") or {}).items()}
    target = change.target("r", change.alias)
    sources = [*others.sources, target] if others_first else [target, *others.sources]
    taken = {source.alias for source in sources}
    for which, prefix in (("old", "o"), ("new", "n")):
        alias = aliases.get(which, which)
        if which in aliases and alias in taken:
            raise Refusal("42712", f'table name "{alias}" specified more than once', place=place_of(clause))
        if alias not in taken:
            sources.append(change.target(prefix, alias, hidden=True))
    scope = Scope(
        outer=others.outer, ctes=others.ctes, sources=sources, merged=others.merged, merged_at=others.merged_at
    )
    # A query inside sees the rows from before the statement.
    binder.writing.frozen.add((change.table.schema, change.table.name))
    values, fields = _values(binder, clause.expressions, scope, merging=isinstance(node, exp.Merge))
    node.meta["fields"] = fields
    return change.returned([aliased(value, f) for value, f in zip(values, fields, strict=True)])


def _values(
    binder: Binder, expressions: list[Node], scope: Scope, *, merging: bool = False
) -> tuple[list[Node], list[Field]]:
    from helios_magic.engine.dialect import queries

    for part in expressions:
        refuse_aggregates(part, "RETURNING")
    raw = queries.expand(binder, expressions, scope)
    if merging:
        raw = [(value.transform(_action, copy=False), name) for value, name in raw]
    values = [settle(binder, visit(binder, value, scope)) for value, _ in raw]
    whole = next((value for value in values if value.meta.get("row")), None)
    if whole is not None:
        raise unsupported("a whole row as a value", place=place_of(whole), hint="Name its columns, or use row_to_json.")
    fields = [Field(name, type_of(value)) for (_, name), value in zip(raw, values, strict=True)]
    queries.print_apart(fields)
    return values, fields


def _action(node: Node) -> Node:
    if isinstance(node, exp.Anonymous) and name_of(node) == "merge_action" and not node.expressions:
        return sql("_c._act", pg="text")
    return node
