"""Enum types that a merge changes: DuckDB's cannot change, so they are made anew, and the tables that use them too."""

from __future__ import annotations

from helios_magic.engine.branching.definitions import comment, create_index, create_table, place, stored
from helios_magic.engine.branching.items import Items, Place, TableItem
from helios_magic.engine.branching.reading import Work
from helios_magic.engine.names import literal, quoted

_COPY = "_helios_copied"


def remake(work: Work, start: Items, merged: Items) -> None:
    """Make new and changed types; tables of the target keep their rows, whose labels a changed type still has."""
    changed = {at: enum for at, enum in merged.enums.items() if start.enums.get(at) != enum}
    known = {at for at in changed if at in start.enums}
    users = [table for table in start.tables.values() if any(_uses(c.kind, at) for c in table.columns for at in known)]
    for number, table in enumerate(users):
        _set_aside(work, table, number, known)
    for at, enum in changed.items():
        name = f"{quoted(at[0])}.{quoted(at[1])}"
        if at in known:
            work.ask(f"DROP TYPE {name}")
        work.ask(f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, enum.labels))})")
    for number, table in enumerate(users):
        _take_back(work, table, number, start, merged)


def _uses(kind: str, at: Place) -> bool:
    return f"{quoted(at[0])}.{quoted(at[1])}" in kind


def _copy(table: TableItem, number: int) -> str:
    return f"{quoted(table.schema)}.{quoted(f'{_COPY}_{number}')}"


def _set_aside(work: Work, table: TableItem, number: int, types: set[Place]) -> None:
    cells = []
    for column in stored(table):
        name = quoted(column.name)
        text = "VARCHAR[]" if column.kind.endswith("[]") else "VARCHAR"
        used = any(_uses(column.kind, at) for at in types)
        cells.append(f"CAST({name} AS {text}) AS {name}" if used else name)
    work.ask(f"CREATE TABLE {_copy(table, number)} AS SELECT {', '.join(cells)} FROM {place(table)}")
    for index in table.indexes:
        if index.unique:
            work.ask(f"DROP INDEX {quoted(table.schema)}.{quoted(index.name)}")
    work.ask(f"DROP TABLE {place(table)}")


def _take_back(work: Work, table: TableItem, number: int, start: Items, merged: Items) -> None:
    """The table as it was, with the type as it is now."""
    work.ask(create_table(table, start))
    columns = ", ".join(quoted(column.name) for column in stored(table))
    cells = ", ".join(f"CAST({quoted(column.name)} AS {column.kind})" for column in stored(table))
    work.ask(f"INSERT INTO {place(table)} ({columns}) SELECT {cells} FROM {_copy(table, number)}")
    work.ask(f"DROP TABLE {_copy(table, number)}")
    for index in table.indexes:
        if index.unique:
            work.ask(create_index(index, table, merged))
    if table.comment is not None:
        work.ask(comment("TABLE", place(table), table.comment))
    for column in table.columns:
        if column.comment is not None:
            work.ask(comment("COLUMN", f"{place(table)}.{quoted(column.name)}", column.comment))
