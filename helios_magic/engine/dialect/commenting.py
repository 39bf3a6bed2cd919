"""COMMENT ON, and what becomes of comments when their objects are renamed or dropped.

DuckDB keeps those of tables, views and columns; our catalogue keeps the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.sources import find_table
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.schema import Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_RELATIONS = {"table": "table", "view": "view", "materialized": "materialized view"}


def comment(binder: Binder, words: Reader) -> Plan:
    """COMMENT ON a table, column, view, index, sequence, type, schema, constraint, database or extension."""
    words.take("comment", "on")
    place = words.place
    kind = words.identifier()
    if kind in _RELATIONS:
        if kind == "materialized" and not words.take("view"):
            raise words.unexpected()
        step = _on_relation(binder, words, _RELATIONS[kind])
    elif kind == "column":
        step = _on_column(binder, words)
    elif kind in _FOUND:
        step = [_recorded(*_FOUND[kind](binder, words), _text(words))]
    elif kind in ("database", "extension"):
        _nothing(binder, words, kind)
        step = ["SELECT 1"]
    else:
        raise unsupported(f"COMMENT ON {kind.upper()}", place=place)
    words.finish()
    return Plan("ddl", "COMMENT", step, binder)


def _text(words: Reader) -> str | None:
    if not words.take("is"):
        raise words.unexpected()
    if words.take("null"):
        return None
    token = words.next()
    if token.kind != "string":
        raise words.refusal(token)
    tree = words.piece(token.start, token.end)
    return tree.name or None


def _on_relation(binder: Binder, words: Reader, kind: str) -> list[str]:
    place = words.place
    table = _table(binder, words.name(), place)
    if table.kind != kind:
        raise Refusal("42809", f'"{table.name}" is not a {kind}', place=place)
    text = _text(words)
    word = "VIEW" if kind == "view" else "TABLE"
    return [f"COMMENT ON {word} {quoted(table.schema)}.{quoted(table.name)} IS {_said(text)}"]


def _on_column(binder: Binder, words: Reader) -> list[str]:
    place = words.place
    parts = words.name()
    if len(parts) < 2:
        raise Refusal("42601", "column name must be qualified", place=place)
    table = _table(binder, parts[:-1], place)
    if table.column(parts[-1]) is None:
        message = f'column "{parts[-1]}" of relation "{table.name}" does not exist'
        raise Refusal("42703", message, place=place, hint=nearest(parts[-1], [c.name for c in table.columns]))
    text = _text(words)
    at = f"{quoted(table.schema)}.{quoted(table.name)}.{quoted(parts[-1])}"
    return [f"COMMENT ON COLUMN {at} IS {_said(text)}"]


def _said(text: str | None) -> str:
    return "NULL" if text is None else literal(text)


def _table(binder: Binder, parts: list[str], place: int) -> Table:
    schema = parts[-2] if len(parts) > 1 else "public"
    return find_table(binder, parts[-1], schema, place, shown=len(parts) > 1)


def _nothing(binder: Binder, words: Reader, kind: str) -> None:
    """What stands outside of the branches and keeps no comment: only taking one away changes nothing."""
    place = words.place
    words.name()
    if _text(words) is not None:
        raise unsupported(f"COMMENT ON {kind.upper()}", place=place)


# What our catalogue keeps


def _index(binder: Binder, words: Reader) -> tuple[str, str, str, str]:
    from helios_magic.engine.dialect import indexes

    place, parts = words.place, words.name()
    found = indexes.find(binder, parts)
    if found is None:
        raise indexes.missing(binder, parts, place, sqlstate="42P01")
    return "index", found[0].schema, found[1].name, ""


def _sequence(binder: Binder, words: Reader) -> tuple[str, str, str, str]:
    from helios_magic.engine.dialect import sequences

    place = words.place
    sequence = sequences.known(binder, words.name(), place)
    return "sequence", sequence.schema, sequence.name, ""


def _type(binder: Binder, words: Reader) -> tuple[str, str, str, str]:
    from helios_magic.engine.dialect import enums

    place = words.place
    enum = enums.known(binder, words.name(), place)
    return "type", enum.schema, enum.name, ""


def _schema(binder: Binder, words: Reader) -> tuple[str, str, str, str]:
    place, name = words.place, words.identifier()
    if name not in binder.schema.schemas:
        hint = nearest(name, binder.schema.schemas)
        raise Refusal("3F000", f'schema "{name}" does not exist', place=place, hint=hint)
    return "schema", name, name, ""


def _constraint(binder: Binder, words: Reader) -> tuple[str, str, str, str]:
    place, name = words.place, words.identifier()
    if not words.take("on"):
        raise words.unexpected()
    at = words.place
    table = _table(binder, words.name(), at)
    if name not in constraints(table):
        message = f'constraint "{name}" for table "{table.name}" does not exist'
        raise Refusal("42704", message, place=place, hint=nearest(name, constraints(table)))
    return "constraint", table.schema, table.name, name


def constraints(table: Table) -> list[str]:
    """The names of a table's constraints."""
    own = [index.name for index in table.indexes if index.definition is None]
    own += [column.required for column in table.columns if column.required is not None]
    return [*own, *(check.name for check in table.checks), *(key.name for key in table.foreign_keys)]


