"""Rows to begin a test with: a value for every column that must have one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from helios_magic.codegen.languages.python import literal
from helios_magic.codegen.shapes import Field, Shape

if TYPE_CHECKING:
    from helios_magic.sqltext.bounds import Bounds

_DAY = "2026-01-31"
#: As they stand in the test's source; the test makes what is in braces anew for each row, and draws from a range.
_VALUES = {
    "bool": "True", "text": '"sample {unique}"', "uuid": '"{uuid}"', "date": f'"{_DAY}"', "time": '"12:30:00"',
    "timestamp": f'"{_DAY}T12:30:00"', "timestamptz": f'"{_DAY}T12:30:00Z"', "interval": '"P1D"',
    "bytea": r'"\\x00ff"', "json": '{"sample": 1}',
}  # fmt: skip
#: Up to where numbers are drawn: not to the type's end, for the database may compute others of them.
_NUMBERS = {"int2": 2**13, "int4": 2**29, "int8": 2**29, "numeric": 10**6, "float4": 10**6, "float8": 10**6}
#: What can differ from row to row.
_ANEW = frozenset({*_NUMBERS, "text", "uuid", "date", "timestamp", "timestamptz"})
_UNIQUE_LENGTH = 12


class Samples:
    """What rows of these tables need.  `paths` says where each is made."""

    def __init__(self, paths: Mapping[str, str], shapes: Sequence[Shape]) -> None:
        self._paths = paths
        self._shapes = {shape.label: shape for shape in shapes}

    def can_be_made(self, shape: Shape, above: tuple[str, ...] = ()) -> bool:
        """Whether rows can: not where one must refer to a table that was not asked for, or to itself, nor where all
        that has to differ is, say, a truth."""
        if shape.view or shape.label in above or not self._can_differ(shape):
            return False
        return all(
            key.references in self._shapes and self.can_be_made(self._shapes[key.references], (*above, shape.label))
            for key in shape.foreign_keys
            if self._must(shape, key.columns)
        )

    def values(self, shape: Shape) -> dict[str, str]:
        """Sources of the values, by column; references are none of them."""
        from helios_magic.sqltext.bounds import bounds

        differing = {column for columns in (shape.key, *shape.unique) for column in columns}
        return {
            field.column: _value(field, bounds(field.column, shape.checks), anew=field.column in differing)
            for field in self._said(shape)
        }

    def references(self, shape: Shape) -> list[tuple[tuple[str, ...], str, tuple[str, ...]]]:
        """Columns, the path of the table that they refer to, and its columns."""
        return [
            (key.columns, self._paths[key.references], key.references_columns)
            for key in shape.foreign_keys
            if self._must(shape, key.columns)
        ]

    def _said(self, shape: Shape) -> list[Field]:
        """The columns that a sample gives a value."""
        refers = {column for key in shape.foreign_keys for column in key.columns if self._must(shape, key.columns)}
        return [
            field
            for field in shape.fields
            if not field.may_be_left_out and not field.computed and field.column not in refers
        ]

    def _can_differ(self, shape: Shape) -> bool:
        """Whether each set of columns that has to be unique has one whose values are new."""
        alike = {field.column for field in self._said(shape) if field.depth or field.kind not in _ANEW}
        return not any(columns and alike.issuperset(columns) for columns in (shape.key, *shape.unique))

    def _must(self, shape: Shape, columns: Sequence[str]) -> bool:
        return not any(shape.field(column).may_be_left_out for column in columns)


def _value(field: Field, asked: Bounds, *, anew: bool) -> str:
    if field.depth:
        return "[]"
    if asked.listed:
        return literal(asked.listed[0])
    if field.enum is not None:
        return literal(next(iter(field.enum.labels), ""))
    if field.kind == "vector":
        return f"[{', '.join(['0.5'] * (field.modifiers[0] if field.modifiers else 3))}]"
    if field.kind == "text" and field.modifiers:
        return f'"{{unique {min(field.modifiers[0], _UNIQUE_LENGTH)}}}"'
    if field.kind in _NUMBERS:
        return _number(field, asked, anew=anew)
    return _VALUES[field.kind].replace(_DAY, "{date}") if anew else _VALUES[field.kind]


def _number(field: Field, asked: Bounds, *, anew: bool) -> str:
    """A whole number that the column takes; one of many where each row has its own."""
    above = _NUMBERS[field.kind]
    if field.kind == "numeric" and field.modifiers:
        above = min(above, 10 ** (field.modifiers[0] - (field.modifiers[1] if len(field.modifiers) > 1 else 0)))
    least, most = asked.within(1 if above > 1 else 0, above - 1)
    return f"range({least}, {most + 1})" if anew else str(least)
