"""Function calls: PostgreSQL's overloads from the table of known functions, and those with a form of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import (
    aggregates,
    arraycalls,
    jsoncalls,
    jsonpathcalls,
    jsonvalues,
    numerictexts,
    regexcalls,
    rows,
    temporal,
    textcalls,
    vectors,
)
from helios_magic.engine.dialect.conversion import coerce, common_type, implicit
from helios_magic.engine.dialect.embedcalls import FUNCTIONS as EMBEDDING
from helios_magic.engine.dialect.enumcalls import FUNCTIONS as ENUMS
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, nearest, unsupported
from helios_magic.engine.dialect.formatting import from_text, to_char, to_number
from helios_magic.engine.dialect.known_functions import ELSEWHERE, SIGNATURES, Signature
from helios_magic.engine.dialect.pgcatalog.functions import FUNCTIONS as CATALOGUE
from helios_magic.engine.dialect.pgtypes import NUMBERS, STRINGS, UNKNOWN, element, is_array, long_name
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.setreturning import SET_RETURNING, elements
from helios_magic.engine.dialect.typed import (
    Node,
    base_of,
    literal,
    name_of,
    place_of,
    sql,
    type_of,
)

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


_SEQUENCES = frozenset({"nextval", "currval", "lastval", "setval", "pg_get_serial_sequence"})


@rule(exp.Window, exp.Filter, exp.WithinGroup, parts=("partition_by", "order", "spec", "over", "alias"))
def _windowed(binder: Binder, node: Node, scope: Scope) -> Node:
    return aggregates.aggregate(binder, node, scope)


@rule(exp.Anonymous)
def _call(binder: Binder, node: Node, scope: Scope) -> Node:
    name = name_of(node)
    if name == "array" and node.expressions and isinstance(node.expressions[0], exp.Select | exp.SetOperation):
        from helios_magic.engine.dialect.arrays import from_query

        return from_query(binder, node.expressions[0], scope)
    if name in aggregates.NAMES:
        return aggregates.aggregate(binder, node, scope)
    if name in _RAW:
        return _RAW[name](binder, node, scope)
    if name in SET_RETURNING:
        columns = elements(binder, name, node.expressions, scope)
        if len(columns) != 1:
            raise unsupported(f"{name} in a select list", place=place_of(node), hint=f"Put it in FROM: FROM {name}(…).")
        return columns[0][2]
    if name in _SEQUENCES:
        from helios_magic.engine.dialect.sequencecalls import call

        return call(binder, node, scope)
    if name == "make_interval":
        return temporal.make_interval(binder, node, scope)
    special = CATALOGUE.get(name) or ENUMS.get(name) or _SPECIAL.get(name) or temporal.SPECIAL.get(name)
    special = special or EMBEDDING.get(name)
    arguments = [visit(binder, argument, scope) for argument in node.expressions]
    if special is not None:
        return special(binder, node, arguments)
    return known(binder, name, arguments, node)


@rule(exp.Dot)
def _qualified(binder: Binder, node: Node, scope: Scope) -> Node:
    if isinstance(node.expression, exp.Anonymous) and name_of(node.this) == "pg_catalog":
        return visit(binder, node.expression, scope)
    found = _field(binder, node, scope) if isinstance(node.expression, exp.Identifier) else None
    if found is None:
        raise unsupported("a field of a composite value", place=place_of(node))
    return found


def _field(binder: Binder, node: Node, scope: Scope) -> Node | None:
    """(alias).column, and (ROW(…)).f1."""
    inner, name = node.this.unnest(), name_of(node.expression)
    if isinstance(inner, exp.Column) and not inner.args.get("table"):
        alias = name_of(inner.this)
        source = scope.source(alias)
        if source is None or any(each.find(alias) for around in scope.around() for each in around.sources):
            return None
        column = exp.Column(this=node.expression.copy(), table=inner.this.copy())
        column.meta.update(inner.meta)
        return visit(binder, column, scope)
    parts = rows.members(inner)
    if parts is None:
        return None
    names = [f"f{number}" for number in range(1, len(parts) + 1)]
    if name not in names:
        message = f'could not identify column "{name}" in record data type'
        raise Refusal("42703", message, place=place_of(node))
    values = [visit(binder, part, scope) for part in parts]
    value = values[names.index(name)]
    return coerce(binder, value, "text") if base_of(value) == UNKNOWN else value


def known(binder: Binder, name: str, arguments: list[Node], node: Node) -> Node:
    """A function of the table, by PostgreSQL's choice among its overloads."""
    overloads = SIGNATURES.get(name)
    if overloads is None:
        if name in ELSEWHERE:
            raise unsupported(f"function {name}", place=place_of(node))
        shown = ", ".join(long_name(base_of(a)) for a in arguments)
        hint = nearest(name, SIGNATURES) or "No function matches the given name and argument types."
        raise Refusal(UNDEFINED_FUNCTION, f"function {name}({shown}) does not exist", place=place_of(node), hint=hint)
    fitting = [(score, s) for s in overloads if (score := _score(s, arguments)) is not None]
    if not fitting:
        shown = ", ".join(long_name(base_of(a)) for a in arguments)
        if name in ELSEWHERE:
            raise unsupported(f"function {name}({shown})", place=place_of(node))
        raise Refusal(
            UNDEFINED_FUNCTION,
            f"function {name}({shown}) does not exist",
            place=place_of(node),
            hint="You may need an explicit cast, (…)::type.",
        )
    chosen = max(fitting, key=lambda pair: pair[0])[1]
    found = _apply(binder, chosen, arguments)
    if base_of(found) == "numeric":
        found.meta["exact_scale"] = numerictexts.keeps_scale(name, found)
    return found


