"""What the engine puts into each instance once, for rewritten statements to call."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helios_magic.engine.dialect import division
from helios_magic.engine.dialect.functions import FUNCTIONS
from helios_magic.engine.dialect.macros import MACROS

if TYPE_CHECKING:
    import duckdb


def _nothing_for_null(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def strict(*values: Any) -> Any:
        return None if any(value is None for value in values) else function(*values)

    return strict


#: DuckDB keeps no reference to what it calls: a function that nobody else holds is freed under it, and it crashes.
_KEPT = {function.name: _nothing_for_null(function.function) for function in FUNCTIONS}


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Register the functions and macros; the connection's own database (memory.main) keeps the macros."""
    import duckdb

    for function in FUNCTIONS:
        connection.create_function(  # type: ignore[call-overload]
            function.name,
            _KEPT[function.name],
            [duckdb.sqltype(kind) for kind in function.parameters],
            duckdb.sqltype(function.returns),
            null_handling="special",  # else DuckDB refuses a function that answers NULL
        )
    for macro in (*MACROS, *division.MACROS):
        connection.execute(macro)
