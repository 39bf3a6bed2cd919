"""ALTER TABLE … ADD: columns and constraints."""

from __future__ import annotations

import re

from helios_magic.engine.dialect import columnrules, constraintrules
from helios_magic.engine.dialect.altering import ADD_COLUMN, CONSTRAIN, Action, Alteration
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.tablegrammar import ColumnPart, Rule, column, constraint, is_constraint
from helios_magic.engine.dialect.tableshape import (
    ColumnShape,
    KeyShape,
    column_kind,
    condition,
    has_length,
    refuse_taken,
)
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.schema import ForeignKey

_CALL = re.compile(r"\b(?!CAST\b|DECIMAL\b)\w+\s*\(|\bcurrent_|\blocaltime", re.IGNORECASE)


def read(words: Reader, place: int) -> tuple[int, Action]:
    """What follows ADD."""
    if not words.take("column") and is_constraint(words):
        rule = constraint(words)
        return CONSTRAIN, lambda work: add_constraint(work, rule)
    unless_there = words.take("if", "not", "exists")
    part = column(words)
    return ADD_COLUMN, lambda work: _add_column(work, part, unless_there=unless_there)


def _add_column(work: Alteration, part: ColumnPart, *, unless_there: bool) -> None:
    shape = work.shape
    if shape.column(part.name) is not None:
        if unless_there:
            return
        message = f'column "{part.name}" of relation "{shape.name}" already exists'
        raise Refusal("42701", message, place=part.place)
    made = columnrules.name_column(work.binder, shape, part)
    rules = columnrules.define(work.binder, shape, made, part)
    for rule in rules:
        if rule.kind == "check" and not work.anew:
            work.anew = True
        constraintrules.add(work.binder, shape, rule, part.name)
    if not made.nullable and made.default is None:
        message = f'column "{made.name}" of relation "{shape.name}" contains null values'
        work.refuse_rows("true", "23502", message)
    keyed = any(rule.kind != "references" for rule in rules)
    if keyed or made.generated is not None or has_length(made.type) or not _constant(made.default):
        work.anew = True
        return
    work.native.append(_in_place(work, made))


def _in_place(work: Alteration, made: ColumnShape) -> tuple[str, ...]:
    default = "" if made.default is None else f" DEFAULT {made.default}"
    kind = column_kind(work.binder, made.type)
    steps = [f"{work.altering} ADD COLUMN {quoted(made.name)} {kind}{default}"]
    if not made.nullable:
        steps.append(f"{work.altering} ALTER COLUMN {quoted(made.name)} SET NOT NULL")
    return tuple(steps)


def _constant(default: str | None) -> bool:
    """Whether every row gets the same value whenever it is computed."""
    return default is None or _CALL.search(re.sub(r"'(?:[^']|'')*'", "''", default)) is None


def add_constraint(work: Alteration, rule: Rule) -> None:
    """A constraint of the table, which must hold for the rows that are there."""
    if rule.index is not None:
        _use_index(work, rule)
        return
    if rule.kind == "not null":
        refuse_taken(work.shape, rule.name, rule.place)
        set_not_null(work, rule.columns[0], rule.place, rule.name)
        return
    known = len(work.shape.keys), len(work.shape.checks)
    constraintrules.add(work.binder, work.shape, rule, None)
    if rule.kind == "references":
        if not rule.valid:
            _refuse_invalid_key(work, work.shape.foreign[-1])
        return
    work.anew = True
    for key in work.shape.keys[known[0] :]:
        _refuse_duplicates(work, key)
    for check in work.shape.checks[known[1] :]:
        if _there(work, check.columns):
            _refuse_breaches(work, check.name, f"({condition(work.binder, work.shape, check)}) IS FALSE", rule)


def _refuse_breaches(work: Alteration, name: str, breaking: str, rule: Rule) -> None:
    if rule.valid:
        message = f'check constraint "{name}" of relation "{work.shape.name}" is violated by some row'
        work.refuse_rows(breaking, "23514", message)
    else:
        work.refuse_rows(breaking, "0A000", f'NOT VALID of "{name}", which rows that are there break, is not supported')


def _refuse_invalid_key(work: Alteration, key: ForeignKey) -> None:
    """NOT VALID leaves the rows that are there alone; here a foreign key holds for all rows or is not there."""
    if not _there(work, key.columns):
        return
    schema, _, parent = key.references.rpartition(".")
    same = " AND ".join(
        f"p.{quoted(there)} = c.{quoted(own)}" for own, there in zip(key.columns, key.references_columns, strict=True)
    )
    present = " AND ".join(f"c.{quoted(own)} IS NOT NULL" for own in key.columns)
    query = (
        f"SELECT 1 FROM {work.old.place} AS c WHERE {present} AND NOT EXISTS "
        f"(SELECT 1 FROM {quoted(schema or 'public')}.{quoted(parent)} AS p WHERE {same})"
    )
    message = f'NOT VALID of "{key.name}", which rows that are there break, is not supported'
    work.refuse_found(query, literal(f"[0A000] {message}"))


def _refuse_duplicates(work: Alteration, key: KeyShape) -> None:
    if not _there(work, key.columns):
        return
    for name in key.columns if key.kind == "p" else ():
        message = f'column "{name}" of relation "{work.shape.name}" contains null values'
        work.refuse_rows(f"{quoted(name)} IS NULL", "23502", message)
    listed = ", ".join(map(quoted, key.columns))
    present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key.columns)
    query = f"SELECT 1 FROM {work.old.place} WHERE {present} GROUP BY {listed} HAVING count(*) > 1"
    work.refuse_found(query, literal(f'[23505] could not create unique index "{key.name}"'))


def _there(work: Alteration, columns: tuple[str, ...]) -> bool:
    """Whether the rows that are there have all these columns, as they are."""
    found = [work.shape.column(name) for name in columns]
    return all(column is not None and column.origin == column.name and column.filled is None for column in found)


def _use_index(work: Alteration, rule: Rule) -> None:
    """A unique index that becomes a constraint, under the constraint's name."""
    shape = work.shape
    index = next((index for index in shape.indexes if index.name == rule.index), None)
    if index is None:
        raise Refusal("42704", f'index "{rule.index}" does not exist', place=rule.place)
    if not index.unique:
        raise Refusal("42809", f'"{rule.index}" is not a unique index', place=rule.place)
    if not index.columns or " WHERE " in (index.definition or ""):
        raise unsupported("a constraint USING a partial index or one on an expression", place=rule.place)
    shape.indexes.remove(index)
    primary = rule.kind == "primary"
    if primary and shape.primary:
        message = f'multiple primary keys for table "{shape.name}" are not allowed'
        raise Refusal("42P16", message, place=rule.place)
    name = rule.name or index.name
    shape.keys.append(KeyShape(name, "p" if primary else "u", index.columns))
    work.anew = True
    for required in index.columns if primary else ():
        set_not_null(work, required, rule.place)


def set_not_null(work: Alteration, name: str, place: int | None, called: str | None = None) -> None:
    """SET NOT NULL, on rows that have no NULL there."""
    column = work.column(name, place)
    if not column.nullable:
        return
    constraintrules.require(work.shape, name, place, called)
    if column.origin is None:
        work.anew = True
        return
    message = f'column "{name}" of relation "{work.shape.name}" contains null values'
    work.refuse_rows(f"{quoted(column.origin)} IS NULL", "23502", message)
    work.native.append((f"{work.altering} ALTER COLUMN {quoted(column.origin)} SET NOT NULL",))
