"""Functions that return a set: in the select list `unnest(…)`, in FROM a subquery of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, unsupported
from helios_magic.engine.dialect.pgcatalog import sets as catalogue
from helios_magic.engine.dialect.pgtypes import INTEGERS, UNKNOWN, base, duckdb_type, element, is_array, long_name
from helios_magic.engine.dialect.typed import Node, constant_int, place_of, sql, type_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder
    from helios_magic.engine.dialect.scope import Scope

SET_RETURNING = frozenset(
    {
        "generate_series", "unnest", "jsonb_array_elements", "json_array_elements", "jsonb_array_elements_text",
        "json_array_elements_text", "jsonb_each", "json_each", "jsonb_each_text", "json_each_text",
        "jsonb_object_keys", "json_object_keys", "regexp_split_to_table", "string_to_table",
        "regexp_matches", "generate_subscripts", "jsonb_path_query", *catalogue.NAMES,
    }
)  # fmt: skip

#: Function → the column's name, its type and the macro that makes the list.
_JSON_LISTS = {
    "array_elements": ("value", "jsonb", "pg_json_elements({0})"),
    "array_elements_text": ("value", "text", "pg_json_elements_text({0})"),
    "object_keys": ("", "text", "pg_json_keys({0})"),
}
_RAW_LISTS = {
    "array_elements": "pg_raw_elements({0})",
    "array_elements_text": "list_transform(pg_raw_elements({0}), lambda m: pg_raw_text(m))",
    "object_keys": "pg_raw_keys({0})",
}


def elements(binder: Binder, name: str, arguments: list[Node], scope: Scope) -> list[tuple[str, str, Node]]:
    """The columns of a set-returning call: name, type and the expression that yields its values."""
    from helios_magic.engine.dialect.expressions import visit

    values = [visit(binder, argument, scope) for argument in arguments]
    if name in catalogue.NAMES:
        return catalogue.elements(binder, name, values)
    if name == "generate_series":
        return [(name, *_series(binder, values))]
    if name == "unnest":
        return [_unnest(value) for value in values]
    if name.startswith(("jsonb_", "json_")) and name != "jsonb_path_query":
        return _json(binder, name, values)
    return [(name, *_listed(binder, name, values, exp.Anonymous(this=name, expressions=arguments)))]


def _listed(binder: Binder, name: str, values: list[Node], call: Node) -> tuple[str, Node]:
    """Functions whose rows are made as one list: the type of a row, and the expression that yields them."""
    from helios_magic.engine.dialect import arraycalls, jsonpathcalls, regexcalls

    if name == "regexp_split_to_table":
        return "text", sql("unnest({0})", regexcalls.split_list(binder, call, values), pg="text")
    if name == "string_to_table":
        return "text", sql("unnest({0})", arraycalls.split_text(binder, call, values), pg="text")
    if name == "regexp_matches":
        return "text[]", sql("unnest({0})", regexcalls.matches_list(binder, call, values), pg="text[]")
    if name == "jsonb_path_query":
        return "jsonb", sql("unnest({0})", jsonpathcalls.items(binder, call, values), pg="jsonb")
    return "int4", sql("unnest({0})", arraycalls.subscripts(binder, call, values), pg="int4")


def _series(binder: Binder, values: list[Node]) -> tuple[str, Node]:
    """generate_series in a select list: a list that is taken apart."""
    if is_numeric_series(values):
        return _numeric_series(binder, values)
    wide, bounds = series_bounds(binder, values)
    inner = ", ".join(f"{{{i}}}" for i in range(len(bounds)))
    whole = (
        f"CAST(generate_series({inner}) AS {duckdb_type(wide)}[])" if wide in INTEGERS else f"generate_series({inner})"
    )
    return wide, sql("unnest({0})", sql(whole, *bounds, pg=wide + "[]"), pg=wide)


def is_numeric_series(values: list[Node]) -> bool:
    kinds = {base(type_of(value)) for value in values}
    return len(values) in (2, 3) and "numeric" in kinds and kinds <= {*INTEGERS, "numeric", UNKNOWN}


def _numeric_series(binder: Binder, values: list[Node]) -> tuple[str, Node]:
    from helios_magic.engine.dialect.conversion import coerce
    from helios_magic.engine.dialect.operators import as_decimal

    step = values[2] if len(values) == 3 else sql("CAST(1 AS DECIMAL(1,0))", pg="numeric")
    bounds = [
        as_decimal(coerce(binder, bound, "numeric") if base(type_of(bound)) == UNKNOWN else bound)
        for bound in (*values[:2], step)
    ]
    whole = sql("pg_numeric_series({0}, {1}, {2})", *bounds, pg="numeric[]")
    return "numeric", sql("unnest({0})", whole, pg="numeric")


def series_bounds(binder: Binder, values: list[Node]) -> tuple[str, list[Node]]:
    """The type of a generate_series and its arguments as DuckDB takes them."""
    from helios_magic.engine.dialect.conversion import coerce

    kinds = [base(type_of(value)) for value in values]
    if len(values) in (2, 3) and all(kind in (*INTEGERS, UNKNOWN) for kind in kinds):
        if len(values) == 3 and constant_int(values[2]) == 0:
            raise Refusal("22023", "step size cannot equal zero", place=place_of(values[2]))
        wide = "int8" if "int8" in kinds else "int4"
        return wide, [coerce(binder, value, wide) for value in values]
    if len(values) == 3 and kinds[0] in ("date", "timestamp", "timestamptz"):
        wide = "timestamp" if "timestamp" in kinds[:2] else "timestamptz"
        bounds = [coerce(binder, value, wide) for value in values[:2]]
        return wide, [*bounds, coerce(binder, values[2], "interval")]
    shown = ", ".join(long_name(kind) for kind in kinds)
    raise unsupported(f"generate_series({shown})", place=place_of(values[0]) if values else None)


def _unnest(value: Node) -> tuple[str, str, Node]:
    kind = type_of(value)
    if not is_array(kind):
        raise Refusal(UNDEFINED_FUNCTION, f"function unnest({long_name(kind)}) does not exist", place=place_of(value))
    while is_array(element(kind)):
        kind = element(kind)
        value = sql("flatten({0})", value, pg=kind)
    return "unnest", element(kind), sql("unnest({0})", value, pg=element(kind))


def _json(binder: Binder, name: str, values: list[Node]) -> list[tuple[str, str, Node]]:
    from helios_magic.engine.dialect.conversion import coerce

    kind, short = name.split("_", 1)
    if len(values) != 1:
        raise Refusal(UNDEFINED_FUNCTION, f"function {name} takes one argument")
    if base(type_of(values[0])) not in (kind, UNKNOWN):
        raise Refusal(
            UNDEFINED_FUNCTION,
            f"function {name}({long_name(type_of(values[0]))}) does not exist",
            place=place_of(values[0]),
        )
    value = coerce(binder, values[0], kind)
    raw = kind == "json"  # its members stay as they were written
    if short in _JSON_LISTS:
        column, result, template = _JSON_LISTS[short]
        if raw:
            template = _RAW_LISTS[short]
        result = kind if result == "jsonb" else result
        listed = sql(template, value, pg=result + "[]")
        return [(column or name, result, sql("unnest({0})", listed, pg=result))]
    if short in ("each", "each_text"):
        result = "text" if short.endswith("_text") else kind
        keys = sql(f"{'pg_raw_keys' if raw else 'pg_json_keys'}({{0}})", value, pg="text[]")
        template = "pg_json_values_text({0})" if result == "text" else "pg_json_values({0})"
        if raw:
            template = (
                "list_transform(pg_raw_values({0}), lambda m: pg_raw_text(m))"
                if result == "text"
                else ("pg_raw_values({0})")
            )
        members = sql(template, value.copy(), pg=result + "[]")
        return [
            ("key", "text", sql("unnest({0})", keys, pg="text")),
            ("value", result, sql("unnest({0})", members, pg=result)),
        ]
    raise unsupported(name)
