"""ALTER TABLE … ALTER COLUMN: type, default, NOT NULL, identity, generated value."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping, columnrules, constraintrules, sequences
from helios_magic.engine.dialect.alteradding import set_not_null
from helios_magic.engine.dialect.altering import ATTRIBUTE, DROP, RETYPE, Action, Alteration, altered_column
from helios_magic.engine.dialect.altersequence import check_restart
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.pgtypes import INTEGERS, NUMBERS, STRINGS, base, from_tree, long_name
from helios_magic.engine.dialect.tablegrammar import Rule, identity_options
from helios_magic.engine.dialect.tableshape import (
    ColumnShape,
    TableShape,
    column_kind,
    has_length,
    shown_tree,
    unqualified,
)
from helios_magic.engine.dialect.typed import Node, identifier, literal, sql
from helios_magic.engine.dialect.views import dependents
from helios_magic.engine.sequences import drawing, drawn_from, encoded
from helios_magic.schema import Sequence
from helios_magic.sqltext import scan

_NUMBER = re.compile(r"CAST\((?P<value>-?\d+(?:\.\d+)?) AS VARCHAR\)")


def read(words: Reader) -> tuple[int, Action]:
    """What follows ALTER COLUMN."""
    at = words.place
    name = words.identifier()
    if words.take("type") or words.take("set", "data", "type"):
        return RETYPE, _type(words, name, at)
    if words.take("set", "default"):
        tree = words.expression()
        return ATTRIBUTE, lambda work: _set_default(work, name, at, tree)
    if words.take("drop", "default"):
        return DROP, lambda work: _drop_default(work, name, at)
    if words.take("set", "not", "null"):
        return ATTRIBUTE, lambda work: set_not_null(work, name, at)
    if words.take("drop", "not", "null"):
        return DROP, lambda work: drop_not_null(work, name, at)
    if words.take("drop", "expression"):
        unless_none = words.take("if", "exists")
        return DROP, lambda work: _drop_expression(work, name, at, unless_none=unless_none)
    if words.take("set", "expression", "as"):
        tree = words.bracketed()
        return RETYPE, lambda work: _set_expression(work, name, at, tree)
    if words.take("drop", "identity"):
        unless_none = words.take("if", "exists")
        return DROP, lambda work: _drop_identity(work, name, at, unless_none=unless_none)
    if words.take("add", "generated"):
        return ATTRIBUTE, _add_identity(words, name, at)
    if words.at("restart") or (words.at("set") and not words.is_after("(")):
        return ATTRIBUTE, _set(words, name, at)
    if words.take("set") or words.take("reset"):
        words.brackets()  # how the planner counts is the engine's own
        return ATTRIBUTE, lambda work: _there(work, name, at)
    raise words.unexpected()


def _there(work: Alteration, name: str, place: int) -> None:
    work.column(name, place)


# Types ------------------------------------------------------------------------------------------------------------


def _type(words: Reader, name: str, place: int) -> Action:
    at = words.place
    kind = words.kind(("using", "collate"))
    if words.take("collate") and words.name()[-1].lower() not in ("c", "posix", "default", "ucs_basic"):
        raise unsupported("this collation", place=at)
    using = words.expression() if words.take("using") else None
    return lambda work: _retype(work, name, place, kind, using)


def _retype(work: Alteration, name: str, place: int, kind: Node, using: Node | None) -> None:
    from helios_magic.engine.dialect.retyping import is_plain

    binder, column = work.binder, work.column(name, place)
    target = from_tree(kind, binder.enums)
    if column.origin is None or column.filled is not None:
        raise Refusal("0A000", f'cannot alter type of column "{name}" twice', place=place)
    _refuse_dependents(work, column, place)
    _keep_comparable(work, name, target, place)
    _keep_checks(work, column, target, place)
    if column.identity is not None and base(target) not in INTEGERS:
        raise Refusal("22023", "identity column type must be smallint, integer, or bigint", place=place)
    how = unqualified(_converted(work, column, target, using, place))
    # Values that were computed make another column of it: a merge must not take one for the other.
    anew = using is not None and not is_plain(binder, how, name, column.type, target)
    column.default = _default_as(work, column, target, place)
    fixed = _fixed(work.shape, column) or has_length(target)
    column.type, column.filled = target, how
    work.anew = work.anew or fixed or column.default != _old(work, column).default
    altered_column(work, column, f"SET DATA TYPE {column_kind(binder, target)} USING {how}")
    work.notes += bookkeeping.retype_column(work.shape.schema, work.shape.name, name, target, anew=anew)


def _converted(work: Alteration, column: ColumnShape, target: str, using: Node | None, place: int) -> Node:
    binder, scope = work.binder, work.old.scope()
    if using is not None:
        columnrules.refuse_parameters(using)
        value = visit(binder, using, scope)
        try:
            return coerce(binder, value, target, assignment=True)
        except Refusal as refusal:
            if refusal.sqlstate != "42804":
                raise
            message = f'result of USING clause for column "{column.name}" cannot be cast automatically to type '
            hint = "You might need to add an explicit cast."
            raise Refusal("42804", message + long_name(base(target)), place=place, hint=hint) from None
    value = visit(binder, exp.Column(this=identifier(column.name)), scope)
    try:
        return coerce(binder, value, target, assignment=True)
    except Refusal as refusal:
        if refusal.sqlstate != "42804":
            raise
        message = f'column "{column.name}" cannot be cast automatically to type {long_name(base(target))}'
        hint = f'You might need to specify "USING {column.name}::{long_name(base(target))}".'
        raise Refusal("42804", message, place=place, hint=hint) from None


def _default_as(work: Alteration, column: ColumnShape, target: str, place: int) -> str | None:
    if column.default is None or base(column.type) == base(target):
        return column.default
    if drawn_from(column.default) and base(target) in INTEGERS:
        return column.default
    number = _NUMBER.fullmatch(column.default)
    if number is not None and base(target) in NUMBERS:
        return number["value"]  # it was a number before it became text
    told = column.default.replace("{", "{{").replace("}", "}}")
    try:
        return text(coerce(work.binder, sql(told, pg=column.type), target, assignment=True))
    except Refusal as refusal:
        if refusal.sqlstate != "42804":
            raise
        message = f'default for column "{column.name}" cannot be cast automatically to type {long_name(base(target))}'
        raise Refusal("42804", message, place=place) from None


def _fixed(shape: TableShape, column: ColumnShape) -> bool:
    """Whether DuckDB cannot change the column in place."""
    named = [key.columns for key in shape.keys] + [check.columns for check in shape.checks]
    named += [index.uses for index in shape.indexes if index.unique]
    made = any(other.generated is not None for other in shape.columns)
    return made or has_length(column.type) or any(column.name in columns for columns in named)


def _old(work: Alteration, column: ColumnShape) -> ColumnShape:
    return next(old for old in work.old.columns if old.name == column.origin)


def _refuse_dependents(work: Alteration, column: ColumnShape, place: int) -> None:
    if column.generated is not None:
        raise unsupported("altering the type of a generated column", place=place)
    if any(names(other.generated, column.name) for other in work.shape.columns):
        raise Refusal("0A000", "cannot alter type of a column used by a generated column", place=place)
    views = dependents(work.binder, work.table, column.name)
    if views:
        message = "cannot alter type of a column used by a view or rule"
        raise Refusal("0A000", message, place=place, hint=f"Drop {views[0].name} first, and create it again after.")


def _keep_checks(work: Alteration, column: ColumnShape, target: str, place: int) -> None:
    """A constant in a check has the type that it was compared in: the check would not mean the same."""
    one, other = base(column.type), base(target)
    if one == other or any(one in family and other in family for family in (NUMBERS, STRINGS)):
        return
    for check in work.shape.checks:
        if column.name in check.columns and shown_tree(check.shown).find(exp.Literal) is not None:
            raise unsupported(
                f"changing the type of a column that CHECK {check.name} compares",
                place=place,
                hint="Drop the constraint first, and add it again after.",
            )


def names(expression: str | None, column: str) -> bool:
    """Whether an expression of DuckDB's names a column of its table."""
    return expression is not None and any(
        token.kind in ("word", "identifier") and token.name.lower() == column.lower() for token in scan(expression)
    )


