"""Sequences: CREATE and DROP; their counters are those of all branches.

CREATE is read from their words: the parser loses options.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Several
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping, sources
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, nearest, unsupported
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.sources import is_taken
from helios_magic.engine.dialect.typed import constant_int, literal, place_of, quoted
from helios_magic.engine.dialect.words import Words
from helios_magic.engine.sequences import drawn_from, new_counter
from helios_magic.schema import Column, Sequence, Table
from helios_magic.sqltext import Token

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_TYPES = {
    "smallint": "int2", "int2": "int2", "integer": "int4", "int": "int4", "int4": "int4", "bigint": "int8",
    "int8": "int8",
}  # fmt: skip
_LONG = {"int2": "smallint", "int4": "integer", "int8": "bigint"}
_LARGEST = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1}
SESSION = "current_connection_id()"


def create(binder: Binder, tokens: Several[Token]) -> Plan:
    """CREATE SEQUENCE with PostgreSQL's options; its counter is new, whatever had the name before."""
    words = Words(tokens)
    words.take("create")
    if words.take("temp") or words.take("temporary") or words.take("unlogged"):
        raise unsupported("a temporary or unlogged sequence", place=words.place)
    words.take("sequence")
    unless_there, at = words.take("if", "not", "exists"), words.place
    schema, name = _new_name(binder, words.name(), at)
    if is_taken(binder, schema, name):
        if unless_there:
            return Plan("ddl", "CREATE SEQUENCE", ["SELECT 1"], binder)
        raise Refusal("42P07", f'relation "{name}" already exists', place=at)
    options, owner = _options(binder, words, schema)
    sequence = defined(Sequence(name, schema, counter=new_counter()), options, at)
    return Plan("ddl", "CREATE SEQUENCE", recorded([(sequence, *owner)]), binder)


def drop(binder: Binder, parts: list[str], place: int, *, cascade: bool, exists: bool) -> list[str]:
    """DROP SEQUENCE; CASCADE takes the defaults that draw from it along."""
    sequence = find(binder, parts)
    if sequence is None:
        name = parts[-1]
        if binder.schema.table(name, parts[-2] if len(parts) > 1 else "public") is not None:
            raise Refusal("42809", f'"{name}" is not a sequence', place=place)
        if exists:
            return []
        hint = nearest(name, [s.name for s in binder.schema.sequences])
        raise Refusal("42P01", f'sequence "{".".join(parts)}" does not exist', place=place, hint=hint)
    for table, column in drawers(binder, sequence):
        if column.identity is not None:
            message = (
                f"cannot drop sequence {sequence.name} because column {column.name} of table {table.name} requires it"
            )
            raise Refusal("2BP01", message, place=place, hint="Drop the column or the table instead.")
    freed = release(binder, sequence, lambda *_: False, cascade=cascade, place=place)
    return [*freed, forgotten(sequence)]


def release(
    binder: Binder,
    sequence: Sequence,
    goes: Callable[[Table, Column | None], bool],
    *,
    cascade: bool,
    place: int | None,
) -> list[str]:
    """The steps that free a sequence of the defaults that draw from it.

    `goes` tells of a column, or of a view, whether the same statement drops it.
    """
    users = [(table, column) for table, column in drawers(binder, sequence) if not goes(table, column)]
    views = [t.name for t in binder.schema.tables if sequence.counter in _counters(t.query) and not goes(t, None)]
    if views or (users and not cascade):
        said = [f"default of column {c.name} of table {t.name}" for t, c in users] + [f"view {view}" for view in views]
        raise Refusal(
            "2BP01",
            f"cannot drop sequence {sequence.name} because other objects depend on it",
            place=place,
            hint=f"{'; '.join(said)} draws from it.",
        )
    return [
        f"ALTER TABLE {quoted(t.schema)}.{quoted(t.name)} ALTER COLUMN {quoted(c.name)} DROP DEFAULT" for t, c in users
    ]


