"""How much of a branch's file its tables take."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from helios_magic.engine.names import literal, place
from helios_magic.schema import Table

_BLOCK = 262_144
"""Bytes of DuckDB's blocks; small tables share one."""
_AT_ONCE = 50
"""Tables asked about in one query."""
_WIDTHS = {
    "VALIDITY": 0.125, "BOOLEAN": 1, "TINYINT": 1, "SMALLINT": 2, "INTEGER": 4, "DATE": 4, "FLOAT": 4,
    "VARCHAR": 20, "BLOB": 20, "HUGEINT": 16, "UUID": 16, "INTERVAL": 16,
}  # fmt: skip
"""Bytes of a value; of a text, those of a short one."""
Ask = Callable[[str], list[tuple[Any, ...]]]


def table_bytes(ask: Ask, tables: Iterable[Table]) -> dict[tuple[str, str], int]:
    """Bytes of each table by schema and name: its part of every block that holds some of it, without indexes.

    Rows that are in the log still count with the width of their types, until a checkpoint gives them blocks.
    """
    listed = list(tables)
    held: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    logged: Counter[tuple[str, str]] = Counter()
    for at in range(0, len(listed), _AT_ONCE):
        for number, block, more, kind, rows in ask(_query(listed[at : at + _AT_ONCE])):
            key = (listed[at + number].schema, listed[at + number].name)
            if rows:
                logged[key] += round(rows * _WIDTHS.get(kind.partition("(")[0], 8))
            held[key] += [each for each in (block, *(more or ())) if each is not None and each >= 0]
    sharing = Counter(block for blocks in held.values() for block in blocks)
    return {key: logged[key] + round(sum(_BLOCK / sharing[block] for block in held[key])) for key in map(_key, listed)}


def _key(table: Table) -> tuple[str, str]:
    return table.schema, table.name


def _query(tables: list[Table]) -> str:
    return " UNION ALL ".join(
        f"SELECT {number}, block_id, additional_block_ids, segment_type, CASE WHEN NOT persistent THEN count END "
        f"FROM pragma_storage_info({literal(place(table))})"
        for number, table in enumerate(tables)
    )
