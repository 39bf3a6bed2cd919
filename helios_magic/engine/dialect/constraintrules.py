"""Constraints of a table that is made or changed: keys, checks, foreign keys, NOT NULL, under PostgreSQL's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.columnrules import refuse_parameters
from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.grammar import READING
from helios_magic.engine.dialect.pgtypes import NUMBERS, STRINGS, base, long_name
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.sources import is_taken
from helios_magic.engine.dialect.tablegrammar import Reference, Rule
from helios_magic.engine.dialect.tableshape import (
    CheckShape,
    KeyShape,
    TableShape,
    bound_condition,
    constraint_name,
    of_table,
    refuse_taken,
    shown_tree,
    unqualified,
)
from helios_magic.engine.dialect.typed import Node, place_of
from helios_magic.schema import ForeignKey

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def add(binder: Binder, shape: TableShape, rule: Rule, column: str | None) -> None:
    """Give the shape one more constraint; `column` is the one that it was written at."""
    columns = rule.columns if column is None else (column,)
    if rule.name in {key.name for key in shape.keys} and rule.kind in ("primary", "unique"):
        # A key is an index too, whose name is taken as a relation's.
        raise Refusal("42P07", f'relation "{rule.name}" already exists', place=rule.place)
    refuse_taken(shape, rule.name, rule.place)
    if rule.kind in ("primary", "unique"):
        add_key(binder, shape, rule, columns)
    elif rule.kind == "check" and rule.expression is not None:
        add_check(binder, shape, rule, rule.expression, column)
    elif rule.kind == "references" and rule.reference is not None:
        add_foreign_key(binder, shape, rule, columns, rule.reference)
    elif rule.kind == "not null":
        require(shape, columns[0], rule.place, rule.name)
    else:
        raise unsupported(f"the constraint {rule.kind}", place=rule.place)


def require(shape: TableShape, name: str, place: int | None, called: str | None = None) -> None:
    """NOT NULL, perhaps under a name of its own."""
    column = shape.column(name)
    if column is None:
        hint = nearest(name, [c.name for c in shape.columns])
        message = f'column "{name}" of relation "{shape.name}" does not exist'
        raise Refusal("42703", message, place=place, hint=hint)
    if column.generated is not None:
        raise unsupported("NOT NULL on a generated column", place=place)
    column.nullable, column.required = False, called


def add_key(binder: Binder, shape: TableShape, rule: Rule, columns: tuple[str, ...]) -> KeyShape:
    """PRIMARY KEY, which is NOT NULL too, or UNIQUE."""
    must_exist(shape, columns, rule.place)
    primary = rule.kind == "primary"
    if primary and shape.primary:
        message = f'multiple primary keys for table "{shape.name}" are not allowed'
        raise Refusal("42P16", message, place=rule.place)
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        kind = "primary key" if primary else "unique"
        raise Refusal("42701", f'column "{twice}" appears twice in {kind} constraint', place=rule.place)
    if any(c.generated is not None for c in shape.columns if c.name in columns):
        raise unsupported("a key on a generated column", place=rule.place)
    if rule.name is not None and (is_taken(binder, shape.schema, rule.name) or rule.name == shape.name):
        raise Refusal("42P07", f'relation "{rule.name}" already exists', place=rule.place)
    if not primary and any((key.kind, key.columns) == ("u", columns) for key in shape.keys):
        raise unsupported("a second key on the same columns", place=rule.place)
    label = "pkey" if primary else "key"
    name = rule.name or constraint_name(binder, shape, () if primary else columns, label)
    key = KeyShape(name, "p" if primary else "u", columns)
    shape.keys.append(key)
    if primary:
        for known in shape.columns:
            known.nullable = known.nullable and known.name not in columns
    return key


def must_exist(shape: TableShape, columns: tuple[str, ...], place: int | None, what: str = "named in key") -> None:
    known = [c.name for c in shape.columns]
    for column in columns:
        if column not in known:
            hint = nearest(column, known)
            raise Refusal("42703", f'column "{column}" {what} does not exist', place=place, hint=hint)


def add_check(binder: Binder, shape: TableShape, rule: Rule, tree: Node, column: str | None) -> CheckShape:
    """CHECK, kept as it was written; what it names is read off its bound form."""
    _refuse_subquery(tree)
    shown = READING.generate(tree)
    bound = bound_condition(binder, shape, tree.copy())
    used = tuple(dict.fromkeys(c.name for c in [bound, *bound.find_all(exp.Column)] if isinstance(c, exp.Column)))
    again = bound_condition(binder, shape, shown_tree(shown))
    if unqualified(bound, shape) != unqualified(again, shape):
        # What is kept must mean the same when the table is built anew.
        raise unsupported("this CHECK constraint", place=rule.place)
    label = used if len(used) == 1 else ()  # wherever it is written, the column that it names
    check = CheckShape(rule.name or constraint_name(binder, shape, label, "check"), shown, used)
    shape.checks.append(check)
    return check


def _refuse_subquery(tree: Node) -> None:
    refuse_parameters(tree)
    if any(True for _ in tree.find_all(exp.Query)):
        raise Refusal("0A000", "cannot use subquery in check constraint", place=place_of(tree))


def add_foreign_key(
    binder: Binder, shape: TableShape, rule: Rule, columns: tuple[str, ...], target: Reference
) -> ForeignKey:
    """A row for our catalogue; the engine checks it.  The target must be there and unique (42830)."""
    must_exist(shape, columns, rule.place, "referenced in foreign key constraint")
    if target.full and len(columns) > 1:
        raise unsupported("MATCH FULL", place=target.place)
    parent = shape if (target.schema, target.table) == (shape.schema, shape.name) else _parent(binder, target)
    wanted = target.columns or parent.primary
    if not wanted:
        message = f'there is no primary key for referenced table "{target.table}"'
        raise Refusal("42704", message, place=target.place)
    must_exist(parent, wanted, target.place, "referenced in foreign key constraint")
    if len(wanted) != len(columns):
        message = "number of referencing and referenced columns for foreign key disagree"
        raise Refusal("42830", message, place=target.place)
    keys = [*(key.columns for key in parent.keys), *(i.columns for i in parent.indexes if i.unique and not i.partial)]
    if not any(set(key) == set(wanted) for key in keys):
        message = f'there is no unique constraint matching given keys for referenced table "{target.table}"'
        raise Refusal("42830", message, place=target.place)
    name = rule.name or constraint_name(binder, shape, columns, "fkey")
    for own, there in zip(columns, wanted, strict=True):
        mine, theirs = shape.column(own), parent.column(there)
        if mine is not None and theirs is not None:
            must_compare(name, (own, mine.type), (there, theirs.type), rule.place)
    _refuse_odd_actions(shape, columns, rule, target)
    references = target.table if target.schema == "public" else f"{target.schema}.{target.table}"
    key = ForeignKey(
        name, columns, references, wanted, target.on_delete, target.on_update, rule.deferred, rule.deferrable
    )
    shape.foreign.append(key)
    return key


def must_compare(name: str, own: tuple[str, str], there: tuple[str, str], place: int | None) -> None:
    """42804 for the columns of a foreign key whose types PostgreSQL does not compare; each as name and type."""
    one, other = base(own[1]), base(there[1])
    families = (NUMBERS, STRINGS, ("date", "timestamp", "timestamptz"))
    if one == other or any(one in family and other in family for family in families):
        return
    raise Refusal(
        "42804", f'foreign key constraint "{name}" cannot be implemented', place=place,
        hint=f'Key columns "{own[0]}" and "{there[0]}" are of incompatible types: '
        f"{long_name(one)} and {long_name(other)}.",
    )  # fmt: skip


def _parent(binder: Binder, target: Reference) -> TableShape:
    table = binder.schema.table(target.table, target.schema)
    if table is None:
        shown = target.table if target.schema == "public" else f"{target.schema}.{target.table}"
        hint = nearest(target.table, [t.name for t in binder.schema.tables])
        raise Refusal("42P01", f'relation "{shown}" does not exist', place=target.place, hint=hint)
    if table.kind != "table":
        message = f'referenced relation "{target.table}" is not a table'
        raise Refusal("42809", message, place=target.place)
    binder.reads.add(TableName(target.schema, target.table))
    return of_table(table)


def _refuse_odd_actions(shape: TableShape, columns: tuple[str, ...], rule: Rule, target: Reference) -> None:
    """What would write to a generated column."""
    made = any(c.generated is not None for c in shape.columns if c.name in columns)
    for event, action in (("DELETE", target.on_delete), ("UPDATE", target.on_update)):
        writes = action in ("SET NULL", "SET DEFAULT") or (event == "UPDATE" and action == "CASCADE")
        if made and writes:
            message = f"invalid ON {event} action for foreign key constraint containing generated column"
            raise Refusal("42601", message, place=rule.place)
