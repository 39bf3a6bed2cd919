"""The embedding space that a branch records of a column: by the column's identity, so that it follows renames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.names import place, quoted
from helios_magic.engine.vectors.columns import vector_column
from helios_magic.errors import ValidationError
from helios_magic.models.spaces import Space

if TYPE_CHECKING:
    from helios_magic.engine.execute import Work


def space_of(work: Work, table: str, column: str) -> Space | None:
    """The recorded space of a vector column; None where nobody said."""
    _, named, _ = vector_column(work.schema()[1], table, column)
    return _recorded(work, named.id)


def record(work: Work, table: str, column: str, space: Space) -> None:
    """Record the space of a vector column, within the transaction of `work`.

    Raises `ValidationError` where the column is of another length, or holds vectors of another space.
    """
    found, named, dimensions = vector_column(work.schema()[1], table, column)
    if space.dimensions != dimensions:
        raise ValidationError(
            f"the column “{column}” of “{table}” holds {dimensions} dimensions, {space.model} gives {space.dimensions}",
            hint=f"Declare it vector({space.dimensions}), or choose a model of {dimensions} dimensions.",
            details={"field": "embedding_column", "expected": dimensions, "got": space.dimensions},
        )
    before = _recorded(work, named.id)
    if before == space:
        return
    if before is not None:
        filled = f"SELECT 1 FROM {place(found)} WHERE {quoted(column)} IS NOT NULL LIMIT 1"
        if work.ask(filled):
            raise ValidationError(
                f"the vectors in “{column}” of “{table}” are of {before}, not of {space}",
                hint=f"Embed with {before.model}, or empty the column first: its vectors must all be of one space.",
                details={"field": "model", "expected": before.model, "got": space.model},
            )
        work.change("DELETE FROM _helios.spaces WHERE column_id = $1", {"1": named.id})
    work.change(
        "INSERT INTO _helios.spaces VALUES ($1, $2, $3)", {"1": named.id, "2": space.model, "3": space.dimensions}
    )
    work.wrote({found.full_name})


def _recorded(work: Work, column_id: str | None) -> Space | None:
    rows = work.ask("SELECT model, dimensions FROM _helios.spaces WHERE column_id = $1", {"1": column_id})
    return Space(*rows[0]) if rows else None
