"""Functions of arrays: one element type for all arguments, found as PostgreSQL finds it; then DuckDB's lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import coerce, common_type, to_text
from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, unsupported
from helios_magic.engine.dialect.numericshapes import gathered
from helios_magic.engine.dialect.pgtypes import UNKNOWN, base, duckdb_type, element, is_array, long_name
from helios_magic.engine.dialect.typed import Node, base_of, is_null, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

Build = Callable[["Binder", Node, list[Node]], Node]

#: `name(arguments) result = DuckDB text`: a is the array, e an element, other types stand for themselves.
_LINES = r"""
array_append(a, e) a = list_concat({0}, [{1}])
array_prepend(e, a) a = list_concat([{0}], {1})
array_cat(a, a) a = flatten(nullif(list_filter([{0}, {1}], lambda pg_side: pg_side IS NOT NULL), []))
array_remove(a, e) a = list_filter({0}, lambda m: m IS DISTINCT FROM {1})
array_replace(a, e, e) a = list_transform({0}, lambda m: CASE WHEN m IS NOT DISTINCT FROM {1} THEN {2} ELSE m END)
array_position(a, e) int4 = pg_array_position({0}, {1}, 1)
array_position(a, e, int4) int4 = pg_array_position({0}, {1}, {2})
array_positions(a, e) int4[] = pg_array_positions({0}, {1})
trim_array(a, int4) a = pg_trim_array({0}, {1})
array_sort(a) a = pg_array_sort({0}, false, false)
array_sort(a, bool) a = pg_array_sort({0}, {1}, {1})
array_sort(a, bool, bool) a = pg_array_sort({0}, {1}, {2})
array_reverse(a) a = list_reverse({0})
array_shuffle(a) a = pg_array_shuffled({0})
array_sample(a, int4) a = pg_array_sample({0}, {1})
"""


#: These take an array of a known type only (anyarray, where the others take anycompatiblearray).
_OWN_TYPE = ("trim_array", "array_sort", "array_reverse", "array_shuffle", "array_sample")


def _read() -> dict[str, list[tuple[tuple[str, ...], str, str]]]:
    table: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for line in _LINES.strip().splitlines():
        head, template = line.split(" = ", 1)
        name, rest = head.split("(", 1)
        inside, result = rest.rsplit(")", 1)
        table.setdefault(name, []).append((tuple(p.strip() for p in inside.split(",")), result.strip(), template))
    return table


_TABLE = _read()


def unknown_function(node: Node, arguments: list[Node]) -> Refusal:
    shown = ", ".join(long_name(base_of(argument)) for argument in arguments)
    return Refusal(
        UNDEFINED_FUNCTION,
        f"function {name_of(node)}({shown}) does not exist",
        place=place_of(node),
        hint="No function matches the given name and argument types.",
    )


def _polymorphic(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """A function of the table above."""
    fitting = next((line for line in _TABLE[name_of(node)] if len(line[0]) == len(arguments)), None)
    if fitting is None:
        raise unknown_function(node, arguments)
    kinds, result, template = fitting
    array = _array_type(node, kinds, arguments)
    wanted = {"a": array, "e": element(array)}
    try:
        values = [coerce(binder, v, wanted.get(kind, kind)) for v, kind in zip(arguments, kinds, strict=True)]
    except Refusal as refusal:
        raise unknown_function(node, arguments) if refusal.sqlstate == "42804" else refusal from None
    if array == "numeric[]":
        at = [position for position, kind in enumerate(kinds) if kind in wanted]
        for position, value in zip(at, gathered([values[position] for position in at]), strict=True):
            values[position] = value
    return sql(template, *values, pg=wanted.get(result, result))


def _array_type(node: Node, kinds: tuple[str, ...], arguments: list[Node]) -> str:
    """The array type that all arguments share (anycompatiblearray)."""
    found = []
    for kind, argument in zip(kinds, arguments, strict=True):
        given = base_of(argument)
        if given == UNKNOWN or kind not in ("a", "e"):
            continue
        if kind == "a" and not is_array(given):
            raise unknown_function(node, arguments)
        found.append(element(given) if kind == "a" else given)
    if not found:
        if name_of(node) not in _OWN_TYPE:
            return "text[]"
        raise Refusal(
            "42804",
            "could not determine polymorphic type because input has type unknown",
            place=place_of(node),
        )
    if is_array(found[0]) and name_of(node) not in ("array_cat", "array_reverse", "array_shuffle", "array_sample"):
        raise unsupported(f"{name_of(node)} of arrays of arrays", place=place_of(node))
    try:
        return base(common_type(found, name_of(node))) + "[]"
    except Refusal:
        raise unknown_function(node, arguments) from None


def depth(kind: str) -> int:
    return 1 + depth(element(kind)) if is_array(kind) else 0


def _one_array(node: Node, arguments: list[Node], more: int) -> str:
    if len(arguments) != 1 + more or not is_array(base_of(arguments[0])):
        if len(arguments) == 1 + more and base_of(arguments[0]) == UNKNOWN:
            raise Refusal(
                "42804", "could not determine polymorphic type because input has type unknown", place=place_of(node)
            )
        raise unknown_function(node, arguments)
    return base_of(arguments[0])


def _sizes(kind: str) -> list[str]:
    """The length along each dimension; NULL for an empty array."""
    inner, sizes = "{0}", []
    for _ in range(depth(kind)):
        sizes.append(f"CAST(nullif(len({inner}), 0) AS INTEGER)")
        inner = f"list_extract({inner}, 1)"
    return sizes


def _length(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """array_length, array_upper (the same: arrays begin at 1) and array_lower."""
    kind = _one_array(node, arguments, 1)
    dimension = coerce(binder, arguments[1], "int4")
    whens = " ".join(f"WHEN {at} THEN {size}" for at, size in enumerate(_sizes(kind), 1))
    length = sql(f"CASE {{1}} {whens} END", arguments[0], dimension, pg="int4")
    return sql("CASE WHEN {0} IS NOT NULL THEN 1 END", length, pg="int4") if "lower" in name_of(node) else length


def _cardinality(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    kind = _one_array(node, arguments, 0)
    inner = "flatten({0})" if depth(kind) == 2 else "{0}"
    if depth(kind) > 2:
        raise unsupported("cardinality of more than two dimensions", place=place_of(node))
    return sql(f"CAST(len({inner}) AS INTEGER)", arguments[0], pg="int4")


def _dimensions(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """array_ndims and array_dims; NULL for an empty array."""
    kind = _one_array(node, arguments, 0)
    if name_of(node) == "array_ndims":
        return sql(f"CASE WHEN len({{0}}) > 0 THEN {depth(kind)} END", arguments[0], pg="int4")
    shown = " || ".join(f"'[1:' || {size} || ']'" for size in _sizes(kind))
    return sql(shown, arguments[0], pg="text")


def _fill(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """array_fill(value, ARRAY[size, …])."""
    if len(arguments) == 3:
        raise unsupported("array_fill with lower bounds", place=place_of(node), hint="Arrays begin at 1 here.")
    if len(arguments) != 2:
        raise unknown_function(node, arguments)
    value, sizes = arguments
    if base_of(value) == UNKNOWN:
        raise Refusal(
            "42804", "could not determine polymorphic type because input has type unknown", place=place_of(node)
        )
    shape = node.expressions[1]
    dimensions = len(shape.expressions) if isinstance(shape, exp.Array) else 0
    if dimensions not in (1, 2):
        raise unsupported("array_fill of a computed shape", place=place_of(node), hint="Write ARRAY[size].")
    sizes = coerce(binder, sizes, "int4[]")
    filled = f"pg_array_filled({{0}}, list_extract({{1}}, {dimensions}))"
    kind = base_of(value) + "[]"
    if dimensions == 2:
        filled, kind = f"pg_array_filled({filled}, list_extract({{1}}, 1))", kind + "[]"
    return sql(f"CAST({filled} AS {duckdb_type(kind, binder.enums)})", value, sizes, pg=kind)


def shown_members(value: Node, level: int = 0) -> Node:
    """An array's members as their text, t and f for booleans; NULLs stay."""
    kind = element(base_of(value))
    if kind in ("text", "varchar", "name"):
        return value
    name = f"m{level}"
    member = sql(name, pg=kind)
    for key in ("exact_scale", "digits", "scale"):
        if key in value.meta:
            member.meta[key] = value.meta[key]
    if is_array(kind):
        shown = shown_members(member, level + 1)
    elif kind == "bool":
        shown = sql(f"CASE WHEN {name} THEN 't' WHEN NOT {name} THEN 'f' END", pg="text")
    else:
        shown = to_text(member)
    return sql(f"list_transform({{0}}, lambda {name}: {{1}})", value, shown, pg="text" + "[]" * depth(base_of(value)))


