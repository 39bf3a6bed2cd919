"""Rows without a parent, once all rows of a merge are written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from helios_magic.engine.branching.planned import PUT, PlannedRows
from helios_magic.engine.branching.reading import Work, fetched
from helios_magic.engine.face import MOST_CONFLICTS, Conflict
from helios_magic.engine.links import Link, links
from helios_magic.engine.names import place, quoted
from helios_magic.schema import Column, Schema, Table

if TYPE_CHECKING:
    import pyarrow as pa


def foreign_key_conflicts(
    work: Work, schema: Schema, planned: Sequence[PlannedRows], others: Collection[str] = ()
) -> tuple[list[Conflict], dict[str, int]]:
    """Rows of the merged tables whose foreign key leads nowhere: the first of them, and how many.

    `schema` is the merged structure.  A key is looked at where its table or the one it refers to is among the planned
    ones or the `others` (`schema.table`).  A row that the merge wrote is shown as the source's, any other as the
    target's.
    """
    by_table = {rows.versions.table.result.full_name: rows for rows in planned}
    touched = {*by_table, *others}
    conflicts: list[Conflict] = []
    count = 0
    for link in links(schema):
        if {link.child_label, link.parent_label} & touched:
            found, broken = _orphans(work, link, by_table.get(link.child_label))
            conflicts += found
            count += broken
    return conflicts[:MOST_CONFLICTS], {"foreign_key": count} if count else {}


def _orphans(work: Work, link: Link, planned: PlannedRows | None) -> tuple[list[Conflict], int]:
    child, key = link.child, link.key
    match = " AND ".join(
        f"p.{quoted(theirs)} = c.{quoted(own)}" for own, theirs in zip(key.columns, key.references_columns, strict=True)
    )
    given = " AND ".join(f"c.{quoted(name)} IS NOT NULL" for name in key.columns)
    broken = f"FROM {place(child)} AS c ANTI JOIN {place(link.parent)} AS p ON {match} WHERE {given}"
    (count,) = work.ask(f"SELECT count(*) {broken}")[0]
    if not count:
        return [], 0
    known_by = [column for column in child.columns if not child.primary_key or column.name in child.primary_key]
    order = ", ".join(f"c.{quoted(column.name)}" for column in known_by)
    few = f"{broken} ORDER BY {order} LIMIT {MOST_CONFLICTS}"
    rows = _fetched(work, child.columns, few)
    keys = _fetched(work, known_by, few)
    written = [row[0] for row in work.ask(f"SELECT {_written(child, planned)} {few}")]
    found = []
    for n, by_source in enumerate(written):
        row = rows.slice(n, 1)
        found.append(
            Conflict(
                child.label,
                "foreign_key",
                key.columns,
                keys.slice(n, 1),
                target=None if by_source else row,
                source=row if by_source else None,
            )
        )
    return found, count


def _written(child: Table, planned: PlannedRows | None) -> str:
    """Whether the merge wrote a row."""
    if planned is None:
        return "false"
    merged = planned.versions
    known_by = merged.key or range(len(merged.shape))
    cells = " AND ".join(f"r.m{i} IS NOT DISTINCT FROM c.{quoted(merged.names[i])}" for i in known_by)
    return f"EXISTS (SELECT 1 FROM {planned.rows} AS r WHERE r.action = '{PUT}' AND {cells})"


def _fetched(work: Work, columns: Sequence[Column], rows: str) -> pa.Table:
    cells = ", ".join(f"c.{quoted(column.name)}" for column in columns)
    return fetched(work, f"SELECT {cells} {rows}", [c.name for c in columns], [c.type for c in columns])
