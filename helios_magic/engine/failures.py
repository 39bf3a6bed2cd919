"""DuckDB's errors as PostgreSQL would have said them: SQLSTATE, wording, place in the user's own text, a hint.

File paths, aliases and names of our own never appear in a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.errors import ApiError, QueryError
from helios_magic.schema import Schema

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Failing:
    """What failed: the user's text and the structure it was run against."""

    query: str
    schema: Schema


def translate(error: duckdb.Error, failing: Failing) -> ApiError:

    return QueryError(str(error), details={"sqlstate": "XX000"})