def _keep_comparable(work: Alteration, name: str, target: str, place: int) -> None:
    """A foreign key's columns must be comparable with those they point at, on both sides."""
    schema = work.binder.schema
    for key in work.shape.foreign:
        space, _, parent_name = key.references.rpartition(".")
        parent = schema.table(parent_name, space or "public")
        for own, there in zip(key.columns, key.references_columns, strict=True):
            column = parent.column(there) if parent is not None else None
            if own == name and column is not None:
                constraintrules.must_compare(key.name, (own, target), (there, column.type), place)
    for child in schema.tables:
        for key in child.foreign_keys:
            if key.references not in (work.table.name, f"{work.table.schema}.{work.table.name}"):
                continue
            for own, there in zip(key.columns, key.references_columns, strict=True):
                column = child.column(own)
                if there == name and column is not None:
                    constraintrules.must_compare(key.name, (own, column.type), (there, target), place)


# Defaults, NOT NULL, expressions ----------------------------------------------------------------------------------


def _set_default(work: Alteration, name: str, place: int, tree: Node) -> None:
    column = work.column(name, place)
    _plain_default(work, column, place)
    column.default = columnrules.default(work.binder, column, tree)
    altered_column(work, column, f"SET DEFAULT {column.default}")


def _drop_default(work: Alteration, name: str, place: int) -> None:
    column = work.column(name, place)
    _plain_default(work, column, place)
    if column.default is not None:
        column.default = None
        altered_column(work, column, "DROP DEFAULT")


