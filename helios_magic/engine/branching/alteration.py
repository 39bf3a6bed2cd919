"""Bringing the copy of the target to the merged structure, in two phases around the merge of the rows.

Before: everything that gives tables their columns, so that rows of both sides fit.  After: everything that rows can
break (NOT NULL, keys, unique indexes, checks), and views.  DuckDB alters what it can in place; a table it refuses to
alter is built anew.  The copy is nobody's yet, so a failure half way only throws it away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from helios_magic.engine.branching import asking
from helios_magic.engine.branching.asking import Version
from helios_magic.engine.branching.definitions import (
    comment,
    create_index,
    create_table,
    default,
    drop_index,
    key_words,
    place,
    stored,
)
from helios_magic.engine.branching.items import CheckItem, ColumnItem, IndexItem, Items, KeyItem, TableItem, drawing
from helios_magic.engine.branching.reading import Work
from helios_magic.engine.branching.records import rewrite
from helios_magic.engine.branching.retyping import remake
from helios_magic.engine.dialect.retyping import conversion
from helios_magic.engine.names import quoted

_BUILT = "_helios_built_anew"


def before_rows(work: Work, start: Items, merged: Items, source: Version) -> None:
    """From the target's structure to the merged one, without what rows can break.  New tables bring their rows."""
    for at, view in start.views.items():
        if merged.views.get(at) != view or _drawn_elsewhere(view.statement, start, merged):
            work.ask(f"DROP {'TABLE' if view.materialized else 'VIEW'} {quoted(at[0])}.{quoted(at[1])}")
    for name in sorted(merged.schemas - start.schemas):
        work.ask(f"CREATE SCHEMA {quoted(name)}")
    remake(work, start, merged)
    for id_, table in start.tables.items():
        if id_ not in merged.tables:
            _free(work, table)
            work.ask(f"DROP TABLE {place(table)}")
    _alter_tables(work, start, merged, source)
    for id_, table in merged.tables.items():
        if id_ not in start.tables:
            _bring(work, table, merged, source)
    rewrite(work, start, merged)


def finish(work: Work, start: Items, merged: Items) -> None:
    """What no row speaks against any more: NOT NULL, keys, checks, indexes, views; and what nothing uses now."""
    for id_, table in merged.tables.items():
        old = start.tables.get(id_)
        if old is not None:
            _constrain(work, table, pending(old, table), merged)
        for index in new_indexes(old, table, start, merged):
            work.ask(create_index(index, table, merged))
    for statement in _comments(start, merged):
        work.ask(statement)
    for at in start.enums.keys() - merged.enums.keys():
        work.ask(f"DROP TYPE {quoted(at[0])}.{quoted(at[1])}")
    for name in sorted(start.schemas - merged.schemas):
        work.ask(f"DROP SCHEMA {quoted(name)}")


def new_indexes(old: TableItem | None, table: TableItem, start: Items, merged: Items) -> list[IndexItem]:
    """The unique indexes to be made: new ones, and those that were taken away to alter the table."""
    kept = old.indexes if old is not None and not _altered(old, table, start, merged) else ()
    return [index for index in table.indexes if index.unique and index not in kept]


class Pending:
    """What rows may break: it is added once they are merged."""

    def __init__(self, old: TableItem, table: TableItem) -> None:
        self.keys: tuple[KeyItem, ...] = tuple(key for key in table.keys if not _same_key(key, old))
        self.checks: tuple[CheckItem, ...] = tuple(check for check in table.checks if check not in old.checks)
        self.required: tuple[ColumnItem, ...] = tuple(
            column for column in table.columns
            if not column.nullable and column.generated is None
            and ((was := old.column(column.id)) is None or was.nullable)
        )  # fmt: skip


def pending(old: TableItem, table: TableItem) -> Pending:
    return Pending(old, table)


def rows_in(work: Work, table: TableItem, version: Version) -> int:
    """How many rows the table has in a version."""
    ((count,),) = work.ask(f"SELECT count(*) FROM {version.place(table.id)}")
    return int(count)


def _same_key(key: KeyItem, table: TableItem) -> bool:
    return any((key.kind, key.columns) == (other.kind, other.columns) for other in table.keys)


def _drawn_elsewhere(text: str | None, start: Items, merged: Items) -> bool:
    """Whether a default or query draws from a counter that is another one now."""
    return drawing(text, start) != drawing(text, merged)


def _altered(old: TableItem, table: TableItem, start: Items, merged: Items) -> bool:
    """Whether DuckDB's own definition of the table changes."""
    one, other = (create_table(each, items) for each, items in ((old, start), (table, merged)))
    return one != other


def _free(work: Work, table: TableItem) -> None:
    """Take away the indexes that hold a table's structure fast."""
    for index in table.indexes:
        if index.unique:
            work.ask(drop_index(index, table))