_FOUND = {"index": _index, "sequence": _sequence, "type": _type, "schema": _schema, "constraint": _constraint}


def _at(kind: str, schema: str, name: str, part: str | None = None) -> str:
    at = f"kind = {literal(kind)} AND object_schema = {literal(schema)} AND object_name = {literal(name)}"
    return at if part is None else f"{at} AND part = {literal(part)}"


def _recorded(kind: str, schema: str, name: str, part: str, text: str | None) -> str:
    """One step that puts a comment in the place of the one before."""
    at = _at(kind, schema, name, part)
    if text is None:
        return f"DELETE FROM _helios.comments WHERE {at}"
    row = ", ".join(map(literal, (schema, name, kind, part, text)))
    return (
        f"MERGE INTO _helios.comments USING (SELECT 1) AS _one ON {at} "
        f"WHEN MATCHED THEN UPDATE SET comment = {literal(text)} WHEN NOT MATCHED THEN INSERT VALUES ({row})"
    )


def rename(kind: str, schema: str, name: str, new: str) -> list[str]:
    return [f"UPDATE _helios.comments SET object_name = {literal(new)} WHERE {_at(kind, schema, name)}"]


def rename_part(kind: str, schema: str, name: str, part: str, new: str) -> list[str]:
    return [f"UPDATE _helios.comments SET part = {literal(new)} WHERE {_at(kind, schema, name, part)}"]


_THERE = """SELECT table_schema, name, 'index', '' FROM _helios.indexes
    UNION ALL SELECT table_schema, name, 'index', '' FROM _helios.constraints WHERE kind IN ('p', 'u')
    UNION ALL SELECT table_schema, table_name, 'constraint', name FROM _helios.constraints
        WHERE kind IN ('p', 'u', 'c', 'n')
    UNION ALL SELECT table_schema, table_name, 'constraint', name FROM _helios.foreign_keys
    UNION ALL SELECT sequence_schema, sequence_name, 'sequence', '' FROM _helios.sequences
    UNION ALL SELECT schema_name, type_name, 'type', '' FROM duckdb_types() WHERE database_name = current_database()
    UNION ALL SELECT schema_name, schema_name, 'schema', '' FROM duckdb_schemas()
        WHERE database_name = current_database()"""
SWEEP = (
    "DELETE FROM _helios.comments WHERE (object_schema, object_name, kind, part) NOT IN "
    f"(SELECT (s, n, k, p) FROM ({_THERE}) AS _there(s, n, k, p))"
)
"""The last step of DDL where there are comments: those whose objects are gone go with them."""
