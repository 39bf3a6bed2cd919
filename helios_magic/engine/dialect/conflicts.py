"""INSERT … ON CONFLICT: which key is meant, DO UPDATE, and DO NOTHING without losing rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, nearest, unsupported
from helios_magic.engine.dialect.grammar import text
from helios_magic.engine.dialect.pgtypes import base, duckdb_type
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, identifier, name_of, place_of, quoted, sql
from helios_magic.engine.dialect.writes import assignments, find_column, source_of
from helios_magic.schema import Column, Table

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def on_conflict(
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
    inner = Scope(ctes=scope.ctes, sources=[source_of(table, alias), source_of(table, "excluded")])
    # A bare name means the row that is there, never the one that was refused.
    inner.sources[1].hidden.update(c.name for c in table.columns)
    conflict.set("expressions", assignments(binder, conflict.expressions, table, inner))
    where = conflict.args.get("where")
    if where is not None:
        from helios_magic.engine.dialect.queries import boolean

        where.set("this", boolean(binder, visit(binder, where.this, inner), "WHERE"))
    _refuse_twice(binder, node, key, columns)
    return [node]


def _refuse_twice(binder: Binder, node: exp.Insert, key: tuple[str, ...], columns: list[Column]) -> None:
    """Two new rows with one key are PostgreSQL's 21000; DuckDB would silently keep one of them."""
    body = node.args["expression"]
    if _is_one_row(body) or not set(key) <= {c.name for c in columns}:
        return
    if _has_default(body):
        raise unsupported("DEFAULT among several values of ON CONFLICT DO UPDATE", hint="Leave the column out.")
    keys = ", ".join(quoted(name) for name in key)
    known = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
    message = "[21000] ON CONFLICT DO UPDATE command cannot affect row a second time"
    _replace_rows(
        node,
        f"SELECT {_listed(columns)} FROM (SELECT *, count(*) OVER (PARTITION BY {keys}) AS _same "
        f"FROM {_numbered(binder, body, columns)}) "
        f"WHERE CASE WHEN _same > 1 AND {known} THEN CAST(error('{message}') AS BOOLEAN) ELSE true END ORDER BY _at",
    )


def _is_one_row(body: Node) -> bool:
    return isinstance(body, exp.Values) and len(body.expressions) == 1


def _has_default(body: Node) -> bool:
    return isinstance(body, exp.Values) and any(
        isinstance(value, exp.Var) for row in body.expressions for value in row.expressions
    )


def _listed(columns: list[Column]) -> str:
    return ", ".join(quoted(column.name) for column in columns)


def _numbered(binder: Binder, body: Node, columns: list[Column]) -> str:
    """The rows to insert as a subquery: of the columns' types, `_at` their order."""
    types = ", ".join(f"CAST({quoted(c.name)} AS {_carrier(binder, c)}) AS {quoted(c.name)}" for c in columns)
    return f"(SELECT {types}, row_number() OVER () AS _at FROM ({text(body)}) AS _rows({_listed(columns)}))"


def _replace_rows(node: exp.Insert, query: str) -> None:
    node.set("expression", sql(query.replace("{", "{{").replace("}", "}}"), pg="record"))


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
    if _has_default(body):
        raise unsupported("DEFAULT among the values of ON CONFLICT DO NOTHING", hint="Leave the column out.")
    # A key whose columns are left to defaults cannot meet a row that is there, but for fixed defaults.
    checked = [k for k in keys if set(k) <= given]
    for k in keys:
        if k not in checked and any(_fixed_default(table, name) for name in k if name not in given):
            raise unsupported("ON CONFLICT DO NOTHING with a fixed default in the key")
    if len(checked) > 1 and not _is_one_row(body):
        raise unsupported(
            "ON CONFLICT DO NOTHING of several rows over several unique keys",
            hint="Name one key: ON CONFLICT (…) DO NOTHING.",
        )
    conflict.pop()
    node.set("conflict", None)
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
    _replace_rows(
        node,
        f"SELECT {_listed(columns)} FROM (SELECT *, {ranks} FROM {_numbered(binder, body, columns)}) AS _new "
        f"WHERE {first} AND {free} ORDER BY _at",
    )
    return [node]


def _carrier(binder: Binder, column: Column) -> str:
    plain = base(column.type)
    return duckdb_type(column.type if plain in ("numeric", "vector") else plain, binder.enums)


def _fixed_default(table: Table, name: str) -> bool:
    column = table.column(name)
    default = (column.default or "") if column is not None else ""
    return bool(default) and "nextval" not in default and "uuid" not in default
