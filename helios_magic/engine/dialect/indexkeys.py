"""A unique index as DuckDB keeps it: bound from PostgreSQL's definition, and made of DuckDB's own functions only.

An index outlives its session and is read back with the file, when no function or macro of ours is there yet.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import unsupported
from helios_magic.engine.dialect.grammar import Sql
from helios_magic.engine.dialect.pgcatalog.indexes import index_keys, predicate
from helios_magic.engine.dialect.pgtypes import NUMBERS, STRINGS, base, is_array
from helios_magic.engine.dialect.scope import Field, Scope, Source
from helios_magic.engine.dialect.tableshape import shown_tree, unqualified
from helios_magic.engine.dialect.typed import Node, identifier, quoted, type_of
from helios_magic.schema import Index
from helios_magic.sqltext import scan

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def native(binder: Binder, at: tuple[str, str], fields: list[Field], index: Index) -> str:
    """CREATE UNIQUE INDEX as DuckDB runs it, on a table of these columns."""
    keys = ", ".join(native_keys(binder, fields, index))
    return f"CREATE UNIQUE INDEX {quoted(index.name)} ON {quoted(at[0])}.{quoted(at[1])} ({keys})"


def native_keys(binder: Binder, fields: list[Field], index: Index) -> list[str]:
    """What no two rows may have in common, as DuckDB's expressions; NULL is the same as none."""
    scope = Scope(sources=[Source("_t", fields)])
    bound = [_bound_key(binder, scope, key.column, key.expression) for key in index_keys(index)]
    keys = [text for _, text in bound]
    if not index.nulls_distinct:
        keys = [part for kind, text in bound for part in (f"({text} IS NULL)", _known(text, kind))]
    condition = predicate(index)
    if condition is None:
        return keys
    from helios_magic.engine.dialect.queries import boolean

    when = _printed(boolean(binder, visit(binder, shown_tree(condition), scope), "WHERE"), "a condition")
    return [f"(CASE WHEN {when} THEN {key} END)" for key in keys]


def _bound_key(binder: Binder, scope: Scope, column: str | None, expression: str) -> tuple[str, str]:
    """A key's type and its text."""
    tree = exp.Column(this=identifier(column)) if column is not None else shown_tree(expression)
    bound = visit(binder, tree, scope)
    if is_array(type_of(bound)) or base(type_of(bound)) in ("jsonb", "json", "record", "vector"):
        raise unsupported(f"a unique index on {type_of(bound)}")
    return type_of(bound), quoted(column) if column is not None else f"({_printed(bound, 'an expression')})"


_ANY = {
    **dict.fromkeys(NUMBERS, "0"), **dict.fromkeys(STRINGS, "''"), "bool": "false", "date": "DATE '2000-01-01'",
    "timestamp": "TIMESTAMP '2000-01-01 00:00:00'", "time": "TIME '00:00:00'",
    "uuid": "CAST('00000000-0000-0000-0000-000000000000' AS UUID)",
}  # fmt: skip


def _known(text: str, kind: str) -> str:
    """A key that has some value for NULL: with whether it is NULL beside it, two rows are the same where both are."""
    value = _ANY.get(base(kind))
    if value is None:
        raise unsupported(f"NULLS NOT DISTINCT of {kind}")
    return f"coalesce({text}, {value})"


#: DuckDB's own functions that keys may be made of: an index outlives its session, and knows no macro of ours.
_OWN = frozenset({
    "lower", "upper", "trim", "ltrim", "rtrim", "coalesce", "abs", "length", "substring", "substr", "left", "right",
    "md5", "concat", "replace", "reverse", "nullif", "date_trunc", "year", "month", "day", "date_part", "case", "cast",
    "and", "or", "not", "in", "is", "then", "when", "else", "as", "between", "varchar", "decimal", "any", "like",
    "greatest", "least", "sign", "translate", "round", "floor", "ceil", "mod", "json_extract_string", "json_extract",
})  # fmt: skip


def _letters(function: str, kept: str) -> str:
    """A change of case that leaves the letters alone which DuckDB changes and PostgreSQL does not."""
    marks = "".join(chr(0xE000 + at) for at in range(len(kept)))
    return f"translate({function}(translate({{0}}, '{kept}', '{marks}')), '{marks}', '{kept}')"


_PLAINLY = {
    "pg_lower({0})": _letters("lower", "\u0130"),
    "pg_upper({0})": _letters("upper", "\u00df" + "".join(
        chr(base + at) for base in (0x1F80, 0x1F90, 0x1FA0) for at in range(8)
    ) + "\u1fb3\u1fc3\u1ff3"),
}  # fmt: skip
"""What our macros stand for, as expressions that an index can keep."""


def _printed(bound: Node, what: str) -> str:
    """DuckDB text of a key or condition, made of DuckDB's own functions only (0A000 otherwise)."""
    for node in [bound, *bound.find_all(Sql)]:
        if isinstance(node, Sql):
            node.set("template", _PLAINLY.get(node.args["template"], node.args["template"]))
    printed = unqualified(bound)
    code = [token for token in scan(printed) if token.code]
    for token, after in itertools.pairwise(code):
        if after.text == "(" and token.kind in ("word", "identifier") and token.name.lower() not in _OWN:
            raise unsupported(f"{what} with {token.name} in a unique index")
    return printed
