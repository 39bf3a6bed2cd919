"""enum_first, enum_last and enum_range: the labels of a type, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect.failures import UNDEFINED_FUNCTION, Refusal
from helios_magic.engine.dialect.pgtypes import UNKNOWN, duckdb_type
from helios_magic.engine.dialect.typed import Node, base_of, literal, name_of, place_of, sql

if TYPE_CHECKING:
    from helios_magic.engine.dialect.queries import Binder


def call(binder: Binder, node: Node, arguments: list[Node]) -> Node:
    """One of the three; their arguments tell the type, and the bounds of a range."""
    name = name_of(node)
    known = {enum.name: enum for enum in binder.schema.enums}
    kind = next((base_of(value) for value in arguments if base_of(value) in known), None)
    count = (1, 2) if name == "enum_range" else (1,)
    if kind is None or len(arguments) not in count or not {base_of(a) for a in arguments} <= {kind, UNKNOWN}:
        told = ", ".join(base_of(value) for value in arguments)
        raise Refusal(UNDEFINED_FUNCTION, f"function {name}({told}) does not exist", place=place_of(node))
    carrier, labels = duckdb_type(kind, binder.enums), known[kind].labels
    if name != "enum_range":
        label = labels[0] if name == "enum_first" else labels[-1]
        return sql(f"CAST({_braced(literal(label))} AS {carrier})", pg=kind)
    listed = _braced(", ".join(map(literal, labels)))
    every = f"CAST([{listed}] AS {carrier}[])"
    if len(arguments) == 1:
        return sql(every, pg=f"{kind}[]")
    low, high = (f"CAST({{{at}}} AS {carrier})" for at in range(2))
    within = f"({low} IS NULL OR e >= {low}) AND ({high} IS NULL OR e <= {high})"
    return sql(f"list_filter({every}, lambda e: {within})", *arguments, pg=f"{kind}[]")


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


FUNCTIONS = dict.fromkeys(("enum_first", "enum_last", "enum_range"), call)
