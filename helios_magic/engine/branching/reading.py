"""One table of one version, read in the shape of another: every cell under a number, converted as an ALTER would.

What is read so has the columns `here` (always true) and `c0`, `c1`, … , so that no name of a user's column can meet
one of ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from helios_magic.engine import results
from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.retyping import conversion
from helios_magic.engine.names import quoted
from helios_magic.models.pgtypes import split
from helios_magic.schema import Column, Schema, Table

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from helios_magic.engine.limits import Guard

_numbers = itertools.count(1)
_TEXTS = frozenset({"text", "varchar"})


class Work(Protocol):
    """What comparing and merging need of the work they belong to: a cursor whose names resolve in the result."""

    cursor: duckdb.DuckDBPyConnection
    guard: Guard
    answer_bytes: int

    def ask(self, query: str, values: Any = None) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def change(self, query: str, values: Any = None) -> int:
        """Run a statement that writes; how many rows it touched."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns as they shall be read: names, PostgreSQL types, and DuckDB's declarations of these."""

    columns: tuple[Column, ...]
    types: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.columns)


@dataclass(frozen=True, slots=True)
class Reading:
    """A table of one version.  `cells` are expressions over the alias `r`, None where it has no such column."""

    source: str
    cells: tuple[str | None, ...]

    def has(self, index: int) -> bool:
        return self.cells[index] is not None

    def select(self, picked: Iterable[int] | None = None) -> str:
        """A query for the cells that it has, of those picked."""
        chosen = range(len(self.cells)) if picked is None else picked
        listed = "".join(f", {self.cells[i]} AS c{i}" for i in chosen if self.has(i))
        return f"SELECT true AS here{listed} FROM {self.source} AS r"


def temporary(purpose: str) -> str:
    """A new name for a temporary table."""
    return f"temp.main._helios_{purpose}_{next(_numbers)}"


def place_in(alias: str, table: Table) -> str:
    """A table in an attached file."""
    return f"{quoted(alias)}.{quoted(table.schema)}.{quoted(table.name)}"


def shape_of(work: Work, alias: str, table: Table, names: Sequence[str]) -> Shape:
    """The shape that a table has in its own version."""
    types = _types(work, place_in(alias, table))
    return Shape(tuple(_column(table, name) for name in names), tuple(types[name] for name in names))


def read(work: Work, alias: str, table: Table, names: Sequence[str | None], shape: Shape, schema: Schema) -> Reading:
    """The table in the given shape; `names` are its own names of the shape's columns, `schema` knows the enums."""
    place, types = place_in(alias, table), _types(work, place_in(alias, table))
    cells: list[str | None] = []
    cast: dict[int, str] = {}
    for index, (name, wanted, declared) in enumerate(zip(names, shape.columns, shape.types, strict=True)):
        if name is None:
            cells.append(None)
            continue
        own, cell = _column(table, name), f"r.{quoted(name)}"
        if own.type != wanted.type and not {split(own.type)[0], split(wanted.type)[0]} <= _TEXTS:
            cast[index] = wanted.type
        elif types[name] != declared:
            cell = f"CAST({cell} AS {declared})"
        cells.append(cell)
    if not cast:
        return Reading(place, tuple(cells))
    return _converted(place, table, names, cells, cast, schema)


def fetched(work: Work, query: str, names: Sequence[str], types: Sequence[str | None]) -> pa.Table:
    """The rows of a query under these names, as PostgreSQL's types; None leaves a type as it came."""
    with work.guard.running(work.cursor):
        return results.fetch(work.cursor.sql(query), names, types, work.answer_bytes)


def convertible(work: Work, alias: str, table: Table, name: str, to: str, schema: Schema) -> bool:
    """Whether every value of a column can be read as another PostgreSQL type.

    Asked with a cursor of its own: an error would end the transaction that the work may be in.
    """
    import duckdb

    cursor = work.cursor.cursor()
    try:
        cell = _conversion(name, _column(table, name).type, to, schema)
        with work.guard.running(cursor):
            cursor.execute(f"SELECT bit_xor(hash({cell})) FROM {place_in(alias, table)} AS r").fetchall()
    except (Refusal, duckdb.Error):
        work.guard.check()
        return False
    finally:
        cursor.close()
    return True


def start_value(expression: str | None, declared: str) -> str:
    """A constant as a cell."""
    return f"CAST({expression if expression is not None else 'NULL'} AS {declared})"


def _converted(
    place: str, table: Table, names: Sequence[str | None], cells: list[str | None], cast: dict[int, str], schema: Schema
) -> Reading:
    """Columns of other types are converted as the dialect's ALTER does it; the table's own columns stay beside them."""
    prefix = "h"
    while any(column.name.lower().startswith(prefix) for column in table.columns):
        prefix += "_"
    picked = ["r.*"]
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        name, to = names[index] or "", cast.get(index)
        made = cell if to is None else _conversion(name, _column(table, name).type, to, schema)
        picked.append(f"{made} AS {prefix}{index}")
    source = f"(SELECT {', '.join(picked)} FROM {place} AS r)"
    return Reading(source, tuple(cell and f"r.{prefix}{index}" for index, cell in enumerate(cells)))


def _conversion(name: str, kind: str, to: str, schema: Schema) -> str:
    base, modifiers, depth = split(to)
    if base not in ("varchar", "bpchar") or depth:
        return conversion(name, kind, to, schema.enums)
    # A cast to a length would cut what is too long; that is for the constraints to refuse.
    text = conversion(name, kind, "text", schema.enums)
    if base == "varchar" or not modifiers:
        return text
    return f"CASE WHEN length({text}) < {modifiers[0]} THEN rpad({text}, {modifiers[0]}, ' ') ELSE {text} END"


def _types(work: Work, place: str) -> dict[str, str]:
    with work.guard.running(work.cursor):
        relation = work.cursor.sql(f"SELECT * FROM {place} LIMIT 0")
        return {name: str(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise AssertionError(f"{table.name} has no column {name}")
    return column
