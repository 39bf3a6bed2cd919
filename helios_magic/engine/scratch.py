"""A scratch DuckDB: statements run in it, plain and unchanged, and leave nothing."""

from __future__ import annotations

from collections.abc import Sequence


def run_in_scratch(statements: Sequence[str]) -> None:
    """Run statements in an empty DuckDB in memory, in their order; raises DuckDB's own error."""
    import duckdb

    connection = duckdb.connect(
        ":memory:", config={"enable_external_access": "false", "threads": "1", "lock_configuration": "true"}
    )
    try:
        connection.execute("BEGIN")
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()
