"""ALTER TABLE: its actions, in PostgreSQL's order, on the table's shape; then in place, or built anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect import alteradding, altercolumns, alterdropping, altermoving, sources
from helios_magic.engine.dialect.altering import ALONE, CONSTRAIN, Action, Alteration
from helios_magic.engine.dialect.createtable import storage_parameters
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def is_alter_table(words: Reader) -> bool:
    return words.at("alter") and words.at("table", after=1)


def alter_table(binder: Binder, words: Reader) -> Plan:
    """One ALTER TABLE with all its actions."""
    words.take("alter", "table")
    if words.take("all"):
        raise unsupported("ALTER TABLE ALL", place=words.place)
    unless_gone, place = words.take("if", "exists"), words.place
    words.take("only")
    names = words.name()
    words.symbol("*")
    if len(names) > 2:
        raise unsupported("a name in three parts", place=place)
    schema, name = names if len(names) == 2 else ("public", names[0])
    table = binder.schema.table(name, schema)
    gone = unless_gone and table is None
    table = table or (None if gone else sources.find_table(binder, name, schema, place))
    actions = _actions(words)
    if table is None:
        return Plan("ddl", "ALTER TABLE", ["SELECT 1"], binder)
    if table.kind != "table":
        raise Refusal("42809", f'"{name}" is not a table', place=place)
    binder.writes.add(TableName(schema, name))
    work = Alteration(binder, table)
    for _, action in sorted(actions, key=lambda pair: pair[0]):
        action(work)
    return work.plan()


def _actions(words: Reader) -> list[tuple[int, Action]]:
    actions = [_action(words)]
    while words.symbol(","):
        if actions[-1][0] == ALONE:
            raise words.unexpected()
        words_place = words.place
        actions.append(_action(words))
        if actions[-1][0] == ALONE:
            raise Refusal("42601", "syntax error: this action stands alone", place=words_place)
    words.finish()
    return actions


def _action(words: Reader) -> tuple[int, Action]:
    place = words.place
    if words.take("add"):
        return alteradding.read(words, place)
    if words.take("drop"):
        return alterdropping.read(words)
    if words.take("alter"):
        words.take("column")
        return altercolumns.read(words)
    if words.take("rename"):
        return ALONE, altermoving.rename(words, place)
    if words.take("set", "schema"):
        return ALONE, altermoving.set_schema(words, place)
    if words.take("validate", "constraint"):
        return CONSTRAIN, _validate(words.identifier(), place)
    if words.take("owner", "to"):
        return CONSTRAIN, _owner(words, place)
    if words.at("set", "reset") and (words.is_after("(") or words.at("logged", "unlogged", after=1)):
        return CONSTRAIN, _stored_so(words)
    if words.at("set", "reset", "enable", "disable", "force", "no", "inherit", "of", "not", "cluster", "replica",
                "attach", "detach"):  # fmt: skip
        said = " ".join(token.text.upper() for token in words.rest()[:2])
        raise unsupported(f"ALTER TABLE … {said}", place=place)
    raise words.unexpected()


def _validate(name: str, place: int) -> Action:
    """Every constraint is valid from the moment that it is added."""

    def run(work: Alteration) -> None:
        if name not in work.shape.constraint_names:
            raise work.no_constraint(name, place)
        if any(key.name == name for key in work.shape.keys):
            message = f'cannot validate constraint "{name}" of relation "{work.shape.name}"'
            raise Refusal("42809", message, place=place, hint="It is neither a foreign key nor a check.")

    return run


def _owner(words: Reader, place: int) -> Action:
    """There are no roles: everything is the current user's."""
    if not words.at("current_user", "session_user", "current_role"):
        raise unsupported("an owner other than CURRENT_USER", place=place, hint="There are no roles here.")
    words.next()
    return lambda _: None


def _stored_so(words: Reader) -> Action:
    """SET (…), RESET (…), SET LOGGED, SET UNLOGGED: a write is as safe as any other."""
    words.next()
    if words.is_symbol("("):
        storage_parameters(words)
    else:
        words.next()
    return lambda _: None
