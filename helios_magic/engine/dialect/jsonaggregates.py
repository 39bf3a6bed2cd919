"""json_agg, jsonb_agg, json_object_agg and their kin: lists of texts, joined; NULL for no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal, unsupported
from helios_magic.engine.dialect.jsonvalues import json_text, key_text
from helios_magic.engine.dialect.pgtypes import is_array
from helios_magic.engine.dialect.typed import Node, base_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.aggregates import Call
    from helios_magic.engine.dialect.queries import Binder


def collect(binder: Binder, call: Call, value: Node) -> Node:
    """Resolve one of these aggregates."""
    target = call.name.split("_")[0]
    kept = call.arguments[-1] if call.name.endswith("_strict") else None
    if kept is not None:
        condition = sql("({0} IS NOT NULL)", kept.copy(), pg="bool")
        call.filter = condition if call.filter is None else sql("({0} AND {1})", call.filter, condition, pg="bool")
    if "_object_agg" in call.name:
        return _members(binder, call, value, target)
    if len(call.arguments) != 1:
        raise Refusal(UNDEFINED_FUNCTION, f"{call.name} takes one argument", place=place_of(call.node))
    if call.distinct:
        return _distinct(binder, call, value, target)
    text = json_text(binder, value, target)
    apart = target == "json" and (value.meta.get("row") or is_array(base_of(value)))
    if apart:
        # Rows and arrays stand on lines of their own.
        text = sql("chr(10) || ' ' || {0}", text, pg="text")
    listed = call.emit("list(coalesce({0}, 'null'))", text, pg="text[]", ordered=True)
    joined = "array_to_string({0}, ', ')"
    if apart:
        joined = f"ltrim({joined}, chr(10) || ' ')"
    return sql(f"CAST('[' || {joined} || ']' AS JSON)", listed, pg=target)


def _distinct(binder: Binder, call: Call, value: Node, target: str) -> Node:
    if value.meta.get("row") or base_of(value) in ("json", "jsonb"):
        raise unsupported(f"{call.name}(DISTINCT …) of rows or json", place=place_of(call.node))
    listed = call.emit("list(<d>{0})", value, pg=base_of(value) + "[]", ordered=True)
    if value.meta.get("exact_scale"):
        listed.meta["exact_scale"] = True
    text = json_text(binder, listed, "jsonb")
    return sql("CAST({0} AS JSON)", text, pg=target)


def _members(binder: Binder, call: Call, key: Node, target: str) -> Node:
    if len(call.arguments) != 2 or call.distinct:
        raise unsupported(f"this {call.name}", place=place_of(call.node))
    jsonb = target == "jsonb"
    refusal = "[22023] field name must not be null" if jsonb else "[22004] null value not allowed for object key"
    parts = [key_text(binder, key, refusal), json_text(binder, call.arguments[1], target)]
    colon = ": " if jsonb else " : "
    listed = call.emit(f"list({{0}} || '{colon}' || coalesce({{1}}, 'null'))", *parts, pg="text[]", ordered=True)
    if jsonb:
        return sql("CAST(pg_jsonb('{{' || array_to_string({0}, ', ') || '}}') AS JSON)", listed, pg=target)
    return sql("CAST('{{ ' || array_to_string({0}, ', ') || ' }}' AS JSON)", listed, pg=target)
