"""CREATE and ALTER VIEW, and what may not happen to a table while a view reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import bookkeeping
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, nearest, unsupported
from helios_magic.engine.dialect.fragments import Reader
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.pgtypes import long_name
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.scope import Field
from helios_magic.engine.dialect.sources import find_table, is_taken
from helios_magic.engine.dialect.typed import literal, quoted
from helios_magic.schema import Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def is_create_view(words: Reader) -> bool:
    at = 3 if words.at("or", after=1) and words.at("replace", after=2) else 1
    while words.at("temp", "temporary", "local", "global", "recursive", after=at):
        at += 1
    return words.at("create") and words.at("view", after=at)


def create_view(binder: Binder, words: Reader) -> Plan:
    """CREATE [OR REPLACE] VIEW."""
    words.take("create")
    replace = words.take("or", "replace")
    if words.at("temp", "temporary", "local", "global"):
        raise unsupported("a temporary view", place=words.place, hint="Every statement stands alone: use WITH.")
    if words.at("recursive"):
        raise unsupported("a recursive view", place=words.place, hint="Use CREATE VIEW … AS WITH RECURSIVE ….")
    words.take("view")
    at, names = words.place, words.name()
    given = words.columns() if words.is_symbol("(") else ()
    if words.take("with"):
        _options(words)
    view = read_query(binder, words, given, ("check", "option"))
    # What the query names is looked for before the place that the view is to have.
    schema, name = new_place(binder, names, at)
    found = binder.schema.table(name, schema)
    if is_taken(binder, schema, name) and (found is None or not replace):
        raise Refusal("42P07", f'relation "{name}" already exists', place=at)
    if found is not None and found.kind != "view":
        raise Refusal("42809", f'"{name}" is not a view', place=at)
    if found is not None:
        _must_go_on(found, view)
        if any(f"{schema}.{name}" in (read, *_all_reads(binder, read)) for read in view.reads):
            raise Refusal("42P17", f'infinite recursion detected in rules for relation "{name}"', place=at)
    word = "CREATE OR REPLACE VIEW" if found is not None else "CREATE VIEW"
    steps = [
        f"{word} {quoted(schema)}.{quoted(name)} ({view.listed}) AS {view.query}",
        *(comments_of(found) if found is not None else []),
        *bookkeeping.forget(schema, name, tables=("columns", "constraints")),
        *recorded(schema, name, view, "v"),
    ]
    return Plan("ddl", "CREATE VIEW", steps, binder)


def new_place(binder: Binder, names: list[str], place: int) -> tuple[str, str]:
    from helios_magic.engine.dialect.createtable import new_place

    return new_place(binder, names, place)


def _all_reads(binder: Binder, read: str) -> list[str]:
    """What a view reads through other views."""
    table = next((t for t in binder.schema.tables if t.full_name == read), None)
    return [] if table is None else [other for r in table.reads for other in (r, *_all_reads(binder, r))]


def _options(words: Reader) -> None:
    """Who is asked for privileges and how the planner may move conditions: nothing of what a view answers."""
    words.expect("(")
    while True:
        token = words.next()
        if token.name not in ("security_invoker", "security_barrier"):
            raise unsupported(f"the view option {token.name}", place=token.start)
        if words.symbol("="):
            words.next()
        if words.symbol(")"):
            return
        words.expect(",")


@dataclass(slots=True)
class Query:
    """What a view is made of: names and types of its columns, DuckDB's text, what it reads, and its last words."""

    names: list[str]
    fields: list[Field]
    query: str
    reads: list[str]
    last: tuple[str, ...]

    @property
    def listed(self) -> str:
        return ", ".join(map(quoted, self.names))


