"""The column that a request about vectors names, and the vector that is compared with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from helios_magic.engine.rules import nearest
from helios_magic.errors import NotFoundError, ValidationError
from helios_magic.schema import Column, Schema, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from helios_magic.engine.face import Search

_SIZED = re.compile(r"vector\((\d+)\)")


def vector_column(schema: Schema, table: str, column: str) -> tuple[Table, Column, int]:
    """The table, its vector column and how long its vectors are.

    Raises `NotFoundError` for what there is not, naming the nearest, and `ValidationError` for a column of no
    vectors, or of vectors of any length.
    """
    found = find_table(schema, table)
    named = found.column(column)
    if named is None:
        known = [each.name for each in found.columns]
        raise NotFoundError(
            f"the table “{table}” has no column “{column}”",
            hint=nearest(column, known) or f"Its columns are {', '.join(known)}.",
            details={"resource": "column", "table": table, "column": column},
        )
    sized = _SIZED.fullmatch(named.type)
    if sized is None:
        vectors = [each.name for each in found.columns if _SIZED.fullmatch(each.type)]
        raise ValidationError(
            f"the column “{column}” of “{table}” has the type {named.type}, not vector(n)",
            hint=f"Its vectors are in {', '.join(vectors)}." if vectors else "Add a column of the type vector(n).",
            details={"field": "embedding_column", "expected": "vector(n)", "got": named.type},
        )
    return found, named, int(sized[1])


def checked_query(order: Search, dimensions: int) -> NDArray[np.float32]:
    """The query as float32; raises `ValidationError` for one that cannot be compared with the column."""
    import numpy as np

    given = np.asarray(order.vector, dtype=np.float64)
    if given.shape != (dimensions,):
        raise ValidationError(
            f"the query has {given.size} dimensions, “{order.column}” of “{order.table}” has {dimensions}",
            hint="Embed the query with the model that made the column's vectors.",
            details={"field": "vector", "expected": dimensions, "got": int(given.size)},
        )
    with np.errstate(over="ignore"):
        query = given.astype(np.float32)
    if not np.isfinite(query).all():
        raise ValidationError(
            "the query has a number that is not finite, or that a float4 cannot hold",
            hint="Leave out NaN, Infinity and numbers above 3.4e38.",
            details={"field": "vector", "expected": "finite numbers", "got": "NaN or infinite"},
        )
    if order.metric == "cosine" and not query.any():
        raise ValidationError(
            "a query of zeros has no direction, so it has no cosine with anything",
            hint="Search by l2 or inner_product, or ask with another vector.",
            details={"field": "vector", "expected": "a vector that is not zero", "got": "zeros"},
        )
    return query


def find_table(schema: Schema, name: str) -> Table:
    """A table by its name, or by its schema's and its own."""
    space, _, rest = name.rpartition(".")
    table = schema.table(name) or (schema.table(rest, space) if space else None)
    if table is None:
        known = [each.label for each in schema.tables]
        raise NotFoundError(
            f"there is no table “{name}”",
            hint=nearest(name, known) or "GET /schema lists the tables.",
            details={"resource": "table", "table": name},
        )
    return table