def _plain_default(work: Alteration, column: ColumnShape, place: int) -> None:
    if column.identity is not None:
        message = f'column "{column.name}" of relation "{work.shape.name}" is an identity column'
        raise Refusal(SYNTAX, message, place=place)
    if column.generated is not None:
        message = f'column "{column.name}" of relation "{work.shape.name}" is a generated column'
        raise Refusal(SYNTAX, message, place=place)


def drop_not_null(work: Alteration, name: str, place: int | None) -> None:
    """DROP NOT NULL, but for a key and an identity."""
    column = work.column(name, place)
    if name in work.shape.primary:
        raise Refusal("42P16", f'column "{name}" is in a primary key', place=place)
    if column.identity is not None:
        message = f'column "{name}" of relation "{work.shape.name}" is an identity column'
        raise Refusal(SYNTAX, message, place=place)
    if not column.nullable:
        column.nullable, column.required = True, None
        altered_column(work, column, "DROP NOT NULL")


def _drop_expression(work: Alteration, name: str, place: int, *, unless_none: bool) -> None:
    """The generated values stay, as ordinary ones."""
    column = work.column(name, place)
    if column.generated is None:
        if unless_none:
            return
        message = f'column "{name}" of relation "{work.shape.name}" is not a generated column'
        raise Refusal("55000", message, place=place)
    column.generated, work.anew = None, True


def _set_expression(work: Alteration, name: str, place: int, tree: Node) -> None:
    column = work.column(name, place)
    if column.generated is None:
        message = f'column "{name}" of relation "{work.shape.name}" is not a generated column'
        raise Refusal("55000", message, place=place)
    column.generated = columnrules.generated(work.binder, work.shape, column, tree)
    work.anew = True


# Identities -------------------------------------------------------------------------------------------------------


