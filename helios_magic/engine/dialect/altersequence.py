"""ALTER SEQUENCE: RESTART goes to the counter of all branches, all else to the definition in this one."""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import replace
from typing import TYPE_CHECKING

from helios_magic.engine.dialect import sequences
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.rebuilding import create_indexes, drop_indexes
from helios_magic.engine.dialect.sources import is_taken
from helios_magic.engine.dialect.tableshape import of_table
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.engine.dialect.views import new_place
from helios_magic.engine.sequences import encoded
from helios_magic.schema import Sequence, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_LARGEST = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1}


def alter(binder: Binder, words: Reader) -> Plan:
    """ALTER SEQUENCE … RESTART | RENAME TO | SET SCHEMA | OWNER TO | OWNED BY and options."""
    words.take("alter", "sequence")
    if_there, at = words.take("if", "exists"), words.place
    parts = words.name()
    if if_there and sequences.find(binder, parts) is None:
        return Plan("show", "ALTER SEQUENCE", ["SELECT 1 WHERE false"], binder)
    sequence = sequences.known(binder, parts, at)
    if words.at("restart"):
        return _restart(binder, words, sequence)
    place = words.place
    if words.take("owner", "to"):
        words.identifier()
        words.finish()
        return Plan("ddl", "ALTER SEQUENCE", ["SELECT 1"], binder)
    if words.take("rename", "to"):
        to = (sequence.schema, words.identifier())
        words.finish()
        return _moved(binder, sequence, to, place)
    if words.take("set", "schema"):
        to = new_place(binder, [words.identifier(), sequence.name], place)
        words.finish()
        if sequence.owner is not None:
            message = "cannot move an owned sequence into another schema"
            hint = f'Sequence "{sequence.name}" is linked to {sequence.owner}.'
            raise Refusal("0A000", message, place=place, hint=hint)
        return _moved(binder, sequence, to, place)
    return _redefined(binder, words, sequence, place)


def _restart(binder: Binder, words: Reader, sequence: Sequence) -> Plan:
    """RESTART [WITH n]: like `setval`, on the counter of all branches, never rolled back."""
    option = words.place
    words.take("restart")
    upcoming = sequence.start
    if not words.done:
        words.take("with")
        upcoming = words.number()
    if not words.done:
        raise unsupported("this ALTER SEQUENCE", place=words.place, hint="RESTART [WITH n] alone is.")
    check_restart(sequence, upcoming, option)
    step = f"SELECT 1 WHERE pg_setval({literal(encoded(sequence))}, {upcoming}, false, {sequences.SESSION}) IS NULL"
    return Plan("show", "ALTER SEQUENCE", [step], binder)


def check_restart(sequence: Sequence, upcoming: int, place: int | None) -> None:
    """Raise 22023 for a number that the sequence does not reach."""
    for bound, word, wrong in (
        (sequence.minimum, "less than MINVALUE", upcoming < sequence.minimum),
        (sequence.maximum, "greater than MAXVALUE", upcoming > sequence.maximum),
    ):
        if wrong:
            raise Refusal("22023", f"RESTART value ({upcoming}) cannot be {word} ({bound})", place=place)


def _moved(binder: Binder, sequence: Sequence, to: tuple[str, str], place: int) -> Plan:
    if is_taken(binder, *to):
        where = f' in schema "{to[0]}"' if to[0] != sequence.schema else ""
        raise Refusal("42P07", f'relation "{to[1]}" already exists{where}', place=place)
    moved = replace(sequence, schema=to[0], name=to[1])
    said = f"UPDATE _helios.comments SET object_schema = {literal(to[0])}, object_name = {literal(to[1])} "
    where = f"object_schema = {literal(sequence.schema)} AND object_name = {literal(sequence.name)}"
    place_words = f"sequence_schema = {literal(to[0])}, sequence_name = {literal(to[1])}"
    steps = [
        *_redrawn(binder, sequence, moved, place),
        f"UPDATE _helios.sequences SET {place_words} WHERE {_at(sequence)}",
        f"{said}WHERE kind = 'sequence' AND {where}",
    ]
    return Plan("ddl", "ALTER SEQUENCE", steps, binder)


