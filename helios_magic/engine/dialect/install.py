"""What the engine puts into each instance once, for rewritten statements to call."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from helios_magic.engine.dialect import known_lists, known_texts, numericfunctions, temporalfunctions, vectorfunctions
from helios_magic.engine.dialect.bytestrings import BYTE_FUNCTIONS
from helios_magic.engine.dialect.datetemplates import DATE_FUNCTIONS
from helios_magic.engine.dialect.functions import FUNCTIONS as GENERAL
from helios_magic.engine.dialect.functions import Function
from helios_magic.engine.dialect.jsonediting import JSON_FUNCTIONS
from helios_magic.engine.dialect.jsonpathruns import PATH_FUNCTIONS
from helios_magic.engine.dialect.macros import MACROS
from helios_magic.engine.dialect.numbertemplates import NUMBER_FUNCTIONS
from helios_magic.engine.dialect.regexfunctions import REGEX_FUNCTIONS
from helios_magic.engine.dialect.textfunctions import TEXT_FUNCTIONS

if TYPE_CHECKING:
    import duckdb


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


_BY_SUBJECT = (*TEXT_FUNCTIONS, *BYTE_FUNCTIONS, *REGEX_FUNCTIONS, *JSON_FUNCTIONS, *PATH_FUNCTIONS,
               *NUMBER_FUNCTIONS, *DATE_FUNCTIONS)  # fmt: skip
_NUMBERS_AND_TIMES = (*temporalfunctions.FUNCTIONS, *numericfunctions.FUNCTIONS, *vectorfunctions.FUNCTIONS)
FUNCTIONS = (*GENERAL, *_NUMBERS_AND_TIMES, *(Function(*function) for function in _BY_SUBJECT))
_SUBJECTS = (known_texts.MACROS, known_lists.MACROS, temporalfunctions.MACROS, numericfunctions.MACROS,
             vectorfunctions.MACROS)  # fmt: skip
_MACROS_BY_SUBJECT = tuple(macro for subject in _SUBJECTS for macro in subject.strip().split("\n\n"))

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
    for macro in (*MACROS, *(f"CREATE OR REPLACE MACRO {text}" for text in _MACROS_BY_SUBJECT)):
        connection.execute(macro)
