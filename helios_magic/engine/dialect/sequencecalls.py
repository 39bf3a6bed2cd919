"""nextval, currval, lastval and setval over the counters of all branches; pg_get_serial_sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sources
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, nearest, unsupported
from helios_magic.engine.dialect.pgcatalog.functions import serial_sequence
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.sequences import SESSION, known, owned
from helios_magic.engine.dialect.typed import Node, is_string, literal, name_of, place_of, sql
from helios_magic.engine.dialect.words import Words
from helios_magic.engine.sequences import drawing, encoded, spelled
from helios_magic.schema import Sequence
from helios_magic.sqltext import UnclosedError, scan

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def call(binder: Binder, node: Node, scope: Scope) -> Node:
    """nextval, currval, lastval, setval, pg_get_serial_sequence."""
    name, arguments = name_of(node), node.expressions
    most = {"lastval": 0, "setval": 3, "pg_get_serial_sequence": 2}.get(name, 1)
    if len(arguments) != most and not (name == "setval" and len(arguments) == 2):
        hint = "No function matches the given name and argument types."
        message = f"function {name} with {len(arguments)} arguments does not exist"
        raise Refusal(UNDEFINED_FUNCTION, message, place=place_of(node), hint=hint)
    if name == "lastval":
        binder.recalled.add("")
        return sql(f"pg_lastval({SESSION})", pg="int8")
    if name == "pg_get_serial_sequence" and not all(map(is_string, arguments)):
        return serial_sequence(binder, [visit(binder, argument, scope) for argument in arguments])
    if name == "pg_get_serial_sequence":
        found = _serial(binder, node)
        return sql("CAST(NULL AS VARCHAR)" if found is None else _slot(literal(found)), pg="text")
    sequence = _named(binder, name, arguments[0], node)
    (binder.recalled if name == "currval" else binder.drawn).add(sequence.counter)
    if name == "nextval":
        return sql(_slot(drawing(sequence)), pg="int8")
    text = _slot(literal(encoded(sequence)))
    if name == "currval":
        return sql(f"pg_currval({text}, {SESSION})", pg="int8")
    value = coerce(binder, visit(binder, arguments[1], scope), "int8")
    called = (
        sql("true", pg="bool") if len(arguments) == 2 else coerce(binder, visit(binder, arguments[2], scope), "bool")
    )
    return sql(f"pg_setval({text}, {{0}}, {{1}}, {SESSION})", value, called, pg="int8")


def _slot(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _named(binder: Binder, name: str, argument: Node, node: Node) -> Sequence:
    """The sequence that an argument names: text, text::regclass, or pg_get_serial_sequence of two constants."""
    while isinstance(argument, (exp.Cast, exp.Paren)):
        kind = argument.args.get("to")
        if kind is not None and kind.sql("postgres").lower() not in ("regclass", "text"):
            raise unsupported(f"{name} of a computed sequence", place=place_of(node))
        argument = argument.this
    if isinstance(argument, exp.Anonymous) and name_of(argument) == "pg_get_serial_sequence":
        found = _serial(binder, argument)
        if found is None:
            raise unsupported(f"{name} of a column without a sequence", place=place_of(node))
        return known(binder, _parts(found), place_of(node))
    if not is_string(argument):
        raise unsupported(f"{name} of a computed sequence", place=place_of(node))
    return known(binder, _parts(argument.name), place_of(node))


def _parts(name: str) -> list[str]:
    """A name in a string, as regclass reads it: folded unless quoted."""
    try:
        words = Words([token for token in scan(name) if token.code])
        parts = words.name()
    except (UnclosedError, Refusal, IndexError):
        return [name]
    return parts if words.done else [name]


def _serial(binder: Binder, node: Node) -> str | None:
    """`schema.sequence` of a serial or identity column."""
    if not all(is_string(argument) for argument in node.expressions) or len(node.expressions) != 2:
        raise unsupported("pg_get_serial_sequence of computed names", place=place_of(node))
    parts, column = _parts(node.expressions[0].name), node.expressions[1].name
    table = sources.find_table(binder, parts[-1], parts[-2] if len(parts) > 1 else "public", place_of(node))
    if table.column(column) is None:
        raise Refusal(
            "42703",
            f'column "{column}" of relation "{table.name}" does not exist',
            place=place_of(node),
            hint=nearest(column, [c.name for c in table.columns]),
        )
    found = next(iter(owned(binder, table, column)), None)
    if found is None:
        return None
    return spelled(found) if found.schema != "public" else f"public.{spelled(found)}"


def refuse_mixture(binder: Binder) -> None:
    """Refuse (0A000) to draw and to ask for what was drawn over several rows: DuckDB does many rows at a time."""
    if binder.recalled & binder.drawn or ("" in binder.recalled and binder.drawn):
        raise unsupported(
            "currval or lastval beside nextval over several rows",
            hint="Send two statements to /sql/batch, or keep the numbers by INSERT … RETURNING.",
        )
