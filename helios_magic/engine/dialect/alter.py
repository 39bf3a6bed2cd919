"""ALTER TABLE: what DuckDB can do in place; the rest is refused until tables are rebuilt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping, sequences, sources
from helios_magic.engine.dialect.conversion import cast, coerce
from helios_magic.engine.dialect.createtable import (
    Definition,
    _column,
    _name_column,
    _unqualified,
    recorded,
    table_constraint,
)
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import Refusal, nearest, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.pgtypes import NUMBERS, base, duckdb_type, from_tree
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.typed import Node, literal, name_of, place_of, quoted
from helios_magic.engine.dialect.views import dependents, drop_view, keep_views, refuse_change
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def alter(binder: Binder, node: exp.Alter) -> Plan:
    kind = str(node.args.get("kind") or "").upper()
    if kind != "TABLE":
        raise unsupported(f"ALTER {kind}", place=place_of(node))
    target = node.this
    schema, name = name_of(target.args.get("db")) or "public", name_of(target.this)
    if node.args.get("exists") and binder.schema.table(name, schema) is None:
        return Plan("ddl", "ALTER TABLE", ["SELECT 1"], binder)
    table = sources.find_table(binder, name, schema, place_of(target))
    if table.kind != "table":
        raise Refusal("42809", f'"{name}" is not a table', place=place_of(target))
    binder.writes.add(TableName(schema, name))
    unique = [i for i in table.indexes if i.unique and i.definition is not None and not i.primary]
    # DuckDB refuses to alter a table that an index depends on: take its own away and put them back.
    before = [f"DROP INDEX {quoted(schema)}.{quoted(i.name)}" for i in unique]
    steps: list[str] = []
    for action in node.args.get("actions") or ():
        steps += _action(binder, table, action)
        if isinstance(action, exp.ColumnDef) and table.column(name_of(action.this)) is None:
            # The actions after it may name the new column.
            column = Column(name_of(action.this), from_tree(action.args["kind"], binder.enums))
            table = replace(table, columns=(*table.columns, column))
    after = []
    renamed = [a for a in node.args["actions"] if isinstance(a, (exp.AlterRename, exp.RenameColumn))]
    if unique and renamed:
        raise unsupported("renaming under a unique index", hint="Drop the index first, and make it again.")
    for index in unique:
        columns = ", ".join(quoted(c) for c in index.columns)
        after.append(f"CREATE UNIQUE INDEX {quoted(index.name)} ON {quoted(schema)}.{quoted(name)} ({columns})")
    return Plan("ddl", "ALTER TABLE", [*before, *steps, *after], binder)


def _action(binder: Binder, table: Table, action: Node) -> list[str]:
    place = f"ALTER TABLE {quoted(table.schema)}.{quoted(table.name)}"
    if isinstance(action, exp.ColumnDef):
        return _add_column(binder, table, action, place)
    if isinstance(action, exp.AlterRename):
        new = name_of(action.this.this if isinstance(action.this, exp.Table) else action.this)
        refuse_change(binder, table, "renaming a table", place_of(action))
        if binder.schema.table(new, table.schema) is not None:
            raise Refusal("42P07", f'relation "{new}" already exists', place=place_of(action))
        return [f"{place} RENAME TO {quoted(new)}", *bookkeeping.rename_table(table.schema, table.name, new)]
    if isinstance(action, exp.RenameColumn):
        from helios_magic.engine.dialect.writes import find_column

        old, new = find_column(table, action.this).name, name_of(action.args["to"])
        refuse_change(binder, table, "renaming a column", place_of(action), old)
        if any(c.name.lower() == new.lower() and c.name != old for c in table.columns):
            raise Refusal("42701", f'column "{new}" of relation "{table.name}" already exists', place=place_of(action))
        if table.checks:
            raise unsupported("renaming a column of a table with CHECK constraints", place=place_of(action))
        return [
            f"{place} RENAME {quoted(old)} TO {quoted(new)}",
            *bookkeeping.rename_column(table.schema, table.name, old, new),
        ]
    if isinstance(action, exp.Drop):
        return _drop(binder, table, action, place)
    if isinstance(action, exp.AlterColumn):
        return _alter_column(binder, table, action, place)
    if isinstance(action, exp.AddConstraint):
        return _add_constraints(binder, table, action, place)
    raise unsupported(f"ALTER TABLE … {action.key}", place=place_of(action))


def _definition(table: Table) -> Definition:
    definition = Definition(table.schema, table.name, [Field(c.name, c.type) for c in table.columns])
    definition.primary = table.primary_key
    definition.unique = list(table.unique)
    return definition


def _add_column(binder: Binder, table: Table, action: exp.ColumnDef, place: str) -> list[str]:
    name = name_of(action.this)
    if table.column(name) is not None:
        if action.args.get("exists"):
            return []
        raise Refusal(
            "42701", f'column "{name}" of relation "{table.name}" already exists', place=place_of(action.this)
        )
    definition = _definition(table)
    known = len(definition.columns)
    _name_column(binder, definition, action)
    _column(binder, definition, action)
    words = definition.parts[0] if definition.constraints == [] else None
    column = definition.columns[known]
    if (
        words is None
        or len(definition.parts) > 1
        or "CHECK" in definition.parts[-1]
        or " GENERATED " in definition.parts[-1]
    ):
        raise unsupported(
            "adding a column with a key, a check, a length or an expression",
            place=place_of(action.this),
            hint="Add a plain column; put the constraint on a new table.",
        )
    not_null = " NOT NULL" in words
    words = words.replace(" NOT NULL", "")
    steps = [f"{place} ADD COLUMN {words}"]
    if not_null:
        steps.append(f"{place} ALTER COLUMN {quoted(column.name)} SET NOT NULL")
    return [*steps, *recorded(definition)]


def _drop(binder: Binder, table: Table, action: exp.Drop, place: str) -> list[str]:
    kind = str(action.args.get("kind") or "").upper()
    target = (action.args.get("tables") or [action.this])[0]
    name = name_of(target.this if isinstance(target, (exp.Table, exp.Column)) else target)
    if kind == "CONSTRAINT":
        if any(fk.name == name for fk in table.foreign_keys):
            return bookkeeping.forget(
                table.schema, table.name, where=f" AND name = {literal(name)}", tables=("foreign_keys",)
            )
        known = [*(i.name for i in table.indexes), *(c.name for c in table.checks)]
        if name in known:
            raise unsupported("dropping a primary key, unique or check constraint", place=place_of(action))
        if action.args.get("exists"):
            return []
        raise Refusal(
            "42704",
            f'constraint "{name}" of relation "{table.name}" does not exist',
            place=place_of(action),
            hint=nearest(name, known),
        )
    if kind not in ("COLUMN", ""):
        raise unsupported(f"ALTER TABLE … DROP {kind}", place=place_of(action))
    column = table.column(name)
    if column is None:
        if action.args.get("exists"):
            return []
        raise Refusal(
            "42703",
            f'column "{name}" of relation "{table.name}" does not exist',
            place=place_of(action),
            hint=nearest(name, [c.name for c in table.columns]),
        )
    keyed = (
        any(name in i.columns for i in table.indexes)
        or table.checks
        or ("(" in column.type and base(column.type) in ("varchar", "bpchar"))
    )
    foreign = any(name in fk.columns for fk in table.foreign_keys) or any(
        fk.references in (table.name, f"{table.schema}.{table.name}") and name in fk.references_columns
        for t in binder.schema.tables
        for fk in t.foreign_keys
    )
    if keyed or foreign:
        raise unsupported("dropping a column that has a key, an index, a check or a length", place=place_of(action))
    gone = bookkeeping.forget(
        table.schema, table.name, where=f" AND column_name = {literal(name)}", tables=("columns", "sequences")
    )
    cascade = bool(action.args.get("cascade"))
    for sequence in sequences.owned(binder, table, name):
        gone += sequences.release(
            binder, sequence, lambda t, c: (t, c) == (table, column), cascade=cascade, place=place_of(action)
        )
    views = dependents(binder, table, name)
    if not cascade:
        keep_views(binder, table, f"column {name} of table {table.name}", place_of(action), name)
    return [*(step for view in views for step in drop_view(view)), f"{place} DROP COLUMN {quoted(name)}", *gone]


def _alter_column(binder: Binder, table: Table, action: exp.AlterColumn, place: str) -> list[str]:
    from helios_magic.engine.dialect.writes import find_column

    column = find_column(table, action.this)
    at = f"{place} ALTER COLUMN {quoted(column.name)}"
    if action.args.get("dtype") is not None:
        return _retype(binder, table, column.name, action, at)
    if action.args.get("default") is not None:
        value = coerce(binder, visit(binder, action.args["default"], Scope()), column.type, assignment=True)
        return [f"{at} SET DEFAULT {text(value)}"]
    if action.args.get("allow_null") is not None:
        dropping = bool(action.args.get("drop"))
        if dropping and column.name in table.primary_key:
            raise Refusal("42P16", f'column "{column.name}" is in a primary key', place=place_of(action))
        return [f"{at} {'DROP' if dropping else 'SET'} NOT NULL"]
    if action.args.get("drop"):
        if column.identity:
            raise unsupported("dropping the default of an identity column", place=place_of(action))
        return [f"{at} DROP DEFAULT"]
    raise unsupported("this ALTER COLUMN", place=place_of(action))


def _retype(binder: Binder, table: Table, name: str, action: exp.AlterColumn, at: str) -> list[str]:
    from helios_magic.engine.dialect.retyping import is_plain

    target = from_tree(action.args["dtype"], binder.enums)
    column = table.column(name)
    if dependents(binder, table, name):
        raise unsupported(
            "altering the type of a column used by a view", place=place_of(action), hint="Drop the view first."
        )
    keyed = any(name in i.columns for i in table.indexes) or table.checks
    sized = any("(" in kind and base(kind) in ("varchar", "bpchar") for kind in (target, column.type if column else ""))
    if keyed or sized:
        raise unsupported("changing the type of a column with a key, a check or a length", place=place_of(action))
    _keep_comparable(binder, table, name, target, place_of(action))
    scope = Scope(sources=[Source(table.name, [Field(c.name, c.type) for c in table.columns])])
    using = action.args.get("using") or None
    value = visit(binder, using if using is not None else exp.Column(this=exp.to_identifier(name, quoted=True)), scope)
    value = cast(binder, value, target) if using is not None else coerce(binder, value, target, assignment=True)
    how = _unqualified(value)
    steps = [f"{at} SET DATA TYPE {duckdb_type(target, binder.enums)} USING {how}"]
    # Values that were computed make another column of it: a merge must not take one for the other.
    anew = using is not None and column is not None and not is_plain(binder, how, name, column.type, target)
    return [*steps, *bookkeeping.retype_column(table.schema, table.name, name, target, anew=anew)]


def _keep_comparable(binder: Binder, table: Table, name: str, target: str, place: int | None) -> None:
    """A foreign key's columns must be comparable with those they point at (42804); keyed ones are refused before."""
    for key in table.foreign_keys:
        for own, there in zip(key.columns, key.references_columns, strict=True):
            space, _, parent_name = key.references.rpartition(".")
            parent = binder.schema.table(parent_name, space or "public")
            column = parent.column(there) if parent is not None else None
            if own != name or column is None or base(column.type) == base(target):
                continue
            if not {base(column.type), base(target)} <= set(NUMBERS):
                raise Refusal(
                    "42804", f'foreign key constraint "{key.name}" cannot be implemented', place=place,
                    hint=f'Key columns "{own}" and "{there}" are of incompatible types: {target} and {column.type}.',
                )  # fmt: skip


def _add_constraints(binder: Binder, table: Table, action: exp.AddConstraint, place: str) -> list[str]:
    steps: list[str] = []
    for part in action.expressions:
        definition = _definition(table)
        inner = part.expressions if isinstance(part, exp.Constraint) else [part]
        name = name_of(part.this) if isinstance(part, exp.Constraint) else None
        taken = [
            *(i.name for i in table.indexes),
            *(c.name for c in table.checks),
            *(f.name for f in table.foreign_keys),
        ]
        if name in taken:
            raise Refusal(
                "42710", f'constraint "{name}" for relation "{table.name}" already exists', place=place_of(part)
            )
        for rule in inner:
            table_constraint(binder, definition, rule, name)
        if definition.foreign:
            raise unsupported(
                "adding a foreign key to a table that is there",
                place=place_of(part),
                hint="Declare it in CREATE TABLE.",
            )
        if any(row[3] == "c" for row in definition.constraints):
            raise unsupported(
                "adding a CHECK constraint to a table that is there",
                place=place_of(part),
                hint="Declare it in CREATE TABLE.",
            )
        steps += [f"{place} ADD {words}" for words in definition.parts]
        steps += recorded(definition)
    return steps
