"""INSERT, UPDATE, DELETE and MERGE, with RETURNING."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sources
from helios_magic.engine.dialect.conversion import coerce, settle
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, UNDEFINED_COLUMN, Refusal, nearest, unsupported
from helios_magic.engine.dialect.grammar import Sql
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.typed import Node, identifier, name_of, place_of, sql, type_of
from helios_magic.engine.sequences import drawn_from
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_VECTOR = 2048
"""Rows that DuckDB handles at once, in one thread."""


def data_modifying_cte(binder: Binder, node: Node, outer: Scope | None) -> tuple[Node, list[Field]]:
    """INSERT, UPDATE or DELETE inside WITH."""
    steps, fields = _write(binder, node, outer or Scope())
    if len(steps) > 1:
        raise unsupported("ON CONFLICT DO NOTHING of several rows inside WITH", place=place_of(node))
    return steps[0], fields


def resolve(binder: Binder, node: Node) -> Plan:
    scope = Scope()
    binder.with_clause(node, scope)
    steps, fields = _write(binder, node, scope)
    if node.args.get("with_") is not None and len(steps) > 1:
        raise unsupported("WITH and ON CONFLICT DO NOTHING of several rows together", place=place_of(node))
    kind = node.key
    returning = node.args.get("returning") is not None
    names = [f.name for f in fields] if returning else None
    types = [None if f.type in ("unknown", "record") else f.type for f in fields] if returning else None
    return Plan(kind, kind.upper(), steps, binder, returns_rows=returning, columns=names, types=types)  # type: ignore[arg-type]


def _write(binder: Binder, node: Node, scope: Scope) -> tuple[list[Node], list[Field]]:
    if isinstance(node, exp.Insert):
        return _insert(binder, node, scope)
    if isinstance(node, exp.Update):
        return [_update(binder, node, scope)], _returned(node)
    if isinstance(node, exp.Delete):
        return [_delete(binder, node, scope)], _returned(node)
    if isinstance(node, exp.Merge):
        return [_merge(binder, node, scope)], []
    raise unsupported(node.key.upper(), place=place_of(node))


def _returned(node: Node) -> list[Field]:
    return list(node.meta.get("fields", ()))


def _target(binder: Binder, node: exp.Table) -> tuple[Table, str]:
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        raise Refusal(SYNTAX, "a table is expected", place=place_of(node))
    if node.args.get("catalog") is not None:
        raise unsupported("a name in three parts", place=place_of(node))
    table = sources.find_table(binder, name_of(node.this), name_of(node.args.get("db")) or "public", place_of(node))
    if table.kind != "table":
        raise Refusal(
            "42809", f'cannot write to view "{table.name}"', place=place_of(node), hint="Write to the table behind it."
        )
    binder.writes.add(TableName(table.schema, table.name))
    alias = node.args.get("alias")
    return table, name_of(alias) if alias is not None and alias.this is not None else table.name


def source_of(table: Table, alias: str) -> Source:
    return Source(alias, [Field(c.name, c.type) for c in table.columns], table)


def _aliased(table: Table, alias: str) -> exp.Table:
    node = sources.table_node(table)
    node.set("alias", exp.TableAlias(this=identifier(alias)))
    return node


def find_column(table: Table, node: Node) -> Column:
    name = name_of(node)
    column = table.column(name)
    if column is None:
        raise Refusal(
            UNDEFINED_COLUMN,
            f'column "{name}" of relation "{table.name}" does not exist',
            place=place_of(node),
            hint=nearest(name, [c.name for c in table.columns]),
        )
    return column


def _returning(binder: Binder, node: Node, scope: Scope) -> None:
    clause = node.args.get("returning")
    if clause is None:
        return
    if clause.args.get("into"):
        raise Refusal(SYNTAX, "syntax error in RETURNING", place=place_of(clause))
    from helios_magic.engine.dialect import queries

    raw = queries.expand(binder, clause.expressions, scope)
    values = [settle(binder, visit(binder, value, scope)) for value, _ in raw]
    fields = [Field(name, type_of(value)) for (_, name), value in zip(raw, values, strict=True)]
    queries.print_apart(fields)
    clause.set("expressions", [queries.aliased(value, f) for value, f in zip(values, fields, strict=True)])
    node.meta["fields"] = fields


# INSERT


def _insert(binder: Binder, node: exp.Insert, scope: Scope) -> tuple[list[Node], list[Field]]:
    for part in ("overwrite", "ignore", "by_name", "partition", "settings", "source", "exists", "where"):
        if node.args.get(part):
            raise Refusal(SYNTAX, f"syntax error in INSERT ({part})", place=place_of(node))
    into = node.this.this if isinstance(node.this, exp.Schema) else node.this
    table, alias = _target(binder, into)
    columns = [find_column(table, c) for c in node.this.expressions] if isinstance(node.this, exp.Schema) else []
    if len({c.name for c in columns}) < len(columns):
        raise Refusal("42701", "a column is specified more than once", place=place_of(node.this))
    body = node.args.get("expression")
    if body is None:
        if columns:
            raise Refusal(SYNTAX, "syntax error: no values", place=place_of(node))
        node.set("this", _aliased(table, alias))
        _returning(binder, node, Scope(ctes=scope.ctes, sources=[source_of(table, alias)]))
        return [node], _returned(node)
    body, width, columns = _inserted(binder, node, table, columns, body, scope)
    if len(columns) < width:
        raise Refusal(SYNTAX, "INSERT has more expressions than target columns", place=place_of(body))
    node.set("expression", body)
    node.set("this", exp.Schema(this=_aliased(table, alias), expressions=[identifier(c.name) for c in columns]))
    conflict = node.args.get("conflict")
    steps: list[Node] = [node]
    if conflict is not None:
        from helios_magic.engine.dialect.conflicts import on_conflict

        steps = on_conflict(binder, node, table, alias, conflict, columns, scope)
    _draw_in_order(binder, node, table, {c.name for c in columns})
    _returning(binder, node, Scope(ctes=scope.ctes, sources=[source_of(table, alias)]))
    return steps, _returned(node)


def _inserted(
    binder: Binder, node: exp.Insert, table: Table, columns: list[Column], body: Node, scope: Scope
) -> tuple[Node, int, list[Column]]:
    """The rows as the columns' types; fewer values than columns leave the last ones to their defaults."""
    named = bool(columns)
    targets = columns or list(table.columns)
    if isinstance(body, exp.Values):
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in body.expressions]
        width = len(rows[0])
        if any(len(row) != width for row in rows):
            raise Refusal(SYNTAX, "VALUES lists must all be the same length", place=place_of(body))
        _count(width, targets, named, body)
        targets = targets[:width]
        _own_values(targets, rows)
        bound = [
            exp.Tuple(
                expressions=[_value(binder, value, target, scope) for value, target in zip(row, targets, strict=True)]
            )
            for row in rows
        ]
        body.set("expressions", bound)
        return body, width, targets
    listed = _width(body)
    if listed is not None:
        _count(listed, targets, named, body)
        targets = targets[:listed]
    _own_values(targets, None)
    body, fields = binder.query(body, scope, targets=[c.type for c in targets])
    _count(len(fields), targets, named, body)
    return body, len(fields), targets[: len(fields)]


