"""INSERT, UPDATE, DELETE and MERGE, with RETURNING."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import sources
from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, UNDEFINED_COLUMN, Refusal, nearest, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.pgtypes import base, duckdb_type
from helios_magic.engine.dialect.plan import Plan
from helios_magic.engine.dialect.prepared import TableName
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.typed import Node, identifier, name_of, place_of, quoted, sql, type_of
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


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
    return [_merge(binder, node, scope)], []


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


def _source(table: Table, alias: str) -> Source:
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

    raw = queries._expand(binder, clause.expressions, scope)
    values = [queries.settle(binder, visit(binder, value, scope)) for value, _ in raw]
    fields = [Field(name, type_of(value)) for (_, name), value in zip(raw, values, strict=True)]
    queries._print_apart(fields)
    clause.set("expressions", [queries._aliased(value, f) for value, f in zip(values, fields, strict=True)])
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
        _returning(binder, node, Scope(ctes=scope.ctes, sources=[_source(table, alias)]))
        return [node], _returned(node)
    body, width, columns = _inserted(binder, node, table, columns, body, scope)
    if len(columns) < width:
        raise Refusal(SYNTAX, "INSERT has more expressions than target columns", place=place_of(body))
    node.set("expression", body)
    node.set("this", exp.Schema(this=_aliased(table, alias), expressions=[identifier(c.name) for c in columns]))
    conflict = node.args.get("conflict")
    steps: list[Node] = [node]
    if conflict is not None:
        steps = _on_conflict(binder, node, table, alias, conflict, columns, scope)
    _returning(binder, node, Scope(ctes=scope.ctes, sources=[_source(table, alias)]))
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
    width = _width(body)
    if width is not None:
        _count(width, targets, named, body)
        targets = targets[:width]
    _own_values(targets, None)
    body, fields = binder.query(body, scope, targets=[c.type for c in targets])
    _count(len(fields), targets, named, body)
    return body, len(fields), targets[: len(fields)]


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


# ON CONFLICT


def _on_conflict(
    binder: Binder,
    node: exp.Insert,
    table: Table,
    alias: str,
    conflict: exp.OnConflict,
    columns: list[Column],
    scope: Scope,
) -> list[Node]:
    action = str(conflict.args.get("action") or "").upper()
    action = action or conflict.args["action"].name.upper()
    key = _conflict_key(table, conflict)
    conflict.set("constraint", None)
    conflict.set("index_predicate", None)
    if "NOTHING" in action:
        return _do_nothing(binder, node, table, alias, key, columns)
    if not key:
        raise Refusal(
            SYNTAX,
            "ON CONFLICT DO UPDATE requires inference specification or constraint name",
            hint="For example, ON CONFLICT (id).",
        )
    conflict.set("conflict_keys", [exp.Column(this=identifier(name)) for name in key])
    inner = Scope(ctes=scope.ctes, sources=[_source(table, alias), _source(table, "excluded")])
    # A bare name means the row that is there, never the one that was refused.
    inner.sources[1].hidden.update(c.name for c in table.columns)
    conflict.set("expressions", _assignments(binder, conflict.expressions, table, inner))
    where = conflict.args.get("where")
    if where is not None:
        from helios_magic.engine.dialect.queries import boolean

        where.set("this", boolean(binder, visit(binder, where.this, inner), "WHERE"))
    return [node]


def _conflict_key(table: Table, conflict: exp.OnConflict) -> tuple[str, ...]:
    name = conflict.args.get("constraint")
    known = [index for index in table.indexes if index.unique]
    if name is not None:
        found = next((index.columns for index in known if index.name == name_of(name)), None)
        if found is None:
            raise Refusal(
                "42704",
                f'constraint "{name_of(name)}" for table "{table.name}" does not exist',
                place=place_of(name),
                hint=nearest(name_of(name), [i.name for i in known]),
            )
        return tuple(found)
    if conflict.args.get("index_predicate"):
        raise unsupported("ON CONFLICT of a partial index", place=place_of(conflict))
    keys = conflict.args.get("conflict_keys") or ()
    if not keys:
        return ()
    columns = []
    for key in keys:
        inner = key.this if isinstance(key, exp.Ordered) else key
        if not isinstance(inner, (exp.Column, exp.Identifier)):
            raise unsupported("ON CONFLICT of an expression", place=place_of(inner))
        columns.append(find_column(table, inner).name)
    candidates = [table.primary_key, *table.unique, *(index.columns for index in known)]
    if not any(candidate and set(candidate) == set(columns) for candidate in candidates):
        raise Refusal(
            "42P10",
            "there is no unique or exclusion constraint matching the ON CONFLICT specification",
            place=place_of(conflict),
        )
    return tuple(columns)


def _do_nothing(
    binder: Binder, node: exp.Insert, table: Table, alias: str, key: tuple[str, ...], columns: list[Column]
) -> list[Node]:
    """As a plain INSERT of the rows that are free: DuckDB's own loses rows whose unique columns are NULL.

    One row is safe when all its key columns are given; otherwise rows are numbered, and of those with the same key
    (NULL is never the same) the first that no row of the table has is taken.
    """
    given = {c.name for c in columns}
    keys = (
        [key]
        if key
        else list(
            dict.fromkeys(
                [k for k in (table.primary_key, *table.unique, *(i.columns for i in table.indexes if i.unique)) if k]
            )
        )
    )
    conflict = node.args["conflict"]
    if not keys:
        node.set("conflict", None)
        return [node]
    body = node.args["expression"]
    if isinstance(body, exp.Values) and any(
        isinstance(v, exp.Var) for row in body.expressions for v in row.expressions
    ):
        raise unsupported("DEFAULT among the values of ON CONFLICT DO NOTHING", hint="Leave the column out.")
    # A key whose columns are left to defaults cannot meet a row that is there, but for fixed defaults.
    checked = [k for k in keys if set(k) <= given]
    for k in keys:
        if k not in checked and any(_fixed_default(table, name) for name in k if name not in given):
            raise unsupported("ON CONFLICT DO NOTHING with a fixed default in the key")
    if len(checked) > 1 and not (isinstance(body, exp.Values) and len(body.expressions) == 1):
        raise unsupported(
            "ON CONFLICT DO NOTHING of several rows over several unique keys",
            hint="Name one key: ON CONFLICT (…) DO NOTHING.",
        )
    conflict.pop()
    node.set("conflict", None)
    names = ", ".join(quoted(c.name) for c in columns)
    rows = text(body)
    place = f"{quoted(table.schema)}.{quoted(table.name)}"
    free = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {place} AS _there WHERE "
        + " AND ".join(f"_there.{quoted(n)} = _new.{quoted(n)}" for n in k)
        + ")"
        for k in checked
    )
    ranks = ", ".join(
        f"CASE WHEN {' OR '.join(f'{quoted(n)} IS NULL' for n in k)} THEN 1 ELSE row_number() OVER (PARTITION BY "
        f"{', '.join(quoted(n) for n in k)} ORDER BY _at) END AS _rank{i}"
        for i, k in enumerate(checked)
    )
    first = " AND ".join(f"_rank{i} = 1" for i in range(len(checked)))
    if not checked:
        return [node]
    types = ", ".join(
        f"CAST({quoted(c.name)} AS {duckdb_type(c.type if base(c.type) in ('numeric', 'vector') else base(c.type), binder.enums)}) AS {quoted(c.name)}"
        for c in columns
    )
    body_text = (
        f"SELECT {names} FROM (SELECT *, {ranks} FROM (SELECT {types}, row_number() OVER () AS _at FROM ({rows}) AS _rows({names})) AS _numbered) AS _new "
        f"WHERE {first} AND {free} ORDER BY _at"
    )
    node.set("expression", sql(body_text.replace("{", "{{").replace("}", "}}"), pg="record"))
    return [node]


def _fixed_default(table: Table, name: str) -> bool:
    column = table.column(name)
    default = (column.default or "") if column is not None else ""
    return bool(default) and "nextval" not in default and "uuid" not in default


# UPDATE, DELETE, MERGE


def _assignments(binder: Binder, expressions: list[Node], table: Table, scope: Scope) -> list[Node]:
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
    inner = Scope(ctes=scope.ctes, outer=scope.outer, sources=[_source(table, alias)])
    sources.bind_from(binder, node, inner)
    node.set("expressions", _assignments(binder, node.expressions, table, inner))
    _where(binder, node, inner)
    returned = inner if node.args.get("from_") is None else Scope(ctes=scope.ctes, sources=[inner.sources[0]])
    _returning(binder, node, returned)
    node.set("this", _aliased(table, alias))
    return node


def _where(binder: Binder, node: Node, scope: Scope) -> None:
    from helios_magic.engine.dialect.queries import _condition

    _condition(binder, node, "where", scope)


def _delete(binder: Binder, node: exp.Delete, scope: Scope) -> Node:
    if node.args.get("order") or node.args.get("limit") or node.args.get("tables"):
        raise Refusal(SYNTAX, "syntax error in DELETE")
    table, alias = _target(binder, node.this)
    inner = Scope(ctes=scope.ctes, outer=scope.outer, sources=[_source(table, alias)])
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
    inner = Scope(ctes=scope.ctes, sources=[_source(table, alias)])
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
        then.set("expressions", _assignments(binder, then.expressions, table, scope))
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
