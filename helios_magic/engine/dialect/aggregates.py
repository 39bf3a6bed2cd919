"""Aggregates and window functions, with FILTER, WITHIN GROUP and OVER."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from helios_magic.engine.dialect import documents, ordersets, vectors, windows
from helios_magic.engine.dialect.conversion import coerce, exact_scale
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.numerictexts import quotient
from helios_magic.engine.dialect.pgtypes import INTEGERS, NUMBERS, STRINGS, UNKNOWN
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.temporal import no_call
from helios_magic.engine.dialect.typed import Node, base_of, is_null, name_of, place_of, sql, type_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder

_FLOATS = {
    "corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept", "regr_r2", "regr_count", "regr_avgx",
    "regr_avgy", "regr_sxx", "regr_syy", "regr_sxy",
}  # fmt: skip
_SPREAD = {
    "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop",
    "variance": "var_samp", "var_samp": "var_samp", "var_pop": "var_pop",
}  # fmt: skip
_JSON = {f"{kind}_{name}{strict}" for kind in ("json", "jsonb") for name in ("agg", "object_agg")
         for strict in ("", "_strict")}  # fmt: skip
_PLAIN = {"count", "sum", "avg", "min", "max", "string_agg", "array_agg", "bool_and", "bool_or", "every",
          "any_value", "bit_and", "bit_or", "bit_xor", "grouping"}  # fmt: skip
NAMES = frozenset({*windows.NAMES, *_FLOATS, *_SPREAD, *_JSON, *_PLAIN, *ordersets.NAMES})


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
        node = sql(text, *values, pg=pg)
        node.meta["aggregate"] = self.window is None
        return node


def aggregate(binder: Binder, node: Node, scope: Scope) -> Node:
    """Resolve an aggregate or window function with everything around it."""
    call = _take_apart(binder, node, scope)
    if call.within and call.name in ordersets.HYPOTHETICAL:
        return ordersets.hypothetical(binder, call)
    if call.name in windows.NAMES:
        return windows.window_function(binder, call)
    if call.name in ordersets.NAMES:
        ordersets.check_fraction(call)
        return ordersets.ordered_set(binder, call)
    if call.within:
        raise no_call(call.name, [*call.arguments, *(key.expressions[0] for key in call.within)], node)
    if call.distinct and call.window is not None:
        raise Refusal("0A000", "DISTINCT is not implemented for window functions", place=place_of(node))
    if call.order and call.window is not None:
        raise Refusal("0A000", "aggregate ORDER BY is not implemented for window functions", place=place_of(node))
    return _aggregate(binder, call)


def _take_apart(binder: Binder, node: Node, scope: Scope) -> Call:
    inner, window, condition, within = node, None, None, []
    if isinstance(inner, exp.Window):
        window, inner = windows.window(binder, inner, scope), inner.this
    if isinstance(inner, exp.Filter):
        from helios_magic.engine.dialect.queries import boolean

        before, scope.clause = scope.clause, "FILTER"
        condition = boolean(binder, visit(binder, inner.expression.this, scope), "FILTER")
        scope.clause = before
        inner = inner.this
    if isinstance(inner, exp.WithinGroup):
        within = [sort_key(binder, ordered, scope) for ordered in inner.expression.expressions]
        inner = inner.this
    if isinstance(inner, exp.Dot) and name_of(inner.this) == "pg_catalog":
        inner = inner.expression
    if not isinstance(inner, exp.Anonymous):
        raise unsupported(f"{inner.key.upper()} with OVER or FILTER", place=place_of(node))
    call = Call(name_of(inner), node, window=window, filter=condition, within=within)
    if call.name not in NAMES:
        what = "OVER" if window is not None else "FILTER"
        if window is not None:
            message = f"OVER specified, but {call.name} is not a window function nor an aggregate function"
        else:
            message = f"{what} specified, but {call.name} is not an aggregate function"
        raise Refusal("42809", message, place=place_of(node))
    _check_place(call, scope)
    before = scope.clause
    if window is None and call.name != "grouping":
        scope.clause = "aggregate"
    _arguments(binder, call, inner.expressions, scope)
    scope.clause = before
    return call


def _check_place(call: Call, scope: Scope) -> None:
    """Aggregates and windows have no place in WHERE and its like, nor aggregates in aggregates."""
    clause, place = scope.clause, place_of(call.node)
    if not clause or call.name == "grouping":
        return
    if clause == "aggregate":
        inside = "contain window function calls" if call.window is not None else "be nested"
        raise Refusal("42803", f"aggregate function calls cannot {inside}", place=place)
    if call.window is not None:
        raise Refusal("42P20", f"window functions are not allowed in {clause}", place=place)
    if clause != "HAVING" and call.name not in windows.NAMES:
        raise Refusal("42803", f"aggregate functions are not allowed in {clause}", place=place)


def _arguments(binder: Binder, call: Call, expressions: list[Node], scope: Scope) -> None:
    for argument in expressions:
        if isinstance(argument, exp.Star):
            call.star = True
        elif isinstance(argument, exp.Distinct):
            call.distinct = True
            _arguments(binder, call, argument.expressions, scope)
        elif isinstance(argument, exp.Order):
            _arguments(binder, call, [argument.this], scope)
            call.order = [sort_key(binder, ordered, scope) for ordered in argument.expressions]
        else:
            call.arguments.append(visit(binder, argument, scope))


def sort_key(binder: Binder, ordered: Node, scope: Scope) -> Node:
    value = visit(binder, ordered.this, scope)
    if base_of(value) == "json":
        raise Refusal("42883", "could not identify an ordering operator for type json", place=place_of(ordered))
    if base_of(value) == "jsonb":
        value = sql("pg_json_order({0})", value, pg="bytea")
    descending = bool(ordered.args.get("desc"))
    first = bool(ordered.args.get("nulls_first"))
    return sql(f"{{0}}{' DESC' if descending else ''} NULLS {'FIRST' if first else 'LAST'}", value, pg=type_of(value))


def _has_arity(call: Call) -> bool:
    wanted = 2 if call.name in _FLOATS or call.name == "string_agg" or call.name.endswith("object_agg") else 1
    return len(call.arguments) == wanted or (call.name == "grouping" and bool(call.arguments))


def _count(binder: Binder, call: Call) -> Node:
    if call.star:
        if call.distinct:
            raise Refusal(SYNTAX, 'syntax error at or near "*"', place=place_of(call.node))
        return call.emit("count(*)", pg="int8")
    if not call.arguments:
        message = "count(*) must be used to call a parameterless aggregate function"
        raise Refusal("42809", message, place=place_of(call.node))
    if len(call.arguments) != 1:
        raise no_call("count", call.arguments, call.node)
    value = call.arguments[0]
    if value.meta.get("row"):
        value = _countable(call, value)
    value = coerce(binder, value, "text") if base_of(value) == UNKNOWN else value
    return call.emit("count(<d>{0})", documents.key(value) if call.distinct else value, pg="int8")


def _countable(call: Call, row: Node) -> Node:
    """A row as DuckDB counts it.  The row of a table may be one that an outer join made up, which does not count."""
    present = row.meta.get("present")
    if not row.meta.get("made") and present is None:
        raise unsupported("count of this row", place=place_of(call.node), hint="Count one of its columns.")
    members = [documents.key(part) for part in row.expressions]
    made = "row(" + ", ".join(f"{{{i}}}" for i in range(len(members))) + ")"
    if present is not None:
        made = f"CASE WHEN {{{present}}} IS NOT NULL THEN {made} END"
    return sql(made, *members, pg="record")


def _aggregate(binder: Binder, call: Call) -> Node:
    if call.name == "count":
        return _count(binder, call)
    if call.star or not _has_arity(call):
        raise no_call(call.name, call.arguments, call.node)
    value = call.arguments[0]
    kind = base_of(value)
    if call.name in ("sum", "avg") or call.name in _SPREAD:
        return _number(call, value, kind)
    if call.name == "grouping":
        slots = ", ".join(f"{{{i}}}" for i in range(len(call.arguments)))
        return sql("CAST({0} AS INTEGER)", call.emit(f"grouping({slots})", *call.arguments, pg="int8"), pg="int4")
    if call.name in ("min", "max", "any_value"):
        if call.name != "any_value" and kind in ("json", "jsonb", "bool", "uuid", "vector"):
            raise no_call(call.name, call.arguments, call.node)
        value, kind = (coerce(binder, value, "text"), "text") if kind in (UNKNOWN, "name") else (value, kind)
        one = call.emit(f"{call.name}({{0}})", value, pg="text" if kind == "varchar" else type_of(value))
        one.meta["exact_scale"] = kind == "numeric" and exact_scale(value)
        return one
    if call.name.startswith("bit_"):
        if kind not in INTEGERS:
            raise no_call(call.name, call.arguments, call.node)
        return call.emit(f"{call.name}(<d>{{0}})", value, pg=kind)
    if call.name in ("bool_and", "bool_or", "every"):
        if kind not in ("bool", UNKNOWN):
            raise no_call(call.name, call.arguments, call.node)
        name = "bool_or" if call.name == "bool_or" else "bool_and"
        return call.emit(f"{name}({{0}})", coerce(binder, value, "bool"), pg="bool")
    if call.name in _FLOATS:
        return _of_pairs(binder, call)
    return _collected(binder, call, value, kind)


def _of_pairs(binder: Binder, call: Call) -> Node:
    pair = [coerce(binder, a, "float8") for a in call.arguments]
    node = call.emit(f"{call.name}({{0}}, {{1}})", *pair, pg="float8")
    if call.name in ("corr", "regr_slope", "regr_intercept"):
        # Of values that do not vary there is none: NULL there, a NaN here.
        odd = call.emit("bool_or(NOT isfinite({0}) OR NOT isfinite({1}))", *pair, pg="bool")
        node = sql("CASE WHEN isnan({0}) AND NOT {1} THEN NULL ELSE {0} END", node, odd, pg="float8")
    return sql("CAST({0} AS BIGINT)", node, pg="int8") if call.name == "regr_count" else node


def _number(call: Call, value: Node, kind: str) -> Node:
    if kind == "vector" and call.name in ("sum", "avg"):
        return vectors.aggregate(call.name, call.emit("list(<d>CAST({0} AS FLOAT[]))", value, pg="vector[]"))
    if kind == "interval" and call.name in ("sum", "avg") and not call.distinct:
        sums = [call.emit(f"sum(pg_iv_{part}({{0}}))", value, pg="int8") for part in ("months", "days", "micro")]
        total = sql("(to_months(CAST({0} AS INTEGER)) + to_days(CAST({1} AS INTEGER))"
                    " + to_microseconds(CAST({2} AS BIGINT)))", *sums, pg="interval")  # fmt: skip
        if call.name == "sum":
            return total
        count = call.emit("count({0})", value, pg="int8")
        return sql("pg_interval_by({0}, nullif(CAST({1} AS DOUBLE), 0))", total, count, pg="interval")
    if kind not in NUMBERS:
        raise no_call(call.name, call.arguments, call.node)
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
        total.meta["exact_scale"] = kind == "int8" or exact_scale(value)
        return total
    count = call.emit("count(<d>{0})", value, pg="int8")
    if call.name == "avg":
        whole = sql("CAST({0} AS DECIMAL(38,0))", total, pg="numeric") if kind in INTEGERS else total
        whole.meta["exact_scale"] = kind in INTEGERS or exact_scale(value)
        return quotient(whole, sql("nullif({0}, 0)", count, pg="int8"))
    wide = "CAST({0} AS DECIMAL(19,0))" if kind in INTEGERS else "({0} * CAST(1 AS DECIMAL(19,0)))"
    squares = call.emit(f"sum(<d>{wide} * {{0}})", value, pg="numeric")
    return sql(
        f"CAST(CASE WHEN {{0}} > 0 THEN pg_statistic('{_SPREAD[call.name]}', {{0}}, "
        "CAST({1} AS VARCHAR), CAST({2} AS VARCHAR)) END AS DECIMAL(38,20))",
        count, total, squares, pg="numeric",
    )  # fmt: skip


def _joined(call: Call, parts: list[Node]) -> Node:
    """string_agg with a delimiter of each row's own, which stands before its value; the first has none."""
    if call.distinct:
        raise unsupported("string_agg(DISTINCT …) with a computed delimiter", place=place_of(call.node))
    pair = "CASE WHEN {0} IS NOT NULL THEN {{'value': {0}, 'with': coalesce({1}, '') || {0}}} END"
    listed = call.emit(f"list({pair})", *parts, pg="record", ordered=True)
    present = sql("list_filter({0}, lambda pg_pair: pg_pair IS NOT NULL)", listed, pg="record")
    piece = "CASE pg_at WHEN 1 THEN pg_pair['value'] ELSE pg_pair['with'] END"
    pieces = sql(f"list_transform({{0}}, lambda pg_pair, pg_at: {piece})", present, pg="text[]")
    return sql("CASE WHEN len({0}) > 0 THEN array_to_string({0}, '') END", pieces, pg="text")


