"""A scratch DuckDB: statements run in it, plain and unchanged, and leave nothing."""

from __future__ import annotations

from collections.abc import Sequence

#: No threads but the caller's: to start DuckDB's eight for input and output takes longer than the statements do.
_ALONE: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "threads": 1,
    "async_threads": 0,
    "lock_configuration": True,
}


def run_in_scratch(statements: Sequence[str]) -> None:
    """Run statements in an empty DuckDB in memory, in their order; raises DuckDB's own error."""
    import duckdb

    connection = duckdb.connect(":memory:", config=_ALONE)
    try:
        connection.execute("BEGIN")
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()
