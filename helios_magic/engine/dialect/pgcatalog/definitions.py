"""pg_get_constraintdef, pg_get_indexdef, pg_get_viewdef and pg_get_expr: what each object was made by."""

from __future__ import annotations

from helios_magic.engine.dialect.pgcatalog import deparse
from helios_magic.engine.dialect.pgcatalog.indexes import Key, method, parameters
from helios_magic.engine.dialect.pgcatalog.names import qualified, quote
from helios_magic.engine.dialect.pgcatalog.objects import Constraint, Objects, Relation
from helios_magic.schema import Column, Index, Table


def constraint(made: Constraint, *, pretty: bool = False) -> str:
    """`PRIMARY KEY (id)`, `FOREIGN KEY (a) REFERENCES t(id) ON DELETE CASCADE`, `CHECK ((a > 0))`, `NOT NULL a`."""
    listed = ", ".join(map(quote, made.columns))
    if made.kind == "n":
        return f"NOT NULL {listed}"
    if made.kind == "p":
        return f"PRIMARY KEY ({listed})"
    if made.kind == "u":
        nulls = " NULLS NOT DISTINCT" if made.index is not None and not nulls_distinct(made.index) else ""
        return f"UNIQUE{nulls} ({listed})"
    if made.check is not None and made.table.table is not None:
        return f"CHECK ({deparse.condition(made.check.condition, made.table.table, pretty=pretty)})"
    return _foreign(made, listed)


def nulls_distinct(index: Relation) -> bool:
    """Whether NULLs differ in a unique index."""
    text = index.index.definition if index.index is not None else None
    return "NULLS NOT DISTINCT" not in (text or "").upper()


def _foreign(made: Constraint, listed: str) -> str:
    key = made.foreign
    if key is None:
        return ""
    target = qualified(made.target.schema, made.target.name) if made.target is not None else quote(key.references)
    text = f"FOREIGN KEY ({listed}) REFERENCES {target}({', '.join(map(quote, key.references_columns))})"
    if key.on_update != "NO ACTION":
        text += f" ON UPDATE {key.on_update}"
    if key.on_delete != "NO ACTION":
        text += f" ON DELETE {key.on_delete}"
    if deferrable(made):
        text += " DEFERRABLE"
    return text + (" INITIALLY DEFERRED" if key.deferred else "")


def deferrable(made: Constraint) -> bool:
    return made.foreign is not None and bool(getattr(made.foreign, "deferrable", made.foreign.deferred))


def index(relation: Relation, made: Index, table: Table, *, pretty: bool = False) -> str:
    """`CREATE UNIQUE INDEX name ON public.t USING btree (a, b DESC) WHERE (a > 0)`."""
    word = "CREATE UNIQUE INDEX" if made.unique else "CREATE INDEX"
    listed = ", ".join(index_key(key, table, pretty=pretty) for key in relation.keys)
    text = f"{word} {quote(made.name)} ON {qualified(table.schema, table.name, always=not pretty)}"
    text += f" USING {method(made)} ({listed})"
    if made.unique and not nulls_distinct(relation):
        text += " NULLS NOT DISTINCT"
    text += parameters(made)
    if relation.predicate is not None:
        text += f" WHERE {deparse.condition(relation.predicate, table, pretty=pretty)}"
    return text


def index_key(key: Key, table: Table, *, order: bool = True, pretty: bool = False) -> str:
    text = key_expression(key, table, pretty=pretty)
    if key.operators:
        text += f" {key.operators}"
    if order and key.desc:
        text += " DESC"
    if order and key.nulls_first != key.desc:
        text += " NULLS FIRST" if key.nulls_first else " NULLS LAST"
    return text


def key_expression(key: Key, table: Table, *, pretty: bool = False) -> str:
    """A key without its direction; an expression that is no call stands in brackets."""
    return quote(key.column) if key.column is not None else deparse.condition(key.expression, table, pretty=pretty)


def pretty_expressions(known: Objects) -> dict[str, str]:
    """The expressions of defaults and conditions, by their text with all its brackets."""
    texts = {}
    for _, table in known.tables("r"):
        for column in table.columns:
            text = column_default(column, table)
            if text is not None:
                texts[text] = column_default(column, table, pretty=True) or text
        for check in table.checks:
            texts[deparse.condition(check.condition, table)] = deparse.condition(check.condition, table, pretty=True)
    for relation, _, table in known.indexes():
        for text in (relation.predicate, *(key.expression for key in relation.keys if key.column is None)):
            if text is not None:
                texts[deparse.condition(text, table)] = deparse.condition(text, table, pretty=True)
    return texts


def column_default(column: Column, table: Table, *, pretty: bool = False) -> str | None:
    """What pg_get_expr shows of a column's default or of what generates it."""
    if column.generated is not None:
        return deparse.generated(column.generated, table, column.type, pretty=pretty)
    if column.default is None or column.identity is not None:
        return None
    return deparse.default(column.default, column)


def view(table: Table) -> str:
    """A view's query, as far as the engine keeps it: PostgreSQL's layout of it is not kept."""
    from helios_magic.engine.dialect.pgcatalog.viewtext import query

    return query(table.query or "")


def constraint_definitions(known: Objects, *, pretty: bool) -> dict[int, str]:
    """By oid."""
    return {made.oid: constraint(made, pretty=pretty) for made in known.constraints}


def index_definitions(known: Objects, *, pretty: bool) -> dict[int, str]:
    """By oid."""
    return {relation.oid: index(relation, made, table, pretty=pretty) for relation, made, table in known.indexes()}


def view_definitions(known: Objects) -> dict[int, str]:
    """By oid."""
    return {relation.oid: view(table) for relation, table in known.tables("vm")}