def _collected(binder: Binder, call: Call, value: Node, kind: str) -> Node:
    from helios_magic.engine.dialect.jsonaggregates import collect

    if call.distinct and not call.order:
        call.order = [sql("{0} ASC NULLS LAST", value.copy(), pg=type_of(value))]  # as PostgreSQL's sort leaves them
    if call.name == "string_agg":
        if kind not in (*STRINGS, UNKNOWN) or base_of(call.arguments[1]) not in (*STRINGS, UNKNOWN):
            if {kind, base_of(call.arguments[1])} <= {"bytea", UNKNOWN}:
                raise unsupported("string_agg of bytea", place=place_of(call.node))
            raise no_call(call.name, call.arguments, call.node)
        if is_null(call.arguments[1]):
            call.arguments[1] = sql("''", pg="text")
        if call.distinct and not call.order:
            call.order = [sql("{0}", coerce(binder, value, "text"), pg="text")]
        parts = [coerce(binder, part, "text") for part in call.arguments]
        if parts[1].find(exp.Column, exp.Query) is not None:
            return _joined(call, parts)
        return call.emit("string_agg(<d>{0}, {1})", *parts, pg="text", ordered=True)
    if call.name == "array_agg":
        if value.meta.get("row"):
            raise unsupported("array_agg of rows", place=place_of(call.node))
        value = coerce(binder, value, "text") if kind == UNKNOWN else value
        if call.distinct and not call.order:
            # PostgreSQL sorts to find what is the same, and leaves it sorted.
            call.order = [sql("{0} ASC NULLS LAST", value, pg=type_of(value))]
        return call.emit("array_agg(<d>{0})", value, pg=base_of(value) + "[]", ordered=True)
    return collect(binder, call, value)
