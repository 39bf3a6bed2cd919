"""Which foreign keys a statement may break: read off the structure and the prepared statement, once per plan."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.engine.dialect import Prepared
from helios_magic.engine.dialect.prepared import Change
from helios_magic.models.pgtypes import split
from helios_magic.schema import ForeignKey, Schema, Table

if TYPE_CHECKING:
    from sqlglot import exp

_MOST_FETCHED = 100
_SIMPLE = frozenset({"int2", "int4", "int8", "text", "varchar", "uuid"})
ACTIONS = ("CASCADE", "SET NULL", "SET DEFAULT")
_UPSERT = re.compile(r"\bDO\s+UPDATE\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key between two tables that exist: `child` points at `parent`."""

    child: Table
    key: ForeignKey
    parent: Table

    @property
    def name(self) -> tuple[str, str, str]:
        return self.child.schema, self.child.name, self.key.name

    @property
    def child_label(self) -> str:
        return self.child.full_name

    @property
    def parent_label(self) -> str:
        return self.parent.full_name

    @property
    def acts(self) -> bool:
        """Whether a change of the parent may change the child."""
        return bool({self.key.on_delete, self.key.on_update} - {"NO ACTION", "RESTRICT"})


@dataclass(frozen=True, slots=True)
class Touched:
    """What a statement may break.

    `added` are links whose child side gets rows or keys, `removed` links whose parent side loses some.  `returning`
    says that the one step can tell the keys it wrote, `few` that they are few and simple enough to be fetched;
    `moved` is what an UPDATE assigns to referenced columns.  `changed` are the parts of a statement in several steps.
    """

    added: tuple[Link, ...] = ()
    removed: tuple[Link, ...] = ()
    returning: bool = False
    few: bool = False
    moved: exp.Update | None = None
    changed: tuple[Change, ...] | None = None
    kind: str = "replace"

    def kinds(self, link: Link) -> frozenset[str]:
        """How the statement may take away keys of a link's parent: delete, update, replace."""
        if self.changed is None:
            return frozenset({"delete" if self.kind == "truncate" else self.kind})
        name = (link.parent.schema, link.parent.name)
        parts = [change for change in self.changed if (change.table.schema, change.table.name) == name]
        return frozenset(part.kind for part in parts if _removes(part, link))


def _removes(change: Change, link: Link) -> bool:
    return change.kind == "delete" or bool(
        change.kind == "update" and set(change.columns) & set(link.key.references_columns)
    )


def _adds(change: Change, link: Link) -> bool:
    return change.kind == "insert" or bool(change.kind == "update" and set(change.columns) & set(link.key.columns))


def links(schema: Schema) -> list[Link]:
    """All foreign keys of a branch whose two tables exist."""
    by_name = {table.label: table for table in schema.tables}
    return [
        Link(table, key, by_name[key.references])
        for table in schema.tables
        for key in table.foreign_keys
        if key.references in by_name
    ]


def dangling(schema: Schema) -> tuple[Table, ForeignKey] | None:
    """A foreign key whose referenced table is gone."""
    known = {table.label for table in schema.tables}
    return next(
        ((table, key) for table in schema.tables for key in table.foreign_keys if key.references not in known), None
    )


def touched(prepared: Prepared, schema: Schema) -> Touched | None:
    """What the statement may break; None for nothing, which is the rule."""
    if prepared.changes:
        return _touched_by_parts(prepared.changes, links(schema))
    if not prepared.writes or prepared.kind not in ("insert", "update", "delete", "merge", "truncate"):
        return None
    written = {(name.schema, name.name) for name in prepared.writes}
    known = links(schema)
    added = [link for link in known if (link.child.schema, link.child.name) in written]
    removed = [link for link in known if (link.parent.schema, link.parent.name) in written]
    single = len(prepared.steps) == 1 and len(written) == 1
    moved = None
    if single and prepared.kind == "update":
        moved = _parsed_update(prepared.steps[0])
        assigned = _assigned(moved)
        if assigned is not None:
            added = [link for link in added if assigned.intersection(_folded(link.key.columns))]
            removed = [link for link in removed if assigned.intersection(_folded(link.key.references_columns))]
    elif single and prepared.kind == "insert" and not _UPSERT.search(prepared.steps[0]):
        removed = []
    elif single and prepared.kind in ("delete", "truncate"):
        added = []
    if not added and not removed:
        return None
    returning = single and _starts(prepared.steps[0], ("INSERT", "UPDATE")) and prepared.kind in ("insert", "update")
    few = _few(prepared, added)
    return Touched(tuple(added), tuple(removed), returning and bool(added), few, moved, kind=prepared.kind)


def _touched_by_parts(changes: tuple[Change, ...], known: list[Link]) -> Touched | None:
    def meets(change: Change, table: Table) -> bool:
        return (change.table.schema, change.table.name) == (table.schema, table.name)

    added = [k for k in known if any(meets(c, k.child) and _adds(c, k) for c in changes)]
    removed = [k for k in known if any(meets(c, k.parent) and _removes(c, k) for c in changes)]
    if not added and not removed:
        return None
    return Touched(tuple(added), tuple(removed), changed=changes)


def _few(prepared: Prepared, added: Iterable[Link]) -> bool:
    if prepared.kind != "insert" or prepared.returns_rows or prepared.most_rows is None:
        return False
    return prepared.most_rows <= _MOST_FETCHED and all(map(_simple, added))


def _simple(link: Link) -> bool:
    """Whether the keys on both sides are integers, text or UUIDs."""
    ours = (link.child.column(name) for name in link.key.columns)
    theirs = (link.parent.column(name) for name in link.key.references_columns)
    return all(column is not None and split(column.type)[0] in _SIMPLE for column in (*ours, *theirs))


def _starts(step: str, verbs: Iterable[str]) -> bool:
    return step.lstrip().upper().startswith(tuple(verbs))


def _folded(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def _parsed_update(step: str) -> exp.Update | None:
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(step, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        return None
    return tree if isinstance(tree, exp.Update) else None


def _assigned(update: exp.Update | None) -> set[str] | None:
    """The columns that an UPDATE assigns, folded; None where that cannot be told."""
    from sqlglot import exp

    if update is None:
        return None
    names: set[str] = set()
    for assignment in update.expressions:
        if not isinstance(assignment, exp.EQ) or not isinstance(assignment.this, exp.Column):
            return None
        names.add(assignment.this.name.lower())
    return names
