"""DuckDB's results as Arrow tables whose fields carry PostgreSQL type names.

What PostgreSQL has no type for is converted exactly or refused, never changed silently.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helios_magic.engine import answers
from helios_magic.engine.typenames import from_declaration
from helios_magic.errors import QueryError
from helios_magic.models.pgtypes import PG_TYPE, arrow_type, split
from helios_magic.schema import quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_AS_TEXT = frozenset({"time with time zone", "bit"})
"""Types that Arrow would carry without a part of them (the offset of a timetz)."""
_DATES = frozenset({"date", "timestamp", "timestamptz"})


def postgres_name(kind: duckdb.sqltypes.DuckDBPyType, column: str) -> str:
    """The PostgreSQL name of a result column's type; raises 0A000 where there is none."""
    name = from_declaration(str(kind), {})
    if name is not None:
        return name
    what = "a record" if kind.id in ("struct", "row") else f"a {kind.id}"
    raise QueryError(
        f"column “{column}” of the result is {what}, which is not supported in a result",
        hint="Select its fields one by one, or turn it into json with to_json(…).",
        details={"sqlstate": "0A000"},
    )


_arrow_type = functools.lru_cache(512)(arrow_type)


def fetch(
    relation: duckdb.DuckDBPyRelation, names: Sequence[str | None] | None, types: Sequence[str | None] | None, most: int
) -> pa.Table:
    """Run a relation and answer its rows, at most `most` bytes: fields named and typed as PostgreSQL would."""
    kinds = relation.types
    own = relation.columns
    if names is None or len(names) != len(own):
        names = own
    declared = types if types is not None and len(types) == len(own) else (None,) * len(own)
    final = [
        declare or postgres_name(kind, own[i]) for i, (declare, kind) in enumerate(zip(declared, kinds, strict=True))
    ]
    if any(_holds(kind, _AS_TEXT) for kind in kinds):
        relation = relation.project(", ".join(_as_text(i, kind, own) for i, kind in enumerate(kinds)))
    table = answers.read(relation, most)
    return name_fields(table.columns, [name or own[i] for i, name in enumerate(names)], final)


def name_fields(columns: Sequence[pa.ChunkedArray], names: Sequence[str], types: Sequence[str]) -> pa.Table:
    """A table of the columns, each as its PostgreSQL type's Arrow type, the type's name in its metadata."""
    import pyarrow as pa

    exact = [_exact(column, kind, name) for name, kind, column in zip(names, types, columns, strict=True)]
    fields = [_field(name, column.type, known_as) for name, (column, known_as) in zip(names, exact, strict=True)]
    return pa.Table.from_arrays([column for column, _ in exact], schema=pa.schema(fields))


@functools.lru_cache(2048)
def _field(name: str, kind: pa.DataType, known_as: str) -> pa.Field:
    import pyarrow as pa

    return pa.field(name, kind, metadata={PG_TYPE: known_as.encode()})


def _exact(column: pa.ChunkedArray, name: str, label: str) -> tuple[pa.ChunkedArray, str]:
    """A column as its PostgreSQL type's Arrow type, and that type's name as it turned out."""
    import pyarrow as pa

    wanted = _arrow_type(name)
    if _depth(wanted):
        # A type's name need not say how many dimensions its arrays have.
        for _ in range(_depth(column.type) - _depth(wanted)):
            wanted = pa.list_(wanted)
    base = split(name)[0]
    if base in _DATES:
        _refuse_infinity(column, label)
    if column.type == wanted:
        if pa.types.is_decimal(wanted) and wanted.scale == 0 and wanted.precision == 38:
            _refuse_overlong(column, label)
        return column, name
    if pa.types.is_decimal(wanted) and pa.types.is_decimal(column.type) and split(name)[1] == ():
        # A numeric without modifiers keeps the digits that the expression gave it.
        if column.type.scale <= wanted.scale and _has_room(column, wanted):
            return column.cast(wanted), name
        return column, f"numeric({column.type.precision},{column.type.scale})"
    if pa.types.is_list(column.type) and not pa.types.is_list(wanted) and not pa.types.is_fixed_size_list(wanted):
        return column, name
    try:
        return column.cast(wanted), name
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise QueryError(
            f"a value of column “{label}” does not fit type {name}",
            hint="Cast it to a wider type in the query.",
            details={"sqlstate": "22003"},
        ) from None


def _depth(kind: pa.DataType) -> int:
    """How many lists deep a type's values lie."""
    import pyarrow as pa

    return 1 + _depth(kind.value_type) if pa.types.is_list(kind) else 0


def _has_room(column: pa.ChunkedArray, wanted: pa.DataType) -> bool:
    """Whether all numbers keep their digits at a larger scale; Arrow's own cast does not look."""
    import decimal

    import pyarrow.compute as pc

    room = wanted.precision - wanted.scale
    if column.type.precision - column.type.scale <= room or len(column) == column.null_count:
        return True
    ends = pc.min_max(column)
    limit = decimal.Decimal(10) ** room
    return bool(abs(ends["max"].as_py()) < limit and abs(ends["min"].as_py()) < limit)


def _refuse_infinity(column: pa.ChunkedArray, label: str) -> None:
    """Arrow has no infinite dates; DuckDB hands them over as the largest numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_nested(column.type) or len(column) == column.null_count:
        return
    width = pa.int32() if pa.types.is_date32(column.type) else pa.int64()
    ends = pc.min_max(column.cast(width) if pa.types.is_date32(column.type) else pc.cast(column, width))
    limit = 2**31 - 1 if width == pa.int32() else 2**63 - 1
    if ends["max"].as_py() >= limit or ends["min"].as_py() <= -limit:
        raise QueryError(
            f"column “{label}” holds an infinite date, which is not supported in a result",
            hint="Leave it out with isfinite(…), or cast it to text.",
            details={"sqlstate": "0A000"},
        )


def _refuse_overlong(column: pa.ChunkedArray, label: str) -> None:
    """A hugeint goes up to 39 digits, a decimal of 16 bytes to 38."""
    import decimal

    import pyarrow.compute as pc

    if len(column) == column.null_count:
        return
    ends = pc.min_max(column)
    limit = decimal.Decimal(10) ** 38
    if abs(ends["max"].as_py()) >= limit or abs(ends["min"].as_py()) >= limit:
        raise overlong(label)


def overlong(label: str) -> QueryError:
    """The refusal of a number that no decimal of 16 bytes holds."""
    return QueryError(
        f"a value of column “{label}” has more than 38 digits",
        hint="Cast it to text or to float8 in the query.",
        details={"sqlstate": "22003"},
    )


def _holds(kind: Any, idents: frozenset[str]) -> bool:
    return kind.id in idents or (kind.id in ("list", "array") and _holds(kind.children[0][1], idents))


def _as_text(index: int, kind: Any, names: Sequence[str]) -> str:
    column = quoted(names[index])
    if not _holds(kind, _AS_TEXT):
        return column
    return f"CAST({column} AS VARCHAR{'[]' * str(kind).count('[')}) AS {column}"
