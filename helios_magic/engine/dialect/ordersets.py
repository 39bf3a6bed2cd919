"""WITHIN GROUP: percentiles, mode, and the rank that a row would have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect.conversion import coerce
from helios_magic.engine.dialect.failures import Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import NUMBERS, UNKNOWN, element, is_array
from helios_magic.engine.dialect.temporal import no_call
from helios_magic.engine.dialect.typed import Node, base_of, place_of, sql, type_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.aggregates import Call
    from helios_magic.engine.dialect.queries import Binder

NAMES = frozenset({"percentile_cont", "percentile_disc", "mode"})
HYPOTHETICAL = frozenset({"rank", "dense_rank", "percent_rank", "cume_dist"})


def ordered_set(binder: Binder, call: Call) -> Node:
    """percentile_cont, percentile_disc and mode."""
    if len(call.within) != 1:
        raise no_call(call.name, call.arguments, call.node)
    key = call.within[0]
    value = key.expressions[0]
    if call.name == "mode" and not call.arguments:
        return call.emit("mode({0} ORDER BY {1})", value, key, pg=type_of(value))
    if call.name == "mode" or len(call.arguments) != 1:
        raise no_call(call.name, [*call.arguments, value], call.node)
    given = call.arguments[0]
    listed = is_array(base_of(given))
    if (element(base_of(given)) if listed else base_of(given)) not in (*NUMBERS, UNKNOWN):
        raise no_call(call.name, [given, value], call.node)
    fraction = coerce(binder, given, "float8[]" if listed else "float8")
    if call.name == "percentile_cont":
        if base_of(value) == "interval":
            raise unsupported("percentile_cont of intervals", place=place_of(call.node))
        value = coerce(binder, value, "float8")
    order = "DESC" if " DESC" in str(key.args["template"]) else "ASC"
    kind = "float8" if call.name == "percentile_cont" else type_of(value)
    name = "quantile_cont" if call.name == "percentile_cont" else "quantile_disc"
    return call.emit(f"{name}({{0}}, {{1}} ORDER BY {{0}} {order})", value, fraction, pg=kind + "[]" * listed)


def hypothetical(binder: Binder, call: Call) -> Node:
    """rank(value) WITHIN GROUP (ORDER BY key): the rank that a row of this value would get."""
    if len(call.within) != 1 or len(call.arguments) != 1:
        raise unsupported(f"{call.name} WITHIN GROUP of several keys", place=place_of(call.node))
    key = call.within[0]
    template, value = str(key.args["template"]), key.expressions[0]
    given = coerce(binder, call.arguments[0], type_of(value))
    sign = ">" if " DESC" in template else "<"
    before = f"{{0}} {sign} {{1}}" + (" OR {0} IS NULL" if "NULLS FIRST" in template else "")
    if call.name == "cume_dist":
        before = f"{{0}} {sign}= {{1}}" + (" OR {0} IS NULL" if "NULLS FIRST" in template else "")
    counted = call.emit(f"count(CASE WHEN {before} THEN 1 END)", value, given, pg="int8")
    if call.name == "rank":
        return sql("({0} + 1)", counted, pg="int8")
    if call.name == "dense_rank":
        if "NULLS FIRST" in template:
            raise unsupported("dense_rank WITHIN GROUP with NULLS FIRST", place=place_of(call.node))
        distinct = call.emit(f"count(DISTINCT CASE WHEN {before} THEN {{0}} END)", value, given, pg="int8")
        return sql("({0} + 1)", distinct, pg="int8")
    every = call.emit("count(*)", pg="int8")
    if call.name == "percent_rank":
        return sql("coalesce(CAST({0} AS DOUBLE) / nullif({1}, 0), 0.0)", counted, every, pg="float8")
    return sql("((CAST({0} AS DOUBLE) + 1) / ({1} + 1))", counted, every, pg="float8")


def check_fraction(call: Call) -> None:
    """A literal fraction outside of 0 … 1 is 22003."""
    from decimal import Decimal, InvalidOperation

    text = str(call.arguments[0].args.get("template", "")) if call.arguments else ""
    number = text.split("'")[1] if text.startswith("CAST('") else ""
    try:
        outside = bool(number) and not 0 <= Decimal(number) <= 1
    except InvalidOperation:
        return
    if outside:
        raise Refusal("22003", f"percentile value {number} is not between 0 and 1")
