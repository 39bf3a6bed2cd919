"""JSON and Arrow answers become the same DataFrame, for every type and value."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helios_magic.client.frames import SMALL_ROWS, to_frame
from helios_magic.client.results import Result, result_of
from helios_magic.client.rows import table_of_rows
from helios_magic.errors import ServerError
from helios_magic.models.pgtypes import PG_TYPE, arrow_type
from helios_magic.models.sql import SqlResult
from tests.client.wire import as_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MICROSECONDS = st.integers(-(2**63) + 2, 2**63 - 2)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int2": st.integers(-(2**15), 2**15 - 1),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1),
    "float4": st.floats(width=32),
    "float8": st.floats(),
    "bool": st.booleans(),
    "numeric(10,2)": st.decimals(-99_999_999, 99_999_999, places=2),
    "numeric(38,10)": st.decimals(-(10**27), 10**27, places=10),
    "numeric": st.decimals(-(10**20), 10**20, places=10),
    "text": st.text(),
    "varchar(20)": st.text(max_size=20),
    "mood": st.sampled_from(["sad", "happy"]),
    "uuid": st.uuids().map(str),
    "date": st.integers(-(2**31) + 2, 2**31 - 2),
    "time": st.integers(0, 86_400_000_000),
    "timestamp": MICROSECONDS,
    "timestamptz": MICROSECONDS,
    "interval": st.tuples(
        st.integers(-(2**20), 2**20), st.integers(-(2**20), 2**20), st.integers(-(2**50), 2**50).map(lambda n: n * 1000)
    ),
    "json": JSON,
    "jsonb": JSON,
    "bytea": st.binary(max_size=20),
    "vector": st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=4),
    "vector(3)": st.lists(st.floats(width=32, allow_nan=False), min_size=3, max_size=3),
}
ARRAYS = {
    f"{name}[]": st.lists(st.none() | VALUES[name], max_size=4)
    for name in ("int4", "float8", "text", "numeric(10,2)", "bool", "uuid", "bytea")
}
DEEP = {"int4[][]": st.none() | st.lists(st.none() | st.lists(st.integers(-9, 9), max_size=3), max_size=3)}
ALL = VALUES | ARRAYS | DEEP


@st.composite
def tables(draw: st.DrawFn) -> tuple[pa.Table, list[str], list[str], list[list[Any]]]:
    types = draw(st.lists(st.sampled_from(sorted(ALL)), min_size=1, max_size=5))
    names = draw(st.lists(st.text(max_size=3), min_size=len(types), max_size=len(types)))
    count = draw(st.integers(0, 5))
    columns = [draw(st.lists(st.none() | ALL[kind], min_size=count, max_size=count)) for kind in types]
    arrays = [arrow(values, kind) for values, kind in zip(columns, types, strict=True)]
    fields = [
        pa.field(name, array.type, metadata={PG_TYPE: kind.encode()})
        for name, array, kind in zip(names, arrays, types, strict=True)
    ]
    table = pa.table(arrays, schema=pa.schema(fields))
    written = [as_json(values, kind) for values, kind in zip(columns, types, strict=True)]
    return table, names, types, [list(row) for row in zip(*written, strict=True)]


def arrow(values: list[Any], kind: str) -> pa.Array:
    """The column as an engine hands it over, made without the code under test."""
    wanted = arrow_type(kind)
    if kind in {"json", "jsonb"}:
        import json

        values = [None if value is None else json.dumps(value) for value in values]
    if kind in {"date", "time", "timestamp", "timestamptz"}:
        return pa.array(values, pa.int32() if kind == "date" else pa.int64()).view(wanted)
    if kind == "interval":
        values = [None if value is None else pa.MonthDayNano(value) for value in values]
    return pa.array(values, wanted)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_json_and_arrow_give_the_same_frame(made: tuple[pa.Table, list[str], list[str], list[list[Any]]]) -> None:
    table, names, types, rows = made
    of_arrow = Result("SELECT", table).to_pandas()
    of_json = result_of(SqlResult(columns=names, types=types, rows=rows)).to_pandas()
    assert_same(of_arrow, of_json)
    assert list(of_arrow.columns) == names
    assert len(of_arrow) == len(rows)
    for kind, dtype in zip(types, of_arrow.dtypes, strict=True):
        assert (dtype.kind == "O" and str(dtype) == "object") == (kind.endswith("]") or kind in OBJECTS)


OBJECTS = {"time", "interval", "json", "jsonb", "bytea", "vector", "vector(3)"}


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(1, 3))
def test_chunks_do_not_matter(made: tuple[pa.Table, Any, Any, Any], size: int) -> None:
    table = made[0]
    cut = pa.Table.from_batches(table.to_batches(max_chunksize=size), schema=table.schema)
    assert_same(to_frame(table), to_frame(cut))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_few_rows_and_many_are_converted_alike(made: tuple[pa.Table, Any, Any, Any]) -> None:
    few = made[0]
    if few.num_rows == 0:
        return
    many = pa.concat_tables([few] * (SMALL_ROWS // few.num_rows + 1))
    assert many.num_rows > SMALL_ROWS
    small, large = to_frame(few), to_frame(many)
    assert list(small.dtypes) == list(large.dtypes)
    assert small.columns.identical(large.columns)
    assert_same(small, large.iloc[: few.num_rows])
    assert_same(small, large.iloc[-few.num_rows :].reset_index(drop=True))


def test_a_small_frame_is_the_callers_own() -> None:
    """Columns that share their names share nothing that can be changed, and the values can be written to."""
    table = pa.table({"id": [1, 2], "name": ["a", "b"]})
    first, second = to_frame(table), to_frame(table)
    first.columns.name = "mine"
    first.iloc[0, 0] = 9
    first["more"] = 1
    assert second.columns.name is None
    assert second.equals(to_frame(table))
    assert table["id"].to_pylist() == [1, 2]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.booleans())
def test_a_large_frame_can_be_written_to(made: tuple[pa.Table, Any, Any, Any], owned: bool) -> None:
    """In one piece pyarrow would hand it over read-only."""
    few = made[0]
    if few.num_rows == 0:
        return
    table = pa.concat_tables([few] * (SMALL_ROWS // few.num_rows + 1)).combine_chunks()
    frame, before = to_frame(table, owned=owned), to_frame(table)
    for place, dtype in enumerate(frame.dtypes):
        if dtype.kind in "iufbM":  # lists and documents are set in other ways
            frame.iloc[0, place] = frame.iloc[1, place]
            assert same(frame.iloc[0, place], frame.iloc[1, place])
    assert_same(to_frame(table), before)


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.int16(), pa.timestamp("us"), pa.timestamp("s")])
def test_memory_that_nobody_else_looks_at_is_taken_over(kind: pa.DataType) -> None:
    rows = SMALL_ROWS + 1
    memory = np.zeros(rows * kind.bit_width // 8, np.uint8)
    column = pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(memoryview(memory))], null_count=0)
    table = pa.table({"v": column})
    kept, owned = to_frame(table), to_frame(table, owned=True)
    assert kept.dtypes.equals(owned.dtypes)
    assert not np.shares_memory(kept["v"].to_numpy(), memory)
    assert np.shares_memory(owned["v"].to_numpy(), memory)
    assert_same(kept, owned)


def assert_same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    assert list(left.dtypes) == list(right.dtypes)
    assert list(left.columns) == list(right.columns)
    assert left.index.equals(right.index)
    for place in range(left.shape[1]):
        for one, other in zip(left.iloc[:, place], right.iloc[:, place], strict=True):
            assert same(one, other), (one, other)


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if one is pd.NA or one is pd.NaT or (isinstance(one, float) and math.isnan(one)):
        return one is other or (isinstance(other, float) and math.isnan(other))
    return bool(one == other)


def column(kind: str, *values: Any) -> pd.Series[Any]:
    """A frame's only column, of JSON values as the contract writes them."""
    return to_frame(table_of_rows(["c"], [kind], [[value] for value in values]))["c"]


