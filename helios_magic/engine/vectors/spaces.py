"""The embedding space that a branch records of a column: by the column's identity, so that it follows renames."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.engine.names import place, quoted
from helios_magic.engine.vectors.columns import vector_column
from helios_magic.engine.vectors.origins import Origin
from helios_magic.errors import ApiError, QueryError, ValidationError
from helios_magic.models.embedding import canonical
from helios_magic.models.spaces import Space
from helios_magic.schema import Column, Schema, Table

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
    if before != space:
        if _is_filled(work, found, named):
            raise ValidationError(
                f"the vectors in “{column}” of “{table}” are {_of(before)}, not of {space}",
                hint=_hint(before, named),
                details={"field": "model", "expected": before and before.model, "got": space.model},
            )
        _record(work, found, named, space)


@dataclass(frozen=True, slots=True)
class Labels:
    """The spaces of what a statement writes: by table and column, and what a table has that it makes."""

    known: Mapping[tuple[str, str], Space]
    made: tuple[Origin, ...]

    def record(self, work: Work) -> None:
        """Record them once the statement has run."""
        schema = work.schema()[1]
        known = dict(self.known)
        for table, column, space in _said(work, schema, self.made):
            known.setdefault((table.full_name, column.name), space)
        for (name, column_name), space in known.items():
            found = next((table for table in schema.tables if table.full_name == name), None)
            written = None if found is None else found.column(column_name)
            if found is not None and written is not None and _recorded(work, written.id) != space:
                _record(work, found, written, space)


def labels(work: Work, origins: Sequence[Origin]) -> Labels:
    """What a statement will have to be recorded with; nothing is written yet.

    Raises `QueryError` (22000) where it would put vectors of one space among those of another, or among vectors of
    which nobody said what they are.
    """
    schema = work.schema()[1]
    whole = {(origin.table, origin.column) for origin in origins if origin.whole}
    known: dict[tuple[str, str], Space] = {}
    for table, column, space in _said(work, schema, origins):
        other = known.setdefault((table.full_name, column.name), space)
        if other != space:
            raise _mixed(table, column, other, space)
        before = _recorded(work, column.id)
        anew = any((name, column.name) in whole for name in (table.name, table.full_name))
        if before != space and not anew and _is_filled(work, table, column):
            raise _mixed(table, column, before, space)
    there = {name for table in schema.tables for name in (table.name, table.full_name)}
    return Labels(known, tuple(origin for origin in origins if origin.table not in there))


def _said(work: Work, schema: Schema, origins: Iterable[Origin]) -> Iterator[tuple[Table, Column, Space]]:
    """The columns of vectors that are written, each with a space of what comes there, where that is known."""
    for origin in origins:
        table = _table(schema, origin.table)
        if table is None:
            continue
        for column in _targets(table, origin.column):
            if column.type.startswith("vector("):
                for space in _spaces(work, schema, origin, column):
                    if column.type == f"vector({space.dimensions})":
                        yield table, column, space


def _table(schema: Schema, name: str) -> Table | None:
    return next((each for each in schema.tables if name in (each.full_name, each.label) and each.kind == "table"), None)


def _targets(table: Table, column: str | int | None) -> Sequence[Column]:
    if column is None:
        return table.columns
    if isinstance(column, int):
        return table.columns[column : column + 1]
    return tuple(each for each in table.columns if each.name == column)


def _spaces(work: Work, schema: Schema, origin: Origin, target: Column) -> Iterator[Space]:
    for model in sorted(origin.models):
        if work.embed is not None:
            # A model that cannot be asked is refused where the statement asks it.
            with contextlib.suppress(ApiError):
                yield work.embed.space(canonical(model))
    for name, column in sorted(origin.copied):
        source = _table(schema, name)
        found = source.column(target.name if column == "*" else column) if source is not None else None
        if found is not None and found.id != target.id and found.type == target.type:
            recorded = _recorded(work, found.id)
            if recorded is not None:
                yield recorded


def _is_filled(work: Work, table: Table, column: Column) -> bool:
    return bool(work.ask(f"SELECT 1 FROM {place(table)} WHERE {quoted(column.name)} IS NOT NULL LIMIT 1"))


def _record(work: Work, table: Table, column: Column, space: Space) -> None:
    work.change("DELETE FROM _helios.spaces WHERE column_id = $1", {"1": column.id})
    work.change(
        "INSERT INTO _helios.spaces VALUES ($1, $2, $3)", {"1": column.id, "2": space.model, "3": space.dimensions}
    )
    work.wrote({table.full_name})


def _mixed(table: Table, column: Column, before: Space | None, space: Space) -> QueryError:
    return QueryError(
        f"the vectors in “{column.name}” of “{table.label}” are {_of(before)}, not of {space}",
        hint=_hint(before, column),
        details={"sqlstate": "22000", "table": table.label, "column_name": column.name},
    )


def _of(space: Space | None) -> str:
    return "of a model that nobody recorded" if space is None else f"of {space}"


def _hint(before: Space | None, column: Column) -> str:
    once = f"embed all of them at once, or empty the column first (SET {quoted(column.name)} = NULL)"
    model = "" if before is None else f"Embed with {before.model}, or "
    return f"{model}{once if model else once.capitalize()}: its vectors must all be of one space."


def _recorded(work: Work, column_id: str | None) -> Space | None:
    rows = work.ask("SELECT model, dimensions FROM _helios.spaces WHERE column_id = $1", {"1": column_id})
    return Space(*rows[0]) if rows else None
