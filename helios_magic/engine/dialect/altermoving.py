"""ALTER TABLE … RENAME and SET SCHEMA: new names for a table, a column, a constraint."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping, commenting, sequences
from helios_magic.engine.dialect.altering import Action, Alteration
from helios_magic.engine.dialect.createtable import new_place
from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.grammar import READING
from helios_magic.engine.dialect.indexes import with_column_renamed
from helios_magic.engine.dialect.sources import is_taken
from helios_magic.engine.dialect.tableshape import required, shown_tree
from helios_magic.engine.dialect.typed import identifier, literal, name_of, quoted
from helios_magic.engine.dialect.views import refuse_change
from helios_magic.engine.sequences import drawing
from helios_magic.sqltext import scan


def rename(words: Reader, place: int) -> Action:
    """What follows RENAME."""
    if words.take("to"):
        new = words.identifier()
        return lambda work: _rename_table(work, new, place)
    constraint = words.take("constraint")
    if not constraint:
        words.take("column")
    old = words.identifier()
    if not words.take("to"):
        raise words.unexpected()
    new = words.identifier()
    if constraint:
        return lambda work: _rename_constraint(work, old, new, place)
    return lambda work: _rename_column(work, old, new, place)


def _rename_table(work: Alteration, new: str, place: int) -> None:
    if is_taken(work.binder, work.shape.schema, new):
        raise Refusal("42P07", f'relation "{new}" already exists', place=place)
    refuse_change(work.binder, work.table, "renaming a table", place)
    work.shape.name = new
    work.native.append((f"{work.altering} RENAME TO {quoted(new)}",))
    work.notes += bookkeeping.rename_table(work.old.schema, work.old.name, new)


def _rename_column(work: Alteration, old: str, new: str, place: int) -> None:
    column = work.column(old, place)
    if any(other.name.lower() == new.lower() and other is not column for other in work.shape.columns) or old == new:
        message = f'column "{new}" of relation "{work.shape.name}" already exists'
        raise Refusal("42701", message, place=place)
    refuse_change(work.binder, work.table, "renaming a column", place, old)
    shape = work.shape

    def now(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if name == old else name for name in columns)

    column.name = new
    for key in shape.keys:
        key.columns = now(key.columns)
    for check in shape.checks:
        if old in check.columns:
            check.columns, check.shown = now(check.columns), _renamed(check.shown, old, new)
    for other in shape.columns:
        other.generated = other.generated and _renamed_within(other.generated, old, new)
    shape.indexes = [with_column_renamed(i, old, new) if old in i.uses else i for i in shape.indexes]
    work.native.append((f"{work.altering} RENAME {quoted(old)} TO {quoted(new)}",))
    work.notes += bookkeeping.rename_column(shape.schema, shape.name, old, new)
    work.notes += [bookkeeping.redefine_index(shape.schema, i) for i in shape.indexes if new in i.uses]


def _renamed(shown: str, old: str, new: str) -> str:
    """A condition in PostgreSQL's words with a column renamed."""
    tree = shown_tree(shown)
    for column in [tree, *tree.find_all(exp.Column)]:
        if isinstance(column, exp.Column) and name_of(column.this) == old:
            column.set("this", identifier(new))
    return READING.generate(tree)


def _renamed_within(expression: str, old: str, new: str) -> str:
    """The same of an expression of DuckDB's, whose types and functions are no columns."""
    tokens, told = scan(expression), []
    for at, token in enumerate(tokens):
        named = token.kind in ("word", "identifier") and token.name.lower() == old.lower()
        called = at + 1 < len(tokens) and tokens[at + 1].text == "("
        before = [t for t in tokens[:at] if t.code]
        typed = bool(before) and before[-1].text.upper() in ("AS", "::", ".")
        told.append(quoted(new) if named and not called and not typed else token.text)
    return "".join(told)


def _rename_constraint(work: Alteration, old: str, new: str, place: int) -> None:
    shape = work.shape
    unnamed = required(shape, old)
    if unnamed is None and old not in shape.constraint_names:
        message = f'constraint "{old}" for table "{shape.name}" does not exist'
        raise Refusal("42704", message, place=place)
    if new in shape.constraint_names:
        message = f'constraint "{new}" for relation "{shape.name}" already exists'
        raise Refusal("42710", message, place=place)
    for key in shape.keys:
        if key.name == old:
            if is_taken(work.binder, shape.schema, new):
                raise Refusal("42P07", f'relation "{new}" already exists', place=place)
            key.name = new
    for check in shape.checks:
        if check.name == old:
            check.name, work.anew = new, True  # the name is in the words of its refusal
    if unnamed is not None:
        unnamed.required = new
    work.notes += commenting.rename_part("constraint", shape.schema, shape.name, old, new)
    shape.foreign = [replace(key, name=new) if key.name == old else key for key in shape.foreign]


def set_schema(words: Reader, place: int) -> Action:
    """What follows SET SCHEMA."""
    at = words.place
    schema = words.identifier()

    def run(work: Alteration) -> None:
        new_place(work.binder, [schema, work.shape.name], at)
        if schema == work.shape.schema:
            return
        if is_taken(work.binder, schema, work.shape.name):
            message = f'relation "{work.shape.name}" already exists in schema "{schema}"'
            raise Refusal("42P07", message, place=place)
        refuse_change(work.binder, work.table, "moving a table", place)
        _move(work, schema)

    return run


def _move(work: Alteration, schema: str) -> None:
    old, name = work.old.schema, work.old.name
    for column in work.shape.columns:
        for sequence in sequences.owned(work.binder, work.table, column.name):
            moved = replace(sequence, schema=schema)
            if column.default == drawing(sequence):
                column.default = drawing(moved)
            work.notes.append(
                f"UPDATE _helios.sequences SET sequence_schema = {literal(schema)} "
                f"WHERE sequence_schema = {literal(old)} AND sequence_name = {literal(sequence.name)}"
            )
    work.shape.schema, work.anew = schema, True
    work.notes = [*bookkeeping.move_table(old, name, schema), *work.notes]
