"""ON DELETE and ON UPDATE: what becomes of the rows that point at a row that is gone or renamed.

Deletes, SET NULL and SET DEFAULT look at the state: they repair every child row whose key no parent has, and go on
with the children of what they changed.  ON UPDATE CASCADE needs to know which key became which, so the pairs are
kept in a temporary table before the statement runs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from helios_magic.engine.links import Link, Touched
from helios_magic.engine.names import place, quoted
from helios_magic.errors import QueryError
from helios_magic.sqltext import scan

if TYPE_CHECKING:
    from sqlglot import exp

_MOVED = "_helios_moved_"
_VOLATILE = re.compile(r"\b(?:pg_nextval|pg_setval|random|uuid\w*|gen_random_uuid|clock_timestamp)\s*\(", re.IGNORECASE)
_ACTIONS = ("CASCADE", "SET NULL", "SET DEFAULT")


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


def repair(work: Runner, link: Link, kind: str) -> list[Link]:
    """Do to the orphans of a statement what the key says, and to theirs.

    Answers the links whose parents were changed by that, for the checks at the end of the statement.
    """
    deleting = kind in ("delete", "truncate")
    action = link.key.on_delete if deleting else link.key.on_update
    if kind == "update" and action == "CASCADE":
        return []  # the pairs of old and new keys are applied by `move_children`
    if not deleting and kind != "update":
        _refuse_unclear(work, link, kind)
        return []
    return _apply(work, link, action)


def cascading_updates(touched: Touched) -> list[Link]:
    """The links whose children follow an UPDATE of their parent's key."""
    if touched.moved is None:
        return []
    return [link for link in touched.removed if link.key.on_update == "CASCADE"]


def remember_moves(work: Runner, update: exp.Update, link: Link, number: int, values: dict[str, Any]) -> None:
    """Keep which key becomes which, computed by the UPDATE's own expressions, before it runs."""
    from sqlglot import exp

    assigned = {part.this.name.lower(): part.expression for part in update.expressions}
    if any(_VOLATILE.search(expression.sql(dialect="duckdb")) for expression in assigned.values()):
        raise _unsupported("ON UPDATE CASCADE of a key that is drawn anew at each call", link)
    if any(isinstance(part, exp.Column) and part.name.upper() == "DEFAULT" for part in assigned.values()):
        raise _unsupported("ON UPDATE CASCADE of a key that is set to its default", link)
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
    chosen = {name: value for name, value in values.items() if name in used}
    work.change(f"CREATE OR REPLACE TEMP TABLE {_MOVED}{number} AS {text}", chosen or None)


def move_children(work: Runner, link: Link, number: int) -> None:
    """Let the children follow."""
    columns = [quoted(column) for column in link.key.columns]
    assign = ", ".join(f"{column} = m.new_{index}" for index, column in enumerate(columns))
    same = " AND ".join(f"c.{column} = m.old_{index}" for index, column in enumerate(columns))
    differs = " OR ".join(f"m.old_{index} IS DISTINCT FROM m.new_{index}" for index in range(len(columns)))
    moves = f"temp.main.{_MOVED}{number} AS m"
    work.change(f"UPDATE {place(link.child)} AS c SET {assign} FROM {moves} WHERE {same} AND ({differs})")


def _apply(work: Runner, link: Link, action: str) -> list[Link]:
    if action not in _ACTIONS:
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


def _refuse_unclear(work: Runner, link: Link, kind: str) -> None:
    """An upsert or a MERGE does not tell which parents it deleted and which it renamed."""
    acts = link.key.on_update in _ACTIONS or (kind in ("merge", "replace") and link.key.on_delete in _ACTIONS)
    if acts and work.ask(orphans(link)):
        verb = {"merge": "MERGE", "replace": "Replacing the rows"}.get(kind, "INSERT … ON CONFLICT DO UPDATE")
        raise _unsupported(f"{verb} of a referenced key with an ON UPDATE or ON DELETE action", link)


def _unsupported(feature: str, link: Link) -> QueryError:
    return QueryError(
        f"{feature} is not supported",
        hint=f"Constraint {link.key.name} on table {link.child.name}: change the children in a statement of their own.",
        details={"sqlstate": "0A000", "constraint": link.key.name},
    )