def _add_identity(words: Reader, name: str, place: int) -> Action:
    always = words.take("always")
    if not always and not words.take("by", "default"):
        raise words.unexpected()
    if not words.take("as", "identity"):
        raise words.unexpected()
    options = identity_options(words) if words.is_symbol("(") else {}
    rule = Rule("identity", place, always=always, options=options)

    def run(work: Alteration) -> None:
        column = work.column(name, place)
        message = f'column "{name}" of relation "{work.shape.name}"'
        if base(column.type) not in INTEGERS:
            raise Refusal("22023", "identity column type must be smallint, integer, or bigint", place=place)
        if column.nullable:
            raise Refusal("55000", f"{message} must be declared NOT NULL before identity can be added", place=place)
        if column.identity is not None:
            raise Refusal("55000", f"{message} is already an identity column", place=place)
        if column.default is not None:
            raise Refusal("55000", f"{message} already has a default value", place=place)
        columnrules.become_identity(work.binder, work.shape, column, rule)
        altered_column(work, column, f"SET DEFAULT {column.default}")

    return run


def _drop_identity(work: Alteration, name: str, place: int, *, unless_none: bool) -> None:
    column = work.column(name, place)
    if column.identity is None:
        if unless_none:
            return
        message = f'column "{name}" of relation "{work.shape.name}" is not an identity column'
        raise Refusal("55000", message, place=place)
    column.identity = column.default = None
    work.notes += [sequences.forgotten(sequence) for sequence in sequences.owned(work.binder, work.table, name)]
    altered_column(work, column, "DROP DEFAULT")


def _set(words: Reader, name: str, place: int) -> Action:
    """SET GENERATED, RESTART, SET of a sequence's options, in any order; and what only says how bytes are kept."""
    always: bool | None = None
    options: dict[str, object] = {}
    restart: list[int | None] = []
    while words.at("set", "restart"):
        if words.take("restart"):
            words.take("with")
            ended = words.done or words.is_symbol(",") or words.at("set")
            restart.append(None if ended else words.number())
            continue
        words.take("set")
        if words.take("generated"):
            always = words.take("always")
            if not always and not words.take("by", "default"):
                raise words.unexpected()
        elif words.take("statistics"):
            words.number()
            return lambda work: _there(work, name, place)
        elif words.take("storage") or words.take("compression"):
            words.next()
            return lambda work: _there(work, name, place)
        elif words.take("restart"):
            words.back()
        else:
            option, value = sequences.read_option(words)
            options[option] = value
    return lambda work: _change_identity(work, name, place, always, options, restart)


def _change_identity(
    work: Alteration, name: str, place: int, always: bool | None, options: dict[str, object],
    restart: list[int | None],
) -> None:  # fmt: skip
    column = work.column(name, place)
    if column.identity is None:
        message = f'column "{name}" of relation "{work.shape.name}" is not an identity column'
        raise Refusal("55000", message, place=place)
    if always is not None:
        column.identity = "ALWAYS" if always else "BY DEFAULT"
    owned = next(iter(sequences.owned(work.binder, work.table, name)), None)
    if owned is None or not (options or restart):
        return
    sequence = _changed(owned, options, place) if options else owned
    if sequence != owned:
        column.default = drawing(sequence)
        work.notes += [sequences.forgotten(owned), *sequences.recorded([(sequence, *_owner(work, name))])]
        altered_column(work, column, f"SET DEFAULT {column.default}")
    for number in restart:
        upcoming = sequence.start if number is None else number
        check_restart(sequence, upcoming, place)
        said = literal(encoded(sequence))
        work.notes.append(f"SELECT 1 WHERE pg_setval({said}, {upcoming}, false, {sequences.SESSION}) IS NULL")


def _owner(work: Alteration, name: str) -> tuple[str, str, str]:
    return work.shape.schema, work.shape.name, name


def _changed(sequence: Sequence, options: dict[str, object], place: int) -> Sequence:
    if options.get("increment", sequence.increment) != sequence.increment:
        # The counter keeps the number that comes next, which another step would change.
        raise unsupported("another INCREMENT of an identity column that is there", place=place)
    known: dict[str, object] = {
        "type": sequence.type, "start": sequence.start, "increment": sequence.increment,
        "minimum": sequence.minimum, "maximum": sequence.maximum, "cycle": sequence.cycle,
    }  # fmt: skip
    return sequences.defined(replace(sequence), known | options, place)
