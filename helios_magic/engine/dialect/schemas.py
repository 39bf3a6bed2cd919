"""CREATE, DROP and ALTER SCHEMA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.typed import literal, quoted

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_OWN = ("main", "information_schema", "system", "temp")


def create_schema(binder: Binder, words: Reader) -> Plan:
    words.take("create", "schema")
    unless_there, place = words.take("if", "not", "exists"), words.place
    name = words.identifier() if not words.at("authorization") else ""
    if words.take("authorization"):
        owner = words.identifier()
        name = name or owner
    if not words.done:
        raise unsupported("CREATE SCHEMA with its contents", place=words.place, hint="Create them after it.")
    _refuse_own(name, place)
    if name in binder.schema.schemas:
        if unless_there:
            return Plan("ddl", "CREATE SCHEMA", ["SELECT 1"], binder)
        raise Refusal("42P06", f'schema "{name}" already exists', place=place)
    _refuse_alike(binder, name, place)
    return Plan("ddl", "CREATE SCHEMA", [f"CREATE SCHEMA {quoted(name)}"], binder)


def _refuse_own(name: str, place: int) -> None:
    if name.startswith("pg_"):
        hint = 'The prefix "pg_" is reserved for system schemas.'
        raise Refusal("42939", f'unacceptable schema name "{name}"', place=place, hint=hint)
    if name.startswith("_helios") or name in _OWN:
        raise Refusal("42P06", f'schema "{name}" already exists', place=place, hint="It is the engine's own.")


def _refuse_alike(binder: Binder, name: str, place: int) -> None:
    alike = next((s for s in binder.schema.schemas if s.lower() == name.lower()), None)
    if alike is not None:
        raise unsupported(f'two schemas that differ only by case ("{alike}", "{name}")', place=place)


def _known(binder: Binder, name: str, place: int) -> None:
    if name not in binder.schema.schemas:
        hint = nearest(name, binder.schema.schemas)
        raise Refusal("3F000", f'schema "{name}" does not exist', place=place, hint=hint)


def contents(binder: Binder, name: str) -> list[str]:
    """What is in a schema, in words."""
    schema = binder.schema
    return [
        *(f"{table.kind} {table.label}" for table in schema.tables if table.schema == name),
        *(f"sequence {name}.{s.name}" for s in schema.sequences if s.schema == name and s.owner is None),
        *(f"type {name}.{enum.name}" for enum in schema.enums if enum.schema == name),
    ]


def alter_schema(binder: Binder, words: Reader) -> Plan:
    """ALTER SCHEMA … RENAME TO, of an empty one: what is in it would have to be built anew."""
    words.take("alter", "schema")
    place, name = words.place, words.identifier()
    at = words.place
    if words.take("owner", "to"):
        _known(binder, name, place)
        words.identifier()
        words.finish()
        return Plan("ddl", "ALTER SCHEMA", ["SELECT 1"], binder)
    if not words.take("rename", "to"):
        raise words.unexpected()
    to, new = words.place, words.identifier()
    words.finish()
    _known(binder, name, place)
    _refuse_own(new, to)
    if new in binder.schema.schemas:
        raise Refusal("42P06", f'schema "{new}" already exists', place=to)
    if name == "public":
        raise unsupported("renaming the schema public", place=at)
    if new.lower() != name.lower():
        _refuse_alike(binder, new, to)
    inside = contents(binder, name)
    if inside:
        hint = f"It has {', '.join(inside[:3])}{' and more' if len(inside) > 3 else ''}. Create {new}, then "
        raise unsupported(
            "renaming a schema that is not empty", place=at, hint=hint + f"ALTER TABLE … SET SCHEMA {new}."
        )
    said = f"UPDATE _helios.comments SET object_schema = {literal(new)}, object_name = {literal(new)} "
    where = f"WHERE kind = 'schema' AND object_name = {literal(name)}"
    steps = [f"DROP SCHEMA {quoted(name)}", f"CREATE SCHEMA {quoted(new)}", said + where]
    return Plan("ddl", "ALTER SCHEMA", steps, binder)


def drop_schema(binder: Binder, name: str, place: int, *, cascade: bool, exists: bool) -> list[str]:
    """DROP SCHEMA; CASCADE takes along what is in it, and what depends on that."""
    if name not in binder.schema.schemas:
        if exists:
            return []
        _known(binder, name, place)
    if name == "public" or name.startswith("_"):
        raise unsupported(f'DROP SCHEMA "{name}"', place=place)
    inside = contents(binder, name)
    if inside and not cascade:
        hint = f"{'; '.join(f'{what} depends on schema {name}' for what in inside[:5])}. Use DROP … CASCADE."
        raise Refusal("2BP01", f"cannot drop schema {name} because other objects depend on it", place=place, hint=hint)
    steps = _emptied(binder, name, place)
    return [*steps, f"DROP SCHEMA {quoted(name)}"]


def _emptied(binder: Binder, name: str, place: int) -> list[str]:
    from helios_magic.engine.dialect import drops, sequences

    steps: list[str] = []
    gone = {(t.schema, t.name) for t in binder.schema.tables if t.schema == name}
    dropped = set(gone)
    for table in sorted(binder.schema.tables, key=lambda t: t.kind == "table"):
        if table.schema == name and (table.schema, table.name) in gone:
            drop = drops.Drop(table.kind, place, cascade=True, exists=False)
            steps += drops.drop_relation(binder, drop, [table.schema, table.name], dropped)
    for sequence in binder.schema.sequences:
        if sequence.schema == name and sequence.owner is None:
            steps += sequences.release(
                binder, sequence, lambda t, _: (t.schema, t.name) in dropped, cascade=True, place=place
            )
            steps.append(sequences.forgotten(sequence))
    return steps