def shown_array(value: Node) -> Node:
    """An array as PostgreSQL prints it: {1,NULL,"a b"}."""
    if depth(base_of(value)) > 2:
        raise unsupported("the text of more than two dimensions", place=place_of(value))
    members = shown_members(value)
    if depth(base_of(value)) == 1:
        return sql("pg_array_text({0})", members, pg="text")
    return sql(
        "'{{' || pg_array_joined(list_transform({0}, lambda m: pg_array_text(m)), ',') || '}}'", members, pg="text"
    )


def _joined(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """array_to_string."""
    if len(arguments) not in (2, 3) or not is_array(base_of(arguments[0])):
        raise unknown_function(node, arguments)
    members = shown_members(arguments[0])
    if depth(base_of(arguments[0])) > 2:
        raise unsupported("array_to_string of more than two dimensions", place=place_of(node))
    if is_array(element(base_of(arguments[0]))):
        members = sql("flatten({0})", members, pg="text[]")
    delimiter = coerce(binder, arguments[1], "text")
    if len(arguments) == 3 and not is_null(arguments[2]):
        instead = coerce(binder, arguments[2], "text")
        members = sql("list_transform({0}, lambda m: coalesce(m, {1}))", members, instead, pg="text[]")
    return sql("pg_array_joined({0}, {1})", members, delimiter, pg="text")


def _split(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    return split_text(binder, node, arguments)


def split_text(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """string_to_array(text, delimiter [, what is NULL])."""
    if len(arguments) not in (2, 3):
        raise unknown_function(node, arguments)
    values = [coerce(binder, argument, "text") for argument in arguments]
    pieces = sql("pg_string_to_array({0}, {1})", *values[:2], pg="text[]")
    if len(values) == 3 and not is_null(arguments[2]):
        return sql("list_transform({0}, lambda m: nullif(m, {1}))", pieces, values[2], pg="text[]")
    return pieces


def subscripts(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """generate_subscripts(array, dimension [, reverse]), as a list."""
    if len(arguments) not in (2, 3):
        raise unknown_function(node, arguments)
    length = _length(binder, node, arguments[:2])
    listed = sql("CAST(range(1, coalesce({0}, 0) + 1) AS INTEGER[])", length, pg="int4[]")
    if len(arguments) == 2:
        return listed
    falling = coerce(binder, arguments[2], "bool")
    return sql("CASE WHEN {1} THEN list_reverse({0}) ELSE {0} END", listed, falling, pg="int4[]")


def _typed_json(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """array_to_json."""
    from helios_magic.engine.dialect.jsonvalues import json_value

    _one_array(node, arguments[:1], 0)
    if len(arguments) != 1:
        raise unsupported("array_to_json with line feeds", place=place_of(node))
    return json_value(binder, arguments[0], "json")


def _bucket(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """width_bucket(value, thresholds), and the one with bounds and a number of buckets."""
    from helios_magic.engine.dialect.calls import known

    if len(arguments) != 2 or not is_array(base_of(arguments[1])):
        return known(binder, "width_bucket", arguments, node)
    value, thresholds = arguments
    kind = common_type([base_of(value), element(base_of(thresholds))], "width_bucket")
    value, thresholds = coerce(binder, value, kind), coerce(binder, thresholds, kind + "[]")
    return sql("pg_bucket_of({0}, {1})", value, thresholds, pg="int4")


SPECIAL: dict[str, Build] = {
    "width_bucket": _bucket,
    **dict.fromkeys(_TABLE, _polymorphic),
    "array_length": _length,
    "array_upper": _length,
    "array_lower": _length,
    "cardinality": _cardinality,
    "array_ndims": _dimensions,
    "array_dims": _dimensions,
    "array_fill": _fill,
    "array_to_string": _joined,
    "string_to_array": _split,
    "array_to_json": _typed_json,
}
