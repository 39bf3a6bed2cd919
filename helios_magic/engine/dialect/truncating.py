"""TRUNCATE: several tables, those that refer to them (CASCADE), their sequences anew (RESTART IDENTITY)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sequences, sources
from helios_magic.engine.dialect.failures import Refusal
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.rebuilding import rebuilt
from helios_magic.engine.dialect.tableshape import of_table
from helios_magic.engine.dialect.typed import name_of, place_of, quoted
from helios_magic.engine.sequences import drawing, new_counter
from helios_magic.schema import Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def truncate(binder: Binder, node: exp.TruncateTable) -> Plan:
    """All rows of the tables; 0A000 where others refer to them and are not named too."""
    tables: list[Table] = []
    for part in node.expressions:
        schema = name_of(part.args.get("db")) or "public"
        table = sources.find_table(binder, name_of(part.this), schema, place_of(part))
        if table.kind != "table":
            raise Refusal("42809", f'"{table.name}" is not a table', place=place_of(part))
        if table not in tables:
            tables.append(table)
    cascade = str(node.args.get("option") or "").upper() == "CASCADE"
    while (referring := _referring(binder, tables)) is not None:
        child, parent = referring
        if not cascade:
            message = "cannot truncate a table referenced in a foreign key constraint"
            hint = f"{child.name} refers to {parent.name}: truncate both together, or use TRUNCATE … CASCADE."
            raise Refusal("0A000", message, hint=hint)
        tables.append(child)
    binder.writes.update(TableName(table.schema, table.name) for table in tables)
    restart = str(node.args.get("identity") or "").upper() == "RESTART"
    steps, anew = [], False
    for table in tables:
        if restart and sequences.owned(binder, table):
            steps += _restarted(binder, table)
            anew = True
        else:
            steps.append(f"DELETE FROM {quoted(table.schema)}.{quoted(table.name)}")
    return Plan("ddl" if anew else "truncate", "TRUNCATE TABLE", steps, binder)


def _referring(binder: Binder, tables: list[Table]) -> tuple[Table, Table] | None:
    """A table that refers to one of these and is not among them, and the one that it refers to."""
    named = {(table.schema, table.name): table for table in tables}
    for child in binder.schema.tables:
        for key in child.foreign_keys if (child.schema, child.name) not in named else ():
            schema, _, name = key.references.rpartition(".")
            parent = named.get((schema or "public", name))
            if parent is not None:
                return child, parent
    return None


def _restarted(binder: Binder, table: Table) -> list[str]:
    """The table anew and empty, with sequences that begin at their start.

    All branches share a sequence's counter, and none may see another's restart: the table's sequences get counters
    of their own here, which is undone with the transaction too.
    """
    old, new = of_table(table), of_table(table)
    notes = []
    for sequence in sequences.owned(binder, table):
        column = (sequence.owner or "").rpartition(".")[2]
        fresh = replace(sequence, counter=new_counter())
        for shape in new.columns:
            if shape.default is not None and drawing(sequence) in shape.default:
                shape.default = shape.default.replace(drawing(sequence), drawing(fresh))
        notes += [sequences.forgotten(sequence), *sequences.recorded([(fresh, table.schema, table.name, column)])]
    return [*rebuilt(binder, old, new, rows=False), *notes]
