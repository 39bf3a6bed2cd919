"""Resolutions of one table as a temporary table, typed like the rows that they settle."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from helios_magic.engine import binding
from helios_magic.engine.branching.reading import Work, temporary
from helios_magic.engine.branching.versions import Versions
from helios_magic.engine.face import Resolution
from helios_magic.errors import QueryError, ValidationError
from helios_magic.models.pgtypes import split

COPIES = "copies"
"""What a conflict over a row without a key shows of each side: how often it is there."""
_DURATION = re.compile(
    r"P(?:(?P<years>-?\d+)Y)?(?:(?P<months>-?\d+)M)?(?:(?P<weeks>-?\d+)W)?(?:(?P<days>-?\d+)D)?"
    r"(?:T(?:(?P<hours>-?\d+)H)?(?:(?P<minutes>-?\d+)M)?(?:(?P<seconds>-?\d+(?:\.\d+)?)S)?)?"
)


def settlements(work: Work, versions: Versions, resolutions: Sequence[Resolution]) -> str:
    """A temporary table with a row per settled key.

    Its columns: `k0`, … (the key; of a table without one, the whole row), `row_at` and `row_take` (which resolution
    settles the row, and by which side), and for each column `a3`, `t3`, `v3`: which one settles it, how, by what.
    `row_copies` is a number of copies.  Raises `ValidationError` for keys, columns and values that do not fit.
    """
    keys = versions.key or tuple(range(len(versions.shape)))
    found = temporary("settled")
    listed = [f"k{at} {versions.shape.types[i]}" for at, i in enumerate(keys)]
    listed += ["row_at INTEGER", "row_take VARCHAR", "row_copies BIGINT"]
    for i, kind in enumerate(versions.shape.types):
        listed += [f"a{i} INTEGER", f"t{i} VARCHAR", f"v{i} {kind}"]
    work.change(f"CREATE TEMP TABLE {found} ({', '.join(listed)})")
    grouped: dict[str, dict[str, tuple[str, Any]]] = {}
    for at, resolution in enumerate(resolutions):
        if resolution.table in (versions.table.result.label, versions.table.result.full_name):
            cells = _cells(work, versions, keys, at, resolution)
            terms = ", ".join(f"CAST(CAST(${n + 1} AS {cells[f'k{n}'][0]}) AS VARCHAR)" for n in range(len(keys)))
            mark = str(work.ask(f"SELECT {terms}", {str(n + 1): cells[f"k{n}"][1] for n in range(len(keys))}))
            known = grouped.setdefault(mark, {})
            twice = [name for name in cells if name in known and not name.startswith("k")]
            if twice:
                raise _refused(resolution, "it is settled twice", "Settle each row or column once.")
            known.update(cells)
    for cells in grouped.values():
        values = {str(n): value for n, (_, value) in enumerate(cells.values(), 1)}
        terms = ", ".join(f"CAST(${n} AS {kind})" for n, (kind, _) in enumerate(cells.values(), 1))
        work.ask(f"INSERT INTO {found} ({', '.join(cells)}) SELECT {terms}", values)
    return found


def _cells(
    work: Work, versions: Versions, keys: Sequence[int], at: int, resolution: Resolution
) -> dict[str, tuple[str, Any]]:
    """What a resolution says, by column of the temporary table: type and value."""
    wanted = [versions.names[i] for i in keys]
    if set(resolution.key) != set(wanted):
        raise _refused(resolution, f"the key is ({', '.join(wanted)})", "Name each of the key's columns, and no other.")
    cells: dict[str, tuple[str, Any]] = {}
    for n, i in enumerate(keys):
        cells[f"k{n}"] = _typed(work, versions, i, resolution.key[versions.names[i]], resolution)
    if resolution.column is not None:
        if resolution.column not in versions.names:
            raise _refused(
                resolution, f"there is no column “{resolution.column}”", "Name a column of the merged table."
            )
        cells |= _cell(work, versions, versions.names.index(resolution.column), at, resolution, resolution.value)
        return cells
    cells["row_at"], cells["row_take"] = ("INTEGER", at), ("VARCHAR", resolution.take)
    if resolution.take != "value":
        return cells
    if not versions.key:
        count = resolution.value
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < 2**31:
            raise _refused(resolution, "the table has no key, so a value is a number of copies", "Give 0, 1, 2, …")
        cells["row_copies"] = ("BIGINT", count)
        return cells
    if not isinstance(resolution.value, dict):
        raise _refused(resolution, "a row is given as an object of columns and values", "Name a column, or give a row.")
    for name, value in resolution.value.items():
        if name not in versions.names or versions.names.index(name) in versions.key:
            raise _refused(
                resolution, f"there is no column “{name}” beside the key", "Give columns of the merged table."
            )
        cells |= _cell(work, versions, versions.names.index(name), at, resolution, value)
    return cells


def _cell(
    work: Work, versions: Versions, i: int, at: int, resolution: Resolution, value: Any
) -> dict[str, tuple[str, Any]]:
    cells: dict[str, tuple[str, Any]] = {f"a{i}": ("INTEGER", at), f"t{i}": ("VARCHAR", resolution.take)}
    if resolution.take == "value":
        cells[f"v{i}"] = _typed(work, versions, i, value, resolution)
    return cells


def _typed(work: Work, versions: Versions, i: int, value: Any, resolution: Resolution) -> tuple[str, Any]:
    """A JSON value that fits a column's type, and the type."""
    import duckdb

    kind, column = versions.shape.types[i], versions.shape.columns[i]
    try:
        given = _plain(value, column.type)
        if given is not None:
            if split(column.type) == ("jsonb", (), 0):
                ((given,),) = work.ask("SELECT pg_jsonb($1)", {"1": given})
            # Python itself need not be able to hold it.
            work.ask(f"SELECT CAST($1 AS {kind}) IS NULL", {"1": given})
    except (duckdb.Error, QueryError, ValueError):
        work.guard.check()
        raise _refused(
            resolution,
            f"column “{column.name}” is {column.type}, and {json.dumps(value, ensure_ascii=False)} is none",
            "Write the value as a result of a query shows it.",
        ) from None
    return kind, given


