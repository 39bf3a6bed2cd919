"""LIKE in CREATE TABLE: the columns of another table, and what is INCLUDING of the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from helios_magic.engine.dialect import bookkeeping, indexkeys, sequences, sources
from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.pgcatalog.indexes import tail
from helios_magic.engine.dialect.tablegrammar import LikePart
from helios_magic.engine.dialect.tableshape import (
    CheckShape,
    ColumnShape,
    KeyShape,
    TableShape,
    constraint_name,
    of_table,
)
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.engine.sequences import drawing
from helios_magic.schema import Index, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def copy_columns(binder: Binder, shape: TableShape, part: LikePart) -> list[str]:
    """Names, types and NOT NULL; defaults, identities and expressions where they are included.

    Answers the steps that give the columns their comments.
    """
    after = []
    for column in of_table(_source(binder, part)).columns:
        if any(other.name.lower() == column.name.lower() for other in shape.columns):
            raise Refusal("42701", f'column "{column.name}" specified more than once', place=part.place)
        made = ColumnShape(column.name, column.type, nullable=column.nullable, required=column.required)
        if column.identity is None and "defaults" in part.included:
            made.default = column.default
        if "generated" in part.included:
            made.generated = column.generated
        if column.identity is not None and "identity" in part.included:
            _own_sequence(binder, shape, made, part, column)
        shape.columns.append(made)
        if column.comment is not None and "comments" in part.included:
            at = f"{shape.place}.{quoted(column.name)}"
            after.append(f"COMMENT ON COLUMN {at} IS {literal(column.comment)}")
    return after


def copy_rest(binder: Binder, shape: TableShape, part: LikePart) -> list[str]:
    """Checks, keys and indexes, where they are included; answers the steps that make the indexes."""
    source = of_table(_source(binder, part))
    if "constraints" in part.included:
        for check in source.checks:
            taken = check.name in shape.constraint_names
            name = constraint_name(binder, shape, (), "check") if taken else check.name
            shape.checks.append(CheckShape(name, check.shown, check.columns))
    if "indexes" not in part.included:
        return []
    for key in source.keys:
        label, columns = ("pkey", ()) if key.kind == "p" else ("key", key.columns)
        if key.kind == "p" and shape.primary:
            message = f'multiple primary keys for table "{shape.name}" are not allowed'
            raise Refusal("42P16", message, place=part.place)
        shape.keys.append(KeyShape(constraint_name(binder, shape, columns, label), key.kind, key.columns))
        for column in shape.columns:
            column.nullable = column.nullable and not (key.kind == "p" and column.name in key.columns)
    return [step for index in source.indexes for step in _index(binder, shape, source, index, part)]


def _source(binder: Binder, part: LikePart) -> Table:
    return sources.find_table(binder, part.table, part.schema, part.place)


def _own_sequence(binder: Binder, shape: TableShape, made: ColumnShape, part: LikePart, column: ColumnShape) -> None:
    """An identity column has a sequence of its own, with the options of the one it is like."""
    source = _source(binder, part)
    model = next(iter(sequences.owned(binder, source, column.name)), None)
    at = (shape.schema, shape.name)
    taken = {known.name for known, *_ in shape.sequences}
    options: dict[str, object] = {"type": model.type if model is not None else column.type}
    sequence = sequences.for_column(binder, at, column.name, options, taken)
    if model is not None:
        sequence = replace(
            sequence, start=model.start, increment=model.increment, minimum=model.minimum, maximum=model.maximum,
            cycle=model.cycle,
        )  # fmt: skip
    shape.sequences.append((sequence, *at, column.name))
    made.identity, made.default, made.nullable = column.identity, drawing(sequence), False


def _index(binder: Binder, shape: TableShape, source: TableShape, index: Index, part: LikePart) -> list[str]:
    """The index under PostgreSQL's name for it on the new table, with the rest of its definition."""
    name = constraint_name(binder, shape, index.columns, "idx")
    made = replace(index, name=name)
    native = [indexkeys.native(binder, (shape.schema, shape.name), shape.fields, made)] if index.unique else []
    shape.indexes.append(made)
    row = (shape.schema, shape.name, name, index.uses, index.unique, tail(index.definition or ""))
    return [*native, *bookkeeping.record("indexes", [row])]
