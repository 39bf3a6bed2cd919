"""Any value as json or jsonb, built as text so that a number keeps the digits it is written with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.arraycalls import unknown_function
from helios_magic.engine.dialect.conversion import coerce, numeric_text, to_text
from helios_magic.engine.dialect.expressions import rule, visit
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, unsupported
from helios_magic.engine.dialect.grammar import Member
from helios_magic.engine.dialect.pgtypes import INTEGERS, STRINGS, UNKNOWN, element, is_array, long_name
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.textcalls import spread
from helios_magic.engine.dialect.typed import Node, base_of, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

Build = Callable[["Binder", Node, list[Node]], Node]
_QUOTED = "CAST(to_json({0}) AS VARCHAR)"


def json_value(binder: Binder, value: Node, kind: str) -> Node:
    """Any value as JSON; NULL stays NULL."""
    return sql("CAST({0} AS JSON)", json_text(binder, value, kind), pg=kind)


def json_text(binder: Binder, value: Node, kind: str, depth: int = 0) -> Node:
    """The same as text: what to_json (compact) or to_jsonb (with blanks, keys in order) prints."""
    source = base_of(value)
    if source == UNKNOWN:
        value, source = coerce(binder, value, "text"), "text"
    if value.meta.get("row"):
        return _row(binder, value, kind)
    if source in ("json", "jsonb"):
        text = "pg_jsonb(CAST({0} AS VARCHAR))" if (source, kind) == ("json", "jsonb") else "CAST({0} AS VARCHAR)"
        return sql(text, value, pg="text")
    if source in STRINGS:
        return sql(_QUOTED, value, pg="text")
    if source == "bool" or source in INTEGERS:
        return sql("CAST({0} AS VARCHAR)", value, pg="text")
    if source == "numeric":
        return numeric_text(value, "a computed numeric as JSON")
    if source in ("float4", "float8"):
        digits = to_text(value)
        return sql("CASE WHEN isfinite({0}) THEN {1} ELSE '\"' || {1} || '\"' END", value, digits, pg="text")
    if source in ("timestamp", "timestamptz"):
        return _moment(value, zoned=source == "timestamptz")
    if is_array(source):
        return _array(binder, value, kind, depth)
    if source == "record":
        raise unsupported(f"{long_name(source)} as JSON", place=place_of(value))
    return sql(_QUOTED, to_text(value), pg="text")


def _moment(value: Node, *, zoned: bool) -> Node:
    """ISO 8601, with a T between date and time."""
    if not zoned:
        return sql("'\"' || replace(CAST({0} AS VARCHAR), ' ', 'T') || '\"'", value, pg="text")
    shown = "CAST(CAST({0} AS TIMESTAMP) AS VARCHAR)"
    finite = f"replace({shown}, ' ', 'T') || '+00:00'"
    return sql(f"'\"' || CASE WHEN isfinite({{0}}) THEN {finite} ELSE {shown} END || '\"'", value, pg="text")


def _array(binder: Binder, value: Node, kind: str, depth: int) -> Node:
    member = f"m{depth}"
    comma = ", " if kind == "jsonb" else ","
    inner = json_text(binder, _member(value, member), kind, depth + 1)
    members = f"list_transform({{0}}, lambda {member}: coalesce({{1}}, 'null'))"
    return sql(f"'[' || pg_array_joined({members}, '{comma}') || ']'", value, inner, pg="text")


def _member(array: Node, name: str) -> Node:
    member = sql(name, pg=element(base_of(array)))
    if array.meta.get("exact_scale"):
        member.meta["exact_scale"] = True
    return member


def _row(binder: Binder, row: Node, kind: str, *, pretty: bool = False) -> Node:
    """A row as an object, `pretty` with each member on a line of its own.

    A row that an outer join made up is NULL, known by a column that is never NULL.
    """
    comma, colon = (", ", ": ") if kind == "jsonb" else (",\n " if pretty else ",", ":")
    parts = [
        f"{_key_literal(name)} || '{colon}' || coalesce({{{i}}}, 'null')" for i, name in enumerate(row.args["names"])
    ]
    inside = f" || '{comma}' || ".join(parts)
    text = f"'{{{{' || {inside} || '}}}}'" if parts else "'{{}}'"
    values = [json_text(binder, part, kind) for part in row.expressions]
    if kind == "jsonb":
        text = f"pg_jsonb({text})"
    present = row.meta.get("present")
    if present is not None:
        text = f"CASE WHEN {{{len(values)}}} IS NOT NULL THEN {text} END"
        values.append(row.expressions[present].copy())
    return sql(text, *values, pg="text")


def _key_literal(name: str) -> str:
    import json

    text = json.dumps(name, ensure_ascii=False).replace("'", "''")
    return "'" + text.replace("{", "{{").replace("}", "}}") + "'"


def _to_json(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    name = name_of(node)
    if name == "row_to_json" and len(arguments) == 2:
        return _pretty(binder, node, arguments)
    if len(arguments) != 1:
        raise unknown_function(node, arguments)
    if name == "row_to_json" and not arguments[0].meta.get("row"):
        kind = long_name(base_of(arguments[0]))
        raise Refusal(UNDEFINED_FUNCTION, f"function row_to_json({kind}) does not exist", place=place_of(node))
    if base_of(arguments[0]) == UNKNOWN:
        message = "could not determine polymorphic type because input has type unknown"
        raise Refusal("42804", message, place=place_of(node))
    return json_value(binder, arguments[0], "jsonb" if name == "to_jsonb" else "json")


def _pretty(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """row_to_json(row, true)."""
    value, wanted = arguments
    if not value.meta.get("row") or base_of(wanted) not in ("bool", UNKNOWN):
        raise unknown_function(node, arguments)
    if not isinstance(wanted, exp.Boolean):
        raise unsupported("row_to_json with a choice that is not a constant", place=place_of(node))
    return sql("CAST({0} AS JSON)", _row(binder, value, "json", pretty=bool(wanted.this)), pg="json")


def _build_object(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    kind = name_of(node).split("_")[0]
    if spread(arguments) is not None:
        raise unsupported(f"VARIADIC in {name_of(node)}", place=place_of(node))
    if len(arguments) % 2:
        raise Refusal(
            "22023",
            "argument list must have even number of elements",
            place=place_of(node),
            hint=f"The arguments of {name_of(node)}() must consist of alternating keys and values.",
        )
    pairs, values = [], []
    for at in range(0, len(arguments), 2):
        refusal = (
            f"[22023] argument {at + 1}: key must not be null"
            if kind == "jsonb"
            else ("[22004] null value not allowed for object key")
        )
        pairs.append(f"{{{at}}} || '{': ' if kind == 'jsonb' else ' : '}' || coalesce({{{at + 1}}}, 'null')")
        values += [key_text(binder, arguments[at], refusal), json_text(binder, arguments[at + 1], kind)]
    inside = " || ', ' || ".join(pairs)
    text = f"'{{{{' || {inside} || '}}}}'" if pairs else "'{{}}'"
    return sql(f"CAST(pg_jsonb({text}) AS JSON)" if kind == "jsonb" else f"CAST({text} AS JSON)", *values, pg=kind)


def key_text(binder: Binder, value: Node, refusal: str) -> Node:
    """The key of a member, in quotes; an error where it is NULL."""
    source = base_of(value)
    if source in ("json", "jsonb") or is_array(source) or source == "record":
        raise Refusal("22023", "key value must be scalar, not array, composite, or json", place=place_of(value))
    key = to_text(coerce(binder, value, "text") if source == UNKNOWN else value)
    return sql(f"CASE WHEN {{0}} IS NULL THEN error('{refusal}') ELSE {_QUOTED} END", key, pg="text")


def _build_array(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    kind = name_of(node).split("_")[0]
    array = spread(arguments)
    if array is not None and len(arguments) == 1:
        return json_value(binder, array, kind)
    parts = [json_text(binder, argument, kind) for argument in arguments]
    inside = " || ', ' || ".join(f"coalesce({{{i}}}, 'null')" for i in range(len(parts)))
    return sql(f"CAST('[' || {inside} || ']' AS JSON)" if parts else "CAST('[]' AS JSON)", *parts, pg=kind)


def _array_of(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """JSON_ARRAY of the standard: NULLs are left out."""
    if any(isinstance(argument, exp.Subquery) for argument in arguments):
        raise unsupported("JSON_ARRAY of a query", place=place_of(node), hint="Use json_agg.")
    parts = [json_text(binder, argument, "json") for argument in arguments]
    listed = ", ".join(f"{{{i}}}" for i in range(len(parts)))
    return sql(f"CAST('[' || pg_array_joined(CAST([{listed}] AS VARCHAR[]), ', ') || ']' AS JSON)", *parts, pg="json")


@rule(Member)
def _misplaced(binder: Binder, node: Node, scope: Scope) -> Node:
    if isinstance(node.parent, exp.Anonymous) and name_of(node.parent) == "json_objectagg":
        raise unsupported("JSON_OBJECTAGG", place=place_of(node), hint="Use json_object_agg(key, value).")
    raise Refusal("42601", "a key with a value stands in JSON_OBJECT only", place=place_of(node))


def object_of(binder: Binder, node: Node, scope: Scope) -> Node:
    """JSON_OBJECT of the standard, of members; of anything else PostgreSQL's older function."""
    from helios_magic.engine.dialect.calls import known

    if not any(isinstance(part, Member) for part in node.expressions):
        values = [visit(binder, part, scope) for part in node.expressions]
        return known(binder, "json_object", values, node) if values else sql("CAST('{{}}' AS JSON)", pg="json")
    pairs: list[Node] = []
    for part in node.expressions:
        if not isinstance(part, Member):
            raise Refusal("42601", "a member of JSON_OBJECT is a key with a value", place=place_of(part))
        pairs += [visit(binder, part.this, scope), visit(binder, part.expression, scope)]
    return _build_object(binder, node, pairs)


SPECIAL: dict[str, Build] = {
    "json_array": _array_of,
    "to_json": _to_json,
    "to_jsonb": _to_json,
    "row_to_json": _to_json,
    "json_build_object": _build_object,
    "jsonb_build_object": _build_object,
    "json_build_array": _build_array,
    "jsonb_build_array": _build_array,
}
