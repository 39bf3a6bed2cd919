"""Conditions: AND, OR, NOT, IS, IN, BETWEEN, LIKE and regular expressions; CASE beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import longlists, rows
from helios_magic.engine.dialect.alternatives import any_of
from helios_magic.engine.dialect.conversion import coerce, common_type
from helios_magic.engine.dialect.documents import key
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.numericshapes import aligned, aligned_with_query
from helios_magic.engine.dialect.operators import compare, no_operator
from helios_magic.engine.dialect.pgtypes import STRINGS, UNKNOWN, base
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import (
    Node,
    base_of,
    identifier,
    is_null,
    is_string,
    literal,
    place_of,
    sql,
    type_of,
    typed,
)

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


@rule(exp.And, exp.Or)
def _both(binder: Binder, node: Node, scope: Scope) -> Node:
    word = node.key.upper()
    sides = [_truth(binder, visit(binder, side, scope), word) for side in _chained(node)]
    if word == "OR":
        return any_of(sides)
    return sql(f"({f' {word} '.join(f'{{{at}}}' for at in range(len(sides)))})", *sides, pg="bool")


def _chained(node: Node) -> list[Node]:
    """What a chain of one connective joins: `a OR b OR c` is one condition of three, however long it grows."""
    sides: list[Node] = []
    while type(node.this) is type(node):
        sides.append(node.expression)
        node = node.this
    return [node.this, node.expression, *reversed(sides)]


def _refuse_chain(node: Node, word: str) -> None:
    """BETWEEN and LIKE do not associate: a second one needs brackets round the first."""
    if isinstance(node.this, (exp.Between, exp.Like, exp.ILike)):
        raise Refusal("42601", f'syntax error at or near "{word}"', place=place_of(node))


def _truth(binder: Binder, value: Node, word: str) -> Node:
    from helios_magic.engine.dialect.queries import boolean

    return boolean(binder, value, word)


@rule(exp.Not)
def _not(binder: Binder, node: Node, scope: Scope) -> Node:
    return sql("(NOT {0})", _truth(binder, visit(binder, node.this, scope), "NOT"), pg="bool")


@rule(exp.Is, parts=("negate",))
def _is(binder: Binder, node: Node, scope: Scope) -> Node:
    parts = rows.members(node.this)
    if parts is not None and isinstance(node.expression, exp.Null):
        return rows.is_null(binder, node, parts, scope)
    value, what = visit(binder, node.this, scope), node.expression
    negate = "NOT " if node.args.get("negate") else ""
    if isinstance(what, exp.Null):
        if value.meta.get("row"):
            raise unsupported("IS NULL of a row", place=place_of(node))
        if base_of(value) == UNKNOWN:
            value = coerce(binder, value, "text")
        return sql(f"({{0}} IS {negate}NULL)", value, pg="bool")
    if isinstance(what, exp.Boolean):
        return sql(
            f"({{0}} IS {negate}{'TRUE' if what.this else 'FALSE'})", _truth(binder, value, "IS TRUE"), pg="bool"
        )
    raise unsupported(f"IS {what.key.upper()}", place=place_of(node))


@rule(exp.In, parts=("query", "unnest", "field"))
def _in(binder: Binder, node: Node, scope: Scope) -> Node:
    query = node.args.get("query")
    if node.args.get("unnest") or node.args.get("field"):
        raise Refusal("42601", "syntax error in IN", place=place_of(node))
    if not node.expressions and query is None:
        raise Refusal("42601", 'syntax error at or near ")"', place=place_of(node))
    if query is None and len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Values):
        query = node.expressions[0]
        node.set("query", query)
    if rows.members(node.this) is not None:
        return rows.within(binder, node, scope)
    value = visit(binder, node.this, scope)
    if query is not None:
        return _in_query(binder, node, value, query, scope)
    listed = longlists.members_of(node, binder.long_lists)
    if listed is not None:
        one = compare(binder, exp.EQ, value.copy(), visit(binder, longlists.one_for_all(listed), scope), node)
        found = longlists.as_one(one.expressions[0], one.expressions[1], listed)
        if found is not None:
            return found
        node.set("expressions", longlists.literals(listed))
    members = [visit(binder, member, scope) for member in node.expressions]
    parts = [compare(binder, exp.EQ, value.copy(), member, node) for member in members]
    if len(parts) == 1:
        return parts[0]
    kinds = {tuple(map(base_of, part.expressions)) for part in parts}
    same = all(part.expressions[0] == parts[0].expressions[0] for part in parts)
    if same and len(kinds) == 1:
        slots = ", ".join(f"{{{i}}}" for i in range(1, len(parts) + 1))
        return sql(
            f"({{0}} IN ({slots}))", parts[0].expressions[0], *(part.expressions[1] for part in parts), pg="bool"
        )
    return any_of(parts)


def _in_query(binder: Binder, node: Node, value: Node, query: Node, scope: Scope) -> Node:
    body, fields = binder.query(query.this if isinstance(query, exp.Subquery) else query, scope)
    if len(fields) != 1:
        raise Refusal("42601", "subquery has too many columns", place=place_of(query))
    probe = typed(exp.Null(), UNKNOWN) if fields[0].type == UNKNOWN else sql("x", pg=fields[0].type)
    compare(binder, exp.EQ, value.copy(), probe, node)  # for its refusals
    if base_of(value) == UNKNOWN:
        value = coerce(binder, value, fields[0].type)
    if "jsonb" in (base_of(value), base(fields[0].type)):
        member = key(typed(exp.Column(this=identifier("x")), "jsonb"))
        body = sql("SELECT {0} FROM ({1}) AS _r(x)", member, body, pg="text")
        return sql("({0} IN ({1}))", key(coerce(binder, value, "jsonb")), body, pg="bool")
    if "bpchar" in (base_of(value), base(fields[0].type)) and type_of(value) != fields[0].type:
        raise unsupported("IN over char(n) and another type", place=place_of(node), hint="Cast both to text.")
    value, body = aligned_with_query(value, body, fields[0].type)
    return sql("({0} IN ({1}))", value, body, pg="bool")


@rule(exp.Between, parts=("low", "high", "symmetric"))
def _between(binder: Binder, node: Node, scope: Scope) -> Node:
    _refuse_chain(node, "BETWEEN")
    value, low, high = (visit(binder, node.args[part], scope) for part in ("this", "low", "high"))
    inside = sql(
        "({0} AND {1})",
        compare(binder, exp.GTE, value.copy(), low.copy(), node),
        compare(binder, exp.LTE, value.copy(), high.copy(), node),
        pg="bool",
    )
    if not node.args.get("symmetric"):
        return inside
    other = sql(
        "({0} AND {1})",
        compare(binder, exp.GTE, value.copy(), high, node),
        compare(binder, exp.LTE, value, low, node),
        pg="bool",
    )
    return sql("({0} OR {1})", inside, other, pg="bool")


def _texts(binder: Binder, node: Node, scope: Scope, sign: str) -> tuple[Node, Node]:
    left, right = visit(binder, node.this, scope), visit(binder, node.expression, scope)
    if base_of(left) not in (*STRINGS, UNKNOWN) or base_of(right) not in (*STRINGS, UNKNOWN):
        raise no_operator(node, sign, left, right)
    # A pattern meets char(n) with its blanks.
    return left if base_of(left) == "bpchar" else coerce(binder, left, "text"), coerce(binder, right, "text")


_LIKE_SIGNS = {"LIKE": "~~", "NOT LIKE": "!~~", "ILIKE": "~~*", "NOT ILIKE": "!~~*"}


def _like_word(node: Node) -> str:
    word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
    return f"NOT {word}" if node.args.get("negate") else word


@rule(exp.Like, exp.ILike, parts=("negate",))
def _like(binder: Binder, node: Node, scope: Scope) -> Node:
    if isinstance(node.expression, (exp.Any, exp.All)):
        from helios_magic.engine.dialect.textarrays import quantified_text

        return quantified_text(binder, node, scope, negated=bool(node.args.get("negate")))
    word = _like_word(node)
    _refuse_chain(node, word)
    left, right = _texts(binder, node, scope, _LIKE_SIGNS[word])
    # PostgreSQL's LIKE has the backslash for its escape unless told otherwise; DuckDB's has none.
    return sql(f"({{0}} {word} {{1}} ESCAPE '\\')", left, right, pg="bool")


@rule(exp.Escape)
def _escape(binder: Binder, node: Node, scope: Scope) -> Node:
    inner, escape = node.this, node.expression
    if isinstance(inner, exp.SimilarTo) and is_string(escape):
        from helios_magic.engine.dialect.regexcalls import similar

        return similar(binder, inner, scope, escape.name)
    if not isinstance(inner, (exp.Like, exp.ILike)) or not is_string(escape) or len(escape.name) > 1:
        raise unsupported("this ESCAPE", place=place_of(node))
    word = _like_word(inner)
    left, right = _texts(binder, inner, scope, _LIKE_SIGNS[word])
    if not escape.name:
        return sql(f"({{0}} {word} {{1}})", left, right, pg="bool")
    mark = literal(escape.name).replace("{", "{{").replace("}", "}}")
    return sql(f"({{0}} {word} {{1}} ESCAPE {mark})", left, right, pg="bool")


@rule(exp.StartsWith)
def _starts(binder: Binder, node: Node, scope: Scope) -> Node:
    left, right = _texts(binder, node, scope, "^@")
    return sql("starts_with({0}, {1})", left, right, pg="bool")


@rule(exp.Case, parts=("ifs", "default"))
def _case(binder: Binder, node: Node, scope: Scope) -> Node:
    subject = visit(binder, node.this, scope) if node.this is not None else None
    conditions, values = [], []
    for branch in node.args["ifs"]:
        condition = visit(binder, branch.this, scope)
        if subject is not None:
            condition = compare(binder, exp.EQ, subject.copy(), condition, node)
        conditions.append(_truth(binder, condition, "CASE/WHEN"))
        values.append(visit(binder, branch.args["true"], scope))
    default = node.args.get("default")
    values.append(visit(binder, default, scope) if default is not None else typed(exp.Null(), UNKNOWN))
    kind = choose([values[-1], *values[:-1]], "CASE")  # ELSE is asked first
    values = aligned([_branch(binder, value, kind) for value in values], kind)
    whens = "".join(f" WHEN {{{2 * i}}} THEN {{{2 * i + 1}}}" for i in range(len(conditions)))
    parts = [part for pair in zip(conditions, values, strict=False) for part in pair]
    return _result(sql(f"CASE{whens} ELSE {{{len(parts)}}} END", *parts, values[-1], pg=kind), values)


def choose(values: list[Node], where: str) -> str:
    kind = common_type([type_of(value) for value in values if not is_null(value)], where)
    return "text" if kind == UNKNOWN else kind


def _branch(binder: Binder, value: Node, kind: str) -> Node:
    if is_null(value):
        return coerce(binder, value, kind)
    blanks = base_of(value) == "bpchar" and base(kind) != "bpchar"  # which only char(n) keeps
    return coerce(binder, value, kind) if blanks or base_of(value) in (UNKNOWN, "date", "timestamp") else value


def _result(node: Node, values: list[Node]) -> Node:
    if base_of(node) == "numeric" and len({_scale(value) for value in values if not _empty(value)}) == 1:
        node.meta["exact_scale"] = all(
            value.meta.get("exact_scale") or _empty(value) or "(" in type_of(value) for value in values
        )
    return node


def _scale(value: Node) -> object:
    return value.meta.get("digits", type_of(value) if "(" in type_of(value) else id(value))


def _empty(value: Node) -> bool:
    return is_null(value) or str(value.args.get("template", "")).startswith("CAST(NULL")


def one_of(binder: Binder, function: str, values: list[Node]) -> Node:
    """COALESCE, GREATEST and LEAST: one type for all."""
    kind = choose(values, function.upper())
    if base(kind) in ("json", "jsonb") and function != "coalesce":
        raise unsupported(f"{function} of {base(kind)}")
    values = aligned([_branch(binder, value, kind) for value in values], kind)
    slots = ", ".join(f"{{{i}}}" for i in range(len(values)))
    return _result(sql(f"{function}({slots})", *values, pg=kind), values)
