"""ALTER TABLE … DROP: columns and constraints, and what depends on them."""

from __future__ import annotations

from collections.abc import Callable

from helios_magic.engine.dialect import sequences
from helios_magic.engine.dialect.altercolumns import drop_not_null, names
from helios_magic.engine.dialect.altering import DROP, Action, Alteration
from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.tableshape import ColumnShape, has_length, required
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.engine.dialect.views import dependents, drop_view, keep_views
from helios_magic.schema import ForeignKey, Table


def read(words: Reader) -> tuple[int, Action]:
    """What follows DROP."""
    constraint = words.take("constraint")
    if not constraint:
        words.take("column")
    unless_gone = words.take("if", "exists")
    at = words.place
    name = words.identifier()
    cascade = words.take("cascade")
    if not cascade:
        words.take("restrict")
    run = drop_constraint if constraint else drop_column
    return DROP, lambda work: run(work, name, at, cascade=cascade, unless_gone=unless_gone)


def drop_column(work: Alteration, name: str, place: int, *, cascade: bool, unless_gone: bool) -> None:
    """A column with its constraints and indexes; what else depends on it goes by CASCADE only."""
    shape = work.shape
    column = shape.column(name)
    if column is None:
        if unless_gone:
            return
        hint = nearest(name, [c.name for c in shape.columns])
        raise Refusal("42703", f'column "{name}" of relation "{shape.name}" does not exist', place=place, hint=hint)
    what = f"column {name} of table {shape.name}"
    referring = _referring(work, lambda columns: name in columns)
    _drop_referring(work, referring, what, place, cascade=cascade, with_it=lambda key: name in key.columns)
    made = [other for other in shape.columns if other is not column and names(other.generated, name)]
    if made and not cascade:
        hint = f"Generated column {made[0].name} is made of it: use CASCADE to drop it too."
        raise Refusal("2BP01", f"cannot drop {what} because other objects depend on it", place=place, hint=hint)
    _drop_views(work, name, what, place, cascade=cascade)
    for sequence in sequences.owned(work.binder, work.table, name):
        goes = lambda table, c: table == work.table and c is not None and c.name == name  # noqa: E731
        work.before += sequences.release(work.binder, sequence, goes, cascade=cascade, place=place)
    work.anew = work.anew or _fixed(work, column)
    _forget(work, column)
    for other in made:
        _forget(work, other)
    if not shape.stored:
        raise unsupported("a table without columns", place=place)
    if column.origin is not None:
        work.native.append((f"{work.altering} DROP COLUMN {quoted(column.origin)}",))


def _forget(work: Alteration, column: ColumnShape) -> None:
    shape, name = work.shape, column.name
    shape.columns.remove(column)
    shape.keys = [key for key in shape.keys if name not in key.columns]
    shape.checks = [check for check in shape.checks if name not in check.columns]
    shape.foreign = [key for key in shape.foreign if name not in key.columns]
    shape.indexes = [index for index in shape.indexes if name not in index.uses]


def _fixed(work: Alteration, column: ColumnShape) -> bool:
    """Whether DuckDB cannot drop the column in place: checks, keys on it, and keys on columns after it."""
    shape = work.shape
    made = any(other.generated is not None for other in shape.columns)
    if made or has_length(column.type) or any(column.name in check.columns for check in shape.checks):
        return True
    indexed = {name for key in shape.keys for name in key.columns}
    indexed |= {name for index in shape.indexes if index.unique for name in index.uses}
    at = shape.columns.index(column)
    return any(other.name in indexed for other in shape.columns[at:])


def _drop_views(work: Alteration, name: str, what: str, place: int, *, cascade: bool) -> None:
    if not cascade:
        keep_views(work.binder, work.table, what, place, name)
    for view in dependents(work.binder, work.table, name):
        work.before += [step for step in drop_view(view) if step not in work.before]


def drop_constraint(work: Alteration, name: str, place: int, *, cascade: bool, unless_gone: bool) -> None:
    """A key, a check, a foreign key, or a NOT NULL by the name that PostgreSQL gives it."""
    shape = work.shape
    key = next((key for key in shape.keys if key.name == name), None)
    if key is not None:
        others = [set(k.columns) for k in shape.keys if k is not key]
        others += [set(i.columns) for i in shape.indexes if i.unique and not i.partial]
        if set(key.columns) not in others:
            what = f"constraint {name} on table {shape.name}"
            referring = _referring(work, lambda columns: set(columns) == set(key.columns))
            _drop_referring(work, referring, what, place, cascade=cascade)
        shape.keys.remove(key)
        work.anew = True
    elif any(check.name == name for check in shape.checks):
        shape.checks = [check for check in shape.checks if check.name != name]
        work.anew = True
    elif any(key.name == name for key in shape.foreign):
        shape.foreign = [key for key in shape.foreign if key.name != name]
    elif column := required(shape, name):
        drop_not_null(work, column.name, place)
    elif not unless_gone:
        raise work.no_constraint(name, place)


def _referring(work: Alteration, chosen: Callable[[tuple[str, ...]], bool]) -> list[tuple[Table, ForeignKey]]:
    """The foreign keys of any table that point at columns of this one."""
    table = work.table
    here = (table.name, f"{table.schema}.{table.name}") if table.schema == "public" else (table.full_name,)
    return [
        (child, key)
        for child in work.binder.schema.tables
        for key in child.foreign_keys
        if key.references in here and chosen(key.references_columns)
    ]


def _drop_referring(
    work: Alteration,
    referring: list[tuple[Table, ForeignKey]],
    what: str,
    place: int,
    *,
    cascade: bool,
    with_it: Callable[[ForeignKey], bool] = lambda _: False,
) -> None:
    """Foreign keys that point at what goes; those of the table itself that go `with_it` need no CASCADE."""
    own = work.table
    for child, key in referring:
        itself = (child.schema, child.name) == (own.schema, own.name)
        if not cascade and not (itself and with_it(key)):
            hint = f"Constraint {key.name} on table {child.name} depends on it: use CASCADE to drop it too."
            raise Refusal("2BP01", f"cannot drop {what} because other objects depend on it", place=place, hint=hint)
        if itself:
            work.shape.foreign = [other for other in work.shape.foreign if other.name != key.name]
            continue
        work.before.append(
            f"DELETE FROM _helios.foreign_keys WHERE table_schema = {literal(child.schema)} "
            f"AND table_name = {literal(child.name)} AND name = {literal(key.name)}"
        )
