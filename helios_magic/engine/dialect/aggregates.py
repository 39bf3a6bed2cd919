"""Aggregates and window functions, with FILTER, WITHIN GROUP and OVER."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect.conversion import coerce, to_text
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, UNDEFINED_FUNCTION, Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import INTEGERS, NUMBERS, STRINGS, UNKNOWN, is_array, long_name
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, base_of, name_of, place_of, sql, type_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_WINDOW = {
    "row_number": "int8", "rank": "int8", "dense_rank": "int8", "percent_rank": "float8", "cume_dist": "float8",
    "ntile": "int4", "lag": "same", "lead": "same", "first_value": "same", "last_value": "same", "nth_value": "same",
}  # fmt: skip
_FLOATS = {"corr", "covar_pop", "covar_samp"}
_SPREAD = {
    "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop",
    "variance": "var_samp", "var_samp": "var_samp", "var_pop": "var_pop",
}  # fmt: skip
_JSON = {f"{kind}_{name}{strict}" for kind in ("json", "jsonb") for name in ("agg", "object_agg")
         for strict in ("", "_strict")}  # fmt: skip
_PLAIN = {"count", "sum", "avg", "min", "max", "string_agg", "array_agg", "bool_and", "bool_or", "every"}
_ORDERED = {"percentile_cont", "percentile_disc", "mode"}
NAMES = frozenset({*_WINDOW, *_FLOATS, *_SPREAD, *_JSON, *_PLAIN, *_ORDERED})


@dataclass(slots=True)
class Call:
    """An aggregate taken apart: its arguments, and what stands around it."""

    name: str
    node: Node
    arguments: list[Node] = field(default_factory=list)
    star: bool = False
    distinct: bool = False
    order: list[Node] = field(default_factory=list)
    filter: Node | None = None
    window: tuple[str, list[Node]] | None = None
    within: list[Node] = field(default_factory=list)

    def emit(self, template: str, *parts: Node, pg: str, ordered: bool = False) -> Node:
        """`f(…)` with DISTINCT, ORDER BY, FILTER and OVER put back; {n} are `parts`, <d> stands for DISTINCT."""
        values = [part.copy() for part in parts]
        text = template.replace("<d>", "DISTINCT " if self.distinct else "")
        if ordered and self.order:
            slots = ", ".join(f"{{{len(values) + i}}}" for i in range(len(self.order)))
            text = text[:-1] + f" ORDER BY {slots})"
            values += [key.copy() for key in self.order]
        if self.filter is not None:
            text += f" FILTER (WHERE {{{len(values)}}})"
            values.append(self.filter.copy())
        if self.window is not None:
            shape, keys = self.window
            text += " OVER (" + shape.format(*(f"{{{len(values) + i}}}" for i in range(len(keys)))) + ")"
            values += [key.copy() for key in keys]
        return sql(text, *values, pg=pg)


def aggregate(binder: Binder, node: Node, scope: Scope) -> Node:
    """Resolve an aggregate or window function with everything around it."""
    call = _take_apart(binder, node, scope)
    if call.name in _WINDOW:
        return _window_function(binder, call)
    if call.name in _ORDERED:
        return _ordered_set(binder, call)
    if call.within:
        raise Refusal("42809", f"{call.name} is not an ordered-set aggregate", place=place_of(node))
    return _aggregate(binder, call)


def _take_apart(binder: Binder, node: Node, scope: Scope) -> Call:
    inner, window, condition, within = node, None, None, []
    if isinstance(inner, exp.Window):
        window, inner = _window(binder, inner, scope), inner.this
    if isinstance(inner, exp.Filter):
        from helios_magic.engine.dialect.queries import boolean

        condition = boolean(binder, visit(binder, inner.expression.this, scope), "FILTER")
        inner = inner.this
    if isinstance(inner, exp.WithinGroup):
        within = [_key(binder, ordered, scope) for ordered in inner.expression.expressions]
        inner = inner.this
    if isinstance(inner, exp.Dot) and name_of(inner.this) == "pg_catalog":
        inner = inner.expression
    if not isinstance(inner, exp.Anonymous):
        raise unsupported(f"{inner.key.upper()} with OVER or FILTER", place=place_of(node))
    call = Call(name_of(inner), node, window=window, filter=condition, within=within)
    if call.name not in NAMES:
        raise Refusal(
            "42809", f"{call.name} is not an aggregate or window function that is known here", place=place_of(node)
        )
    _arguments(binder, call, inner.expressions, scope)
    return call


def _arguments(binder: Binder, call: Call, expressions: list[Node], scope: Scope) -> None:
    for argument in expressions:
        if isinstance(argument, exp.Star):
            call.star = True
        elif isinstance(argument, exp.Distinct):
            call.distinct = True
            _arguments(binder, call, argument.expressions, scope)
        elif isinstance(argument, exp.Order):
            _arguments(binder, call, [argument.this], scope)
            call.order = [_key(binder, ordered, scope) for ordered in argument.expressions]
        else:
            call.arguments.append(visit(binder, argument, scope))


def _key(binder: Binder, ordered: Node, scope: Scope) -> Node:
    value = visit(binder, ordered.this, scope)
    if base_of(value) == "json":
        raise Refusal("42883", "could not identify an ordering operator for type json", place=place_of(ordered))
    if base_of(value) == "jsonb":
        value = sql("pg_json_order({0})", value, pg="bytea")
    descending = bool(ordered.args.get("desc"))
    first = bool(ordered.args.get("nulls_first"))
    return sql(f"{{0}}{' DESC' if descending else ''} NULLS {'FIRST' if first else 'LAST'}", value, pg=type_of(value))


def _window(binder: Binder, node: exp.Window, scope: Scope) -> tuple[str, list[Node]]:
    name = node.args.get("alias")
    base = None
    if name is not None:
        base = scope.windows.get(name_of(name))
        if base is None:
            raise Refusal("42704", f'window "{name_of(name)}" does not exist', place=place_of(name))
        if node.args.get("partition_by") or node.args.get("order") or node.args.get("spec"):
            raise unsupported("a window that extends a named one", place=place_of(node))
    shaped = base if base is not None else node
    keys: list[Node] = []
    parts: list[str] = []
    partition = [visit(binder, key.copy(), scope) for key in shaped.args.get("partition_by") or ()]
    if partition:
        parts.append("PARTITION BY " + ", ".join(f"{{{len(keys) + i}}}" for i in range(len(partition))))
        keys += partition
    order = shaped.args.get("order")
    ordered = [_key(binder, key.copy(), scope) for key in order.expressions] if order is not None else []
    if ordered:
        parts.append("ORDER BY " + ", ".join(f"{{{len(keys) + i}}}" for i in range(len(ordered))))
        keys += ordered
    spec = shaped.args.get("spec")
    if spec is not None:
        parts.append(_frame(binder, spec, scope, keys))
    return " ".join(parts), keys


def _frame(binder: Binder, spec: Node, scope: Scope, keys: list[Node]) -> str:
    def edge(which: str) -> str:
        value, side = spec.args.get(which), str(spec.args.get(f"{which}_side") or "").upper()
        if isinstance(value, str):
            return f"{value.upper()} {side}".strip()
        if value is None:
            raise Refusal(SYNTAX, "syntax error in a window frame", place=place_of(spec))
        resolved = visit(binder, value.copy(), scope)
        if base_of(resolved) not in (*INTEGERS, "interval", UNKNOWN):
            raise unsupported("this window frame", place=place_of(spec))
        keys.append(coerce(binder, resolved, "int8") if base_of(resolved) == UNKNOWN else resolved)
        return f"{{{len(keys) - 1}}} {side}"

    if spec.args.get("exclude"):
        raise unsupported("EXCLUDE in a window frame", place=place_of(spec))
    kind = str(spec.args.get("kind") or "RANGE").upper()
    if spec.args.get("end") is None:
        return f"{kind} {edge('start')}"
    return f"{kind} BETWEEN {edge('start')} AND {edge('end')}"


def _window_function(binder: Binder, call: Call) -> Node:
    if call.window is None:
        raise Refusal("42P20", f"window function {call.name} requires an OVER clause", place=place_of(call.node))
    arguments = [
        coerce(binder, a, "text") if base_of(a) == UNKNOWN and i == 0 else a for i, a in enumerate(call.arguments)
    ]
    result = _WINDOW[call.name]
    kind = type_of(arguments[0]) if result == "same" and arguments else result
    if call.name in ("lag", "lead") and len(arguments) == 3:
        arguments[2] = coerce(binder, arguments[2], kind)
    slots = ", ".join(f"{{{i}}}" for i in range(len(arguments)))
    node = call.emit(f"{call.name}({slots})", *arguments, pg=kind)
    return sql("CAST({0} AS INTEGER)", node, pg="int4") if call.name == "ntile" else node


def _ordered_set(binder: Binder, call: Call) -> Node:
    if len(call.within) != 1:
        raise Refusal("42883", f"{call.name} needs WITHIN GROUP (ORDER BY …) with one key", place=place_of(call.node))
    key = call.within[0]
    value = key.expressions[0]
    if call.name == "mode" and not call.arguments:
        return call.emit("mode({0} ORDER BY {1})", value, key, pg=type_of(value))
    if call.name == "mode" or len(call.arguments) != 1 or base_of(call.arguments[0]) not in NUMBERS:
        raise unsupported(f"this {call.name}", place=place_of(call.node))
    fraction = coerce(binder, call.arguments[0], "float8")
    if call.name == "percentile_cont":
        value = coerce(binder, value, "float8")
    order = "DESC" if " DESC" in str(key.args["template"]) else "ASC"
    kind = "float8" if call.name == "percentile_cont" else type_of(value)
    name = "quantile_cont" if call.name == "percentile_cont" else "quantile_disc"
    return call.emit(f"{name}({{0}}, {{1}} ORDER BY {{0}} {order})", value, fraction, pg=kind)


def _aggregate(binder: Binder, call: Call) -> Node:
    if call.name == "count":
        if call.star:
            return call.emit("count(*)", pg="int8")
        if len(call.arguments) != 1:
            raise Refusal(UNDEFINED_FUNCTION, "count takes one argument", place=place_of(call.node))
        value = call.arguments[0]
        if value.meta.get("row"):
            raise unsupported("count of a row", place=place_of(call.node), hint="Use count(*).")
        return call.emit(
            "count(<d>{0})", coerce(binder, value, "text") if base_of(value) == UNKNOWN else value, pg="int8"
        )
    if call.star or not call.arguments:
        raise Refusal(
            SYNTAX, f"{call.name}(*) must be used to call a parameterless aggregate function", place=place_of(call.node)
        )
    value = call.arguments[0]
    kind = base_of(value)
    if call.name in ("sum", "avg") or call.name in _SPREAD:
        return _number(call, value, kind)
    if call.name in ("min", "max"):
        if kind in ("json", "jsonb", "bool", "uuid", "bytea", UNKNOWN):
            raise Refusal(
                UNDEFINED_FUNCTION, f"function {call.name}({long_name(kind)}) does not exist", place=place_of(call.node)
            )
        return call.emit(f"{call.name}({{0}})", value, pg=type_of(value))
    if call.name in ("bool_and", "bool_or", "every"):
        return call.emit(
            f"{'bool_or' if call.name == 'bool_or' else 'bool_and'}({{0}})", coerce(binder, value, "bool"), pg="bool"
        )
    if call.name in _FLOATS:
        pair = [coerce(binder, a, "float8") for a in call.arguments]
        return call.emit(f"{call.name}({{0}}, {{1}})", *pair, pg="float8")
    return _collected(binder, call, value, kind)


def _number(call: Call, value: Node, kind: str) -> Node:
    if kind == "interval" and call.name in ("sum", "avg") and not call.distinct:
        sums = [call.emit(f"sum(pg_iv_{part}({{0}}))", value, pg="int8") for part in ("months", "days", "micro")]
        total = sql("(to_months(CAST({0} AS INTEGER)) + to_days(CAST({1} AS INTEGER))"
                    " + to_microseconds(CAST({2} AS BIGINT)))", *sums, pg="interval")  # fmt: skip
        if call.name == "sum":
            return total
        count = call.emit("count({0})", value, pg="int8")
        return sql("pg_interval_by({0}, nullif(CAST({1} AS DOUBLE), 0))", total, count, pg="interval")
    if kind not in NUMBERS:
        raise Refusal(
            UNDEFINED_FUNCTION, f"function {call.name}({long_name(kind)}) does not exist", place=place_of(call.node)
        )
    if kind in ("float4", "float8"):
        name = _SPREAD.get(call.name, call.name)
        node = call.emit(f"{name}(<d>CAST({{0}} AS DOUBLE))", value, pg="float8")
        return sql("CAST({0} AS FLOAT)", node, pg="float4") if kind == "float4" and call.name == "sum" else node
    total = call.emit("sum(<d>{0})", value, pg="numeric")
    if call.name == "sum":
        if kind in ("int2", "int4"):
            return sql("CAST({0} AS BIGINT)", total, pg="int8")
        if kind == "int8":
            total = sql("CAST({0} AS DECIMAL(38,0))", total, pg="numeric")
        total.meta["exact_scale"] = kind == "int8" or "(" in type_of(value) or bool(value.meta.get("exact_scale"))
        return total
    count = call.emit("count(<d>{0})", value, pg="int8")
    if call.name == "avg":
        exact = "CAST({0} AS DECIMAL(38,0))" if kind in INTEGERS else "{0}"
        return sql(f"pg_div({exact}, nullif({{1}}, 0))", total, count, pg="numeric")
    wide = "CAST({0} AS DECIMAL(19,0))" if kind in INTEGERS else "{0}"
    squares = call.emit(f"sum(<d>{wide} * {wide})", value, pg="numeric")
    return sql(
        f"CAST(CASE WHEN {{0}} > 0 THEN pg_statistic('{_SPREAD[call.name]}', {{0}}, "
        "CAST({1} AS VARCHAR), CAST({2} AS VARCHAR)) END AS DECIMAL(38,20))",
        count, total, squares, pg="numeric",
    )  # fmt: skip


def _collected(binder: Binder, call: Call, value: Node, kind: str) -> Node:
    from helios_magic.engine.dialect.jsonaggregates import collect

    if call.distinct and not call.order:
        call.order = [sql("{0} ASC NULLS LAST", value.copy(), pg=type_of(value))]  # as PostgreSQL's sort leaves them
    if call.name == "string_agg":
        if len(call.arguments) != 2 or kind not in (*STRINGS, UNKNOWN):
            raise Refusal(
                UNDEFINED_FUNCTION,
                f"function string_agg({long_name(kind)}, …) does not exist",
                place=place_of(call.node),
                hint="Cast the value: (…)::text.",
            )
        return call.emit(
            "string_agg(<d>{0}, {1})",
            coerce(binder, value, "text"),
            coerce(binder, call.arguments[1], "text"),
            pg="text",
            ordered=True,
        )
    if call.name == "array_agg":
        if value.meta.get("row"):
            raise unsupported("array_agg of rows", place=place_of(call.node))
        value = coerce(binder, value, "text") if kind == UNKNOWN else value
        return call.emit("array_agg(<d>{0})", value, pg=base_of(value) + "[]", ordered=True)
    return collect(binder, call, value)
