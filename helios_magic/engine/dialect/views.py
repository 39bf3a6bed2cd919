"""CREATE VIEW, and what may not happen to a table while a view reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping
from helios_magic.engine.dialect.createtable import new_name
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.scope import Field
from helios_magic.engine.dialect.sources import is_taken
from helios_magic.engine.dialect.typed import name_of, place_of, quoted
from helios_magic.schema import Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def create_view(binder: Binder, node: exp.Create) -> Plan:
    if node.args.get("properties"):
        raise unsupported("a materialized or temporary view", place=place_of(node))
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    schema, name = new_name(binder, target)
    found = binder.schema.table(name, schema)
    if found is None and is_taken(binder, schema, name):
        raise Refusal("42P07", f'relation "{name}" already exists', place=place_of(target))
    if found is not None and (found.kind != "view" or not node.args.get("replace")):
        raise Refusal(
            "42P07" if not node.args.get("replace") else "42809",
            f'relation "{name}" already exists',
            place=place_of(target),
        )
    body, fields = binder.query(node.args["expression"])
    given = (
        [name_of(c.this if isinstance(c, exp.ColumnDef) else c) for c in node.this.expressions]
        if isinstance(node.this, exp.Schema)
        else []
    )
    names = [*given, *(f.name for f in fields[len(given) :])]
    if len({n.lower() for n in names}) < len(names):
        raise Refusal("42701", "a column is specified more than once")
    if binder.frozen is not None:
        raise unsupported(f"a view over {binder.frozen}", place=place_of(target), hint="Query it where it is needed.")
    inner = text(body)
    if "$" in inner and any(True for _ in body.find_all(exp.Parameter)):
        raise Refusal("42P02", "there is no parameter in a view's definition")
    if found is not None:
        _must_go_on(found, names, fields)
    listed = ", ".join(quoted(n) for n in names)
    word = "CREATE OR REPLACE VIEW" if node.args.get("replace") else "CREATE VIEW"
    rows = [
        (schema, name, n, f.type, None, None)
        for n, f in zip(names, fields, strict=True)
        if f.type not in ("numeric", "unknown")
    ]
    steps = [
        f"{word} {quoted(schema)}.{quoted(name)} ({listed}) AS {inner}",
        *bookkeeping.forget(schema, name, tables=("columns", "constraints")),
        *bookkeeping.record("columns", rows),
        # Kind v: what the view reads, and its query.
        *bookkeeping.record(
            "constraints", [(schema, name, name, "v", sorted(f"{t.schema}.{t.name}" for t in binder.reads), inner)]
        ),
    ]
    return Plan("ddl", "CREATE VIEW", steps, binder)


def _must_go_on(view: Table, names: list[str], fields: list[Field]) -> None:
    """A view that is replaced keeps its columns, in their order; new ones come after them (42P16)."""
    if len(names) < len(view.columns):
        raise Refusal("42P16", "cannot drop columns from view", hint="Drop the view first.")
    for column, name, made in zip(view.columns, names, fields, strict=False):
        if column.name != name:
            raise Refusal("42P16", f'cannot change name of view column "{column.name}" to "{name}"')
        if column.type != made.type and "unknown" not in made.type and "numeric" not in made.type:
            raise Refusal(
                "42P16",
                f'cannot change data type of view column "{column.name}" from {column.type} to {made.type}',
                hint="Drop the view first.",
            )


def dependents(binder: Binder, table: Table, column: str | None = None) -> list[Table]:
    """The views that read a table, or name one of its columns; the last made of each other first."""
    found: list[Table] = []
    for view in binder.schema.tables:
        if f"{table.schema}.{table.name}" in view.reads and (column is None or quoted(column) in (view.query or "")):
            found = [*(v for v in dependents(binder, view) if v not in found), *found]
            if view not in found:
                found.append(view)
    return found


def keep_views(binder: Binder, table: Table, what: str, place: int | None, column: str | None = None) -> None:
    """Refuse (2BP01) to take away what a view reads."""
    views = dependents(binder, table, column)
    if views:
        names = ", ".join(view.name for view in views)
        raise Refusal(
            "2BP01",
            f"cannot drop {what} because other objects depend on it",
            place=place,
            hint=f"{'View' if len(views) == 1 else 'Views'} {names} read{'s' if len(views) == 1 else ''} it: "
            "drop the view first, or use CASCADE.",
        )


def refuse_change(binder: Binder, table: Table, what: str, place: int | None, column: str | None = None) -> None:
    """Refuse (0A000) a change of name that a view would not follow here."""
    views = dependents(binder, table, column)
    if views:
        names = ", ".join(view.name for view in views)
        raise unsupported(f"{what} under a view", place=place, hint=f"Drop {names} first, and create it again after.")


def drop_view(view: Table) -> list[str]:
    return [f"DROP VIEW {quoted(view.schema)}.{quoted(view.name)}", *bookkeeping.forget(view.schema, view.name)]
