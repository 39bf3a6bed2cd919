"""Columns of a table that is made or changed: type, default, identity, generated value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sequences
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.membership import spelled_out
from helios_magic.engine.dialect.pgtypes import INTEGERS, base, from_tree
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.tablegrammar import ColumnPart, Rule
from helios_magic.engine.dialect.tableshape import ColumnShape, TableShape, refuse_taken, unqualified
from helios_magic.engine.dialect.typed import Node, place_of
from helios_magic.engine.sequences import drawing, drawn_from
from helios_magic.schema import Sequence

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

#: Calls whose answer is not the same for the same row: no generated column may be made of them.
_CHANGING = re.compile(
    r"\b(?:now|random|setseed|gen_random_uuid|uuid|uuidv4|uuidv7|current_timestamp|current_date|current_time"
    r"|localtimestamp|localtime|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|get_current_\w+"
    r"|current_localtimestamp|current_localtime|today|pg_nextval|current_user|session_user)\b",
    re.IGNORECASE,
)
_VALUES = ("default", "identity", "generated")


def name_column(binder: Binder, shape: TableShape, part: ColumnPart) -> ColumnShape:
    """A new column with its type, before anything is said of it."""
    for other in shape.columns:
        if other.name == part.name:
            raise Refusal("42701", f'column "{part.name}" specified more than once', place=part.place)
        if other.name.lower() == part.name.lower():
            named = f'two columns that differ only by case ("{other.name}", "{part.name}")'
            raise unsupported(named, place=part.place)
    if part.name in ("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"):
        message = f'column name "{part.name}" conflicts with a system column name'
        raise Refusal("42701", message, place=part.place)
    kind = part.serial if part.kind is None else from_tree(part.kind, binder.enums)
    if kind is None:
        raise Refusal(SYNTAX, f'column "{part.name}" needs a type', place=part.place)
    column = ColumnShape(part.name, kind)
    if any(rule.kind == "generated" for rule in part.rules):
        column.generated = ""  # others must not be made of it, wherever they stand
    shape.columns.append(column)
    return column


def define(binder: Binder, shape: TableShape, column: ColumnShape, part: ColumnPart) -> list[Rule]:
    """Read what is said of a column; answers the rules that are constraints of the table."""
    _refuse_contradictions(shape, part)
    rest = []
    for rule in part.rules:
        if rule.kind == "not null":
            refuse_taken(shape, rule.name, rule.place)
            column.nullable, column.required = False, rule.name
        elif rule.kind == "default" and rule.expression is not None:
            column.default = default(binder, column, rule.expression)
        elif rule.kind == "generated" and rule.expression is not None:
            column.generated = generated(binder, shape, column, rule.expression)
        elif rule.kind == "identity":
            become_identity(binder, shape, column, rule)
        elif rule.kind != "null":
            rest.append(rule)
    if part.serial is not None:
        column.default, column.nullable = drawing(_sequence(binder, shape, column, {})), False
    if column.generated is not None and not column.nullable:
        raise unsupported("NOT NULL on a generated column", place=part.place)
    return rest


def _refuse_contradictions(shape: TableShape, part: ColumnPart) -> None:
    kinds = [rule.kind for rule in part.rules]
    at, where = part.place, f'column "{part.name}" of table "{shape.name}"'
    nothing = "null" in kinds and ("not null" in kinds or part.serial or "primary" in kinds or "identity" in kinds)
    if nothing:
        raise Refusal(SYNTAX, f"conflicting NULL/NOT NULL declarations for {where}", place=at)
    values = [kind for kind in kinds if kind in _VALUES]
    if part.serial is not None:
        values.append("default")
    if len(values) < 2:
        return
    if set(values) == {"default"}:
        raise Refusal(SYNTAX, f"multiple default values specified for {where}", place=at)
    if set(values) == {"identity"}:
        raise Refusal(SYNTAX, f"multiple identity specifications for {where}", place=at)
    one, other = ("default", "identity") if "generated" not in values else ("default", "generation expression")
    if set(values) == {"identity", "generated"}:
        one, other = "identity", "generation expression"
    raise Refusal(SYNTAX, f"both {one} and {other} specified for {where}", place=at)


def default(binder: Binder, column: ColumnShape, tree: Node) -> str:
    """A DEFAULT as DuckDB's text."""
    refuse_parameters(tree)
    if any(True for _ in tree.find_all(exp.Query)):
        raise Refusal("0A000", "cannot use subquery in DEFAULT expression", place=place_of(tree))
    try:
        value = visit(binder, tree, Scope())
    except Refusal as refusal:
        if refusal.sqlstate in ("42703", "42P01") and tree.find(exp.Column) is not None:
            message = "cannot use column reference in DEFAULT expression"
            raise Refusal("0A000", message, place=place_of(tree)) from None
        raise
    return text(assigned(binder, value, column, "default expression"))


def assigned(binder: Binder, value: Node, column: ColumnShape, what: str) -> Node:
    """The value as the column takes it; 42804 in PostgreSQL's words where it does not."""
    from helios_magic.engine.dialect.pgtypes import long_name
    from helios_magic.engine.dialect.typed import base_of

    try:
        return coerce(binder, value, column.type, assignment=True)
    except Refusal as refusal:
        if refusal.sqlstate != "42804":
            raise
        message = (
            f'column "{column.name}" is of type {long_name(base(column.type))} but {what} is of type '
            f"{long_name(base_of(value))}"
        )
        hint = "You will need to rewrite or cast the expression."
        raise Refusal("42804", message, place=refusal.place, hint=hint) from None


def refuse_parameters(tree: Node) -> None:
    parameter = tree.find(exp.Parameter)
    if parameter is not None:
        raise Refusal("42P02", f"there is no parameter ${parameter.name}", place=place_of(tree))


def generated(binder: Binder, shape: TableShape, column: ColumnShape, tree: Node) -> str:
    """What a generated column is made of, as DuckDB's text."""
    refuse_parameters(tree)
    if any(True for _ in tree.find_all(exp.Query)):
        raise Refusal("0A000", "cannot use subquery in column generation expression", place=place_of(tree))
    made = {other.name for other in shape.columns if other.generated is not None} | {column.name}
    bound = visit(binder, spelled_out(tree), shape.scope())
    value = assigned(binder, bound, column, "generation expression")
    for used in [value, *value.find_all(exp.Column)]:
        if isinstance(used, exp.Column) and used.name in made:
            message = f'cannot use generated column "{used.name}" in column generation expression'
            raise Refusal("42P17", message, place=place_of(tree))
    told = unqualified(value)
    if drawn_from(told) or _CHANGING.search(re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "''", told)):
        raise Refusal("42P17", "generation expression is not immutable", place=place_of(tree))
    return told


def become_identity(binder: Binder, shape: TableShape, column: ColumnShape, rule: Rule) -> None:
    """GENERATED … AS IDENTITY, with a sequence of the column's own."""
    if base(column.type) not in INTEGERS:
        raise Refusal("22023", "identity column type must be smallint, integer, or bigint", place=rule.place)
    column.identity = "ALWAYS" if rule.always else "BY DEFAULT"
    column.default, column.nullable = drawing(_sequence(binder, shape, column, rule.options)), False


def _sequence(binder: Binder, shape: TableShape, column: ColumnShape, options: dict[str, object]) -> Sequence:
    at = (shape.schema, shape.name)
    taken = {made.name for made, *_ in shape.sequences}
    sequence = sequences.for_column(binder, at, column.name, {"type": base(column.type), **options}, taken)
    shape.sequences.append((sequence, *at, column.name))
    return sequence
