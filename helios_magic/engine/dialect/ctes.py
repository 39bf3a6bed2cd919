"""WITH: a name, its columns, and the recursive kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import common_type
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import base
from helios_magic.engine.dialect.queries import print_apart, settled_type
from helios_magic.engine.dialect.scope import Field, Scope
from helios_magic.engine.dialect.setoperations import align_sides
from helios_magic.engine.dialect.typed import Node, identifier, name_of, place_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def bind_cte(binder: Binder, cte: exp.CTE, scope: Scope, *, recursive: bool) -> None:
    alias = cte.args["alias"]
    name = name_of(alias)
    if name in scope.ctes:
        raise Refusal("42712", f'WITH query name "{name}" specified more than once', place=place_of(alias))
    for part, value in cte.args.items():
        if value and part not in ("this", "alias", "materialized"):
            raise unsupported(f"{part.upper()} … SET", place=place_of(alias))
    columns = [name_of(column) for column in alias.args.get("columns") or ()]
    inner = cte.this
    if recursive and isinstance(inner, exp.SetOperation) and _mentions(inner.expression, name):
        body, fields = _recursive(binder, inner, scope, name, columns)
    else:
        body, fields = binder.query(inner, scope)
    fields = [replace(f) for f in fields]
    for position, column in enumerate(columns):
        if position >= len(fields):
            raise Refusal(
                "42P10",
                f'WITH query "{name}" has {len(fields)} columns available but {len(columns)} columns specified',
                place=place_of(alias),
            )
        fields[position].name = column
    if columns:
        print_apart(fields)
    cte.set("this", body)
    cte.set("alias", exp.TableAlias(this=identifier(name), columns=[identifier(f.printed) for f in fields]))
    scope.ctes[name] = fields


def _mentions(node: Node, name: str) -> bool:
    return any(
        name_of(table.this) == name for table in node.find_all(exp.Table) if isinstance(table.this, exp.Identifier)
    )


def _recursive(
    binder: Binder, node: exp.SetOperation, scope: Scope, name: str, columns: list[str]
) -> tuple[Node, list[Field]]:
    first, fields = binder.query(node.this, scope)
    types = [settled_type(f.type) for f in fields]
    named = [
        Field(columns[i] if i < len(columns) else f.name, t) for i, (f, t) in enumerate(zip(fields, types, strict=True))
    ]
    print_apart(named)
    inner = Scope(outer=scope, ctes={name: named})
    second, others = binder.query(node.expression, inner)
    if len(others) != len(fields):
        raise Refusal(SYNTAX, "each UNION query must have the same number of columns", place=place_of(node.expression))
    for mine, theirs in zip(types, others, strict=True):
        if base(mine) != base(theirs.type) and common_type([mine, theirs.type], "UNION") != base(mine):
            raise Refusal(
                "42804",
                f'recursive query "{name}" column "{theirs.name}" has type {mine} in its non-recursive term '
                f"but type {theirs.type} overall",
            )
    node.set("this", first)
    node.set("expression", second)
    align_sides(first, second, named, always=True)
    return node, [Field(f.name, t, f.printed) for f, t in zip(fields, types, strict=True)]