def _draw_in_order(binder: Binder, node: exp.Insert, table: Table, given: set[str]) -> None:
    """Numbers of sequences go to the rows in their order: an OFFSET keeps DuckDB from drawing in several threads."""
    body = node.args["expression"]
    if isinstance(body, exp.Values):
        several = len(body.expressions) > _VECTOR and not any(map(_is_default, body.find_all(exp.Var, exp.Column)))
    else:
        several = True
    if not several:
        return
    drawn = {s.counter for c in table.columns if c.name not in given for s in drawn_from(c.default)}
    binder.drawn |= drawn
    if drawn or any("pg_nextval(" in part.args["template"] for part in body.find_all(Sql)):
        node.set("expression", sql("SELECT * FROM ({0}) AS _drawn OFFSET 0", body, pg="record"))


def _width(body: Node) -> int | None:
    selects = body.selects if isinstance(body, exp.Query) else []
    return len(selects) if selects and not any(s.is_star for s in selects) else None


def _count(width: int, targets: list[Column], named: bool, at: Node) -> None:
    if width > len(targets):
        raise Refusal(SYNTAX, "INSERT has more expressions than target columns", place=place_of(at))
    if named and width < len(targets):
        raise Refusal(SYNTAX, "INSERT has more target columns than expressions", place=place_of(at))


def _is_default(value: Node) -> bool:
    return isinstance(value, exp.Var) or (
        isinstance(value, exp.Column) and name_of(value) == "default" and not value.args.get("table")
    )


def _own_values(columns: list[Column], rows: list[list[Node]] | None) -> None:
    """GENERATED ALWAYS takes no value but DEFAULT (428C9)."""
    for position, column in enumerate(columns):
        if column.identity != "ALWAYS" and column.generated is None:
            continue
        if rows is not None and all(_is_default(row[position]) for row in rows):
            if column.generated is None:
                continue
            raise unsupported("DEFAULT for a generated column", hint=f"Leave {column.name} out of the INSERT.")
        what = "an identity column defined as GENERATED ALWAYS" if column.identity else "a generated column"
        raise Refusal(
            "428C9",
            f'cannot insert a non-DEFAULT value into column "{column.name}"',
            hint=f"Column {column.name} is {what}: leave it out.",
        )


def _value(binder: Binder, value: Node, column: Column, scope: Scope) -> Node:
    if _is_default(value):
        return exp.Var(this="DEFAULT")
    return coerce(binder, visit(binder, value, Scope(ctes=scope.ctes, outer=scope.outer)), column.type, assignment=True)


# UPDATE, DELETE, MERGE


