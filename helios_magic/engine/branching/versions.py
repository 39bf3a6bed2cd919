"""The three versions of a table whose rows are merged, all in the shape of the result.

A column that a version does not have is read as what it held before anyone wrote to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from helios_magic.engine.branching.asking import constant
from helios_magic.engine.branching.reading import Reading, Shape, Work, read, shape_of, start_value
from helios_magic.engine.branching.sides import ColumnMerge, Side, TableMerge


@dataclass(frozen=True, slots=True)
class Versions:
    """What is merged: `key` are numbers of columns, empty for a multiset.

    `shared` are the columns that source and target both have, `from_source` and `from_target` those of one side;
    `known` are those whose first value is known, so that a change of them can be told.
    """

    table: TableMerge
    shape: Shape
    base: Reading
    target: Reading
    source: Reading
    key: tuple[int, ...]
    shared: tuple[int, ...]
    from_source: tuple[int, ...]
    from_target: tuple[int, ...]
    known: frozenset[int]

    @property
    def values(self) -> tuple[int, ...]:
        """The columns that are not of the key."""
        return tuple(i for i in range(len(self.shape)) if i not in self.key)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.shape.columns)


def versions(work: Work, table: TableMerge, base: Side, source: Side, result: Side) -> Versions:
    """Read a table's three versions; the target's is the result's file, which has the merged shape already."""
    columns = table.columns
    names = [column.name for column in columns]
    shape = shape_of(work, result.alias, table.result, names)
    target = read(work, result.alias, table.result, names, shape, result.schema)
    theirs = read(work, source.alias, table.source, [c.source for c in columns], shape, source.schema)
    if table.base is None:
        nothing = tuple(f"CAST(NULL AS {kind})" for kind in shape.types)
        old = Reading("(SELECT 1 WHERE false)", nothing)
    else:
        old = read(work, base.alias, table.base, [c.base for c in columns], shape, base.schema)
    starts = tuple(_start(table, column, kind) for column, kind in zip(columns, shape.types, strict=True))
    cells = tuple(start or start_value(None, kind) for start, kind in zip(starts, shape.types, strict=True))
    return Versions(
        table,
        shape,
        _filled(old, cells),
        target,
        _filled(theirs, cells),
        key=tuple(names.index(name) for name in table.key),
        shared=tuple(i for i, c in enumerate(columns) if c.target is not None and c.source is not None),
        from_source=tuple(i for i, c in enumerate(columns) if c.target is None),
        from_target=tuple(i for i, c in enumerate(columns) if c.source is None),
        known=frozenset(i for i, c in enumerate(columns) if c.base is not None or starts[i] is not None),
    )


def _start(table: TableMerge, column: ColumnMerge, kind: str) -> str | None:
    """What a column held before anyone wrote to it; None where each row got a value of its own."""
    if column.start is not None or (column.target is not None and column.source is not None):
        return start_value(column.start, kind)
    added = table.result.column(column.name)
    if added is None or added.identity is not None:
        return None
    if added.default is None or constant(added.default):
        return start_value(added.default, kind)
    return None


def _filled(reading: Reading, starts: tuple[str, ...]) -> Reading:
    cells = zip(reading.cells, starts, strict=True)
    return replace(reading, cells=tuple(start if cell is None else cell for cell, start in cells))