def drawers(binder: Binder, sequence: Sequence) -> list[tuple[Table, Column]]:
    """The columns whose default draws from the sequence."""
    return [
        (table, column)
        for table in binder.schema.tables
        for column in table.columns
        if sequence.counter in _counters(column.default)
    ]


def owned(binder: Binder, table: Table, column: str | None = None) -> list[Sequence]:
    """The sequences of a table's serial and identity columns, or of one of them."""
    own = {f"{table.name}.{known.name}" for known in table.columns if column in (None, known.name)}
    return [s for s in binder.schema.sequences if s.schema == table.schema and s.owner in own]


def recorded(made: Several[tuple[Sequence, str | None, str | None, str | None]]) -> list[str]:
    """What our catalogue keeps of new sequences, each with the schema, table and column that own it."""
    rows = [bookkeeping.sequence_row(sequence, (schema, table, column)) for sequence, schema, table, column in made]
    return bookkeeping.record("sequences", rows)


def forgotten(sequence: Sequence) -> str:
    at = f"sequence_schema = {literal(sequence.schema)} AND sequence_name = {literal(sequence.name)}"
    return f"DELETE FROM _helios.sequences WHERE {at}"


def identity_options(rule: exp.GeneratedAsIdentityColumnConstraint) -> dict[str, object]:
    """START, INCREMENT and the others of GENERATED … AS IDENTITY (…)."""
    options: dict[str, object] = {}
    for option, name in (
        ("start", "start"), ("increment", "increment"), ("minvalue", "minimum"), ("maxvalue", "maximum"),
    ):  # fmt: skip
        given = rule.args.get(option)
        if given is None:
            continue
        options[name] = constant_int(given)
        if options[name] is None:
            raise unsupported("this option of an identity column", place=place_of(rule))
    options["cycle"] = rule.args.get("cycle") or None
    return options


def for_column(
    binder: Binder, table: tuple[str, str], column: str, options: dict[str, object], taken: set[str]
) -> Sequence:
    """A new sequence for a serial or identity column, under PostgreSQL's name for it."""
    schema, name = table
    wanted, count = f"{name}_{column}_seq", 0
    while is_taken(binder, schema, wanted) or wanted in taken:
        count += 1
        wanted = f"{name}_{column}_seq{count}"
    return defined(Sequence(wanted, schema, counter=new_counter()), options, None)


def defined(sequence: Sequence, options: dict[str, object], place: int | None) -> Sequence:
    """The sequence with its options, by PostgreSQL's defaults and checks."""
    kind, increment = str(options.get("type", "int8")), _int(options.get("increment"), 1)
    if increment == 0:
        raise Refusal("22023", "INCREMENT must not be zero", place=place)
    largest = _LARGEST[kind]
    minimum = _int(options.get("minimum"), 1 if increment > 0 else -largest - 1)
    maximum = _int(options.get("maximum"), largest if increment > 0 else -1)
    for bound, word in ((minimum, "MINVALUE"), (maximum, "MAXVALUE")):
        if not -largest - 1 <= bound <= largest:
            message = f"{word} ({bound}) is out of range for sequence data type {_LONG[kind]}"
            raise Refusal("22023", message, place=place)
    if minimum >= maximum:
        raise Refusal("22023", f"MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})", place=place)
    start = _int(options.get("start"), minimum if increment > 0 else maximum)
    if start < minimum:
        raise Refusal("22023", f"START value ({start}) cannot be less than MINVALUE ({minimum})", place=place)
    if start > maximum:
        raise Refusal("22023", f"START value ({start}) cannot be greater than MAXVALUE ({maximum})", place=place)
    return replace(
        sequence, type=kind, start=start, increment=increment, minimum=minimum, maximum=maximum,
        cycle=bool(options.get("cycle")),
    )  # fmt: skip