def _score(signature: Signature, arguments: list[Node]) -> int | None:
    if len(arguments) != len(signature.parameters):
        return None
    score = 0
    for wanted, argument in zip(signature.parameters, arguments, strict=True):
        kind = base_of(argument)
        if wanted == kind or (wanted == "array" and is_array(kind)):
            score += 1
        elif wanted == "array" or (wanted not in ("any", "element") and not implicit(kind, wanted)):
            return None
    return score


def _apply(binder: Binder, signature: Signature, arguments: list[Node]) -> Node:
    array = next((base_of(a) for a, w in zip(arguments, signature.parameters, strict=True) if w == "array"), "")
    values = []
    for wanted, argument in zip(signature.parameters, arguments, strict=True):
        if wanted == "array":
            values.append(argument)
        else:
            values.append(
                coerce(binder, argument, element(array) if wanted == "element" else wanted)
                if wanted != "any"
                else argument
            )
    result = {"same": base_of(values[0]) if values else "", "second": base_of(values[-1]) if values else ""}.get(
        signature.result, signature.result
    )
    return sql(signature.template, *values, pg=result)


def _counting(test: str):  # type: ignore[no-untyped-def]
    def build(binder: Binder, node: Node, arguments: list[Node]) -> Node:
        if not arguments:
            raise Refusal(UNDEFINED_FUNCTION, f"function {name_of(node)}() does not exist", place=place_of(node))
        slots = " + ".join(f"CAST({{{i}}} {test} AS INTEGER)" for i in range(len(arguments)))
        return sql(f"({slots})", *arguments, pg="int4")

    return build


def _choice(name: str):  # type: ignore[no-untyped-def]
    def build(binder: Binder, node: Node, arguments: list[Node]) -> Node:
        from helios_magic.engine.dialect.predicates import one_of

        return one_of(binder, name, arguments)

    return build


def _nullif(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    from helios_magic.engine.dialect.operators import compare

    if len(arguments) != 2:
        raise Refusal("42601", "NULLIF takes two arguments", place=place_of(node))
    first = coerce(binder, arguments[0], "text") if base_of(arguments[0]) == UNKNOWN else arguments[0]
    # The result has the type that = compares in; integers of two widths have an operator of their own.
    one, other = base_of(first), base_of(arguments[1])
    if {one, other} <= set(NUMBERS) and not {one, other} <= {"int2", "int4", "int8"} and one != other:
        first = coerce(binder, first, common_type([one, other], "NULLIF"))
    same = compare(binder, exp.EQ, first.copy(), arguments[1], node)
    if one == "varchar":
        first = sql("{0}", first, pg="bpchar" if other == "bpchar" else "text")
    if (one, other) == ("bpchar", "text"):
        first = coerce(binder, first, "text")
    return sql("CASE WHEN {0} THEN NULL ELSE {1} END", same, first, pg=type_of(first))


def _pg_typeof(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    from helios_magic.engine.dialect.pgcatalog import types

    kind = base_of(arguments[0]) if len(arguments) == 1 else ""
    if kind == "record" and not arguments[0].meta.get("made"):
        raise unsupported("the type of a table's row", place=place_of(node))
    return types.cast(binder, sql(literal(long_name(kind)), pg=UNKNOWN), "regtype")


def _current_database(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    from helios_magic.engine.dialect.literals import database_name

    return database_name(binder, node)


@rule(exp.Substring, parts=("start", "length"))
def _substring(binder: Binder, node: Node, scope: Scope) -> Node:
    start, length = node.args.get("start"), node.args.get("length")
    value = visit(binder, node.this, scope)
    first = visit(binder, start, scope) if start is not None else sql("1", pg="int4")
    if base_of(first) in (*STRINGS, UNKNOWN) and base_of(value) in (*STRINGS, UNKNOWN) and length is None:
        return regexcalls.by_pattern(binder, value, first, node)
    rest = [visit(binder, length, scope)] if length is not None else []
    if rest and base_of(first) in (*STRINGS, UNKNOWN) and base_of(rest[0]) in (*STRINGS, UNKNOWN):
        return regexcalls.by_similar_pattern(binder, value, first, rest[0])
    return known(binder, "substr", [value, first, *rest], node)


@rule(exp.Trim, parts=("position",))
def _trim(binder: Binder, node: Node, scope: Scope) -> Node:
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or ""), "btrim")
    arguments = [visit(binder, part, scope) for part in (node.this, node.expression) if part is not None]
    return known(binder, name, arguments, node)


@rule(exp.StrPosition, parts=("substr",))
def _position(binder: Binder, node: Node, scope: Scope) -> Node:
    return known(binder, "position", [visit(binder, node.this, scope), visit(binder, node.args["substr"], scope)], node)


def _all(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    raise Refusal("42601", f'syntax error at or near "{name_of(node)}"', place=place_of(node))


_RAW = {**textcalls.RAW, "row": rows.made, "json_object": jsonvalues.object_of}
_SPECIAL = {
    "num_nulls": _counting("IS NULL"),
    "num_nonnulls": _counting("IS NOT NULL"),
    **textcalls.SPECIAL, **regexcalls.SPECIAL, **arraycalls.SPECIAL, **jsoncalls.SPECIAL,
    **jsonpathcalls.SPECIAL, **jsonvalues.SPECIAL, **vectors.SPECIAL,
    "coalesce": _choice("coalesce"), "greatest": _choice("greatest"), "least": _choice("least"),
    "nullif": _nullif, **numerictexts.SPECIAL, "pg_typeof": _pg_typeof,
    "current_database": _current_database, "to_char": to_char,
    "to_number": to_number, "to_date": from_text, "to_timestamp": from_text,
    "all": _all, "any": _all, "some": _all,
}  # fmt: skip
