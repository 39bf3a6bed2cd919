"""An ALTER TABLE at work: what it checks, what it changes in place, and when the table is built anew instead."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

from helios_magic.engine.dialect import bookkeeping, sequences
from helios_magic.engine.dialect.failures import Refusal, nearest
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.rebuilding import create_indexes, drop_indexes, rebuilt
from helios_magic.engine.dialect.tableshape import (
    ColumnShape,
    TableShape,
    column_row,
    constraint_rows,
    foreign_row,
    of_table,
)
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.schema import Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


#: In which order PostgreSQL does the actions of one statement; ALONE stands for those that allow no others.
DROP, RETYPE, ADD_COLUMN, ATTRIBUTE, CONSTRAIN, ALONE = range(6)


class Alteration:
    """One table while its actions change its shape.

    An action puts the steps by which DuckDB can do it in place into `native`; one that it cannot sets `anew`, and
    so do several: DuckDB cannot always alter what it altered in the same transaction.  `checks` run before anything
    is changed, `notes` (what our catalogue is told) when all is.
    """

    def __init__(self, binder: Binder, table: Table) -> None:
        self.binder, self.table = binder, table
        self.old, self.shape = of_table(table), of_table(table)
        self.before: list[str] = []
        self.checks: list[str] = []
        self.native: list[tuple[str, ...]] = []
        self.notes: list[str] = []
        self.anew = False

    @property
    def altering(self) -> str:
        return f"ALTER TABLE {self.old.place}"

    def column(self, name: str, place: int | None) -> ColumnShape:
        """A column of the shape; 42703 where there is none."""
        found = self.shape.column(name)
        if found is None:
            hint = nearest(name, [c.name for c in self.shape.columns])
            message = f'column "{name}" of relation "{self.shape.name}" does not exist'
            raise Refusal("42703", message, place=place, hint=hint)
        return found

    def no_constraint(self, name: str, place: int | None) -> Refusal:
        hint = nearest(name, self.shape.constraint_names)
        message = f'constraint "{name}" of relation "{self.shape.name}" does not exist'
        return Refusal("42704", message, place=place, hint=hint)

    def refuse_rows(self, condition: str, sqlstate: str, message: str) -> None:
        """Raise when the statement runs if a row of the table as it is meets the condition."""
        said = literal(f"[{sqlstate}] {message}")
        self.refuse_found(f"SELECT 1 FROM {self.old.place} WHERE {condition}", said)

    def refuse_found(self, query: str, said: str) -> None:
        self.checks.append(f"SELECT CASE WHEN count(*) > 0 THEN error({said}) END FROM ({query} LIMIT 1) AS _found")

    def plan(self) -> Plan:
        notes = [*self._noted(), *self.notes]
        built = [*self.before, *self.checks, *self._rebuilt(), *notes]
        if self.anew or len(self.native) > 1:
            return Plan("ddl", "ALTER TABLE", built, self.binder)
        native: list[str] = []
        if self.native:
            native = [*drop_indexes(self.old), *self.native[0], *create_indexes(self.binder, self.shape)]
        steps = [*self.before, *self.checks, *native, *notes] or ["SELECT 1"]
        return Plan("ddl", "ALTER TABLE", steps, self.binder, after_writes=built if native else ())

    def _rebuilt(self) -> list[str]:
        return rebuilt(self.binder, self.old, self.shape)

    def _noted(self) -> list[str]:
        """What changed of keys, checks, foreign keys and sequences, for our catalogue.  Names of the table are new."""
        steps = self._noted_columns()
        at = f"table_schema = {literal(self.shape.schema)} AND table_name = {literal(self.shape.name)}"
        rows = constraint_rows(self.shape)
        if rows != constraint_rows(_under(self.old, self.shape)):
            steps.append(f"DELETE FROM _helios.constraints WHERE {at} AND kind IN ('p', 'u', 'c', 'n')")
            steps += bookkeeping.record("constraints", rows)
        if self.shape.foreign != self.old.foreign:
            steps.append(f"DELETE FROM _helios.foreign_keys WHERE {at}")
            steps += bookkeeping.record("foreign_keys", [foreign_row(self.shape, key) for key in self.shape.foreign])
        kept = {index.name for index in self.shape.indexes}
        for index in self.old.indexes:
            if index.name not in kept:
                steps.append(f"DELETE FROM _helios.indexes WHERE {at} AND name = {literal(index.name)}")
        return [*steps, *sequences.recorded(self.shape.sequences)]

    def _noted_columns(self) -> list[str]:
        """Columns that went and came, and identities; what went first, since it may come again under its name."""
        shape, steps = self.shape, []
        kept = {column.origin: column for column in shape.columns}
        for old in self.old.columns:
            where = f" AND column_name = {literal(old.name)}"
            if old.name not in kept:
                steps += bookkeeping.forget(shape.schema, shape.name, where=where, tables=("columns", "sequences"))
            elif old.identity != kept[old.name].identity:
                identity = kept[old.name].identity
                said = "NULL" if identity is None else literal(identity)
                at = f"table_schema = {literal(shape.schema)} AND table_name = {literal(shape.name)}"
                steps.append(f"UPDATE _helios.columns SET identity = {said} WHERE {at}{where}")
        new = [column_row(shape, column) for column in shape.columns if column.origin is None]
        return [*steps, *bookkeeping.record("columns", new)]


def _under(shape: TableShape, other: TableShape) -> TableShape:
    """A shape under another's name."""
    moved = copy.copy(shape)
    moved.schema, moved.name = other.schema, other.name
    return moved


Action = Callable[[Alteration], None]


def altered_column(work: Alteration, column: ColumnShape, words: str) -> None:
    """A change of one column in place."""
    if column.origin is None:
        return  # it is made anew with the table
    work.native.append((f"{work.altering} ALTER COLUMN {quoted(column.origin)} {words}",))
