"""Finding the column that a request about vectors names."""

from __future__ import annotations

import re

from helios_magic.engine.rules import nearest
from helios_magic.errors import NotFoundError, ValidationError
from helios_magic.schema import Column, Schema, Table

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
