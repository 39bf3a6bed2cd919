"""MERGE: which WHEN each pair of rows falls under is computed first, then applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sources
from helios_magic.engine.dialect.assignments import assignments, find_column, is_default, stored_as
from helios_magic.engine.dialect.changesets import ChangeSet, default_text, raising
from helios_magic.engine.dialect.conflicts import source_of
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.proposals import stored
from helios_magic.engine.dialect.returning import returned_from_rows
from helios_magic.engine.dialect.scope import Scope, Source
from helios_magic.engine.dialect.typed import Node, place_of, quoted
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_TWICE = "MERGE command cannot affect row a second time"


@dataclass(slots=True)
class _When:
    """One WHEN: for which pairs, and the columns' values where it writes."""

    pairs: str
    condition: str | None
    act: str
    values: dict[str, str] = field(default_factory=dict)


def merge(binder: Binder, node: exp.Merge, table: Table, alias: str, scope: Scope) -> list[Node | str]:
    """The steps of a MERGE into a table."""
    if binder.writing.touched.get((table.schema, table.name)):
        raise unsupported(f'MERGE into "{table.name}" beside another part of WITH that writes it')
    if not node.args.get("on") or node.args.get("using_cond"):
        raise Refusal(SYNTAX, "syntax error: MERGE needs ON", place=place_of(node))
    both = Scope(ctes=scope.ctes, outer=scope.outer, sources=[source_of(table, alias)])
    bound = sources.bind_item(binder, node.args["using"], both)
    target, source = both.sources[0], both.sources[1:]
    from helios_magic.engine.dialect.queries import boolean

    on = text(boolean(binder, visit(binder, node.args["on"], both), "MERGE ON"))
    theirs = Scope(ctes=scope.ctes, outer=scope.outer, sources=source)
    ours = Scope(ctes=scope.ctes, outer=scope.outer, sources=[target])
    whens = [_when(binder, when, table, both, theirs, ours) for when in node.args["whens"].expressions]
    _reachable(whens)
    change = ChangeSet(binder, table, alias)
    others = change.keep(both)
    joined = _joined(change, text(bound), source[0], alias, on, whens)
    acts = {when.act for when in whens}
    assigned = list(dict.fromkeys(name for when in whens if when.act == "UPDATE" for name in when.values))
    query = _rows(change, joined, whens, alias)
    steps: list[Node | str] = [*change.steps(query, acts, assigned, stored(table), in_order=False)]
    return [*steps, returned_from_rows(binder, node, change, others, others_first=True)]


def _when(binder: Binder, when: Node, table: Table, both: Scope, theirs: Scope, ours: Scope) -> _When:
    from helios_magic.engine.dialect.queries import boolean

    pairs = "both" if when.args["matched"] else "ours" if when.args.get("source") else "theirs"
    scope = {"both": both, "theirs": theirs, "ours": ours}[pairs]
    condition = when.args.get("condition")
    printed = text(boolean(binder, visit(binder, condition, scope), "WHEN")) if condition is not None else None
    then = when.args["then"]
    if isinstance(then, exp.Insert):
        if pairs != "theirs":
            raise Refusal(SYNTAX, 'syntax error at or near "INSERT"', place=place_of(then))
        return _When(pairs, printed, "INSERT", _inserted(binder, then, table, theirs))
    if pairs == "theirs" and not (isinstance(then, exp.Var) and then.name == "DO NOTHING"):
        word = "UPDATE" if isinstance(then, exp.Update) else "DELETE"
        raise Refusal(SYNTAX, f'syntax error at or near "{word}"', place=place_of(then))
    if isinstance(then, exp.Update):
        values = {pair.this.name: text(pair.expression) for pair in assignments(binder, then.expressions, table, scope)}
        return _When(pairs, printed, "UPDATE", values)
    return _When(pairs, printed, "DELETE" if then.name == "DELETE" else "NOTHING")


