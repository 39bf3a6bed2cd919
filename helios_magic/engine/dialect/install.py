"""What the engine puts into each instance once, for rewritten statements to call."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helios_magic.engine.dialect import functions, macros, numericfunctions, temporalfunctions

if TYPE_CHECKING:
    import duckdb


_LATER = "\n\n".join((temporalfunctions.MACROS.strip(), numericfunctions.MACROS.strip()))
FUNCTIONS = (*functions.FUNCTIONS, *temporalfunctions.FUNCTIONS, *numericfunctions.FUNCTIONS)
MACROS = (*macros.MACROS, *(f"CREATE OR REPLACE MACRO {text}" for text in _LATER.split("\n\n")))


def _nothing_for_null(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def strict(*values: Any) -> Any:
        return None if any(value is None for value in values) else function(*values)

    return strict


def _unannotated(function: Callable[..., Any]) -> Callable[..., Any]:
    """DuckDB would evaluate the annotations, which name types that are imported for type checkers only."""

    def vectors(*sides):  # type: ignore[no-untyped-def]
        return function(*sides)

    return vectors


#: DuckDB keeps no reference to what it calls: a function that nobody else holds is freed under it, and it crashes.
_KEPT = {f.name: _unannotated(f.function) if f.vectors else _nothing_for_null(f.function) for f in FUNCTIONS}


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Register the functions and macros; the connection's own database (memory.main) keeps the macros."""
    import duckdb

    for function in FUNCTIONS:
        connection.create_function(  # type: ignore[call-overload]
            function.name,
            _KEPT[function.name],
            None if function.parameters is None else [duckdb.sqltype(kind) for kind in function.parameters],
            duckdb.sqltype(function.returns),
            type="arrow" if function.vectors else "native",
            null_handling="special",  # else DuckDB refuses a function that answers NULL
        )
    for macro in MACROS:
        connection.execute(macro)
