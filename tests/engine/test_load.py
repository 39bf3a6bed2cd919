from __future__ import annotations

import datetime as dt
import decimal

import pyarrow as pa
import pytest

from helios_magic.engine.face import Limits
from helios_magic.errors import AlreadyExistsError, NotFoundError, QueryError, ValidationError

from .conftest import DATABASE


@pytest.fixture
def load(engine):
    def one(table, columns, mode="append", **options):
        rows = columns if isinstance(columns, pa.Table) else pa.table(columns)
        return engine.load(DATABASE, "main", table, rows, mode, Limits(), **options)

    return one


def test_create_makes_a_table_with_postgresql_types(engine, load, rows):
    count = load(
        "made",
        {
            "id": pa.array([1, 2], pa.int64()),
            "small": pa.array([1, None], pa.int16()),
            "name": ["a", None],
            "ok": [True, False],
            "price": pa.array([decimal.Decimal("1.50"), None], pa.decimal128(10, 2)),
            "x": [0.5, None],
            "day": [dt.date(2024, 2, 29), None],
            "at": pa.array([0, None], pa.timestamp("us", "UTC")),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "tags": [["a", "b"], None],
            "raw": [b"\x00", None],
        },
        "create",
    )
    assert count == 2
    table = engine.describe(DATABASE, "main").table("made")
    assert [(column.name, column.type) for column in table.columns] == [
        ("id", "int8"),
        ("small", "int2"),
        ("name", "text"),
        ("ok", "bool"),
        ("price", "numeric(10,2)"),
        ("x", "float8"),
        ("day", "date"),
        ("at", "timestamptz"),
        ("kind", "text"),
        ("tags", "text[]"),
        ("raw", "bytea"),
    ]
    assert rows("SELECT id, name, price, kind, tags FROM made ORDER BY id") == [
        (1, "a", decimal.Decimal("1.50"), "x", ["a", "b"]),
        (2, None, None, "y", None),
    ]


def test_append_matches_columns_by_name_and_fills_defaults(run, load, rows):
    run("CREATE TABLE t (id int PRIMARY KEY, name text, n int DEFAULT 7)")
    assert load("t", {"name": ["b", "a"], "id": [2, 1]}) == 2
    assert rows("SELECT * FROM t ORDER BY id") == [(1, "a", 7), (2, "b", 7)]


def test_text_is_read_as_the_columns_type(run, load, rows):
    run("CREATE TABLE t (id int, day date)")
    assert load("t", {"id": ["1", "2"], "day": ["2024-02-29", None]}) == 2
    assert rows("SELECT * FROM t ORDER BY id") == [(1, dt.date(2024, 2, 29)), (2, None)]
    with pytest.raises(QueryError) as caught:
        load("t", {"id": ["x"]})
    assert caught.value.sqlstate == "22P02"
    assert caught.value.position is None
    assert rows("SELECT count(*) FROM t") == [(2,)]


def test_a_load_is_all_or_nothing(run, load, rows):
    run("CREATE TABLE t (id int PRIMARY KEY)")
    load("t", {"id": [1]})
    with pytest.raises(QueryError) as caught:
        load("t", {"id": [5, 6, 1]})
    assert caught.value.sqlstate == "23505"
    assert rows("SELECT id FROM t") == [(1,)]


def test_replace_empties_the_table_first(run, load, rows):
    run("CREATE TABLE t (id int)")
    load("t", {"id": [1, 2]})
    assert load("t", {"id": [3]}, "replace") == 1
    assert rows("SELECT id FROM t") == [(3,)]
    assert load("fresh", {"id": [3]}, "replace") == 1


def test_the_modes_need_what_they_say(run, load):
    run("CREATE TABLE users (id int)")
    with pytest.raises(NotFoundError) as missing:
        load("usres", {"id": [1]})
    assert missing.value.hint == "Did you mean users?"
    with pytest.raises(AlreadyExistsError):
        load("users", {"id": [1]}, "create")
    with pytest.raises(QueryError) as unknown:
        load("users", {"di": [1]})
    assert unknown.value.message == "users has no column “di”"
    assert unknown.value.sqlstate == "42703"


def test_a_key_makes_a_load_happen_once(run, load, rows):
    run("CREATE TABLE t (id int)")
    assert load("t", {"id": [1, 2]}, idempotency_key="k1") == 2
    assert load("t", {"id": [1, 2]}, idempotency_key="k1") == 2
    assert rows("SELECT count(*) FROM t") == [(2,)]
    with pytest.raises(ValidationError):
        load("t", {"id": [1]}, "replace", idempotency_key="k1")


def test_foreign_keys_hold_for_loads(run, load, rows):
    run("CREATE TABLE p (id int PRIMARY KEY)")
    run("CREATE TABLE c (id int, pid int REFERENCES p (id))")
    load("p", {"id": [1, 2]})
    load("c", {"id": [1, 2], "pid": [1, None]})
    with pytest.raises(QueryError) as caught:
        load("c", {"id": [3], "pid": [9]})
    assert caught.value.sqlstate == "23503"
    with pytest.raises(QueryError) as replaced:
        load("p", {"id": [2, 3]}, "replace")
    assert replaced.value.sqlstate == "23503"
    assert rows("SELECT id FROM p ORDER BY id") == [(1,), (2,)]


@pytest.mark.parametrize(
    "rows",
    [pa.table({}), pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), pa.table({"": [1]})],
    ids=["no columns", "twice", "no name"],
)
def test_rows_that_cannot_be_named_are_refused(load, rows):
    with pytest.raises(ValidationError):
        load("t", rows, "create")


def test_hostile_names_are_only_names(load, rows):
    name = 'x"; DROP TABLE t; --'
    load("t", {name: [1]}, "create")
    quoted = name.replace('"', '""')
    assert rows(f'SELECT "{quoted}" FROM t') == [(1,)]
