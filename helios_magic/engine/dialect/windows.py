"""Windows: OVER (…), named ones and what extends them, frames with every bound, and the functions of windows only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from helios_magic.engine.dialect import documents
from helios_magic.engine.dialect.conversion import coerce, common_type
from helios_magic.engine.dialect.expressions import visit
from helios_magic.engine.dialect.failures import SYNTAX, Refusal, unsupported
from helios_magic.engine.dialect.pgtypes import INTEGERS, NUMBERS, TIMES, UNKNOWN, base, duckdb_type, long_name
from helios_magic.engine.dialect.scope import Scope
from helios_magic.engine.dialect.typed import Node, base_of, constant_int, name_of, place_of, sql, type_of

if TYPE_CHECKING:
    from helios_magic.engine.dialect.aggregates import Call
    from helios_magic.engine.dialect.queries import Binder

NAMES = {
    "row_number": "int8", "rank": "int8", "dense_rank": "int8", "percent_rank": "float8", "cume_dist": "float8",
    "ntile": "int4", "lag": "same", "lead": "same", "first_value": "same", "last_value": "same", "nth_value": "same",
}  # fmt: skip


@dataclass(slots=True)
class _Shape:
    partition: list[Node]
    order: list[Node]
    frame: Node | None


def window(binder: Binder, node: exp.Window, scope: Scope) -> tuple[str, list[Node]]:
    """What stands between the brackets of OVER, with holes, and the resolved parts that fill them."""
    from helios_magic.engine.dialect.aggregates import sort_key

    shape = _shape(node, scope)
    keys: list[Node] = []
    parts: list[str] = []
    partition = [documents.key(visit(binder, key.copy(), scope)) for key in shape.partition]
    if partition:
        parts.append("PARTITION BY " + ", ".join(f"{{{len(keys) + i}}}" for i in range(len(partition))))
        keys += partition
    ordered = [sort_key(binder, key.copy(), scope) for key in shape.order]
    if ordered:
        parts.append("ORDER BY " + ", ".join(f"{{{len(keys) + i}}}" for i in range(len(ordered))))
        keys += ordered
    if shape.frame is not None:
        parts.append(_frame(binder, shape.frame, scope, keys, ordered))
    return " ".join(parts), keys


def _shape(node: Any, scope: Scope, seen: tuple[str, ...] = ()) -> _Shape:
    """The window's own clauses, and those of the window that it names."""
    order = node.args.get("order")
    own = _Shape(
        list(node.args.get("partition_by") or ()), list(order.expressions) if order else [], node.args.get("spec")
    )
    alias = node.args.get("alias")
    if alias is None:
        return own
    name = name_of(alias)
    named = scope.windows.get(name)
    if named is None or name in seen:
        raise Refusal("42704", f'window "{name}" does not exist', place=place_of(alias))
    found = _shape(named, scope, (*seen, name))
    if own.partition:
        raise Refusal("42P20", f'cannot override PARTITION BY clause of window "{name}"')
    if own.order and found.order:
        raise Refusal("42P20", f'cannot override ORDER BY clause of window "{name}"')
    if found.frame is not None and (own.order or own.frame is not None):
        message = f'cannot copy window "{name}" because it has a frame clause'
        raise Refusal("42P20", message)
    return _Shape(found.partition, own.order or found.order, own.frame if own.frame is not None else found.frame)


_RANKS = {"UNBOUNDED PRECEDING": 0, "PRECEDING": 1, "CURRENT ROW": 2, "FOLLOWING": 3, "UNBOUNDED FOLLOWING": 4}


def _frame(binder: Binder, spec: Node, scope: Scope, keys: list[Node], ordered: list[Node]) -> str:
    kind = str(spec.args.get("kind") or "RANGE").upper()
    if kind == "GROUPS" and not ordered:
        raise Refusal("42P20", "GROUPS mode requires an ORDER BY clause", place=place_of(spec))

    def edge(which: str) -> str:
        value, side = spec.args.get(which), str(spec.args.get(f"{which}_side") or "").upper()
        if isinstance(value, str):
            return f"{value.upper()} {side}".strip()
        if value is None:
            raise Refusal(SYNTAX, "syntax error in a window frame", place=place_of(spec))
        resolved = visit(binder, value.copy(), scope)
        number = constant_int(value)
        if number is not None and number < 0:
            word = "starting" if which == "start" else "ending"
            raise Refusal("22013", f"frame {word} offset must not be negative")
        keys.append(_offset(binder, resolved, kind, ordered, spec))
        return f"{{{len(keys) - 1}}} {side}"

    excluded = spec.args.get("exclude")
    exclude = f" EXCLUDE {excluded.name.upper()}" if excluded is not None else ""
    start = edge("start")
    if spec.args.get("end") is None:
        return f"{kind} BETWEEN {start} AND CURRENT ROW{exclude}"
    end = edge("end")
    _check_order(start, end)
    return f"{kind} BETWEEN {start} AND {end}{exclude}"