def _reachable(whens: list[_When]) -> None:
    closed: set[str] = set()
    for when in whens:
        if when.pairs in closed:
            raise Refusal(SYNTAX, "unreachable WHEN clause specified after unconditional WHEN clause")
        if when.condition is None:
            closed.add(when.pairs)


def _inserted(binder: Binder, then: exp.Insert, table: Table, scope: Scope) -> dict[str, str]:
    from helios_magic.engine.dialect.inserts import count_values, refuse_given

    named = then.this.expressions
    columns = [find_column(table, name) for name in named] or list(table.columns)
    if len({column.name for column in columns}) < len(columns):
        raise Refusal("42701", "a column is specified more than once", place=place_of(then))
    given: dict[str, str] = {}
    if not then.args.get("default"):
        values = then.expression.expressions if isinstance(then.expression, exp.Tuple) else [then.expression]
        count_values(len(values), columns, named=bool(named), at=then)
        overriding = then.meta.get("overriding")
        for column, value in zip(columns, values, strict=False):
            if is_default(value) or (overriding == "user" and column.identity is not None):
                continue
            refuse_given(column, overriding)
            given[column.name] = text(stored_as(binder, visit(binder, value, scope), column))
    return {column.name: given.get(column.name) or default_text(binder, column) for column in stored(table)}


def _joined(change: ChangeSet, bound: str, source: Source, alias: str, on: str, whens: list[_When]) -> str:
    """The pairs of rows, `_here` telling that a source row is among them."""
    theirs = f"(SELECT *, true AS _here FROM {bound}) AS {quoted(source.printed)}"
    ours = f"{change.place} AS {quoted(alias)}"
    kinds = {when.pairs for when in whens}
    how = (
        "FULL JOIN"
        if {"ours", "theirs"} <= kinds
        else "RIGHT JOIN"
        if "ours" in kinds
        else "LEFT JOIN"
        if "theirs" in kinds
        else "JOIN"
    )
    return f"{theirs} {how} {ours} ON {on}"


def _rows(change: ChangeSet, joined: str, whens: list[_When], alias: str) -> str:
    mine = quoted(alias)
    presence = {
        "both": f"{mine}.rowid IS NOT NULL AND _here",
        "theirs": f"{mine}.rowid IS NULL",
        "ours": "_here IS NULL",
    }
    chosen = " ".join(
        f"WHEN {presence[when.pairs]}{f' AND ({when.condition})' if when.condition else ''} THEN {number}"
        for number, when in enumerate(whens)
    )
    acts = " ".join(f"WHEN {number} THEN '{when.act}'" for number, when in enumerate(whens))
    after = []
    for i, column in enumerate(change.table.columns):
        if column.generated is None:
            after.append(f"{_after(column, whens, mine)} AS n{i}")
    listed = ", ".join([*change.old_columns(alias), *after, *change.foreign_columns()])
    query = (
        f"SELECT {mine}.rowid AS _row, CASE {chosen} ELSE -1 END AS _when, "
        f"CASE _when {acts} ELSE 'NOTHING' END AS _act, row_number() OVER () AS _at, {listed} FROM {joined}"
    )
    twice = raising("_act IN ('UPDATE', 'DELETE') AND _hits > 1", "21000", _TWICE)
    again = "count(*) FILTER (_act IN ('UPDATE', 'DELETE')) OVER (PARTITION BY _row) AS _hits"
    return f"SELECT * EXCLUDE (_when, _hits) FROM (SELECT *, {again} FROM ({query})) WHERE CASE {twice} ELSE true END"


def _after(column: Column, whens: list[_When], mine: str) -> str:
    name = f"{mine}.{quoted(column.name)}"
    cases = []
    for number, when in enumerate(whens):
        if when.act in ("INSERT", "UPDATE"):
            cases.append(f"WHEN {number} THEN {when.values.get(column.name, name)}")
    return f"CASE _when {' '.join(cases)} ELSE NULL END" if cases else f"CASE WHEN false THEN {name} END"