def assignments(binder: Binder, expressions: list[Node], table: Table, scope: Scope) -> list[Node]:
    pairs: list[Node] = []
    for assignment in expressions:
        if not isinstance(assignment, exp.EQ):
            raise Refusal(SYNTAX, "syntax error in SET", place=place_of(assignment))
        left, right = assignment.this, assignment.expression
        if isinstance(left, (exp.Tuple, exp.Paren)):
            names = left.expressions if isinstance(left, exp.Tuple) else [left.this]
            values = right.expressions if isinstance(right, exp.Tuple) else [right]
            if len(names) != len(values) or any(isinstance(v, (exp.Subquery, exp.Query)) for v in values):
                raise unsupported(
                    "SET (…) = (SELECT …)", place=place_of(assignment), hint="Assign the columns one by one."
                )
        else:
            names, values = [left], [right]
        for name, value in zip(names, values, strict=True):
            pairs.append(_assignment(binder, name, value, table, scope))
    seen = [pair.this.name for pair in pairs]
    if len(set(seen)) < len(seen):
        raise Refusal(SYNTAX, "multiple assignments to the same column")
    return pairs


def _assignment(binder: Binder, name: Node, value: Node, table: Table, scope: Scope) -> Node:
    column = find_column(table, name.this if isinstance(name, exp.Column) else name)
    if _is_default(value):
        bound: Node = exp.Var(this="DEFAULT")
    else:
        if column.identity == "ALWAYS" or column.generated is not None:
            raise Refusal("428C9", f'column "{column.name}" can only be updated to DEFAULT', place=place_of(name))
        bound = coerce(binder, visit(binder, value, scope), column.type, assignment=True)
    return exp.EQ(this=exp.Column(this=identifier(column.name)), expression=bound)


def _update(binder: Binder, node: exp.Update, scope: Scope) -> Node:
    if node.args.get("order") or node.args.get("limit"):
        raise Refusal(SYNTAX, "syntax error: UPDATE takes no ORDER BY or LIMIT")
    table, alias = _target(binder, node.this)
    inner = Scope(ctes=scope.ctes, outer=scope.outer, sources=[source_of(table, alias)])
    sources.bind_from(binder, node, inner)
    node.set("expressions", assignments(binder, node.expressions, table, inner))
    _where(binder, node, inner)
    returned = inner if node.args.get("from_") is None else Scope(ctes=scope.ctes, sources=[inner.sources[0]])
    _returning(binder, node, returned)
    node.set("this", _aliased(table, alias))
    return node


def _where(binder: Binder, node: Node, scope: Scope) -> None:
    from helios_magic.engine.dialect.queries import condition

    condition(binder, node, "where", scope)


def _delete(binder: Binder, node: exp.Delete, scope: Scope) -> Node:
    if node.args.get("order") or node.args.get("limit") or node.args.get("tables"):
        raise Refusal(SYNTAX, "syntax error in DELETE")
    table, alias = _target(binder, node.this)
    inner = Scope(ctes=scope.ctes, outer=scope.outer, sources=[source_of(table, alias)])
    using = node.args.get("using")
    if using:
        node.set("using", [sources.bind_item(binder, item, inner) for item in using])
    _where(binder, node, inner)
    _returning(binder, node, Scope(ctes=scope.ctes, sources=[inner.sources[0]]) if using else inner)
    node.set("this", _aliased(table, alias))
    return node


def _merge(binder: Binder, node: exp.Merge, scope: Scope) -> Node:
    if node.args.get("returning"):
        raise unsupported("MERGE … RETURNING", place=place_of(node))
    table, alias = _target(binder, node.this)
    inner = Scope(ctes=scope.ctes, sources=[source_of(table, alias)])
    node.set("using", sources.bind_item(binder, node.args["using"], inner))
    from helios_magic.engine.dialect.queries import boolean

    node.set("on", boolean(binder, visit(binder, node.args["on"], inner), "MERGE ON"))
    for when in node.args["whens"].expressions:
        if when.args.get("source"):
            raise unsupported("WHEN NOT MATCHED BY SOURCE", place=place_of(when))
        condition = when.args.get("condition")
        if condition is not None:
            when.set("condition", boolean(binder, visit(binder, condition, inner), "WHEN"))
        _then(binder, when, table, inner)
    node.set("this", _aliased(table, alias))
    return node


def _then(binder: Binder, when: Node, table: Table, scope: Scope) -> None:
    then = when.args["then"]
    if isinstance(then, exp.Update) and then.expressions:
        then.set("expressions", assignments(binder, then.expressions, table, scope))
    elif isinstance(then, exp.Insert) and isinstance(then.expression, exp.Tuple):
        columns = (
            [find_column(table, c.this) for c in then.this.expressions]
            if isinstance(then.this, exp.Tuple)
            else list(table.columns)
        )
        values = then.expression.expressions
        _count(len(values), columns, named=True, at=then)
        _own_values(columns, [values])
        bound = [
            exp.Var(this="DEFAULT")
            if _is_default(v)
            else coerce(binder, visit(binder, v, scope), c.type, assignment=True)
            for v, c in zip(values, columns, strict=True)
        ]
        then.set("this", exp.Tuple(expressions=[exp.Column(this=identifier(c.name)) for c in columns]))
        then.set("expression", exp.Tuple(expressions=bound))
    elif not (isinstance(then, exp.Var) and then.name.upper() in ("DELETE", "DO NOTHING")):
        raise unsupported("this action of MERGE", place=place_of(then))
