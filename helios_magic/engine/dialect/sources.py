"""FROM: tables, subqueries, functions that yield rows, and how they are joined."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.failures import SYNTAX, UNDEFINED_TABLE, Refusal, nearest, unsupported
from helios_magic.engine.dialect.pgcatalog.reading import relation as catalogue
from helios_magic.engine.dialect.pgtypes import BARE_SCALE
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.scope import Field, Scope, Source, Stored
from helios_magic.engine.dialect.tablefunctions import table_function
from helios_magic.engine.dialect.typed import Node, identifier, name_of, place_of, sql, type_of, typed
from helios_magic.schema import Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_TABLE_PARTS = {"this", "alias", "db", "catalog", "joins", "only", "laterals"}


def bind_from(binder: Binder, node: Node, scope: Scope) -> None:
    """Resolve FROM and its joins into `scope`; the items are rewritten where they stand."""
    clause = node.args.get("from_")
    if clause is None:
        if node.args.get("joins"):
            raise Refusal(SYNTAX, "syntax error: a join without FROM")
        return
    clause.set("this", bind_item(binder, clause.this, scope))
    _joins(binder, node, scope)


def bind_joined(binder: Binder, item: Node, scope: Scope) -> Node:
    """An item of FROM or USING with the joins that hang on it, as UPDATE and DELETE have them."""
    joins, start = item.args.pop("joins", None), len(scope.sources)
    bound = bind_item(binder, item, scope)
    bound.set("joins", joins)
    _joins(binder, bound, scope, start)
    return bound


def _joins(binder: Binder, node: Node, scope: Scope, start: int = 0) -> None:
    """`start` is the first source of the tree that a join goes on; a comma begins another."""
    for join in node.args.get("joins") or ():
        if not any(join.args.get(part) for part in ("kind", "side", "method", "on", "using")):
            start = len(scope.sources)
        _join(binder, join, scope, start)


def _join(binder: Binder, join: exp.Join, scope: Scope, start: int) -> None:
    if (join.args.get("kind") or "").upper() not in ("", "CROSS", "INNER", "OUTER"):
        raise Refusal(SYNTAX, f'syntax error at or near "{join.args["kind"]}"')
    method = (join.args.get("method") or "").upper()
    if method not in ("", "NATURAL"):
        raise Refusal(SYNTAX, f'syntax error at or near "{method}"')
    before = len(scope.sources)
    join.set("this", bind_item(binder, join.this, scope))
    left, right = scope.sources[start:before], scope.sources[before:]
    using = [name_of(column) for column in join.args.get("using") or ()]
    if method == "NATURAL":
        theirs = {f.name for source in right for f in source.fields}
        using = [f.name for source in left for f in source.fields if f.name in theirs and f.name not in source.hidden]
        join.set("method", None)
    if using:
        for name in using:
            if scope.merged_at.setdefault(name, start) != start:
                raise unsupported(f'two joins, apart from each other, that merge the column "{name}"')
        _merge(binder, join, using, left, right, scope)
    elif join.args.get("on") is not None:
        from helios_magic.engine.dialect.expressions import visit
        from helios_magic.engine.dialect.queries import boolean

        scope.clause = "JOIN conditions"
        join.set("on", boolean(binder, visit(binder, join.args["on"], scope), "JOIN/ON"))
        scope.clause = ""


def _merge(
    binder: Binder, join: exp.Join, using: list[str], left: list[Source], right: list[Source], scope: Scope
) -> None:
    """USING as ON, and each pair of columns merged into one value."""
    from helios_magic.engine.dialect.conversion import common_type
    from helios_magic.engine.dialect.operators import compare

    conditions: list[Node] = []
    side = (join.args.get("side") or "").upper()
    for name in using:
        one = _side(name, left, scope)
        other = _side(name, right, None)
        conditions.append(compare(binder, exp.EQ, one.copy(), other.copy()))
        value = {"RIGHT": other, "FULL": exp.Coalesce(this=one.copy(), expressions=[other.copy()])}.get(side, one)
        scope.merged[name] = (value, common_type([type_of(one), type_of(other)], "JOIN/USING"))
        for source in (*left, *right):
            if source.find(name):
                source.hidden.add(name)
    join.set("using", None)
    join.set("on", exp.and_(*conditions, copy=False))


def _side(name: str, sources: list[Source], scope: Scope | None) -> Node:
    if scope is not None and name in scope.merged:
        value, kind = scope.merged[name]
        return typed(value.copy(), kind)
    if sum(source.find(name) is not None and name not in source.hidden for source in sources) > 1:
        which = "left" if scope is not None else "right"
        raise Refusal("42702", f'common column name "{name}" appears more than once in {which} table')
    for source in sources:
        found = source.find(name)
        if found is not None:
            return reference(source, found)
    where = "left" if scope is not None else "right"
    raise Refusal("42703", f'column "{name}" specified in USING clause does not exist in {where} table')


def reference(source: Source, column: Field) -> Node:
    node = typed(exp.Column(this=identifier(column.printed), table=identifier(source.printed)), column.type)
    if column.type == "numeric" and source.table is not None and source.table.kind == "table":
        node.meta["scale"] = BARE_SCALE
    if column.exact_scale:
        node.meta["exact_scale"] = True
    return node


def star(scope: Scope) -> list[tuple[Node, str]]:
    """What * stands for: merged columns first, then each item's own."""
    columns: list[tuple[Node, str]] = []
    for position, source in enumerate(scope.sources):
        for name, (value, kind) in scope.merged.items():
            if scope.merged_at.get(name, 0) == position:
                columns.append((typed(value.copy(), kind), name))
        columns += [(reference(source, f), f.name) for f in source.fields if f.name not in source.hidden]
    return columns