def read_query(binder: Binder, words: Reader, given: tuple[str, ...], *endings: tuple[str, ...]) -> Query:
    """AS a query, which may end WITH one of the endings."""
    if not words.take("as"):
        raise words.unexpected()
    rest = words.rest()
    if not rest:
        raise words.unexpected()
    last = next((e for e in endings if tuple(t.name for t in rest[-1 - len(e) :]) == ("with", *e)), ())
    until = len(rest) - len(last) - bool(last)
    if last == ("check", "option") or [t.name for t in rest[-3:]] == ["check", "option"]:
        raise unsupported("WITH CHECK OPTION", place=rest[until - 1].start)
    tree = words.query(rest[until - 1].end)
    if isinstance(tree, exp.Values):
        tree.set("alias", exp.TableAlias(this=exp.to_identifier("values", quoted=True)))
        tree = exp.select("*").from_(tree)
    if not isinstance(tree, exp.Query):
        raise Refusal(SYNTAX, f'syntax error at or near "{rest[0].text}"', place=rest[0].start)
    body, fields = binder.query(tree)
    if binder.frozen is not None:
        raise unsupported(f"a view of {binder.frozen}")
    if len(given) > len(fields):
        raise Refusal(SYNTAX, "CREATE VIEW specifies more column names than columns")
    names = [*given, *(f.name for f in fields[len(given) :])]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise Refusal("42701", f'column "{name}" specified more than once')
        if name.lower() in (n.lower() for n in names[:at]):
            raise unsupported(f'two columns that differ only by case ("{name}")')
    if any(True for _ in body.find_all(exp.Parameter)):
        raise Refusal("42P02", "there is no parameter in a view's definition")
    reads = sorted(f"{t.schema}.{t.name}" for t in binder.reads)
    return Query(names, fields, text(body), reads, last)


def recorded(schema: str, name: str, view: Query, kind: str) -> list[str]:
    """What our catalogue keeps of a view, of kind `v`, `m` (materialised) or `e` (and not filled yet)."""
    rows = [
        (schema, name, n, None if f.type in ("numeric", "unknown") else f.type, None, None)
        for n, f in zip(view.names, view.fields, strict=True)
    ]
    kept = [row for row in rows if kind != "v" or row[3] is not None]
    return [
        *bookkeeping.record("columns", kept),
        *bookkeeping.record("constraints", [(schema, name, name, kind, view.reads, view.query)]),
    ]


def comments_of(view: Table) -> list[str]:
    """What DuckDB forgets when it replaces a view."""
    at = f"{quoted(view.schema)}.{quoted(view.name)}"
    said = [f"COMMENT ON VIEW {at} IS {literal(view.comment)}"] if view.comment is not None else []
    return said + [
        f"COMMENT ON COLUMN {at}.{quoted(column.name)} IS {literal(column.comment)}"
        for column in view.columns
        if column.comment is not None
    ]


def _must_go_on(view: Table, made: Query) -> None:
    """A view that is replaced keeps its columns, in their order; new ones come after them (42P16)."""
    if len(made.names) < len(view.columns):
        raise Refusal("42P16", "cannot drop columns from view", hint="Drop the view first.")
    for column, name, field in zip(view.columns, made.names, made.fields, strict=False):
        if column.name != name:
            hint = "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead."
            raise Refusal("42P16", f'cannot change name of view column "{column.name}" to "{name}"', hint=hint)
        if column.type != field.type and "unknown" not in field.type and "numeric" not in field.type:
            raise Refusal(
                "42P16",
                f'cannot change data type of view column "{column.name}" from {long_name(column.type)} '
                f"to {long_name(field.type)}",
                hint="Drop the view first.",
            )


# ALTER VIEW


