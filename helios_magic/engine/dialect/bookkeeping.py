"""What our own catalogue is told, as steps in the transaction of the DDL they belong to."""

from __future__ import annotations

from collections.abc import Sequence

from helios_magic.engine.dialect.typed import literal
from helios_magic.schema import Index, Table
from helios_magic.schema import Sequence as Drawn

#: What a new row says; the identity of a table or column is drawn by the file itself.
_GIVEN = {
    "columns": " (table_schema, table_name, column_name, type, identity, generated)",
    "tables": " (table_schema, table_name)",
}


def _value(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(str(member)) for member in value) + "]::VARCHAR[]"
    return literal(str(value))


def record(table: str, rows: Sequence[Sequence[object]]) -> list[str]:
    """INSERT of rows into one of our tables; nothing for no rows."""
    if not rows:
        return []
    written = ", ".join("(" + ", ".join(_value(value) for value in row) + ")" for row in rows)
    return [f"INSERT INTO _helios.{table}{_GIVEN.get(table, '')} VALUES {written}"]


def sequence_row(sequence: Drawn, owner: tuple[str | None, str | None, str | None]) -> tuple[object, ...]:
    """What is recorded of a sequence, with the schema, table and column that own it."""
    s = sequence
    return (s.schema, s.name, s.counter, s.type, s.start, s.increment, s.minimum, s.maximum, s.cycle, *owner)


def forget(
    schema: str,
    table: str,
    *,
    where: str = "",
    tables: Sequence[str] = ("tables", "columns", "foreign_keys", "constraints", "indexes", "sequences"),
) -> list[str]:
    """DELETE of what is known of a table."""
    place = f"table_schema = {literal(schema)} AND table_name = {literal(table)}"
    return [f"DELETE FROM _helios.{name} WHERE {place}{where}" for name in tables]


def rename_table(schema: str, old: str, new: str) -> list[str]:
    place = f"table_schema = {literal(schema)} AND table_name = {literal(old)}"
    steps = [
        f"UPDATE _helios.{name} SET table_name = {literal(new)} WHERE {place}"
        for name in ("tables", "columns", "foreign_keys", "constraints", "indexes", "sequences")
    ]
    steps.append(
        f"UPDATE _helios.foreign_keys SET ref_table = {literal(new)} "
        f"WHERE ref_schema = {literal(schema)} AND ref_table = {literal(old)}"
    )
    steps.append(
        f"UPDATE _helios.comments SET object_name = {literal(new)} "
        f"WHERE kind = 'constraint' AND object_schema = {literal(schema)} AND object_name = {literal(old)}"
    )
    return steps


def rename_key(table: Table, index: Index, new: str) -> list[str]:
    """A key's index and constraint under another name."""
    place = f"table_schema = {literal(table.schema)} AND table_name = {literal(table.name)}"
    kind = f"kind = '{'p' if index.primary else 'u'}' AND columns = {_value(index.columns)}"
    row = (table.schema, table.name, new, "p" if index.primary else "u", list(index.columns), None)
    return [f"DELETE FROM _helios.constraints WHERE {place} AND {kind}", *record("constraints", [row])]


def rename_column(schema: str, table: str, old: str, new: str) -> list[str]:
    place = f"table_schema = {literal(schema)} AND table_name = {literal(table)}"
    swap = f"list_transform({{}}, lambda c: CASE WHEN c = {literal(old)} THEN {literal(new)} ELSE c END)"
    steps = [
        f"UPDATE _helios.{name} SET column_name = {literal(new)} WHERE {place} AND column_name = {literal(old)}"
        for name in ("columns", "sequences")
    ]
    steps += [
        f"UPDATE _helios.{name} SET columns = {swap.format('columns')} WHERE {place}"
        for name in ("foreign_keys", "constraints", "indexes")
    ]
    steps.append(
        f"UPDATE _helios.foreign_keys SET ref_columns = {swap.format('ref_columns')} "
        f"WHERE ref_schema = {literal(schema)} AND ref_table = {literal(table)}"
    )
    return steps


def redefine_index(schema: str, index: Index) -> str:
    """An index whose definition changed; its name is its own within the schema."""
    at = f"table_schema = {literal(schema)} AND name = {literal(index.name)}"
    return f"UPDATE _helios.indexes SET definition = {literal(index.definition or '')} WHERE {at}"


def retype_column(schema: str, table: str, column: str, kind: str, *, anew: bool) -> list[str]:
    """A column's new type; with `anew` a new identity too."""
    place = f"table_schema = {literal(schema)} AND table_name = {literal(table)} AND column_name = {literal(column)}"
    identity = ", id = uuid()" if anew else ""
    return [f"UPDATE _helios.columns SET type = {literal(kind)}{identity} WHERE {place}"]


def move_table(old: str, table: str, new: str) -> list[str]:
    """A table in another schema, and the foreign keys that point at it."""
    place = f"table_schema = {literal(old)} AND table_name = {literal(table)}"
    steps = [
        f"UPDATE _helios.{name} SET table_schema = {literal(new)} WHERE {place}"
        for name in ("tables", "columns", "foreign_keys", "constraints", "indexes", "sequences")
    ]
    steps.append(
        f"UPDATE _helios.foreign_keys SET ref_schema = {literal(new)} "
        f"WHERE ref_schema = {literal(old)} AND ref_table = {literal(table)}"
    )
    steps.append(
        f"UPDATE _helios.comments SET object_schema = {literal(new)} WHERE object_schema = {literal(old)} AND "
        f"((kind = 'constraint' AND object_name = {literal(table)}) OR (kind = 'index' AND object_name IN "
        f"(SELECT name FROM _helios.indexes WHERE table_schema = {literal(new)} AND table_name = {literal(table)})))"
    )
    return steps
