"""Reading one attached file into items.

Names become identities here and nowhere else.  What our catalogue does not know (it knows all since format 2) is
named by its place, so that it is never confused with anything.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from helios_magic.engine.branching.items import (
    CheckItem,
    ColumnItem,
    ForeignKeyItem,
    IndexItem,
    Items,
    KeyItem,
    Place,
    SequenceItem,
    TableItem,
    ViewItem,
    by_identity,
    by_place,
)
from helios_magic.engine.dialect.pgcatalog.indexes import index_keys, tail
from helios_magic.engine.names import literal, quoted
from helios_magic.engine.typenames import from_declaration
from helios_magic.models.spaces import Space
from helios_magic.schema import Enum, Index, Sequence

Ask = Callable[[str], list[tuple[Any, ...]]]
_Grouped = Mapping[Place, list[tuple[Any, ...]]]

_ENUM = re.compile(r"ENUM\(((?:'(?:[^']|'')*'(?:, )?)*)\)")
_LABEL = re.compile(r"'((?:[^']|'')*)'")


_NATIVE = {
    "types": "type_name, labels FROM duckdb_types() WHERE logical_type = 'ENUM'",
    "columns": """table_name, column_name, data_type, is_nullable, column_default, is_generated,
        generation_expression, comment FROM duckdb_columns() WHERE true""",
    "constraints": """table_name, constraint_type, constraint_column_names, expression FROM duckdb_constraints()
        WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'CHECK')""",
    "tables": "table_name, comment FROM duckdb_tables() WHERE NOT temporary",
    "views": "view_name, sql, comment FROM duckdb_views() WHERE NOT internal",
    "schemas": "NULL FROM duckdb_schemas() WHERE true",
}
"""DuckDB's catalogue; every question of it goes through all attached files, so it is asked once for several."""
_Native = Mapping[str, list[tuple[Any, ...]]]


def read(ask: Ask, *aliases: str) -> list[Items]:
    """The structures of the files attached under these names."""
    within = f"database_name IN ({', '.join(map(literal, aliases))})"
    ours = "schema_name NOT IN ('main', '_helios', 'information_schema', 'pg_catalog')"
    native: dict[str, dict[str, list[tuple[Any, ...]]]] = {alias: {what: [] for what in _NATIVE} for alias in aliases}
    for what, query in _NATIVE.items():
        ordered = " ORDER BY database_name, schema_name, table_name, column_index" if what == "columns" else ""
        for alias, *row in ask(f"SELECT database_name, schema_name, {query} AND {within} AND {ours}{ordered}"):
            native[alias][what].append(tuple(row))
    return [_read(ask, alias, native[alias]) for alias in aliases]


def _read(ask: Ask, alias: str, told: _Native) -> Items:
    enums = {(schema, name): Enum(name, tuple(labels), schema) for schema, name, labels in told["types"]}
    columns = _columns(ask, alias, told["columns"], {enum.labels: enum for enum in enums.values()})
    ids = {(schema, name): id_ for schema, name, id_ in ask(f"SELECT * FROM {alias}._helios.tables")}
    own = _grouped(
        ask(f"SELECT table_schema, table_name, name, kind, columns, definition FROM {alias}._helios.constraints")
    )
    native = _grouped(told["constraints"])
    indexes = _grouped(
        ask(f"SELECT table_schema, table_name, name, columns, is_unique, definition FROM {alias}._helios.indexes")
    )
    foreign = _grouped(
        ask(f"SELECT table_schema, table_name, * EXCLUDE (table_schema, table_name) FROM {alias}._helios.foreign_keys")
    )
    names = {at: {column.name.lower(): column.id for column in listed} for at, listed in columns.items()}
    tables = {}
    views = {}
    for schema, name, comment in told["tables"]:
        at = (schema, name)
        if any(kind in ("m", "e") for _, kind, _, _ in own[at]):
            made = _view(schema, name, "", comment, own[at], columns[at])
            own_names = {column.name.lower(): column.name for column in columns[at]}
            views[at] = replace(made, id=ids.get(at), indexes=_indexes(indexes[at], own_names))
            continue
        keys, checks = _constraints(at, names[at], own[at], native[at])
        required = {keyed[0]: called for called, kind, keyed, _ in own[at] if kind == "n"}
        own_columns = tuple(replace(column, required=required.get(column.name)) for column in columns[at])
        table = TableItem(
            _table_id(ids, at), schema, name, own_columns, keys, checks,
            _foreign(at, foreign[at], names, ids), _indexes(indexes[at], names[at]), comment,
        )  # fmt: skip
        tables[table.id] = table
    views |= {
        (schema, name): _view(schema, name, sql, comment, own[schema, name], columns[schema, name])
        for schema, name, sql, comment in told["views"]
    }
    schemas = frozenset(name for name, _ in told["schemas"])
    same = frozenset((one, other) for one, other in ask(f"SELECT one, other FROM {alias}._helios.same"))
    said = {
        (kind, schema, name, part): text
        for schema, name, kind, part, text in ask(
            f"SELECT object_schema, object_name, kind, part, comment FROM {alias}._helios.comments"
        )
    }
    return Items(tables, views, _sequences(ask, alias, names, ids), enums, schemas, same, said)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> defaultdict[Place, list[tuple[Any, ...]]]:
    grouped: defaultdict[Place, list[tuple[Any, ...]]] = defaultdict(list)
    for schema, table, *rest in rows:
        grouped[schema, table].append(tuple(rest))
    return grouped