def _check_order(start: str, end: str) -> None:
    first, last = (_RANKS[bound.partition("} ")[2] or bound] for bound in (start, end))
    if first == 4:
        raise Refusal("42P20", "frame start cannot be UNBOUNDED FOLLOWING")
    if last == 0:
        raise Refusal("42P20", "frame end cannot be UNBOUNDED PRECEDING")
    if first > last and first == 3:
        rows = "current row" if last == 2 else "preceding rows"
        what = "end with current row" if last == 2 else f"have {rows}"
        raise Refusal("42P20", f"frame starting from following row cannot {what}")
    if first > last:
        raise Refusal("42P20", "frame starting from current row cannot have preceding rows")


def _offset(binder: Binder, value: Node, kind: str, ordered: list[Node], spec: Node) -> Node:
    if kind != "RANGE":
        if base_of(value) not in (*INTEGERS, UNKNOWN):
            raise Refusal("42804", f"argument of {kind} must be type bigint, not type {base_of(value)}")
        return coerce(binder, value, "int8")
    if len(ordered) != 1:
        message = "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column"
        raise Refusal("42P20", message, place=place_of(spec))
    key = base_of(ordered[0])
    if key in (*TIMES, "time", "interval"):
        return coerce(binder, value, "interval")
    if key in INTEGERS and base_of(value) not in (*INTEGERS, UNKNOWN):
        kinds = f"column type {long_name(key)} and offset type {long_name(base_of(value))}"
        message = f"RANGE with offset PRECEDING/FOLLOWING is not supported for {kinds}"
        raise Refusal("0A000", message, place=place_of(value), hint="Cast the offset value to an appropriate type.")
    if key in NUMBERS and base_of(value) in (*NUMBERS, UNKNOWN):
        return sql(f"CAST({{0}} AS {duckdb_type(type_of(ordered[0]))})", value, pg=key)
    raise unsupported("this window frame", place=place_of(spec))


def window_function(binder: Binder, call: Call) -> Node:
    """row_number, lag, nth_value and their like, which need a window."""
    if call.window is None:
        message = f"window function {call.name} requires an OVER clause"
        raise Refusal("42809", message, place=place_of(call.node))
    arguments = [
        coerce(binder, a, "text") if base_of(a) == UNKNOWN and i == 0 else a for i, a in enumerate(call.arguments)
    ]
    if call.name == "nth_value" and len(arguments) == 2:
        number = constant_int(call.arguments[1])
        if number is not None and number < 1:
            raise Refusal("22016", "argument of nth_value must be greater than zero")
    buckets = constant_int(arguments[0]) if call.name == "ntile" and arguments else None
    if buckets is not None and buckets < 1:
        raise Refusal("22014", "argument of ntile must be greater than zero")
    result = NAMES[call.name]
    kind = type_of(arguments[0]) if result == "same" and arguments else result
    if call.name in ("lag", "lead") and len(arguments) == 3:
        kind = common_type([kind, type_of(arguments[2])], call.name.upper())
        if base(kind) != base_of(arguments[0]):
            arguments[0] = coerce(binder, arguments[0], kind)
        arguments[2] = coerce(binder, arguments[2], kind)
        if base(kind) == "numeric":
            # DuckDB gives the default the scale of the value.
            for position in (0, 2):
                arguments[position] = sql("CAST({0} AS DECIMAL(38,20))", arguments[position], pg="numeric")
    slots = ", ".join(f"{{{i}}}" for i in range(len(arguments)))
    node = call.emit(f"{call.name}({slots})", *arguments, pg=kind)
    return sql("CAST({0} AS INTEGER)", node, pg="int4") if call.name == "ntile" else node
