"""Enum types: CREATE TYPE … AS ENUM, ALTER TYPE, DROP TYPE.

DuckDB's enums compare in the order of their labels, as PostgreSQL's do, but cannot change: a type is made anew under
its name, and the tables that use it with it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.pgtypes import KNOWN, canonical, is_array
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.rebuilding import by_copy
from helios_magic.engine.dialect.tableshape import of_table
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.engine.dialect.views import comments_of, dependents, new_place
from helios_magic.schema import Column, Enum, Schema, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_LONGEST = 63


def create_type(binder: Binder, words: Reader) -> Plan:
    words.take("create", "type")
    place = words.place
    schema, name = new_place(binder, words.name(), place)
    what = words.place
    if not words.take("as"):
        raise unsupported("a base or shell type", place=what)
    if words.is_symbol("("):
        raise unsupported("a composite type", place=what, hint="Use columns of their own, or jsonb.")
    if not words.take("enum"):
        raise unsupported("a range type" if words.at("range") else "this CREATE TYPE", place=what)
    labels = _labels(words)
    words.finish()
    if schema != "public":
        raise unsupported("an enum outside the schema public", place=place)
    _refuse_taken(binder, name, place)
    return Plan("ddl", "CREATE TYPE", [_created(Enum(name, tuple(labels)))], binder)


def _created(enum: Enum) -> str:
    listed = ", ".join(map(literal, enum.labels))
    return f"CREATE TYPE {quoted(enum.schema)}.{quoted(enum.name)} AS ENUM ({listed})"


def _refuse_taken(binder: Binder, name: str, place: int) -> None:
    if name in binder.enums or binder.schema.table(name) is not None:
        raise Refusal("42710", f'type "{name}" already exists', place=place)
    if canonical(name) in KNOWN:
        raise unsupported(f'a type named like PostgreSQL\'s own "{name}"', place=place)
    alike = next((known for known in binder.enums if known.lower() == name.lower()), None)
    if alike is not None:
        raise unsupported(f'two types that differ only by case ("{alike}", "{name}")', place=place)


def _labels(words: Reader) -> list[str]:
    words.expect("(")
    if words.is_symbol(")"):
        raise unsupported("an enum without labels", place=words.place)
    labels: list[str] = []
    while True:
        place = words.place
        label = _label(words)
        if label in labels:
            message = 'duplicate key value violates unique constraint "pg_enum_typid_label_index"'
            raise Refusal("23505", message, place=place, hint=f'The label "{label}" is there twice.')
        labels.append(label)
        if words.symbol(")"):
            return labels
        words.expect(",")


def _label(words: Reader) -> str:
    token = words.next()
    if token.kind != "string":
        raise words.refusal(token)
    label = str(words.piece(token.start, token.end).name)
    if len(label.encode()) > _LONGEST:
        hint = "Labels must be 63 bytes or less."
        raise Refusal("42602", f'invalid enum label "{label}"', place=token.start, hint=hint)
    return label


def known(binder: Binder, parts: list[str], place: int) -> Enum:
    """The enum of a name; 42704 where there is none."""
    schema = parts[-2] if len(parts) > 1 else "public"
    for enum in binder.schema.enums:
        if (enum.schema, enum.name) == (schema, parts[-1]):
            return enum
    if canonical(parts[-1]) in KNOWN:
        raise Refusal("42809", f"{parts[-1]} is not an enum", place=place)
    hint = nearest(parts[-1], binder.enums)
    raise Refusal("42704", f'type "{".".join(parts)}" does not exist', place=place, hint=hint)


def alter_type(binder: Binder, words: Reader) -> Plan:
    """ALTER TYPE … ADD VALUE, RENAME VALUE, RENAME TO, OWNER TO."""
    words.take("alter", "type")
    place = words.place
    enum = known(binder, words.name(), place)
    at = words.place
    if words.take("add", "value"):
        return _add_value(binder, enum, words)
    if words.take("rename", "value"):
        return _rename_value(binder, enum, words, at)
    if words.take("rename", "to"):
        new = words.identifier()
        words.finish()
        _refuse_taken(binder, new, at)
        return _remade(binder, enum, replace(enum, name=new))
    if words.take("owner", "to"):
        words.identifier()
        words.finish()
        return Plan("ddl", "ALTER TYPE", ["SELECT 1"], binder)
    raise unsupported("this ALTER TYPE", place=at)


def _add_value(binder: Binder, enum: Enum, words: Reader) -> Plan:
    unless_there, place = words.take("if", "not", "exists"), words.place
    label = _label(words)
    labels, at = list(enum.labels), len(enum.labels)
    after = words.at("after")
    if words.take("before") or words.take("after"):
        beside_at, beside = words.place, _label(words)
        if beside not in labels:
            hint = nearest(beside, labels)
            raise Refusal("22023", f'"{beside}" is not an existing enum label', place=beside_at, hint=hint)
        at = labels.index(beside) + after
    words.finish()
    if label in labels:
        if unless_there:
            return Plan("ddl", "ALTER TYPE", ["SELECT 1"], binder)
        raise Refusal("42710", f'enum label "{label}" already exists', place=place)
    labels.insert(at, label)
    return _remade(binder, enum, replace(enum, labels=tuple(labels)))


def _rename_value(binder: Binder, enum: Enum, words: Reader, place: int) -> Plan:
    old = _label(words)
    if not words.take("to"):
        raise words.unexpected()
    new = _label(words)
    words.finish()
    if old not in enum.labels:
        hint = nearest(old, enum.labels)
        raise Refusal("22023", f'"{old}" is not an existing enum label', place=place, hint=hint)
    if new in enum.labels:
        raise Refusal("42710", f'enum label "{new}" already exists', place=place)
    labels = tuple(new if label == old else label for label in enum.labels)
    for table in users(binder, enum):
        _refuse_named(binder, table, enum, old, place)
    return _remade(binder, enum, replace(enum, labels=labels), (old, new))


def _refuse_named(binder: Binder, table: Table, enum: Enum, label: str, place: int) -> None:
    """Conditions and views keep a label as text here: they would go on asking for the old one."""
    said = literal(label)
    texts = [check.condition for check in table.checks] + [index.definition or "" for index in table.indexes]
    texts += [column.generated or "" for column in table.columns]
    texts += [view.query or "" for view in dependents(binder, table)]
    if any(said in text for text in texts):
        raise unsupported("renaming a value that a constraint, an index or a view names", place=place)


def users(binder: Binder, enum: Enum) -> list[Table]:
    """The tables and views with columns of the type, or whose defaults are made from it."""
    return [t for t in binder.schema.tables if any(_uses(column, enum) for column in t.columns)]


def _uses(column: Column, enum: Enum) -> bool:
    return _is_of(column.type, enum) or any(name in _named(enum) for name in _NAMED.findall(column.default or ""))


def _named(enum: Enum) -> set[str]:
    """How DuckDB writes the type in an expression that it keeps."""
    labels = ", ".join(map(literal, enum.labels))
    return {f"ENUM({labels})", *(f"{s}.{n}" for s in ("public", '"public"') for n in (enum.name, quoted(enum.name)))}


def _is_of(kind: str, enum: Enum) -> bool:
    return kind.rstrip("[]") == enum.name


def _remade(binder: Binder, old: Enum, new: Enum, label: tuple[str, str] | None = None) -> Plan:
    """The type as it shall be, and every table that uses it built anew with its values."""
    tables = [table for table in users(binder, old) if table.kind == "table"]
    views = _views(binder, old, tables)
    if old.name != new.name and views:
        names = ", ".join(view.name for view in views)
        raise unsupported("renaming a type under a view", hint=f"Drop {names} first, and create it again after.")
    if any(view.kind != "view" for view in views):
        raise unsupported("changing a type that a materialized view uses", hint="Drop the view first.")
    # DuckDB keeps the labels in each column: until a table is built anew it goes by the old ones.
    after = type(binder)(_with(binder.schema, old, new), check=binder.check)
    steps = [f"DROP VIEW {quoted(view.schema)}.{quoted(view.name)}" for view in reversed(views)]
    last: list[str] = []
    for number, table in enumerate(tables):
        binder.writes.add(TableName(table.schema, table.name))
        first, second = _rebuilt(after, table, (old, new), label, number)
        steps += first
        last += second
    steps += [f"DROP TYPE {quoted(old.schema)}.{quoted(old.name)}", _created(new), *last]
    if old.name != new.name:
        at = f"type = {literal(old.name)} OR starts_with(type, {literal(old.name + '[')})"
        length = len(old.name) + 1
        steps.append(f"UPDATE _helios.columns SET type = {literal(new.name)} || substr(type, {length}) WHERE {at}")
        said = f"UPDATE _helios.comments SET object_name = {literal(new.name)} WHERE kind = 'type' "
        steps.append(said + f"AND object_schema = {literal(old.schema)} AND object_name = {literal(old.name)}")
    for view in views:
        listed = ", ".join(quoted(column.name) for column in view.columns)
        steps.append(f"CREATE VIEW {quoted(view.schema)}.{quoted(view.name)} ({listed}) AS {view.query}")
        steps += comments_of(view)
    return Plan("ddl", "ALTER TYPE", steps, binder)


def _views(binder: Binder, enum: Enum, tables: list[Table]) -> list[Table]:
    """The views to be made again, each after those it reads."""
    found: list[Table] = []
    for table in tables:
        found += [view for view in reversed(dependents(binder, table)) if view not in found]
    names = quoted(enum.name)
    found += [
        view for view in binder.schema.tables
        if view.query is not None and view not in found
        and (any(_is_of(column.type, enum) for column in view.columns) or f'"public".{names}' in view.query)
    ]  # fmt: skip
    return found


def _with(schema: Schema, old: Enum, new: Enum) -> Schema:
    return replace(schema, enums=tuple(new if enum == old else enum for enum in schema.enums))


def _rebuilt(
    binder: Binder, table: Table, types: tuple[Enum, Enum], label: tuple[str, str] | None, number: int
) -> tuple[list[str], list[str]]:
    (old, new), before, shape = types, of_table(table), of_table(table)
    for column in shape.columns:
        column.default = _default(column.default, old, new, label)
        if not _is_of(column.type, old):
            continue
        column.type = new.name + column.type[len(old.name) :]
        if label is not None and column.origin is not None:
            column.filled = _exchanged(quoted(column.origin), column.type, label)
    kept = {column.name for column in before.columns if _is_of(column.type, old)}
    return by_copy(binder, before, shape, number, kept)


_NAMED = re.compile(r"""(?<= AS )(?:ENUM\((?:'(?:[^']|'')*'(?:, )?)*\)|"?public"?\.(?:\w+|"(?:[^"]|"")*"))""")


def _default(default: str | None, old: Enum, new: Enum, label: tuple[str, str] | None) -> str | None:
    """The default of the type as it is now."""
    if default is None or not any(name in _named(old) for name in _NAMED.findall(default)):
        return default
    if label is not None:
        default = default.replace(literal(label[0]), literal(label[1]))
    return _NAMED.sub(f"{quoted(new.schema)}.{quoted(new.name)}", default)


def _exchanged(cell: str, kind: str, label: tuple[str, str]) -> str:
    one, other = literal(label[0]), literal(label[1])
    if is_array(kind):
        changed = f"CASE WHEN CAST(e AS VARCHAR) = {one} THEN {other} ELSE CAST(e AS VARCHAR) END"
        return f"list_transform({cell}, lambda e: {changed})"
    return f"CASE WHEN CAST({cell} AS VARCHAR) = {one} THEN {other} ELSE CAST({cell} AS VARCHAR) END"


def drop(binder: Binder, parts: list[str], place: int, *, cascade: bool, exists: bool) -> list[str]:
    schema = parts[-2] if len(parts) > 1 else "public"
    if exists and not any((enum.schema, enum.name) == (schema, parts[-1]) for enum in binder.schema.enums):
        return []
    enum = known(binder, parts, place)
    told = [
        f"column {column.name} of {table.kind} {table.name} depends on type {enum.name}"
        for table in binder.schema.tables for column in table.columns if _uses(column, enum)
    ]  # fmt: skip
    told += [
        f"view {view.name} depends on type {enum.name}"
        for view in binder.schema.tables
        if f'"public".{quoted(enum.name)}' in (view.query or "") and view not in users(binder, enum)
    ]
    if told and cascade:
        raise unsupported(f"DROP TYPE … CASCADE of a type that is used ({told[0]})", place=place)
    if told:
        raise Refusal(
            "2BP01",
            f"cannot drop type {enum.name} because other objects depend on it",
            place=place,
            hint=f"{'; '.join(told[:5])}.",
        )
    return [f"DROP TYPE {quoted(enum.schema)}.{quoted(enum.name)}"]
