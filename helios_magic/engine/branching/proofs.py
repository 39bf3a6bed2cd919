"""What merged rows say against constraints that the merge is about to add, as conflicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from helios_magic.engine.branching.alteration import Pending
from helios_magic.engine.branching.asking import Version
from helios_magic.engine.branching.contradictions import one_row
from helios_magic.engine.branching.definitions import place, stored, unique_keys
from helios_magic.engine.branching.items import CheckItem, IndexItem, Items, TableItem, by_name
from helios_magic.engine.branching.reading import Work, fetched
from helios_magic.engine.face import MOST_CONFLICTS, Conflict, ConflictKind
from helios_magic.engine.names import quoted
from helios_magic.schema import label

if TYPE_CHECKING:
    import pyarrow as pa


def against(
    work: Work, table: TableItem, later: Pending, indexes: Sequence[IndexItem], source: Version, merged: Items
) -> Iterator[Conflict]:
    """Rows of the merged table that break what is to be added to it."""
    for column in later.required:
        yield from _breaking(work, table, "not_null", (column.id,), f"{quoted(column.name)} IS NULL", source)
    unique = [key.columns for key in later.keys]
    unique += [index.key for index in indexes if index.key]
    for columns in dict.fromkeys(unique):
        yield from _repeated(work, table, columns, source)
    for index in indexes:
        if not index.key and _is_repeated(work, unique_keys(index, table, merged), table):
            columns = tuple(table.names[column] for column in index.columns)
            yield Conflict(label(*table.place), "unique", columns, one_row({"object": index.name}))
    for check in later.checks:
        if not _holds(work, table, check):
            columns = tuple(table.names[column] for column in check.columns)
            yield Conflict(label(*table.place), "check", columns, one_row({"object": check.name or "check"}))


def _is_repeated(work: Work, keys: Sequence[str], table: TableItem) -> bool:
    """Whether two rows have one key of expressions."""
    given = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    query = f"SELECT 1 FROM {place(table)} WHERE {given} GROUP BY {', '.join(keys)} HAVING count(*) > 1 LIMIT 1"
    return bool(work.ask(query))


def _holds(work: Work, table: TableItem, check: CheckItem) -> bool:
    """Whether every row passes a check; the check of a named one stops the query itself."""
    import duckdb

    condition = by_name(check.condition, table.names)
    try:
        return not work.ask(f"SELECT 1 FROM {place(table)} WHERE ({condition}) IS NOT DISTINCT FROM false LIMIT 1")
    except duckdb.InvalidInputException:
        return False


def _repeated(work: Work, table: TableItem, columns: Sequence[str], source: Version) -> Iterator[Conflict]:
    """One conflict a value that is there more than once; a NULL is never equal to anything."""
    names = [quoted(table.names[column]) for column in columns]
    given = " AND ".join(f"{name} IS NOT NULL" for name in names)
    listed = ", ".join(names)
    values = _fetched(
        work,
        f"SELECT {listed} FROM {place(table)} WHERE {given} GROUP BY {listed} HAVING count(*) > 1 "
        f"ORDER BY {listed} LIMIT {MOST_CONFLICTS}",
        table,
        columns,
    )
    for row in range(values.num_rows):
        same = (
            f"({listed}) = (SELECT ({listed}) FROM {place(table)} WHERE {given} GROUP BY {listed} "
            f"HAVING count(*) > 1 ORDER BY {listed} LIMIT 1 OFFSET {row})"
        )
        mine, theirs = _two(work, table, same, source)
        yield Conflict(
            label(*table.place),
            "unique",
            tuple(table.names[c] for c in columns),
            values.slice(row, 1),
            None,
            mine,
            theirs,
        )


def _two(work: Work, table: TableItem, condition: str, source: Version) -> tuple[pa.Table | None, pa.Table | None]:
    """Two of the rows, the one that the source has last."""
    everything = [column.id for column in stored(table)]
    listed = ", ".join(quoted(column.name) for column in stored(table))
    # DuckDB orders by no literal, and “false” may be all there is to say.
    order = f"ORDER BY ({_in_source(table, source)}) IS TRUE, {listed}"
    rows = _fetched(work, f"SELECT {listed} FROM {place(table)} AS t WHERE {condition} {order}", table, everything)
    return rows.slice(0, 1), rows.slice(rows.num_rows - 1, 1)


def _breaking(
    work: Work, table: TableItem, kind: ConflictKind, columns: Iterable[str], condition: str, source: Version
) -> Iterator[Conflict]:
    everything = [column.id for column in stored(table)]
    listed = ", ".join(quoted(column.name) for column in stored(table))
    rows = _fetched(
        work,
        f"SELECT {listed} FROM {place(table)} AS t WHERE {condition} ORDER BY {listed} LIMIT {MOST_CONFLICTS}",
        table,
        everything,
    )
    from_source = work.ask(
        f"SELECT {_in_source(table, source)} FROM {place(table)} AS t WHERE {condition} "
        f"ORDER BY {listed} LIMIT {MOST_CONFLICTS}"
    )
    names = tuple(table.names[column] for column in columns)
    for row, (theirs,) in enumerate(from_source):
        whole = rows.slice(row, 1)
        key = whole.select([table.names[column] for column in table.key]) if table.key else whole
        sides = (None, whole) if theirs else (whole, None)
        yield Conflict(label(*table.place), kind, names, key, None, *sides)


def _in_source(table: TableItem, source: Version) -> str:
    """Whether the source has a row with the key of `t`."""
    there = source.items.tables.get(table.id)
    if there is None or not table.key or there.key != table.key:
        return "false"
    pairs = zip(table.key, source.names(table.id, table.key), strict=True)
    same = " AND ".join(f"s.{name} = t.{quoted(table.names[column])}" for column, name in pairs)
    return f"EXISTS (SELECT 1 FROM {source.place(table.id)} AS s WHERE {same})"


def _fetched(work: Work, query: str, table: TableItem, columns: Iterable[str]) -> pa.Table:
    found = [column for id_ in columns if (column := table.column(id_)) is not None]
    return fetched(work, query, [c.name for c in found], [c.shown for c in found])