def _options(
    binder: Binder, words: Words, schema: str
) -> tuple[dict[str, object], tuple[str | None, str | None, str | None]]:
    options: dict[str, object] = {}
    owner: tuple[str | None, str | None, str | None] = (None, None, None)
    while not words.done:
        at = words.place
        if words.take("owned", "by"):
            name, value = "owner", None
            owner = read_owner(binder, words, schema)
        else:
            name, value = read_option(words)
        if name in options:
            raise Refusal(SYNTAX, "conflicting or redundant options", place=at)
        options[name] = value
    return options, owner


def read_option(words: Words) -> tuple[str, object]:
    """One option and its value; None stands for PostgreSQL's default."""
    if words.take("no"):
        token = words.next()
        name = {"minvalue": "minimum", "maxvalue": "maximum", "cycle": "cycle"}.get(token.name)
        if name is None:
            raise words.refusal(token)
        return name, None
    token = words.next()
    if token.kind == "word" and token.name == "cycle":
        return "cycle", True
    if token.kind == "word" and token.name == "as":
        kind = words.next()
        if kind.name not in _TYPES:
            raise Refusal("22023", "sequence type must be smallint, integer, or bigint", place=kind.start)
        return "type", _TYPES[kind.name]
    filler = {"increment": "by", "start": "with"}.get(token.name)
    name = {"increment": "increment", "start": "start", "minvalue": "minimum", "maxvalue": "maximum"}.get(token.name)
    if token.kind == "word" and token.name == "cache":
        if words.number() < 1:  # how many numbers are kept ready is the engine's choice
            raise Refusal("22023", "CACHE must be greater than zero", place=token.start)
        return "cache", None
    if token.kind != "word" or name is None:
        raise words.refusal(token)
    if filler is not None:
        words.take(filler)
    return name, words.number()


def read_owner(binder: Binder, words: Words, schema: str) -> tuple[str | None, str | None, str | None]:
    at = words.place
    parts = words.name()
    if parts == ["none"]:
        return None, None, None
    if len(parts) < 2:
        raise Refusal(
            SYNTAX, "invalid OWNED BY option", place=at, hint="Specify OWNED BY table.column or OWNED BY NONE."
        )
    table = sources.find_table(binder, parts[-2], parts[-3] if len(parts) > 2 else "public", at)
    if table.schema != schema:
        raise Refusal("55000", "sequence must be in same schema as table it is linked to", place=at)
    if table.column(parts[-1]) is None:
        raise Refusal(
            "42703",
            f'column "{parts[-1]}" of relation "{table.name}" does not exist',
            place=at,
            hint=nearest(parts[-1], [c.name for c in table.columns]),
        )
    return table.schema, table.name, parts[-1]


def _new_name(binder: Binder, parts: list[str], place: int) -> tuple[str, str]:
    if len(parts) > 2:
        raise unsupported("a name in three parts", place=place)
    schema = parts[0] if len(parts) == 2 else "public"
    if schema not in binder.schema.schemas or schema.startswith("_"):
        hint = nearest(schema, binder.schema.schemas)
        raise Refusal("3F000", f'schema "{schema}" does not exist', place=place, hint=hint)
    return schema, parts[-1]


def _int(value: object, default: int) -> int:
    return value if isinstance(value, int) else default


def _counters(text: str | None) -> set[str]:
    return {sequence.counter for sequence in drawn_from(text)}


def find(binder: Binder, parts: list[str]) -> Sequence | None:
    schema, name = ("public", parts[0]) if len(parts) == 1 else (parts[-2], parts[-1])
    return next((s for s in binder.schema.sequences if (s.schema, s.name) == (schema, name)), None)


def known(binder: Binder, parts: list[str], place: int | None) -> Sequence:
    sequence = find(binder, parts)
    if sequence is not None:
        return sequence
    name = ".".join(part for part in parts if part != "public")
    if binder.schema.table(parts[-1], parts[-2] if len(parts) > 1 else "public") is not None:
        raise Refusal("42809", f'"{parts[-1]}" is not a sequence', place=place)
    hint = nearest(name, [s.name for s in binder.schema.sequences])
    raise Refusal("42P01", f'relation "{name}" does not exist', place=place, hint=hint)