def bind_item(binder: Binder, item: Node, scope: Scope) -> Node:
    """One item of FROM, its source added to the scope."""
    if isinstance(item, exp.Lateral):
        return _lateral(binder, item, scope)
    if isinstance(item, exp.Unnest):
        return table_function(binder, item, scope)
    if isinstance(item, exp.Subquery):
        if isinstance(item.this, exp.Table) or (item.this is not None and not isinstance(item.this, exp.Query)):
            return _bracketed_join(binder, item, scope)
        outer = Scope(outer=scope.outer, ctes=scope.ctes)
        return _derived(binder, item, scope, outer)
    if isinstance(item, exp.Values):
        return _derived(
            binder,
            exp.Subquery(this=item, alias=item.args.pop("alias", None)),
            scope,
            Scope(outer=scope.outer, ctes=scope.ctes),
        )
    if isinstance(item, exp.Table):
        if not isinstance(item.this, exp.Identifier):
            return table_function(binder, item, scope)
        return _table(binder, item, scope)
    raise unsupported(f"{item.key.upper()} in FROM", place=place_of(item))


def _bracketed_join(binder: Binder, item: exp.Subquery, scope: Scope) -> Node:
    if item.args.get("alias"):
        raise unsupported("an alias for a joined table", place=place_of(item))
    inner, start = item.this, len(scope.sources)
    item.set("this", bind_item(binder, inner, scope))
    _joins(binder, inner, scope, start)
    return item


def _lateral(binder: Binder, item: exp.Lateral, scope: Scope) -> Node:
    inner = item.this
    if isinstance(inner, exp.Subquery):
        inner.set("alias", item.args.get("alias"))
        derived = _derived(binder, inner, scope, scope)
        alias = derived.args.get("alias")
        derived.set("alias", None)
        item.set("this", derived)
        item.set("alias", alias)
        return item
    alias, numbered = item.args.get("alias"), item.args.get("ordinality")
    if isinstance(inner, exp.Unnest):
        inner.set("alias", alias)
        return table_function(binder, inner, scope)
    return table_function(binder, exp.Table(this=inner, alias=alias, ordinality=numbered), scope)


def _derived(binder: Binder, item: exp.Subquery, scope: Scope, outer: Scope) -> Node:
    alias = item.args.get("alias")
    item.set("alias", None)
    body, fields = binder.query(item.this, outer)
    name = name_of(alias) if alias is not None and alias.this is not None else f"_d{len(scope.sources)}"
    fields = [replace(f) for f in fields]
    _rename(fields, alias, name)
    item.set("this", body)
    printed = _add(scope, Source(name, fields))
    item.set("alias", exp.TableAlias(this=identifier(printed), columns=[identifier(f.printed) for f in fields]))
    return item


def _rename(fields: list[Field], alias: exp.TableAlias | None, name: str) -> None:
    """Column names given with the alias: t(a, b)."""
    columns = [name_of(column) for column in (alias.args.get("columns") or ())] if alias is not None else []
    if len(columns) > len(fields):
        raise Refusal(
            "42P10",
            f'table "{name}" has {len(fields)} columns available but {len(columns)} columns specified',
            place=place_of(alias),
        )
    for column, given in zip(fields, columns, strict=False):
        column.name = column.printed = given
    folded = [f.printed.lower() for f in fields]
    if columns and len(set(folded)) < len(folded):
        for position, column in enumerate(fields):
            column.printed = f"{column.name}__{position}"


