"""Rows of a catalogue as DuckDB text: one list per column, taken apart side by side.

DuckDB reads lists from JSON in a tenth of the time that it takes to plan as many VALUES.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from helios_magic.engine.dialect.pgtypes import duckdb_type
from helios_magic.engine.dialect.typed import literal, quoted

Row = Mapping[str, Any]


def table(columns: Sequence[tuple[str, str]], rows: Sequence[Row]) -> str:
    """`(SELECT … )` with the columns (name, PostgreSQL type) of every row; what a row does not name is NULL."""
    if not rows:
        nothing = ", ".join(f"CAST(NULL AS {duckdb_type(kind)}) AS {quoted(name)}" for name, kind in columns)
        return f"(SELECT {nothing} WHERE false)"
    listed = ", ".join(
        f"{_column([row.get(name) for row in rows], duckdb_type(kind), lists=not at)} AS {quoted(name)}"
        for at, (name, kind) in enumerate(columns)
    )
    return f"(SELECT {listed})"


def _column(values: list[Any], kind: str, *, lists: bool) -> str:
    """The values as a list that is taken apart; where all are the same, the value alone will do."""
    first = values[0]
    if not lists and not isinstance(first, list) and all(value == first for value in values):
        return constant(first, kind)
    return f"unnest({array(values, kind)})"


def array(values: Sequence[Any], kind: str) -> str:
    """A list of DuckDB's type `kind[]`."""
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return f"from_json({literal(text)}, {literal(json.dumps([kind]))})"


def constant(value: Any, kind: str) -> str:
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"CAST({value if isinstance(value, int | float) else literal(str(value))} AS {kind})"


def lookup(pairs: Mapping[int, Any] | Mapping[str, Any], key_kind: str, kind: str, slot: str = "{0}") -> str:
    """DuckDB text (a template) that answers the value of a key; NULL for a key that is not there."""
    if not pairs:
        return f"CASE WHEN {slot} IS NULL THEN NULL ELSE CAST(NULL AS {kind}) END"
    keys, values = array(list(pairs), key_kind), array(list(pairs.values()), kind)
    return f"map_extract_value(map({escaped(keys)}, {escaped(values)}), {slot})"


def escaped(text: str) -> str:
    """DuckDB text for a template, where braces are holes."""
    return text.replace("{", "{{").replace("}", "}}")
