"""ON DELETE and ON UPDATE: what becomes of the rows that point at a row that is gone or renamed.

A delete looks at the state: every child row whose key no parent has is repaired, and so on with the children of what
was repaired.  An update needs to know which key became which, since another row may have the old one by now: the
pairs are kept in a temporary table, and each level of children makes the pairs for the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from helios_magic.engine.dialect.assignments import VOLATILE
from helios_magic.engine.dialect.prepared import Change
from helios_magic.engine.links import ACTIONS, Link, Touched
from helios_magic.engine.names import place, quoted
from helios_magic.errors import QueryError
from helios_magic.sqltext import scan

if TYPE_CHECKING:
    from sqlglot import exp

_DEEPEST = 100
"""Levels of children that an UPDATE may reach; more are a cycle of keys that never comes to rest."""


class Runner(Protocol):
    """What cascades need of the work they belong to: its transaction and its structure."""

    def ask(self, query: str, values: Any = None) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def change(self, query: str, values: Any = None) -> int:
        """Run a statement that writes; how many rows it touched."""

    def links(self) -> list[Link]:
        """All foreign keys of the branch."""


def orphans(link: Link) -> str:
    """A query for the key of one child row without a parent."""
    columns = ", ".join(f"CAST(c.{quoted(column)} AS VARCHAR)" for column in link.key.columns)
    return f"SELECT {columns} FROM {place(link.child)} AS c WHERE {_orphaned(link)} LIMIT 1"


def unmoved(link: Link) -> str:
    """A query for the key of one orphan that SET DEFAULT would leave as it is, since its key is the default."""
    same = " AND ".join(f"c.{quoted(column)} = {_default(link, column)}" for column in link.key.columns)
    columns = ", ".join(f"CAST(c.{quoted(column)} AS VARCHAR)" for column in link.key.columns)
    return f"SELECT {columns} FROM {place(link.child)} AS c WHERE {_orphaned(link)} AND {same} LIMIT 1"


def repair(work: Runner, link: Link, kinds: frozenset[str]) -> list[Link]:
    """Do to the orphans of a statement what the key says, and to theirs.

    Answers the links whose parents were changed by that, for the checks at the end of the statement.
    """
    if "delete" in kinds:
        # What an UPDATE in the same statement renamed has been followed before.
        return _apply(work, link, link.key.on_delete)
    if kinds == {"replace"} and link.acts and work.ask(orphans(link)):
        raise _unsupported("replacing rows whose keys are referenced with ON UPDATE or ON DELETE actions", link)
    return []


def following_updates(touched: Touched) -> list[Link]:
    """The links whose children follow an UPDATE of their parent's key, or lose theirs."""
    if touched.moved is None and touched.changed is None:
        return []
    return [link for link in touched.removed if link.key.on_update in ACTIONS and "update" in touched.kinds(link)]


def remember_moves(work: Runner, update: exp.Update, link: Link, name: str, values: dict[str, Any]) -> None:
    """Keep which key becomes which, computed by the UPDATE's own expressions, before it runs."""
    from sqlglot import exp

    assigned = {part.this.name.lower(): part.expression for part in update.expressions}
    if any(VOLATILE.search(expression.sql(dialect="duckdb")) for expression in assigned.values()):
        raise _unsupported("ON UPDATE of a key that is drawn anew at each call", link)
    target = update.this
    alias = target.alias_or_name
    pairs = []
    for index, column in enumerate(link.key.references_columns):
        old = exp.column(column, table=alias, quoted=True)
        new = assigned.get(column.lower(), old)
        pairs += [old.copy().as_(f"old_{index}"), new.copy().as_(f"new_{index}")]
    select = exp.select(*pairs).from_(target.copy())
    source = update.args.get("from_") or update.args.get("from")
    if source is not None:
        select = select.join(source.this.copy(), join_type="cross")
        for join in source.this.args.get("joins") or []:
            select = select.join(join.copy())
    where = update.args.get("where")
    if where is not None:
        select = select.where(where.this.copy())
    text = select.sql(dialect="duckdb")
    used = {token.text[1:] for token in scan(text) if token.kind == "parameter"}
    chosen = {number: value for number, value in values.items() if number in used}
    work.change(f"CREATE OR REPLACE TEMP TABLE {name} AS {text}", chosen or None)


def kept_moves(work: Runner, changes: Sequence[Change], link: Link, name: str) -> None:
    """Which key became which, from the rows that the statement's own steps kept."""
    number = {column.name: index for index, column in enumerate(link.parent.columns)}
    pairs = ", ".join(
        f"o{number[column]} AS old_{index}, n{number[column]} AS new_{index}"
        for index, column in enumerate(link.key.references_columns)
    )
    sources = []
    for change in changes:
        if (change.table.schema, change.table.name) != (link.parent.schema, link.parent.name):
            continue
        if change.kind != "update" or not set(change.columns) & set(link.key.references_columns):
            continue
        if change.rows is None:
            raise _unsupported("this statement, which changes a referenced key,", link)
        sources.append(f"SELECT {pairs} FROM temp.main.{quoted(change.rows)} WHERE _act = 'UPDATE'")
    work.change(f"CREATE OR REPLACE TEMP TABLE {name} AS {' UNION ALL '.join(sources)}")