def _plain(value: Any, kind: str) -> Any:
    base, modifiers, depth = split(kind)
    if value is None:
        return None
    if base == "bpchar" and modifiers and not depth and isinstance(value, str):
        return value.ljust(modifiers[0])
    if base == "bytea" and not depth and isinstance(value, str):
        return bytes.fromhex(value.removeprefix("\\x"))
    if base in ("json", "jsonb") and not depth:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if base == "bool" and not depth and not isinstance(value, bool):
        raise ValueError("a boolean is written true or false")
    if isinstance(value, bool) and base not in ("bool", "text", "varchar"):
        raise ValueError("a boolean is no number")
    if base in ("int2", "int4", "int8") and isinstance(value, float) and not value.is_integer():
        raise ValueError("a fraction is no integer")
    if base == "interval" and not depth and isinstance(value, str) and value.startswith("P"):
        return _spelled_out(value)
    return binding.bind([value])[0]


def _spelled_out(duration: str) -> str:
    """An ISO 8601 duration in words, which DuckDB reads: `P1Y2DT3H` → `1 years 2 days 3 hours`."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError("no ISO 8601 duration")
    parts = [f"{number} {unit}" for unit, number in match.groupdict().items() if number is not None]
    return " ".join(parts) or "0 seconds"


def _refused(resolution: Resolution, cause: str, hint: str) -> ValidationError:
    row = json.dumps(dict(resolution.key), default=str, ensure_ascii=False)
    return ValidationError(
        f"the resolution of {row} in “{resolution.table}” does not fit: {cause}",
        hint=hint,
        details={
            "field": "resolutions",
            "table": resolution.table,
            "key": dict(resolution.key),
            "column": resolution.column,
        },
    )
