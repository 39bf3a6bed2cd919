"""What polars has no type for, made text."""

from __future__ import annotations

import decimal

import pyarrow as pa
import pyarrow.types as kinds


def for_polars(table: pa.Table) -> pa.Table:
    """The table with what polars has no type for made text: an interval as ISO 8601 writes it."""
    for index, field in enumerate(table.schema):
        if kinds.is_interval(field.type):
            texts = [None if value is None else _iso(value) for value in table.column(index).to_pylist()]
            table = table.set_column(index, field.name, pa.array(texts, pa.string()))
    return table


def _iso(interval: pa.MonthDayNano) -> str:
    seconds = decimal.Decimal(interval.nanoseconds) / 1_000_000_000
    return f"P{interval.months}M{interval.days}DT{seconds.normalize():f}S"