def _alter_tables(work: Work, start: Items, merged: Items, source: Version) -> None:
    """Names first: they may have to be exchanged."""
    changed = [
        (old, merged.tables[id_])
        for id_, old in start.tables.items()
        if id_ in merged.tables and _altered(old, merged.tables[id_], start, merged)
    ]
    for id_, old in start.tables.items():
        gone = [index for index in old.indexes if index.unique and id_ in merged.tables]
        table = merged.tables.get(id_)
        if table is not None and any(index not in table.indexes for index in gone):
            _free(work, replace(old, indexes=tuple(index for index in gone if index not in table.indexes)))
    for old, _ in changed:
        _free(work, old)
    for statement in _renames([(old.schema, old.name, table.name) for old, table in changed]):
        work.ask(statement)
    for old, table in changed:
        _reshape(work, replace(old, name=table.name), table, start, merged, source)


def _renames(names: list[tuple[str, str, str]]) -> Iterator[str]:
    """RENAMEs of tables, by way of names that nobody has where one's new name is another's old one."""
    moves = [move for move in names if move[1] != move[2]]
    taken = {(schema, old.lower()) for schema, old, _ in moves}
    crossing = any((schema, new.lower()) in taken for schema, _, new in moves)
    if not crossing:
        for schema, old, new in moves:
            yield f"ALTER TABLE {quoted(schema)}.{quoted(old)} RENAME TO {quoted(new)}"
        return
    for number, (schema, old, _) in enumerate(moves):
        yield f"ALTER TABLE {quoted(schema)}.{quoted(old)} RENAME TO {quoted(f'{_BUILT}_{number}')}"
    for number, (schema, _, new) in enumerate(moves):
        yield f"ALTER TABLE {quoted(schema)}.{quoted(f'{_BUILT}_{number}')} RENAME TO {quoted(new)}"


def _reshape(work: Work, old: TableItem, table: TableItem, start: Items, merged: Items, source: Version) -> None:
    """In place where DuckDB can, else anew."""
    later = pending(old, table)
    in_place = _alterable(old, table, later) and _ran(work, _alterations(old, table, start, merged))
    if not in_place:
        _rebuild(work, old, table, merged, later)
    _fill(work, old, table, merged, source)


def _ran(work: Work, statements: Iterable[str]) -> bool:
    """All of the statements in one transaction; false where DuckDB refused one, and nothing is changed."""
    import duckdb

    work.ask("BEGIN TRANSACTION")
    try:
        for statement in statements:
            work.ask(statement)
        work.ask("COMMIT")
    except duckdb.Error:
        if work.guard.reason is not None:
            raise
        work.ask("ROLLBACK")
        return False
    return True


def _alterable(old: TableItem, table: TableItem, later: Pending) -> bool:
    """Nothing goes that ALTER cannot take away, no generated column changes, the columns keep their order."""
    kept = [column for column in table.columns if old.column(column.id) is not None]
    generated = [(c.id, c.kind, c.generated) for c in table.columns if c.generated is not None]
    return (
        all(_same_key(key, table) for key in old.keys)
        and all(check in table.checks for check in old.checks)
        and generated == [(c.id, c.kind, c.generated) for c in old.columns if c.generated is not None]
        and [c.id for c in kept] == [c.id for c in old.columns if table.column(c.id) is not None]
        and list(table.columns[: len(kept)]) == kept
        and not later.checks
    )


def _alterations(old: TableItem, table: TableItem, start: Items, merged: Items) -> Iterator[str]:
    at = f"ALTER TABLE {place(table)}"
    for column in old.columns:
        if table.column(column.id) is None:
            yield f"{at} DROP COLUMN {quoted(column.name)}"
    moved = [(was, now) for was in old.columns if (now := table.column(was.id)) is not None and was.name != now.name]
    taken = {was.name.lower() for was, _ in moved}
    if any(now.name.lower() in taken for _, now in moved):
        for number, (was, _) in enumerate(moved):
            yield f"{at} RENAME {quoted(was.name)} TO {quoted(f'{_BUILT}_{number}')}"
        for number, (_, now) in enumerate(moved):
            yield f"{at} RENAME {quoted(f'{_BUILT}_{number}')} TO {quoted(now.name)}"
    else:
        for was, now in moved:
            yield f"{at} RENAME {quoted(was.name)} TO {quoted(now.name)}"
    for column in stored(table):
        before = old.column(column.id)
        if before is None:
            yield from _addition(at, column, merged)
            continue
        name, given = f"{at} ALTER COLUMN {quoted(column.name)}", default(column, merged)
        if column.kind != before.kind:
            yield f"{name} SET DATA TYPE {column.kind} USING {_converted(column, before, column.name, merged)}"
        if given != default(before, start):
            yield f"{name} DROP DEFAULT" if given is None else f"{name} SET DEFAULT ({given})"
        if column.nullable and not before.nullable:
            yield f"{name} DROP NOT NULL"


