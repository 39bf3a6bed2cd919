"""Rows to begin a test with: a value for every column that must have one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helios_magic.codegen.languages.language import quoted
from helios_magic.codegen.shapes import Field, Shape

#: As they stand in the test's source; the test makes what is in braces anew for each row.
_VALUES = {
    "bool": "True", "int2": '"{small}"', "int4": '"{number}"', "int8": '"{number}"', "numeric": "1",
    "float4": "1.5", "float8": "1.5", "text": '"sample {unique}"', "uuid": '"{uuid}"', "date": '"2026-01-31"',
    "time": '"12:30:00"', "timestamp": '"2026-01-31T12:30:00"', "timestamptz": '"2026-01-31T12:30:00Z"',
    "interval": '"P1D"', "bytea": r'"\\x00ff"', "json": '{"sample": 1}',
}  # fmt: skip
_UNIQUE_LENGTH = 12


class Samples:
    """What rows of these tables need.  `paths` says where each is made."""

    def __init__(self, paths: Mapping[str, str], shapes: Sequence[Shape]) -> None:
        self._paths = paths
        self._shapes = {shape.label: shape for shape in shapes}

    def can_be_made(self, shape: Shape, above: tuple[str, ...] = ()) -> bool:
        """Whether a row can: not where it must refer to a table that was not asked for, or to itself."""
        if shape.view or shape.label in above:
            return False
        return all(
            key.references in self._shapes and self.can_be_made(self._shapes[key.references], (*above, shape.label))
            for key in shape.foreign_keys
            if self._must(shape, key.columns)
        )

    def values(self, shape: Shape) -> dict[str, str]:
        """Sources of the values, by column; references are none of them."""
        refers = {column for key in shape.foreign_keys for column in key.columns if self._must(shape, key.columns)}
        return {
            field.column: _value(field)
            for field in shape.fields
            if not field.may_be_left_out and not field.computed and field.column not in refers
        }

    def references(self, shape: Shape) -> list[tuple[tuple[str, ...], str, tuple[str, ...]]]:
        """Columns, the path of the table that they refer to, and its columns."""
        return [
            (key.columns, self._paths[key.references], key.references_columns)
            for key in shape.foreign_keys
            if self._must(shape, key.columns)
        ]

    def _must(self, shape: Shape, columns: Sequence[str]) -> bool:
        return not any(shape.field(column).may_be_left_out for column in columns)


def _value(field: Field) -> str:
    if field.depth:
        return "[]"
    if field.enum is not None:
        return quoted(next(iter(field.enum.labels), ""))
    if field.kind == "vector":
        return f"[{', '.join(['0.5'] * (field.modifiers[0] if field.modifiers else 3))}]"
    if field.kind == "text" and field.modifiers:
        return '"{unique}"' if field.modifiers[0] >= _UNIQUE_LENGTH else '"a"'
    return _VALUES[field.kind]
