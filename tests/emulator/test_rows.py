"""JSON values of each PostgreSQL type, as decisions.md ("SQL", JSON values) writes them."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helios_magic.emulator import rows
from helios_magic.models.seam import encode_json

MIDNIGHT = dt.datetime.fromisoformat("2025-12-16T00:00:00")


def column(values: list[Any], kind: pa.DataType, type_name: str) -> pa.Table:
    array = pa.array(values, kind)
    return pa.table([array], schema=pa.schema([pa.field("v", array.type, metadata={"pg_type": type_name})]))


def as_json(values: list[Any], kind: pa.DataType, type_name: str) -> str:
    shown = msgspec.json.encode([row[0] for row in rows.to_lists(column(values, kind, type_name))])
    return shown.decode()


@pytest.mark.parametrize(
    ("type_name", "kind", "values", "expected"),
    [
        ("int4", pa.int32(), [1, None, -5], "[1,null,-5]"),
        ("int8", pa.int64(), [2**53, 2**53 + 1, 2**60, None],
         '[9007199254740992,"9007199254740993",1152921504606846976,null]'),
        ("int8", pa.int64(), [2**63 - 1, -(2**63)], '["9223372036854775807",-9223372036854775808]'),
        ("float8", pa.float64(), [1.5, None, math.nan, math.inf, -math.inf], '[1.5,null,"NaN","Infinity","-Infinity"]'),
        ("float4", pa.float32(), [0.1, None, 123456.79, math.nan], '[0.1,null,123456.79,"NaN"]'),
        ("numeric(10,2)", pa.decimal128(10, 2), [Decimal("99.99"), None, Decimal("-0.10")], "[99.99,null,-0.1]"),
        ("numeric(30,2)", pa.decimal128(30, 2), [Decimal("1.5"), Decimal("12345678901234567890.10")],
         '[1.5,"12345678901234567890.10"]'),
        ("bool", pa.bool_(), [True, False, None], "[true,false,null]"),
        ("text", pa.string(), ["Ω \u2028 <img>", None, ""], '["Ω \u2028 <img>",null,""]'),
        ("uuid", pa.string(), ["0f0e0d0c-0b0a-0908-0706-050403020100"], '["0f0e0d0c-0b0a-0908-0706-050403020100"]'),
        ("bytea", pa.binary(), [b"\x00\xff", b"", None], '["\\\\x00ff","\\\\x",null]'),
        ("timestamp", pa.timestamp("us"), [MIDNIGHT, MIDNIGHT.replace(hour=10, microsecond=450000), None],
         '["2025-12-16T00:00:00","2025-12-16T10:00:00.45",null]'),
        ("timestamptz", pa.timestamp("us", tz="UTC"), [MIDNIGHT.replace(tzinfo=dt.UTC), None],
         '["2025-12-16T00:00:00Z",null]'),
        ("timestamptz", pa.timestamp("us", tz="UTC"), [2**63 - 1, -(2**63) + 1], '["infinity","-infinity"]'),
        ("date", pa.date32(), [dt.date(2025, 12, 16), None], '["2025-12-16",null]'),
        ("time", pa.time64("us"), [dt.time(10, 0, 0), dt.time(1, 2, 3, 4000), None],
         '["10:00:00","01:02:03.004",null]'),
        ("interval", pa.month_day_nano_interval(),
         [(14, 3, 14706_700_000_000), (0, 0, 0), (-1, -2, -3_000_000_000), None],
         '["P1Y2M3DT4H5M6.7S","PT0S","P-1M-2DT-3S",null]'),
        ("jsonb", pa.string(), ['{"a": [1, null]}', None], '[{"a": [1, null]},null]'),
        ("int8[]", pa.list_(pa.int64()), [[1, None, 2**53 + 1], None, []], '[[1,null,"9007199254740993"],null,[]]'),
        ("text[][]", pa.list_(pa.list_(pa.string())), [[["a"], []]], '[[["a"],[]]]'),
        ("vector(2)", pa.list_(pa.float32(), 2), [[0.1, -2.0], None], "[[0.1,-2.0],null]"),
    ],
)  # fmt: skip
def test_values(type_name: str, kind: pa.DataType, values: list[Any], expected: str) -> None:
    assert as_json(values, kind, type_name) == expected
    assert as_json([], kind, type_name) == "[]"
    assert as_json([None], kind, type_name) == "[null]"


def test_a_slice_shows_its_own_rows() -> None:
    table = column([[1], [2, 3], None, [4]], pa.list_(pa.int32()), "int4[]").slice(1, 3)
    assert rows.to_lists(table) == [([2, 3],), (None,), ([4],)]


def test_chunks_are_joined_and_objects_have_names() -> None:
    two = pa.concat_tables([column([1], pa.int32(), "int4"), column([2], pa.int32(), "int4")])
    assert rows.to_lists(two) == [(1,), (2,)]
    assert rows.to_objects(two) == [{"v": 1}, {"v": 2}]


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_an_integer_survives_a_reader_with_doubles_only(values: list[int]) -> None:
    read = json.loads(as_json(values, pa.int64(), "int8"), parse_int=float)
    assert [int(value) for value in read] == values


@given(st.lists(st.decimals(-(10**20), 10**20, places=6)))
def test_a_decimal_survives_a_reader_with_doubles_only(values: list[Decimal]) -> None:
    read = json.loads(as_json(values, pa.decimal128(38, 6), "numeric(38,6)"))
    assert [Decimal(value if isinstance(value, str) else repr(value)) for value in read] == values


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_a_float4_reads_back_as_itself(values: list[float]) -> None:
    read = json.loads(as_json(values, pa.float32(), "float4"))
    assert np.array(read, np.float32).tolist() == np.array(values, np.float32).tolist()


@given(st.lists(st.datetimes()))
def test_a_moment_reads_back_as_itself(values: list[dt.datetime]) -> None:
    assert [
        dt.datetime.fromisoformat(text) for text in json.loads(as_json(values, pa.timestamp("us"), "timestamp"))
    ] == values


def test_many_rows_are_written_in_pieces_and_read_the_same() -> None:
    table = pa.table({"a": range(5000), "b": [None if i % 7 else f"“{i}”" for i in range(5000)]})
    assert encode_json(rows.to_json(table)) == encode_json(rows.to_lists(table))