def alter_view(binder: Binder, words: Reader, kind: str = "view") -> Plan:
    """ALTER [MATERIALIZED] VIEW … RENAME [COLUMN], SET SCHEMA, OWNER TO."""
    tag = f"ALTER {kind.upper()}"
    if_there, at = words.take("if", "exists"), words.place
    parts = words.name()
    schema = parts[-2] if len(parts) > 1 else "public"
    if if_there and binder.schema.table(parts[-1], schema) is None:
        return Plan("ddl", tag, ["SELECT 1"], binder)
    view = find_table(binder, parts[-1], schema, at, shown=len(parts) > 1)
    if view.kind != kind:
        raise Refusal("42809", f'"{view.name}" is not a {kind}', place=at)
    place = words.place
    if words.take("owner", "to"):
        words.identifier()
        words.finish()
        return Plan("ddl", tag, ["SELECT 1"], binder)
    if words.take("set", "schema"):
        to = new_place(binder, [words.identifier(), view.name], place)
    elif words.take("rename", "to"):
        to = (schema, words.identifier())
    elif words.take("rename"):
        words.take("column")
        return Plan("ddl", tag, _rename_column(binder, view, words, place), binder)
    else:
        raise unsupported(f"this {tag}", place=place)
    words.finish()
    if is_taken(binder, *to):
        raise Refusal("42P07", f'relation "{to[1]}" already exists', place=place)
    refuse_change(binder, view, "renaming a view", place)
    if kind != "view" and view.indexes:
        raise unsupported("renaming a materialized view with indexes", place=place, hint="Drop its indexes first.")
    if kind != "view" and to[0] != schema:
        raise unsupported("moving a materialized view", place=place, hint="Drop it, and create it there.")
    return Plan("ddl", tag, _moved(view, to, kind), binder)


def _moved(view: Table, to: tuple[str, str], kind: str) -> list[str]:
    at, new = f"{quoted(view.schema)}.{quoted(view.name)}", f"{quoted(to[0])}.{quoted(to[1])}"
    if kind != "view":
        renamed = f"UPDATE _helios.constraints SET name = {literal(to[1])} WHERE kind IN ('m', 'e') AND "
        here = f"table_schema = {literal(to[0])} AND table_name = {literal(to[1])}"
        return [
            f"ALTER TABLE {at} RENAME TO {quoted(to[1])}",
            *bookkeeping.rename_table(view.schema, view.name, to[1]),
            renamed + here,
        ]
    listed = ", ".join(quoted(column.name) for column in view.columns)
    moved = Table(to[1], view.columns, to[0], "view", comment=view.comment)
    place = f"table_schema = {literal(view.schema)} AND table_name = {literal(view.name)}"
    here = f"table_schema = {literal(to[0])}, table_name = {literal(to[1])}"
    return [
        f"DROP VIEW {at}",
        f"CREATE VIEW {new} ({listed}) AS {view.query}",
        *comments_of(moved),
        f"UPDATE _helios.columns SET {here} WHERE {place}",
        f"UPDATE _helios.constraints SET {here}, name = {literal(to[1])} WHERE {place}",
    ]


def _rename_column(binder: Binder, view: Table, words: Reader, place: int) -> list[str]:
    old = words.identifier()
    if not words.take("to"):
        raise words.unexpected()
    new = words.identifier()
    words.finish()
    if view.column(old) is None:
        raise Refusal("42703", f'column "{old}" does not exist', place=place,
                      hint=nearest(old, [c.name for c in view.columns]))  # fmt: skip
    if any(c.name.lower() == new.lower() and c.name != old for c in view.columns) or old == new:
        raise Refusal("42701", f'column "{new}" of relation "{view.name}" already exists', place=place)
    refuse_change(binder, view, "renaming a column", place, old)
    at = f"{quoted(view.schema)}.{quoted(view.name)}"
    told = f"table_schema = {literal(view.schema)} AND table_name = {literal(view.name)}"
    notes = [f"UPDATE _helios.columns SET column_name = {literal(new)} WHERE {told} AND column_name = {literal(old)}"]
    if view.kind != "view":
        if view.indexes:
            raise unsupported("renaming a column of a materialized view with indexes", place=place)
        return [f"ALTER TABLE {at} RENAME {quoted(old)} TO {quoted(new)}", *notes]
    columns = [new if column.name == old else column.name for column in view.columns]
    said = comments_of(view)
    made = f"CREATE OR REPLACE VIEW {at} ({', '.join(map(quoted, columns))}) AS {view.query}"
    return [made, *(step.replace(f".{quoted(old)} IS ", f".{quoted(new)} IS ", 1) for step in said), *notes]


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
    """The steps that take a view away, or a materialised one, which is a table of DuckDB's."""
    kind = "VIEW" if view.kind == "view" else "TABLE"
    return [f"DROP {kind} {quoted(view.schema)}.{quoted(view.name)}", *bookkeeping.forget(view.schema, view.name)]
