"""A view's query as PostgreSQL's pg_get_viewdef lays it out."""

from __future__ import annotations

import functools

from sqlglot import exp
from sqlglot.errors import SqlglotError

from helios_magic.engine.dialect.grammar import READING


@functools.lru_cache(512)
def query(text: str) -> str:
    """` SELECT a, …;` with names quoted where they must be."""
    from helios_magic.engine.dialect.pgcatalog.names import quote

    try:
        tree = READING.parse(text)[0]
    except (SqlglotError, IndexError):
        return f" {text};"
    if tree is None:
        return f" {text};"
    for name in list(tree.find_all(exp.Identifier)):
        plain = quote(str(name.this)) == name.this
        name.set("quoted", not plain)
    for alias in list(tree.find_all(exp.Alias)):
        inner = alias.this
        if isinstance(inner, exp.Column) and inner.name == alias.alias:
            alias.replace(inner.copy())
    for table in list(tree.find_all(exp.Table)):
        if table.db == "public":
            table.set("db", None)
        if table.alias == table.name:
            table.set("alias", None)
    if not isinstance(tree, exp.Select):
        return f" {tree.sql('postgres')};"
    columns = ",\n    ".join(column.sql("postgres") for column in tree.expressions)
    head = "SELECT DISTINCT" if tree.args.get("distinct") else "SELECT"
    rest = exp.Select(**{k: v for k, v in tree.args.items() if k not in ("expressions", "distinct")}).sql("postgres")
    rest = rest.removeprefix("SELECT").strip()
    for word in ("FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT"):
        at = rest.find(f" {word} ") if word != "FROM" else -1
        if at > 0 and "(" not in rest[:at]:
            rest = f"{rest[:at]}\n  {word} {rest[at + len(word) + 2 :]}"
    return f" {head} {columns}\n   {rest};" if rest else f" {head} {columns};"
