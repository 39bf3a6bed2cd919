"""The rows in which a table differs between two versions: counts of all, and one page of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helios_magic.engine.branching.changes import changed_copies, changed_rows, drop
from helios_magic.engine.branching.reading import (
    Reading,
    Work,
    convertible,
    fetched,
    place_in,
    read,
    shape_of,
    temporary,
)
from helios_magic.engine.branching.sides import Side, TablePair
from helios_magic.engine.dialect.pgtypes import base
from helios_magic.engine.face import Page, RowPage, TableChange, TableDifference
from helios_magic.engine.names import quoted
from helios_magic.schema import Column, Schema, Table

if TYPE_CHECKING:
    import pyarrow as pa

_KIND = "CASE WHEN older IS NULL THEN 'inserted' WHEN newer IS NULL THEN 'deleted' ELSE 'updated' END"


def table_difference(
    work: Work, pair: TablePair, older: Side, newer: Side, page: Page | None = None
) -> TableDifference:
    """What differs between the older and the newer rows; without a page, counts only.

    Columns that one version alone has differ in no row.  Rows without a common key are inserted or deleted, each copy
    by itself, and hold the columns that both have; `keys` has no columns then.
    """
    if pair.older is None or pair.newer is None:
        return _one_sided(work, pair, older, newer, page)
    if pair.newer.kind != "table":
        return TableDifference(_change(pair, 0, 0, 0))
    common = [(c.older, c.newer) for c in pair.columns if c.older is not None and c.newer is not None]
    if not common:
        return _nothing_in_common(work, pair, older, newer)
    if pair.key:
        return _Keyed(work, pair, older, newer).difference(page)
    return _copies(work, pair, older, newer, page)


def _sides(
    work: Work, pair: TablePair, older: Side, newer: Side
) -> tuple[list[Column], list[Column], Reading, Reading]:
    """The columns that both have, on each side, and both tables read in the newer one's types.

    Where older values do not fit the newer type, the column is compared as text.
    """
    if pair.older is None or pair.newer is None:
        raise AssertionError("both sides have the table")
    left, right = [], []
    for column in pair.columns:
        one = pair.older.column(column.older) if column.older is not None else None
        other = pair.newer.column(column.newer) if column.newer is not None else None
        if one is not None and other is not None:
            left.append(one)
            right.append(other)
    shape = shape_of(work, newer.alias, pair.newer, [column.name for column in right])
    new = read(work, newer.alias, pair.newer, [column.name for column in right], shape, newer.schema)
    retyped = [(one, other.type) for one, other in zip(left, right, strict=True) if one.type != other.type]
    relabelled = _relabelled(older.schema, newer.schema)
    if not relabelled.intersection(base(column.type).removesuffix("[]") for column in left) and all(
        convertible(work, older.alias, pair.older, one.name, to, older.schema) for one, to in retyped
    ):
        old = read(work, older.alias, pair.older, [column.name for column in left], shape, older.schema)
    else:
        old = _as_text(pair.older, left, right, older, relabelled)
        new = _as_text(pair.newer, right, left, newer, relabelled)
    return left, right, old, new


def _relabelled(older: Schema, newer: Schema) -> set[str]:
    """The enums that are on both sides under one name, and lost labels since."""
    now = {enum.name: set(enum.labels) for enum in newer.enums}
    return {enum.name for enum in older.enums if enum.name in now and not now[enum.name].issuperset(enum.labels)}


def _as_text(
    table: Table, own: Sequence[Column], others: Sequence[Column], side: Side, relabelled: set[str]
) -> Reading:
    cells = tuple(
        f"r.{quoted(one.name)}"
        if one.type == other.type and base(one.type).removesuffix("[]") not in relabelled
        else f"CAST(r.{quoted(one.name)} AS VARCHAR)"
        for one, other in zip(own, others, strict=True)
    )
    return Reading(place_in(side.alias, table), cells)


class _Keyed:
    """Rows that a common key tells apart."""

    def __init__(self, work: Work, pair: TablePair, older: Side, newer: Side) -> None:
        self._work, self._pair = work, pair
        left, self._columns, self._old, self._new = _sides(work, pair, older, newer)
        self._types = _types(self._columns, left)
        names = [column.name for column in self._columns]
        self._key = tuple(names.index(name) for name in pair.key)
        self._values = tuple(n for n in range(len(names)) if n not in self._key)

    def difference(self, page: Page | None) -> TableDifference:
        changed = changed_rows(self._work, self._old, self._new, self._key, self._values)
        counts = dict(self._work.ask(f"SELECT {_KIND}, count(*) FROM {changed} GROUP BY 1"))
        change = _change(self._pair, counts.get("inserted", 0), counts.get("updated", 0), counts.get("deleted", 0))
        rows = self._page(changed, page) if page is not None else None
        drop(self._work, changed)
        return TableDifference(change, rows)

    def _page(self, changed: str, page: Page) -> RowPage:
        keys = ", ".join(f"k{at}" for at in range(len(self._key)))
        differ = ", ".join(f"o{n} IS DISTINCT FROM n{n}" for n in self._values)
        picked = temporary("page")
        self._work.change(
            f"CREATE TEMP TABLE {picked} AS SELECT row_number() OVER (ORDER BY {keys}) AS p, {keys}, {_KIND} AS kind,"
            f" CAST([{differ}] AS BOOLEAN[]) AS marks FROM (SELECT * FROM {changed} ORDER BY {keys}"
            f" LIMIT {int(page.limit)} OFFSET {int(page.offset)})"
        )
        told = self._work.ask(f"SELECT kind, marks FROM {picked} ORDER BY p")
        names = [self._columns[n].name for n in self._values]
        old = self._rows(picked, self._old, self._pair.older)
        new = self._rows(picked, self._new, self._pair.newer)
        listed = ", ".join(f"k{at}" for at in range(len(self._key)))
        rows = RowPage(
            tuple(kind for kind, _ in told),
            tuple(
                tuple(name for name, mark in zip(names, marks, strict=True) if mark) if kind == "updated" else ()
                for kind, marks in told
            ),
            _fetched(
                self._work,
                f"SELECT {listed} FROM {picked} ORDER BY p",
                [self._columns[n] for n in self._key],
                [self._types[n] for n in self._key],
            ),
            old,
            new,
        )
        drop(self._work, picked)
        return rows

    def _rows(self, picked: str, reading: Reading, table: Table | None) -> pa.Table:
        """One side's rows of the page, in its own columns and types."""
        if table is None:
            raise AssertionError("both sides have the table")
        on = " AND ".join(f"{reading.cells[n]} = p.k{at}" for at, n in enumerate(self._key))
        cells = ", ".join(f"r.{quoted(column.name)}" for column in table.columns)
        query = f"SELECT {cells} FROM {picked} AS p LEFT JOIN {reading.source} AS r ON {on} ORDER BY p.p"
        return _fetched(self._work, query, table.columns)