def _at(sequence: Sequence) -> str:
    return f"sequence_schema = {literal(sequence.schema)} AND sequence_name = {literal(sequence.name)}"


def _redefined(binder: Binder, words: Reader, sequence: Sequence, place: int) -> Plan:
    s = sequence
    given: dict[str, object] = {}
    owner: tuple[str | None, str | None, str | None] | None = None
    while not words.done:
        at = words.place
        if words.at("restart"):
            raise unsupported("RESTART with other options", place=at, hint="Send two statements.")
        if words.take("owned", "by"):
            name, value, owner = "owner", None, sequences.read_owner(binder, words, s.schema)
        else:
            name, value = sequences.read_option(words)
        if name in given:
            raise Refusal(SYNTAX, "conflicting or redundant options", place=at)
        given[name] = value
    if not given:
        raise words.unexpected()
    if owner is not None and _is_identity(binder, s):
        raise Refusal("0A000", "cannot change ownership of identity sequence", place=place)
    made = sequences.defined(s, {**_kept(s, given), **given}, place)
    if made.increment != s.increment:
        hint = "All branches draw from one counter: create another sequence that STARTs where this one is."
        raise unsupported("changing a sequence's INCREMENT", place=place, hint=hint)
    steps = _redrawn(binder, s, made, place) if made != s else []
    new = {"type": made.type, "start": made.start, "increment": made.increment, "minimum": made.minimum,
           "maximum": made.maximum, "cycle": made.cycle}  # fmt: skip
    listed = [f'"{name}" = {literal(value) if isinstance(value, str) else value}' for name, value in new.items()]
    if owner is not None:
        columns = ("table_schema", "table_name", "column_name")
        listed += [
            f"{column} = {'NULL' if value is None else literal(value)}"
            for column, value in zip(columns, owner, strict=True)
        ]
    steps.append(f"UPDATE _helios.sequences SET {', '.join(listed)} WHERE {_at(s)}")
    return Plan("ddl", "ALTER SEQUENCE", steps, binder)


def _kept(s: Sequence, given: dict[str, object]) -> dict[str, object]:
    """What stays as it is; bounds that were the type's own follow a new type."""
    kept: dict[str, object] = {"type": s.type, "start": s.start, "increment": s.increment, "cycle": s.cycle}
    if "type" not in given or s.maximum != _LARGEST[s.type]:
        kept["maximum"] = s.maximum
    if "type" not in given or s.minimum != -_LARGEST[s.type] - 1:
        kept["minimum"] = s.minimum
    return kept


def _is_identity(binder: Binder, sequence: Sequence) -> bool:
    return any(column.identity is not None for _, column in sequences.drawers(binder, sequence))


def _redrawn(binder: Binder, old: Sequence, new: Sequence, place: int) -> list[str]:
    """Defaults that draw from the sequence say so in its new words: they carry the whole definition."""
    views = [table.name for table in binder.schema.tables if literal(encoded(old)) in (table.query or "")]
    if views:
        raise unsupported("changing a sequence under a view", place=place, hint=f"Drop {', '.join(views)} first.")
    steps: list[str] = []
    for table, names in _by_table(sequences.drawers(binder, old)):
        shape = of_table(table)
        steps += drop_indexes(shape)
        for name in names:
            column = table.column(name)
            default = (column.default if column is not None else None) or ""
            said = default.replace(literal(encoded(old)), literal(encoded(new)))
            steps.append(f"ALTER TABLE {shape.place} ALTER COLUMN {quoted(name)} SET DEFAULT {said}")
        steps += create_indexes(binder, shape)
    return steps


def _by_table(drawers: Several[tuple[Table, object]]) -> list[tuple[Table, list[str]]]:
    found: dict[tuple[str, str], tuple[Table, list[str]]] = {}
    for table, column in drawers:
        found.setdefault((table.schema, table.name), (table, []))[1].append(getattr(column, "name", ""))
    return list(found.values())