def _table_id(ids: Mapping[Place, str], at: Place) -> str:
    return ids.get(at) or ".".join(at)


def _columns(
    ask: Ask, alias: str, listed: list[tuple[Any, ...]], enums: Mapping[tuple[str, ...], Enum]
) -> defaultdict[Place, list[ColumnItem]]:
    declared = {
        (schema, table, name): rest
        for schema, table, name, *rest in ask(
            f"SELECT table_schema, table_name, column_name, type, identity, id FROM {alias}._helios.columns"
        )
    }
    ids: defaultdict[Place, dict[str, str]] = defaultdict(dict)
    for schema, table, name, *_ in listed:
        id_ = declared.get((schema, table, name), (None, None, None))[2]
        ids[schema, table][name.lower()] = id_ or f"{schema}.{table}.{name}"
    labels = {key: enum.name for key, enum in enums.items()}
    spaces = {
        id_: Space(*space) for id_, *space in ask(f"SELECT column_id, model, dimensions FROM {alias}._helios.spaces")
    }
    columns: defaultdict[Place, list[ColumnItem]] = defaultdict(list)
    for schema, table, name, data_type, nullable, default, generated, expression, comment in listed:
        own_type, identity, _ = declared.get((schema, table, name), (None, None, None))
        at = (schema, table)
        columns[at].append(
            ColumnItem(
                ids[at][name.lower()],
                name,
                _named_enums(data_type, enums),
                own_type,
                own_type or from_declaration(data_type, labels) or "text",
                None if generated else by_place(default),
                nullable,
                by_identity(_uncast(expression, data_type), ids[at]) if generated else None,
                identity,
                comment,
                space=spaces.get(ids[at][name.lower()]),
            )
        )
    return columns


def _named_enums(data_type: str, enums: Mapping[tuple[str, ...], Enum]) -> str:
    """DuckDB's catalogue spells an enum out; where there is one with these labels, its name."""

    def named(match: re.Match[str]) -> str:
        enum = enums.get(tuple(label.replace("''", "'") for label in _LABEL.findall(match[1])))
        return match[0] if enum is None else f"{quoted(enum.schema)}.{quoted(enum.name)}"

    return _ENUM.sub(named, data_type)


def _uncast(expression: str, kind: str) -> str:
    """Without the cast to its own type that DuckDB puts around a generated column's expression."""
    end = f" AS {kind})"
    while expression.startswith("CAST(") and expression.endswith(end):
        inner = expression[len("CAST(") : -len(end)]
        if not _balanced(inner):
            break
        expression = inner
    return expression