def _addition(at: str, column: ColumnItem, merged: Items) -> Iterator[str]:
    """A default that is not the same for every row is no value for the rows there are."""
    given = default(column, merged)
    yield f"{at} ADD COLUMN {quoted(column.name)} {column.kind}" + (
        f" DEFAULT ({given})" if given is not None and asking.constant(column.default) else ""
    )
    if given is not None and not asking.constant(column.default):
        yield f"{at} ALTER COLUMN {quoted(column.name)} SET DEFAULT ({given})"


def _rebuild(work: Work, old: TableItem, table: TableItem, merged: Items, later: Pending) -> None:
    """The table under another name with the rows of the old one, which then goes."""
    keys = tuple(key for key in table.keys if key not in later.keys)
    checks = tuple(check for check in table.checks if check not in later.checks)
    free = {column.id for column in later.required}
    work.ask(create_table(table, merged, name=_BUILT, keys=keys, checks=checks, nullable=free))
    columns, cells = [], []
    for column in stored(table):
        before = old.column(column.id)
        given = default(column, merged) if asking.constant(column.default) else None
        cell = given or "NULL"
        if before is not None:
            cell = _converted(column, before, before.name, merged)
        columns.append(quoted(column.name))
        cells.append(f"CAST({cell} AS {column.kind})")
    built = f"{quoted(table.schema)}.{quoted(_BUILT)}"
    work.ask(f"INSERT INTO {built} ({', '.join(columns)}) SELECT {', '.join(cells)} FROM {place(table)}")
    work.ask(f"DROP TABLE {place(table)}")
    work.ask(f"ALTER TABLE {built} RENAME TO {quoted(table.name)}")


def _converted(column: ColumnItem, before: ColumnItem, name: str, items: Items) -> str:
    """A cell of the column as it was, under `name`, in the type that it has now."""
    if column.shown == before.shown:
        return quoted(name)
    return conversion(name, before.shown, column.shown, items.enums.values())


def _fill(work: Work, old: TableItem, table: TableItem, merged: Items, source: Version) -> None:
    """Rows that only the target has draw their own values of a new column with a default like `now()`.

    The others take what the source drew for them, when the rows are merged.
    """
    there = source.items.tables.get(table.id)
    if there is None:
        return
    for column in stored(table):
        if old.column(column.id) is not None or column.default is None or asking.constant(column.default):
            continue
        other = ""
        if table.key and there.key == table.key:
            pairs = zip(table.key, source.names(table.id, table.key), strict=True)
            same = " AND ".join(f"s.{name} = t.{quoted(table.names[id_])}" for id_, name in pairs)
            other = f" WHERE NOT EXISTS (SELECT 1 FROM {source.place(table.id)} AS s WHERE {same})"
        elif column.nullable:
            continue
        work.ask(f"UPDATE {place(table)} AS t SET {quoted(column.name)} = {default(column, merged)}{other}")


def _bring(work: Work, table: TableItem, merged: Items, source: Version) -> None:
    """A table that the source made, with its rows."""
    work.ask(create_table(table, merged))
    columns = ", ".join(quoted(column.name) for column in stored(table))
    names = ", ".join(source.names(table.id, [column.id for column in stored(table)]))
    work.ask(f"INSERT INTO {place(table)} ({columns}) SELECT {names} FROM {source.place(table.id)}")


def _constrain(work: Work, table: TableItem, later: Pending, merged: Items) -> None:
    if not (later.keys or later.checks or later.required):
        return
    at = f"ALTER TABLE {place(table)}"
    statements = [f"{at} ALTER COLUMN {quoted(column.name)} SET NOT NULL" for column in later.required]
    statements += [f"{at} ADD {key_words(key, table)}" for key in later.keys]
    if not later.checks and _ran(work, statements):
        return
    _free(work, table)
    _rebuild(work, table, table, merged, Pending(table, table))


def _comments(start: Items, merged: Items) -> Iterator[str]:
    """Those that are not as they were, and those of what was made anew."""
    for id_, table in merged.tables.items():
        old = start.tables.get(id_)
        same = old is not None and not _altered(old, table, start, merged)
        if not same or old is None or old.comment != table.comment:
            yield comment("TABLE", place(table), table.comment)
        for column in table.columns:
            was = old.column(column.id) if old is not None else None
            if not same or was is None or was.comment != column.comment:
                yield comment("COLUMN", f"{place(table)}.{quoted(column.name)}", column.comment)