def _copies(work: Work, pair: TablePair, older: Side, newer: Side, page: Page | None) -> TableDifference:
    left, right, old, new = _sides(work, pair, older, newer)
    everything = range(len(right))
    changed = changed_copies(work, old, new, everything)
    inserted, deleted = work.ask(
        "SELECT coalesce(sum(greatest(newer - older, 0)), 0), coalesce(sum(greatest(older - newer, 0)), 0)"
        f" FROM {changed}"
    )[0]
    change = _change(pair, int(inserted), 0, int(deleted))
    rows = None
    if page is not None:
        cells = ", ".join(f"c{n}" for n in everything)
        picked = (
            f"SELECT * FROM (SELECT *, unnest(range(abs(newer - older))) AS copy FROM {changed})"
            f" ORDER BY {cells}, copy LIMIT {int(page.limit)} OFFSET {int(page.offset)}"
        )
        kinds = work.ask(f"SELECT CASE WHEN newer > older THEN 'inserted' ELSE 'deleted' END FROM ({picked})")
        sides = []
        for columns, others, has in ((left, right, "older > newer"), (right, left, "newer > older")):
            shown = ", ".join(f"CASE WHEN {has} THEN c{n} END" for n in everything)
            sides.append(_fetched(work, f"SELECT {shown} FROM ({picked})", columns, _types(columns, others)))
        rows = RowPage(tuple(kind for (kind,) in kinds), ((),) * len(kinds), sides[0].select([]), sides[0], sides[1])
    drop(work, changed)
    return TableDifference(change, rows)


def _one_sided(work: Work, pair: TablePair, older: Side, newer: Side, page: Page | None) -> TableDifference:
    table, side = (pair.newer, newer) if pair.newer is not None else (pair.older, older)
    if table is None:
        raise AssertionError("a pair has a side")
    if table.kind != "table":
        return TableDifference(_change(pair, 0, 0, 0))
    place = place_in(side.alias, table)
    (count,) = work.ask(f"SELECT count(*) FROM {place}")[0]
    made = pair.newer is not None
    change = _change(pair, count if made else 0, 0, 0 if made else count)
    if page is None:
        return TableDifference(change)
    key = [column for column in table.columns if column.name in table.primary_key]
    order = ", ".join(quoted(name) for name in table.primary_key or [column.name for column in table.columns])
    few = f"FROM {place} ORDER BY {order} LIMIT {int(page.limit)} OFFSET {int(page.offset)}"
    rows = _fetched(work, f"SELECT {', '.join(quoted(c.name) for c in table.columns)} {few}", table.columns)
    nothing = _fetched(
        work, f"SELECT {', '.join(f'if(false, {quoted(c.name)}, NULL)' for c in table.columns)} {few}", table.columns
    )
    old, new = (nothing, rows) if made else (rows, nothing)
    kind = ("inserted",) if made else ("deleted",)
    return TableDifference(
        change, RowPage(kind * rows.num_rows, ((),) * rows.num_rows, rows.select([c.name for c in key]), old, new)
    )


def _nothing_in_common(work: Work, pair: TablePair, older: Side, newer: Side) -> TableDifference:
    """No column is left to compare: only the numbers of rows can differ."""
    if pair.older is None or pair.newer is None:
        raise AssertionError("both sides have the table")
    counts = f"(SELECT count(*) FROM {place_in(newer.alias, pair.newer)}) - (SELECT count(*) FROM "
    (more,) = work.ask(f"SELECT {counts}{place_in(older.alias, pair.older)})")[0]
    return TableDifference(_change(pair, max(more, 0), 0, max(-more, 0)))


def _change(pair: TablePair, inserted: int, updated: int, deleted: int) -> TableChange:
    table = pair.newer or pair.older
    if table is None:
        raise AssertionError("a pair has a side")
    return TableChange(table.label, inserted, updated, deleted, pair.changes)


def _types(columns: Sequence[Column], others: Sequence[Column]) -> list[str | None]:
    """Names of types; None where the other side has another one, and the query says what it made of both."""
    return [one.type if one.type == other.type else None for one, other in zip(columns, others, strict=True)]


def _fetched(work: Work, query: str, columns: Sequence[Column], types: Sequence[str | None] | None = None) -> pa.Table:
    """Rows as their columns' types, or the types given."""
    if types is None:
        types = [column.type for column in columns]
    return fetched(work, query, [column.name for column in columns], types)
