"""What a statement's plan really did, from DuckDB's profile of the cursor's last statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import duckdb


class Operator(msgspec.Struct):
    """One operator; DuckDB leaves out what an operator does not have."""

    type: str
    timing: float = 0.0
    rows_scanned: int = 0
    intermediate_rows: int = 0
    extra_info: dict[str, Any] = {}
    children: list[Operator] = []


class _Query(msgspec.Struct):
    total_rows_scanned: int = 0


class _Profile(msgspec.Struct):
    operator: list[Operator] = []
    query: _Query = msgspec.field(default_factory=_Query)


_DECODER = msgspec.json.Decoder(_Profile)


def operators(cursor: duckdb.DuckDBPyConnection) -> list[Operator]:
    """The operators of the last statement's plan, the root first; empty where DuckDB made no plan."""
    return decode(cursor.get_profiling_information("json"))


def decode(profile: str) -> list[Operator]:
    """The operators of a profile as DuckDB writes it, whether of a cursor or of EXPLAIN ANALYZE."""
    return _DECODER.decode(profile).operator


def rows_examined(cursor: duckdb.DuckDBPyConnection) -> int:
    """Rows that the last statement's scans read."""
    return sum(scanned(operator) for operator in operators(cursor))


def rows_scanned(cursor: duckdb.DuckDBPyConnection) -> int:
    """As `rows_examined`, of a cursor that counts in sum: right where no table is read twice."""
    return _DECODER.decode(cursor.get_profiling_information("json")).query.total_rows_scanned


def scanned(operator: Operator) -> int:
    """Rows that the scans below an operator read, each once.

    Under ORDER BY … LIMIT DuckDB reads the other columns of the chosen rows in a second scan of the same table, joined
    by row number; those are the same rows, so only the scan that chose them counts.
    """
    children = operator.children[1:] if _fetches_more_columns(operator) else operator.children
    return operator.rows_scanned + sum(scanned(child) for child in children)


def _fetches_more_columns(operator: Operator) -> bool:
    if operator.type != "HASH_JOIN" or len(operator.children) != 2:
        return False
    info, again = operator.extra_info, operator.children[0]
    return (
        info.get("Join Type") == "SEMI"
        and info.get("Conditions") == "rowid = rowid"
        and not again.children
        and again.extra_info.get("Table") in _tables(operator.children[1])
    )


def _tables(operator: Operator) -> set[Any]:
    return {operator.extra_info.get("Table")}.union(*map(_tables, operator.children))