@pytest.mark.parametrize(
    ("kind", "values", "dtype", "expected"),
    [
        ("int8", ["9007199254740993", 1], "int64", [2**53 + 1, 1]),
        ("int8", ["9007199254740993", None], "Int64", [2**53 + 1, pd.NA]),
        ("int4", [1, 2], "int32", [1, 2]),
        ("int4", [1, None], "Int32", [1, pd.NA]),
        ("int2", [1], "int16", [1]),
        ("int2", [None], "Int16", [pd.NA]),
        ("bool", [True, False], "bool", [True, False]),
        ("bool", [True, None], "boolean", [True, pd.NA]),
        ("float8", [0.1, "Infinity", "-Infinity"], "float64", [0.1, math.inf, -math.inf]),
        ("float4", [0.5], "float32", [0.5]),
        ("text", ["a", ""], "str", ["a", ""]),
        ("uuid", ["0190163d-8694-739b-aea5-966c26f8ad91"], "str", ["0190163d-8694-739b-aea5-966c26f8ad91"]),
        ("mood", ["sad"], "str", ["sad"]),
        ("timestamp", ["2025-12-16T01:02:03.000004"], "datetime64[us]", [pd.Timestamp("2025-12-16 01:02:03.000004")]),
        ("timestamptz", ["2025-12-16T02:00:00+02:00"], "datetime64[us, UTC]", [pd.Timestamp("2025-12-16", tz="UTC")]),
        ("date", ["2025-12-16"], "datetime64[s]", [pd.Timestamp("2025-12-16")]),
        ("time", ["01:02:03.5"], "object", [dt.time(1, 2, 3, 500_000)]),
        ("time", ["24:00:00", None], "object", ["24:00:00", None]),
        (
            "interval",
            ["P1Y2M3DT4H5M6.7S"],
            "object",
            [pd.DateOffset(months=14, days=3, nanoseconds=14_706_700_000_000)],
        ),
        ("jsonb", [{"a": [1, None]}, None, "x"], "object", [{"a": [1, None]}, None, "x"]),
        ("text[]", [["a", None], [], None], "object", [["a", None], [], None]),
        ("bytea", ["\\x00ff", None], "object", [b"\x00\xff", None]),
    ],
)
def test_the_mapping(kind: str, values: list[Any], dtype: str, expected: list[Any]) -> None:
    made = column(kind, *values)
    assert str(made.dtype) == dtype
    for one, other in zip(made, expected, strict=True):
        assert one is other or one == other