def _balanced(text: str) -> bool:
    depth = 0
    for character in re.sub(r"'(?:[^']|'')*'", "", text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def _constraints(
    at: Place, names: Mapping[str, str], own: list[tuple[Any, ...]], native: list[tuple[Any, ...]]
) -> tuple[tuple[KeyItem, ...], tuple[CheckItem, ...]]:
    """Keys under our names; checks by the name that their message says (a type's own have none)."""

    def identities(columns: Iterable[str]) -> tuple[str, ...]:
        return tuple(names[column.lower()] for column in columns or ())

    called = {(kind, tuple(columns or ())): name for name, kind, columns, _ in own if kind in "pu"}
    written = {name: (columns, shown) for name, kind, columns, shown in own if kind == "c"}
    keys, checks = set(), set()
    for kind, columns, expression in native:
        if kind == "CHECK":
            name = next((name for name in written if _says(expression, name)), None)
            used, shown = written[name] if name is not None else ((), None)
            checks.add(CheckItem(name, by_identity(expression, names), shown, identities(used)))
        else:
            short = "p" if kind == "PRIMARY KEY" else "u"
            default = f"{at[1]}_pkey" if short == "p" else f"{at[1]}_{'_'.join(columns)}_key"
            keys.add(KeyItem(short, called.get((short, tuple(columns)), default), identities(columns)))
    return tuple(sorted(keys, key=repr)), tuple(sorted(checks, key=repr))


def _says(expression: str, name: str) -> bool:
    said = f'violates check constraint "{name}"'
    return said.replace("'", "''") in expression


def _foreign(
    at: Place, rows: list[tuple[Any, ...]], names: Mapping[Place, Mapping[str, str]], ids: Mapping[Place, str]
) -> tuple[ForeignKeyItem, ...]:
    keys = []
    for name, columns, schema, table, parent_columns, on_delete, on_update, deferrable, deferred in rows:
        parent = names.get((schema, table), {})
        keys.append(
            ForeignKeyItem(
                name, tuple(names[at][column.lower()] for column in columns), _table_id(ids, (schema, table)),
                tuple(parent.get(column.lower(), column) for column in parent_columns), on_delete, on_update,
                bool(deferrable), bool(deferred),
            )
        )  # fmt: skip
    return tuple(sorted(keys, key=repr))


def _indexes(rows: list[tuple[Any, ...]], names: Mapping[str, str]) -> tuple[IndexItem, ...]:
    indexes = []
    for name, columns, unique, definition in rows:
        method, _, rest = tail(definition).removeprefix("USING ").partition(" ")
        identities = tuple(names[column.lower()] for column in columns)
        made = Index(name, (), bool(unique), definition=definition)
        keys = [key.column for key in index_keys(made)]
        whole = bool(unique) and not made.partial and None not in keys
        key = tuple(names[column.lower()] for column in keys if column is not None) if whole else ()
        indexes.append(IndexItem(name, identities, bool(unique), f"{method} {by_identity(rest, names)}", key))
    return tuple(sorted(indexes, key=repr))


def _view(
    schema: str, name: str, sql: str, comment: str | None, own: list[tuple[Any, ...]], columns: list[ColumnItem]
) -> ViewItem:
    reads, query, kind = next(
        ((tuple(reads or ()), query, kind) for _, kind, reads, query in own if kind in ("v", "m", "e")), ((), None, "v")
    )
    listed = tuple((column.name, column.declared, column.comment) for column in columns)
    return ViewItem(
        schema, name, by_place(sql) or "", reads, by_place(query), listed, comment, kind != "v", kind != "e"
    )


def _sequences(
    ask: Ask, alias: str, names: Mapping[Place, Mapping[str, str]], ids: Mapping[Place, str]
) -> dict[Place, SequenceItem]:
    found = {}
    for schema, name, counter, kind, start, increment, minimum, maximum, cycle, *owner in ask(
        f"SELECT * FROM {alias}._helios.sequences"
    ):
        sequence = Sequence(
            name, schema, counter=counter, type=kind, start=start, increment=increment, minimum=minimum,
            maximum=maximum, cycle=cycle,
        )  # fmt: skip
        at, column = (owner[0], owner[1]), owner[2]
        mine = (_table_id(ids, at), names[at][column.lower()]) if column is not None and at in names else None
        found[schema, name] = SequenceItem(sequence, mine)
    return found