def move_children(work: Runner, link: Link, name: str, depth: int = 0) -> list[Link]:
    """Let the children follow, or lose their keys, and theirs with them.

    Answers the links whose parents were changed by that.
    """
    if depth > _DEEPEST:
        raise _unsupported("a cycle of foreign keys that an UPDATE goes round without end", link)
    columns = link.key.columns
    new = {column: _following(link, column, index) for index, column in enumerate(columns)}
    same = " AND ".join(f"c.{quoted(column)} = m.old_{index}" for index, column in enumerate(columns))
    differs = " OR ".join(f"m.old_{index} IS DISTINCT FROM m.new_{index}" for index in range(len(columns)))
    rows = f"temp.main.{name} AS m"
    condition = f"{same} AND ({differs})"
    further = _links_to(work, link, columns)
    for position, below in enumerate(further):
        pairs = ", ".join(
            f"c.{quoted(column)} AS old_{index}, {new.get(column, f'c.{quoted(column)}')} AS new_{index}"
            for index, column in enumerate(below.key.references_columns)
        )
        made = f"CREATE OR REPLACE TEMP TABLE {name}_{position} AS SELECT {pairs} FROM {place(link.child)} AS c, {rows}"
        work.change(f"{made} WHERE {condition}")
    assign = ", ".join(f"{quoted(column)} = {value}" for column, value in new.items())
    if work.change(f"UPDATE {place(link.child)} AS c SET {assign} FROM {rows} WHERE {condition}") == 0:
        return []
    changed = [link] if link.key.on_update == "SET DEFAULT" else []
    for position, below in enumerate(further):
        changed.append(below)
        if below.key.on_update in ACTIONS:
            changed += move_children(work, below, f"{name}_{position}", depth + 1)
    return changed


def _following(link: Link, column: str, index: int) -> str:
    if link.key.on_update == "CASCADE":
        return f"m.new_{index}"
    return "NULL" if link.key.on_update == "SET NULL" else _default(link, column)


def _default(link: Link, column: str) -> str:
    own = link.child.column(column)
    return "NULL" if own is None or own.default is None else f"({own.default})"


def _apply(work: Runner, link: Link, action: str) -> list[Link]:
    if action not in ACTIONS:
        return []
    if work.change(_repairing(link, action)) == 0:
        return []
    if action == "SET DEFAULT" and work.ask(orphans(link)):
        # The default points at nothing either; the check at the end of the statement says so.
        return [link]
    deleted = action == "CASCADE"
    changed: list[Link] = []
    for further in _links_to(work, link, None if deleted else link.key.columns):
        rule = further.key.on_delete if deleted else further.key.on_update
        if not deleted and rule == "CASCADE":
            rule = "SET NULL" if action == "SET NULL" else "NO ACTION"
        changed.append(further)
        changed += _apply(work, further, rule)
    return changed


def _repairing(link: Link, action: str) -> str:
    child = f"{place(link.child)} AS c"
    if action == "CASCADE":
        return f"DELETE FROM {child} WHERE {_orphaned(link)}"
    value = "NULL" if action == "SET NULL" else "DEFAULT"
    assign = ", ".join(f"{quoted(column)} = {value}" for column in link.key.columns)
    return f"UPDATE {child} SET {assign} WHERE {_orphaned(link)}"


def _orphaned(link: Link) -> str:
    present = " AND ".join(f"c.{quoted(column)} IS NOT NULL" for column in link.key.columns)
    same = " AND ".join(
        f"p.{quoted(theirs)} = c.{quoted(ours)}"
        for ours, theirs in zip(link.key.columns, link.key.references_columns, strict=True)
    )
    return f"{present} AND NOT EXISTS (SELECT 1 FROM {place(link.parent)} AS p WHERE {same})"


def _links_to(work: Runner, link: Link, columns: Sequence[str] | None) -> list[Link]:
    """Links that point at the child of `link`, or only at some of its columns."""
    here = (link.child.schema, link.child.name)
    found = [further for further in work.links() if (further.parent.schema, further.parent.name) == here]
    if columns is None:
        return found
    return [further for further in found if set(further.key.references_columns) & set(columns)]


def _unsupported(feature: str, link: Link) -> QueryError:
    return QueryError(
        f"{feature} is not supported",
        hint=f"Constraint {link.key.name} on table {link.child.name}: change the children in a statement of their own.",
        details={"sqlstate": "0A000", "constraint": link.key.name},
    )