def test_numeric_is_exact_and_vectorised() -> None:
    made = column("numeric(20,4)", "1234567890123456.7891", 0.1, None)
    assert made.dtype == pd.ArrowDtype(pa.decimal128(20, 4))
    assert made[0] == decimal.Decimal("1234567890123456.7891")
    assert made.sum() == decimal.Decimal("1234567890123456.8891")


def test_vectors_are_numpy_arrays() -> None:
    made = column("vector(3)", [1, 2.5, -3], None)
    assert made.dtype == object
    assert made[0].dtype == np.float32
    assert made[0].tolist() == [1.0, 2.5, -3.0]
    assert made[1] is None
    made = column("vector", [1, 2.5], None, [3])
    assert [each if each is None else (each.dtype, each.tolist()) for each in made] == [
        (np.float32, [1.0, 2.5]), None, (np.float32, [3.0]),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["-0043-03-15", "0044-03-15 BC", "20000-01-01", "5874897-12-31"])
def test_dates_beyond_pythons_are_exact(text: str) -> None:
    plain = text if "BC" not in text else "-0043-03-15"
    assert column("date", text).to_numpy()[0] == np.datetime64(plain, "s")


def test_timestamps_beyond_nanoseconds_are_exact() -> None:
    made = column("timestamp", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999")
    assert made.dt.year.tolist() == [1, 9999]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int4", 2**31),
        ("int4", 1.5),
        ("int4", True),
        ("bool", 1),
        ("numeric(4,2)", 123.45),
        ("date", "yesterday"),
        ("timestamp", "infinity"),
        ("time", "25"),
        ("interval", "P"),
        ("bytea", "ff"),
        ("vector(2)", [1.0]),
        ("int4[]", 3),
    ],
)
def test_what_does_not_fit_is_refused_and_never_bent(kind: str, value: Any) -> None:
    with pytest.raises(ServerError, match="column “c”"):
        column(kind, value)


def test_empty_results_keep_columns_and_dtypes() -> None:
    frame = to_frame(table_of_rows(["a", "b", "c"], ["int4", "numeric(3,1)", "jsonb"], []))
    assert list(frame.columns) == ["a", "b", "c"]
    assert [str(kind) for kind in frame.dtypes] == ["int32", "decimal128(3, 1)[pyarrow]", "object"]
    assert len(frame) == 0


def test_rows_without_columns_are_rows() -> None:
    frame = to_frame(table_of_rows([], [], [[], [], []]))
    assert frame.shape == (3, 0)


def test_a_server_without_types_has_them_read_off_its_values() -> None:
    rows = [["usr_001", 1, 1.5, True, None, {"a": 1}], ["usr_002", 2, 2, None, None, [1]]]
    table = table_of_rows(list("abcdef"), None, rows)
    assert [str(kind) for kind in to_frame(table).dtypes] == ["str", "int64", "float64", "boolean", "str", "object"]


def test_returning_becomes_a_table() -> None:
    data = SqlResult(affected_rows=1, returning=[{"id": 7}], returning_types={"id": "int8"}, command="INSERT")
    result = result_of(data)
    assert (result.columns, result.types, result.row_count, result.affected_rows) == (["id"], ["int8"], 1, 1)
    assert result.to_pandas()["id"].tolist() == [7]
    none = result_of(SqlResult(affected_rows=0, returning=[], returning_types={"id": "int8"}, command="DELETE"))
    assert none.to_pandas()["id"].dtype == np.int64


def test_a_statement_without_rows_has_no_table() -> None:
    result = result_of(SqlResult(affected_rows=3, returning=[], command="UPDATE"))
    assert result.table is None
    frame = result.to_pandas()
    assert frame.shape == (0, 0)
    assert frame.attrs == {"command": "UPDATE", "affected_rows": 3}


def test_polars() -> None:
    pl = pytest.importorskip("polars")
    table = table_of_rows(["a", "i"], ["int4", "interval"], [[1, "P1M2DT3S"], [None, None]])
    frame = Result("SELECT", table).to_polars()
    assert frame["a"].to_list() == [1, None]
    assert frame["i"].to_list() == ["P1M2DT3S", None]
    assert frame["a"].dtype == pl.Int32
