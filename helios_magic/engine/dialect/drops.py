"""DROP of tables, views, indexes, sequences, types and schemas, and what depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping, sequences
from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.typed import Node, literal, name_of, place_of, quoted
from helios_magic.engine.dialect.views import dependents, drop_view, keep_views

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def drop(binder: Binder, node: exp.Drop) -> Plan:
    kind = str(node.args.get("kind") or "").upper()
    targets = node.args.get("tables") or [node.this]
    cascade, exists = bool(node.args.get("cascade")), bool(node.args.get("exists"))
    dropped = {
        (name_of(t.args.get("db")) or "public", name_of(t.this))
        for t in targets
        if t is not None and t.this is not None
    }
    steps: list[str] = []
    for target in targets:
        schema, name = name_of(target.args.get("db")) or "public", name_of(target.this)
        if kind in ("TABLE", "VIEW"):
            steps += _drop_table(binder, kind, schema, name, target, dropped, cascade=cascade, exists=exists)
        elif kind == "INDEX":
            steps += _drop_index(binder, name, target, exists=exists)
        elif kind == "SEQUENCE":
            steps += sequences.drop(binder, schema, name, target, cascade=cascade, exists=exists)
        elif kind == "TYPE":
            if any(
                c.type.startswith(name)
                for t in binder.schema.tables
                for c in t.columns
                if c.type in (name, name + "[]")
            ):
                raise Refusal(
                    "2BP01", f"cannot drop type {name} because other objects depend on it", place=place_of(target)
                )
            steps += _drop_plain(kind, schema, name, list(binder.enums), target, exists=exists)
        elif kind == "SCHEMA":
            steps += _drop_schema(binder, target, exists=exists)
        else:
            raise unsupported(f"DROP {kind}", place=place_of(node))
    return Plan("ddl", f"DROP {kind}", steps or ["SELECT 1"], binder)


def _drop_plain(kind: str, schema: str, name: str, known: list[str], target: Node, *, exists: bool) -> list[str]:
    if name in known:
        return [f"DROP {kind} {quoted(schema)}.{quoted(name)}"]
    if exists:
        return []
    raise Refusal(
        "42704" if kind == "TYPE" else "42P01",
        f'{kind.lower()} "{name}" does not exist',
        place=place_of(target),
        hint=nearest(name, known),
    )


def _drop_schema(binder: Binder, target: Node, *, exists: bool) -> list[str]:
    name = name_of(target.args.get("db")) or name_of(target.this)
    if name == "public" or name.startswith("_"):
        raise unsupported(f'DROP SCHEMA "{name}"', place=place_of(target))
    if name not in binder.schema.schemas:
        if exists:
            return []
        raise Refusal("3F000", f'schema "{name}" does not exist', place=place_of(target))
    if name in {*(t.schema for t in binder.schema.tables), *(s.schema for s in binder.schema.sequences)}:
        raise Refusal(
            "2BP01",
            f"cannot drop schema {name} because other objects depend on it",
            hint="Drop its tables and sequences first.",
        )
    return [f"DROP SCHEMA {quoted(name)}"]


def _drop_table(
    binder: Binder,
    kind: str,
    schema: str,
    name: str,
    target: Node,
    dropped: set[tuple[str, str]],
    *,
    cascade: bool,
    exists: bool,
) -> list[str]:
    table = binder.schema.table(name, schema)
    if table is None:
        if any(i.name == name for t in binder.schema.tables for i in t.indexes if t.schema == schema):
            raise Refusal("42809", f'"{name}" is not a {kind.lower()}', place=place_of(target), hint="Use DROP INDEX.")
        if exists:
            return []
        hint = nearest(name, [t.name for t in binder.schema.tables])
        raise Refusal("42P01", f'{kind.lower()} "{name}" does not exist', place=place_of(target), hint=hint)
    if table.kind != kind.lower():
        raise Refusal(
            "42809", f'"{name}" is not a {kind.lower()}', place=place_of(target), hint=f"Use DROP {table.kind.upper()}."
        )
    referring = [
        t
        for t in binder.schema.tables
        if (t.schema, t.name) not in dropped
        and any(fk.references in (name, f"{schema}.{name}") for fk in t.foreign_keys)
    ]
    if referring and not cascade:
        names = ", ".join(t.name for t in referring)
        raise Refusal(
            "2BP01",
            f"cannot drop table {name} because other objects depend on it",
            place=place_of(target),
            hint=f"{names} refers to it. Use DROP … CASCADE to drop the foreign key too.",
        )
    views = [v for v in dependents(binder, table) if (v.schema, v.name) not in dropped]
    if views and not cascade:
        keep_views(binder, table, f"{kind.lower()} {name}", place_of(target))
    steps = []
    for view in views:
        dropped.add((view.schema, view.name))
        steps += drop_view(view)
    binder.writes.add(TableName(schema, name))
    steps += [f"DROP {kind} {quoted(schema)}.{quoted(name)}", *bookkeeping.forget(schema, name)]
    if referring:
        steps.append(
            f"DELETE FROM _helios.foreign_keys WHERE ref_schema = {literal(schema)} AND ref_table = {literal(name)}"
        )
    for sequence in sequences.owned(binder, table):
        steps += sequences.release(
            binder, sequence, lambda t, _: (t.schema, t.name) in dropped, cascade=cascade, place=place_of(target)
        )
    return steps


def _drop_index(binder: Binder, name: str, target: Node, *, exists: bool) -> list[str]:
    for table in binder.schema.tables:
        for index in table.indexes:
            if index.name != name:
                continue
            if index.primary or (index.unique and index.definition is None):
                raise Refusal(
                    "2BP01",
                    f"cannot drop index {name} because constraint {name} on table {table.name} requires it",
                    place=place_of(target),
                )
            native = [f"DROP INDEX {quoted(table.schema)}.{quoted(name)}"] if index.unique else []
            return [
                *native,
                *bookkeeping.forget(
                    table.schema, table.name, where=f" AND name = {literal(name)}", tables=("indexes",)
                ),
            ]
    other = binder.schema.table(name)
    if other is not None:
        raise Refusal(
            "42809", f'"{name}" is not an index', place=place_of(target), hint=f"Use DROP {other.kind.upper()}."
        )
    if exists:
        return []
    raise Refusal(
        "42704",
        f'index "{name}" does not exist',
        place=place_of(target),
        hint=nearest(name, [i.name for t in binder.schema.tables for i in t.indexes]),
    )