def _add(scope: Scope, source: Source) -> str:
    if any(other.alias == source.alias for other in scope.sources):
        raise Refusal(
            "42712", f'table name "{source.alias}" specified more than once', hint="Give one of them an alias."
        )
    while any(other.printed.lower() == source.printed.lower() for other in scope.sources):
        source.printed += "_"
    scope.sources.append(source)
    return source.printed


def _table(binder: Binder, item: exp.Table, scope: Scope) -> Node:
    for part, value in item.args.items():
        if value and part not in _TABLE_PARTS:
            raise unsupported(f"{part.upper().strip('_')} in FROM", place=place_of(item))
    alias = item.args.get("alias")
    name = name_of(item.this)
    shown = name_of(alias) if alias is not None and alias.this is not None else name
    fields = scope.cte(name) if item.args.get("db") is None else None
    if fields is not None:
        copied = [replace(f) for f in fields]
        node = stored_node(fields.table) if isinstance(fields, Stored) else exp.Table(this=identifier(name))
        table = None
    else:
        node, table, copied = resolve_table(binder, item)
    _rename(copied, alias, shown)
    printed = _add(scope, Source(shown, copied, table))
    columns = [identifier(f.printed) for f in copied] if alias is not None and alias.args.get("columns") else None
    node.set("alias", exp.TableAlias(this=identifier(printed), columns=columns))
    if item.args.get("joins"):
        node.set("joins", item.args["joins"])
    return node


def resolve_table(binder: Binder, item: exp.Table) -> tuple[exp.Table, Table | None, list[Field]]:
    """The table that a name means: our own, or a catalogue view.  42P01 with the nearest name otherwise."""
    name, schema = name_of(item.this), name_of(item.args.get("db")) or "public"
    place = place_of(item)
    if item.args.get("catalog") is not None:
        raise unsupported("a name in three parts", place=place, hint="Name a table as schema.table or table.")
    place_named = item.args.get("db") is not None
    view = catalogue(binder.schema, schema if place_named else "pg_catalog", name)
    if view is not None:
        binder.frozen = f"{schema if place_named else 'pg_catalog'}.{name}"
        columns, body = view
        node = exp.Table(this=sql(body.replace("{", "{{").replace("}", "}}"), pg="record"))
        return node, None, [Field(column, kind) for column, kind in columns]
    table = find_table(binder, name, schema, place, shown=item.args.get("db") is not None, rows=True)
    if not table.populated:
        from helios_magic.engine.dialect.materialized import refuse_empty

        refuse_empty(table, place)
    binder.reads.add(TableName(table.schema, table.name))
    kept = binder.writing.kept(binder.schema, table)
    if kept is not None:
        return stored_node(kept), table, [Field(c.name, c.type) for c in table.columns]
    return table_node(table), table, [Field(c.name, c.type) for c in table.columns]


def find_table(
    binder: Binder, name: str, schema: str, place: int | None, *, shown: bool = False, rows: bool = False
) -> Table:
    """The table or view of that name; where `rows` are meant PostgreSQL words a missing schema otherwise."""
    table = binder.table(name, schema)
    if table is not None:
        return table
    if schema in ("information_schema", "pg_catalog"):
        raise unsupported(f"{schema}.{name}", place=place)
    spelled = f"{schema}.{name}" if shown else name
    if any(each.schema == schema and each.name == name for each in binder.schema.sequences):
        raise unsupported("reading a sequence as a table", place=place, hint="Use nextval(…), or pg_sequence.")
    if not rows and schema not in binder.schema.schemas:
        raise Refusal(
            "3F000", f'schema "{schema}" does not exist', place=place, hint=nearest(schema, binder.schema.schemas)
        )
    hint = nearest(name, [t.name for t in binder.schema.tables if t.schema == schema])
    raise Refusal(UNDEFINED_TABLE, f'relation "{spelled}" does not exist', place=place, hint=hint)


def stored_node(name: str) -> exp.Table:
    """A temporary table of the statement's own."""
    return exp.Table(this=identifier(name), db=identifier("main"), catalog=identifier("temp"))


def table_node(table: Table) -> exp.Table:
    return exp.Table(this=identifier(table.name), db=identifier(table.schema))


def is_taken(binder: Binder, schema: str, name: str) -> bool:
    """Whether a table, view, index or sequence has the name: PostgreSQL keeps them in one list."""
    return any(
        t.schema == schema and (t.name == name or any(i.name == name for i in t.indexes)) for t in binder.schema.tables
    ) or any(s.schema == schema and s.name == name for s in binder.schema.sequences)
