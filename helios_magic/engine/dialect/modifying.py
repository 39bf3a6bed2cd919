"""WITH of parts that write: every part sees the rows from before the statement, and what others return.

The parts run one after the other, what they return is kept in temporary tables, and a table that an earlier part has
written is read from a copy made at the start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import writes
from helios_magic.engine.dialect.ctes import bind_cte
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.queries import print_apart
from helios_magic.engine.dialect.scope import Field, Scope, Stored
from helios_magic.engine.dialect.typed import Node, name_of, place_of, quoted
from helios_magic.engine.dialect.writing import Name, create, temporary

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_WRITING = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


@dataclass(slots=True)
class _Part:
    """One name of WITH; `reads` are the names of WITH that it mentions."""

    name: str
    cte: exp.CTE
    writes: bool
    reads: set[str] = field(default_factory=set)


def applies(tree: Node) -> bool:
    """Whether a statement must be run part by part."""
    clause = tree.args.get("with_")
    if clause is None:
        return False
    return any(isinstance(cte.this, _WRITING) for cte in clause.expressions) or (
        isinstance(tree, _WRITING) and writes.takes_steps(tree)
    )


def resolve(binder: Binder, tree: Node) -> Plan:
    """The plan of a statement with WITH, its parts as steps."""
    clause = tree.args["with_"]
    tree.set("with_", None)
    parts = [_part(cte) for cte in clause.expressions]
    names = {part.name for part in parts}
    for part in parts:
        part.reads = _mentioned(part.cte.this, names)
    read = _mentioned(tree, names).union(*(part.reads - {part.name} for part in parts))
    _track(binder, [*(part.cte.this for part in parts if part.writes), tree])
    scope = Scope()
    run = _Run(binder, scope, bool(clause.args.get("recursive")))
    late = [part for part in parts if part.writes and part.name not in read]
    for part in parts:
        if part not in late:
            run.part(part, wanted=part.name in read)
    if not isinstance(tree, _WRITING):
        for part in reversed(late):
            run.part(part, wanted=False)
        body, fields = binder.query(tree, scope, top=True)
        plan = Plan("select", "SELECT", [*binder.writing.steps, *run.steps, body], binder, returns_rows=True)
        plan.columns = [f.name for f in fields]
        plan.types = [None if f.type in ("record",) or f.type.startswith("unknown") else f.type for f in fields]
        return plan
    # PostgreSQL runs the statement itself first, then, the last first, what it did not ask for.
    steps, fields = writes.write(binder, tree, scope)
    if late:
        kept = binder.writing.temporary("answer")
        steps = [*steps[:-1], *_keeping(kept, steps[-1], returns=tree.args.get("returning") is not None)]
        run.steps += steps
        run.freeze(tree)
        for part in reversed(late):
            run.part(part, wanted=False)
        steps = [f"SELECT * FROM {temporary(kept)}"]
    return writes.plan(binder, tree, [*binder.writing.steps, *run.steps, *steps], fields)


def _part(cte: exp.CTE) -> _Part:
    return _Part(name_of(cte.args["alias"]), cte, isinstance(cte.this, _WRITING))


def _mentioned(node: Node, names: set[str]) -> set[str]:
    own = node.this if isinstance(node, _WRITING) else None
    return {
        name_of(table.this)
        for table in node.find_all(exp.Table)
        if table.args.get("db") is None and isinstance(table.this, exp.Identifier) and table is not own
    } & names


def _written(node: Node) -> Name | None:
    """The table that a part writes, as it names it."""
    if not isinstance(node, _WRITING):
        return None
    table = node.this.this if isinstance(node.this, exp.Schema) else node.this
    if not isinstance(table, exp.Table):
        return None
    return name_of(table.args.get("db")) or "public", name_of(table.this)


def _track(binder: Binder, nodes: list[Node]) -> None:
    """Tables that several parts write, not all of them by plain INSERT, must tell their rows."""
    binder.writing.shared = True
    tracked = set()
    for name in {_written(node) for node in nodes} - {None}:
        writing = [node for node in nodes if _written(node) == name]
        if len(writing) > 1 and any(not isinstance(n, exp.Insert) or n.args.get("conflict") for n in writing):
            table = binder.table(name[1], name[0])  # type: ignore[index]
            if table is not None and not table.primary_key:
                raise unsupported(
                    f'several parts of WITH that write "{table.name}", which has no primary key',
                    place=place_of(writing[-1]),
                    hint="Send them one after the other to /sql/batch.",
                )
            tracked.add(name)
    binder.writing.tracked = frozenset(tracked)  # type: ignore[arg-type]


@dataclass(slots=True)
class _Run:
    """The parts as steps, in the order in which they run."""

    binder: Binder
    scope: Scope
    recursive: bool
    steps: list[Node | str] = field(default_factory=list)

    def part(self, part: _Part, *, wanted: bool) -> None:
        if part.name in self.scope.ctes:
            message = f'WITH query name "{part.name}" specified more than once'
            raise Refusal("42712", message, place=place_of(part.cte.args["alias"]))
        if part.writes:
            self._writing(part, wanted=wanted)
            self.freeze(part.cte.this)
        else:
            self._reading(part, wanted=wanted)

    def freeze(self, node: Node) -> None:
        """From here on the table that a part wrote is read as it was before."""
        name = _written(node)
        if name is not None:
            self.binder.writing.frozen.add(name)

    def _reading(self, part: _Part, *, wanted: bool) -> None:
        bind_cte(self.binder, part.cte, self.scope, recursive=self.recursive)
        fields = self.scope.ctes[part.name]
        if wanted:
            word = "WITH RECURSIVE" if self.recursive else "WITH"
            kept = self.binder.writing.temporary("with")
            query = f"{word} {text(part.cte)} SELECT * FROM {quoted(part.name)}"
            self.steps.append(create(kept, query))
            self.scope.ctes[part.name] = Stored(fields, kept)

    def _writing(self, part: _Part, *, wanted: bool) -> None:
        node, alias = part.cte.this, part.cte.args["alias"]
        if node.args.get("with_") is not None:
            raise unsupported("WITH inside a part of WITH that writes", place=place_of(alias))
        returns = node.args.get("returning") is not None
        if wanted and not returns:
            message = f'WITH query "{part.name}" does not have a RETURNING clause'
            raise Refusal("0A000", message, place=place_of(alias))
        steps, fields = writes.write(self.binder, node, self.scope)
        if not wanted:
            self.steps += steps
            return
        fields = [Field(f.name, f.type, f.printed) for f in fields]
        columns = [name_of(column) for column in alias.args.get("columns") or ()]
        if len(columns) > len(fields):
            message = (
                f'WITH query "{part.name}" has {len(fields)} columns available but {len(columns)} columns specified'
            )
            raise Refusal("42P10", message, place=place_of(alias))
        for f, name in zip(fields, columns, strict=False):
            f.name = name
        print_apart(fields)
        kept = self.binder.writing.temporary("with")
        self.steps += [*steps[:-1], *_keeping(kept, steps[-1], returns=True, fields=fields)]
        self.scope.ctes[part.name] = Stored(fields, kept)


def _keeping(kept: str, last: Node | str, *, returns: bool, fields: list[Field] | None = None) -> list[str]:
    """The step that keeps what a part returns; without RETURNING, how many rows it changed."""
    listed = f"({', '.join(quoted(f.printed) for f in fields)})" if fields else ""
    if isinstance(last, str):
        return [create(kept, f"SELECT * FROM ({last}) AS _w{listed}")]
    if not returns:
        last = text(last)
        return [create(kept, f"WITH _w AS ({last} RETURNING 1 AS one) SELECT count(*) FROM _w")]
    return [create(kept, f"WITH _w{listed} AS ({text(last)}) SELECT * FROM _w")]
