"""DROP of tables, views, indexes, sequences, types and schemas, and what depends on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.engine.dialect import enums, indexes, schemas, sequences
from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.typed import literal
from helios_magic.engine.dialect.views import dependents, drop_view, keep_views
from helios_magic.schema import Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_KINDS = ("table", "view", "index", "sequence", "type", "schema")


@dataclass(frozen=True, slots=True)
class Drop:
    """What is asked of one name; `kind` in small letters."""

    kind: str
    place: int
    cascade: bool
    exists: bool


def drop(binder: Binder, words: Reader) -> Plan:
    """DROP kind [IF EXISTS] name, … [CASCADE | RESTRICT]."""
    words.take("drop")
    at = words.place
    kind = words.identifier()
    if kind == "materialized" and words.take("view"):
        kind = "materialized view"
    elif kind not in _KINDS:
        raise unsupported(f"DROP {kind.upper()}", place=at)
    if kind == "index":
        words.take("concurrently")
    exists = words.take("if", "exists")
    targets = [(words.place, words.name())]
    while words.symbol(","):
        targets.append((words.place, words.name()))
    cascade = words.take("cascade")
    if not cascade:
        words.take("restrict")
    words.finish()
    dropped = {_placed(parts) for _, parts in targets}
    steps: list[str] = []
    for place, parts in targets:
        asked = Drop(kind, place, cascade, exists)
        steps += [step for step in _one(binder, asked, parts, dropped) if step not in steps]
    return Plan("ddl", f"DROP {kind.upper()}", steps or ["SELECT 1"], binder)


def _placed(parts: list[str]) -> tuple[str, str]:
    return (parts[-2] if len(parts) > 1 else "public"), parts[-1]


def _one(binder: Binder, asked: Drop, parts: list[str], dropped: set[tuple[str, str]]) -> list[str]:
    if len(parts) > 1 and asked.kind != "schema" and parts[-2] not in binder.schema.schemas:
        if asked.exists:
            return []
        hint = nearest(parts[-2], binder.schema.schemas)
        raise Refusal("3F000", f'schema "{parts[-2]}" does not exist', place=asked.place, hint=hint)
    if asked.kind == "index":
        return indexes.drop_index(binder, parts, asked.place, exists=asked.exists)
    if asked.kind == "sequence":
        return sequences.drop(binder, parts, asked.place, cascade=asked.cascade, exists=asked.exists)
    if asked.kind == "type":
        return enums.drop(binder, parts, asked.place, cascade=asked.cascade, exists=asked.exists)
    if asked.kind == "schema":
        return schemas.drop_schema(binder, parts[-1], asked.place, cascade=asked.cascade, exists=asked.exists)
    return drop_relation(binder, asked, parts, dropped)


def drop_relation(binder: Binder, asked: Drop, parts: list[str], dropped: set[tuple[str, str]]) -> list[str]:
    """A table, view or materialised view; `dropped` are those that go with it, and what it takes along is added."""
    schema, name = _placed(parts)
    table = binder.schema.table(name, schema)
    if table is None:
        return _absent(binder, asked, schema, parts)
    if table.kind != asked.kind:
        hint = f"Use DROP {table.kind.upper()} to remove {_a(table.kind)}."
        raise Refusal("42809", f'"{name}" is not {_a(asked.kind)}', place=asked.place, hint=hint)
    steps = _release_keys(binder, asked, table, dropped)
    views = [v for v in dependents(binder, table) if (v.schema, v.name) not in dropped]
    if views and not asked.cascade:
        keep_views(binder, table, f"{asked.kind} {name}", asked.place)
    for view in views:
        dropped.add((view.schema, view.name))
        steps += drop_view(view)
    binder.writes.add(TableName(schema, name))
    steps += drop_view(table)
    for sequence in sequences.owned(binder, table):
        steps += sequences.release(
            binder, sequence, lambda t, _: (t.schema, t.name) in dropped, cascade=asked.cascade, place=asked.place
        )
    return steps


def _a(kind: str) -> str:
    return f"{'an' if kind == 'index' else 'a'} {kind}"


def _absent(binder: Binder, asked: Drop, schema: str, parts: list[str]) -> list[str]:
    name = parts[-1]
    found = (
        "index" if indexes.find(binder, [schema, name]) is not None
        else "sequence" if sequences.find(binder, [schema, name]) is not None else None
    )  # fmt: skip
    if found is not None:
        hint = f"Use DROP {found.upper()} to remove {_a(found)}."
        raise Refusal("42809", f'"{name}" is not {_a(asked.kind)}', place=asked.place, hint=hint)
    if asked.exists:
        return []
    near = nearest(name, [t.name for t in binder.schema.tables])
    raise Refusal("42P01", f'{asked.kind} "{".".join(parts)}" does not exist', place=asked.place, hint=near)


def _release_keys(binder: Binder, asked: Drop, table: Table, dropped: set[tuple[str, str]]) -> list[str]:
    """The foreign keys of others that point at the table go by CASCADE only."""
    here = (table.name, table.full_name) if table.schema == "public" else (table.full_name,)
    referring = [
        t
        for t in binder.schema.tables
        if (t.schema, t.name) not in dropped and any(fk.references in here for fk in t.foreign_keys)
    ]
    if not referring:
        return []
    if not asked.cascade:
        names = ", ".join(t.name for t in referring)
        raise Refusal(
            "2BP01",
            f"cannot drop table {table.name} because other objects depend on it",
            place=asked.place,
            hint=f"{names} refers to it. Use DROP … CASCADE to drop the foreign key too.",
        )
    at = f"ref_schema = {literal(table.schema)} AND ref_table = {literal(table.name)}"
    return [f"DELETE FROM _helios.foreign_keys WHERE {at}"]
