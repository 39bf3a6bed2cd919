"""Literals, parameters, casts and the words that stand for values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import cast
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.intervals import interval, limited
from helios_magic.engine.dialect.pgcatalog.types import cast_target
from helios_magic.engine.dialect.pgtypes import UNKNOWN, base, duckdb_type, element, from_tree, is_array
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, is_string, place_of, sql, typed

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


@rule(exp.Literal, parts=("is_string",))
def _literal(binder: Binder, node: Node, scope: Scope) -> Node:
    if node.is_string:
        return typed(node, UNKNOWN)
    text = node.name
    if text.isdigit() and len(text) < 40:
        size = int(text)
        if size < 2**31:
            return typed(node, "int4")
        if size < 2**63:
            return sql(f"CAST({size} AS BIGINT)", pg="int8")
        return _decimal(node, text)
    return _decimal(node, text)


def _decimal(node: Node, text: str) -> Node:
    """A numeric literal with its own scale; DuckDB reads one with an exponent as a double."""
    from decimal import Decimal, InvalidOperation

    try:
        value = Decimal(text)
    except InvalidOperation:
        raise unsupported(f"the number {text}", place=place_of(node)) from None
    plain = format(value, "f")
    whole, _, fraction = plain.partition(".")
    if len(whole) + len(fraction) > 38:
        raise unsupported("a number of more than 38 digits", place=place_of(node))
    precision = max(len(whole.lstrip("0")) + len(fraction), 1)
    result = sql(f"CAST('{plain}' AS DECIMAL({precision},{len(fraction)}))", pg="numeric")
    result.meta["exact_scale"] = True
    result.meta["digits"] = result.meta["scale"] = len(fraction)
    return result


@rule(exp.Null)
def _null(binder: Binder, node: Node, scope: Scope) -> Node:
    return typed(node, UNKNOWN)


@rule(exp.Boolean)
def _true_or_false(binder: Binder, node: Node, scope: Scope) -> Node:
    return typed(node, "bool")


@rule(exp.Parameter)
def _parameter(binder: Binder, node: Node, scope: Scope) -> Node:
    if not node.name.isdigit() or int(node.name) < 1:
        raise Refusal("42P02", f"there is no parameter ${node.name}", place=place_of(node))
    return typed(node, UNKNOWN)


@rule(exp.ByteString, exp.RawString, exp.National)
def _other_strings(binder: Binder, node: Node, scope: Scope) -> Node:
    return typed(exp.Literal.string(node.name), UNKNOWN)


@rule(exp.Concat, parts=("safe", "coalesce"))
def _adjacent(binder: Binder, node: Node, scope: Scope) -> Node:
    if all(is_string(part) for part in node.expressions):
        return typed(exp.Literal.string("".join(part.name for part in node.expressions)), UNKNOWN)
    raise unsupported("strings side by side", place=place_of(node))


@rule(exp.Interval, parts=("unit",))
def _interval(binder: Binder, node: Node, scope: Scope) -> Node:
    text, unit = node.this, node.args.get("unit")
    if not isinstance(text, exp.Literal):
        raise unsupported("a computed INTERVAL", place=place_of(node), hint="Multiply: $1 * INTERVAL '1 day'.")
    place = place_of(text)
    if unit is None:
        return interval(text.name, place)
    first, last = (unit.this, unit.expression) if isinstance(unit, exp.IntervalSpan) else (unit, unit)
    if last is None or last.args.get("precision") is not None:
        raise unsupported("a precision of INTERVAL", place=place_of(node))
    return limited(text.name, place, first.name, last.name)


@rule(exp.Cast, parts=("to",))
def _cast(binder: Binder, node: Node, scope: Scope) -> Node:
    for part, value in node.args.items():
        if value and part not in ("this", "to"):
            raise unsupported(f"CAST … {part.upper()}", place=place_of(node))
    target = cast_target(node.args["to"]) or from_tree(node.args["to"], binder.enums)
    if isinstance(node.this, exp.Array) and is_array(target) and not _nested(node.this):
        return _cast_members(binder, node.this, target, scope)
    value = visit(binder, node.this, scope)
    return cast(binder, value, target)


def _nested(node: exp.Array) -> bool:
    return any(isinstance(member, exp.Array | exp.Query) for member in node.expressions)


def _cast_members(binder: Binder, node: exp.Array, target: str, scope: Scope) -> Node:
    """ARRAY[…]::type[] gives each member the type: NULLs, strings and an empty list have none of their own."""
    kind = element(target)
    members = [cast(binder, visit(binder, member, scope), kind) for member in node.expressions]
    slots = ", ".join(f"{{{i}}}" for i in range(len(members)))
    carrier = duckdb_type(kind if base(kind) == "numeric" else base(kind), binder.enums)
    return sql(f"CAST([{slots}] AS {carrier}[])", *members, pg=target)


@rule(exp.Collate)
def _collate(binder: Binder, node: Node, scope: Scope) -> Node:
    name = node.expression.name.lower()
    if name not in ("c", "posix", "default", "ucs_basic"):
        raise unsupported(f'collation "{node.expression.name}"', place=place_of(node), hint="The collation here is C.")
    return visit(binder, node.this, scope)


_WORDS: dict[type[exp.Expression], tuple[str, str]] = {
    exp.CurrentTimestamp: ("now()", "timestamptz"),
    exp.CurrentDate: ("CAST(now() AS DATE)", "date"),
    exp.Localtimestamp: ("CAST(now() AS TIMESTAMP)", "timestamp"),
    exp.Localtime: ("CAST(now() AS TIME)", "time"),
    exp.CurrentUser: ("'helios'", "name"),
    exp.CurrentRole: ("'helios'", "name"),
    exp.SessionUser: ("'helios'", "name"),
    exp.CurrentSchema: ("'public'", "name"),
}


@rule(*_WORDS)
def _word(binder: Binder, node: Node, scope: Scope) -> Node:
    if node.args.get("this") is not None:
        raise unsupported("a precision of the current time", place=place_of(node))
    template, kind = _WORDS[type(node)]
    return sql(template, pg=kind)


@rule(exp.CurrentCatalog)
def _database(binder: Binder, node: Node, scope: Scope) -> Node:
    return database_name(binder, node)


def database_name(binder: Binder, node: Node) -> Node:
    """current_database() and current_catalog."""
    if binder.schema.database is None:
        raise unsupported("current_database()", place=place_of(node))
    return typed(exp.Literal.string(binder.schema.database), "name")
