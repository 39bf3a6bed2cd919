"""Small results are fetched another way than large ones: both ways must answer the same table, bit by bit."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
import uuid

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helios_magic.engine import rowwise
from helios_magic.engine.dialect.grammar import nothing_stops
from helios_magic.engine.face import Limits, Statement
from helios_magic.engine.plans import plan
from helios_magic.errors import QueryError

from .conftest import DATABASE

WHOLE = {"int2": 16, "int4": 32, "int8": 64}
TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)


def numerics(precision: int, scale: int) -> st.SearchStrategy[decimal.Decimal]:
    digits = 10**precision - 1
    with decimal.localcontext() as context:
        context.prec = 60
        return st.integers(-digits, digits).map(lambda n: decimal.Decimal(f"{n}e-{scale}"))


#: PostgreSQL type → the values to store; the last ones are those that only Arrow carries.
FAITHFUL = {
    "bool": st.booleans(),
    **{name: st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in WHOLE.items()},
    "float4": st.floats(width=32),
    "float8": st.floats(),
    "numeric(4,2)": numerics(4, 2),
    "numeric(18,0)": numerics(18, 0),
    "numeric(38,10)": numerics(38, 10),
    "numeric": numerics(20, 5),
    "text": TEXTS,
    "varchar(20)": TEXTS,
    "uuid": st.uuids().map(str),
    "jsonb": st.dictionaries(st.sampled_from("ab"), st.integers(), max_size=2).map(json.dumps),
    "bytea": st.binary(max_size=8),
}
ARROW_ONLY = {
    "date": st.dates(),
    "timestamp": st.datetimes(),
    "timestamptz": st.datetimes(timezones=st.just(dt.UTC)),
    "time": st.times(),
}
ALL = FAITHFUL | ARROW_ONLY


def arrow(name: str) -> pa.DataType:
    from helios_magic.models.pgtypes import arrow_type

    return arrow_type(name)


def said(table: pa.Table) -> list[object]:
    """Everything a table says; as text, so that NaN equals NaN and 0.0 does not equal -0.0."""
    fields = [(field.name, str(field.type), field.metadata) for field in table.schema]
    return [fields, *(repr(column.to_pylist()) for column in table.columns)]


def fetched_by_row(engine, query, params=()) -> bool:
    planned = plan(query, engine.describe(DATABASE, "main"), nothing_stops)
    return planned.rowwise and rowwise.small(planned.prepared, list(params))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_few_rows_and_many_rows_say_the_same(engine, run, data):
    names = data.draw(st.lists(st.sampled_from(sorted(ALL)), min_size=1, max_size=6), label="types")
    count = data.draw(st.integers(0, 4), label="rows")
    columns = {"n": pa.array(range(count), pa.int32())}
    for index, name in enumerate(names):
        values = data.draw(st.lists(st.none() | ALL[name], min_size=count, max_size=count), label=name)
        columns[f"c{index}"] = pa.array(values, arrow(name))
    run("DROP TABLE IF EXISTS t")
    run(f"CREATE TABLE t (n int, {', '.join(f'c{i} {name}' for i, name in enumerate(names))})")
    engine.load(DATABASE, "main", "t", pa.table(columns), "append", Limits())
    many = run("SELECT * FROM t ORDER BY n")
    for few, params in (("SELECT * FROM t ORDER BY n LIMIT 100", ()), ("SELECT * FROM t ORDER BY n LIMIT $1", (100,))):
        assert fetched_by_row(engine, few, params) == FAITHFUL.keys().__ge__(set(names))
        outcome = run(few, params)
        assert said(outcome.table) == said(many.table)
        assert outcome.rows_examined == many.rows_examined == count


#: What is answered as Python's values: infinities of moments, and moments that Python has not, among them.
AS_VALUES = {
    **{name: FAITHFUL[name] for name in ("bool", "int2", "int4", "int8", "float8", "text", "varchar(20)", "jsonb")},
    "timestamp": st.datetimes().map(str)
    | st.sampled_from(["infinity", "-infinity", "29000-12-31 23:59:59.999999", "4000-01-01 00:00:00 BC"]),
    "date": st.dates().map(str),
    "uuid": FAITHFUL["uuid"],
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_values_of_few_and_of_many_are_the_same(engine, run, data):
    names = data.draw(st.lists(st.sampled_from(sorted(AS_VALUES)), min_size=1, max_size=6), label="types")
    count = data.draw(st.integers(0, 5), label="rows")
    run("DROP TABLE IF EXISTS t")
    run(f"CREATE TABLE t (n int, {', '.join(f'c{i} {name}' for i, name in enumerate(names))})")
    for number in range(count):
        row = [data.draw(st.none() | AS_VALUES[name], label=name) for name in names]
        run(f"INSERT INTO t VALUES ({', '.join(f'${i + 1}' for i in range(len(row) + 1))})", (number, *row))
    columns = ", ".join(f"c{i} AS {'same' if i < 2 else f'c{i}'}" for i in range(len(names)))
    for selected in ("*", columns):
        query = f"SELECT {selected} FROM t ORDER BY n LIMIT"
        assert told(engine, f"{query} {rowwise.FEW_VALUES}") == told(engine, f"{query} {rowwise.FEW_VALUES + 1}")


def told(engine, query) -> str:
    """What a query answers as values, as text, so that a NumPy number is none of Python's; or why it does not."""
    try:
        outcome = engine.execute(DATABASE, "main", Statement(query, as_values=True), Limits())
    except QueryError as error:
        return str(error)
    if outcome.values is None:
        return str([str(column) for column in outcome.table.columns])
    rows, columns = outcome.values.rows, [list(column) for column in outcome.values.by_column]
    assert [list(row) for row in rows] == [list(row) for row in zip(*columns, strict=True)] or "nan" in repr(rows)
    return repr((outcome.values.columns, outcome.values.types, rows))


ONE_ROW = [
    ("1, 1, 1 AS x, 'a' AS x", ()),
    ("$1::int8, $2::text, $3::bool, $4::numeric, $5::float8", (2**60, "é", None, decimal.Decimal("1.50"), math.inf)),
    ("'NaN'::float8, '-Infinity'::float4, -0.0::float8, 0.1::float4", ()),
    ("NULL, NULL::int, NULL::uuid, NULL::numeric", ()),
    ("$1::uuid, $2::jsonb, '\\xff00'::bytea", (uuid.UUID(int=5), {"a": [1]})),
    ("1.5, 1e3, 2.0 / 3, 7 / 2, sqrt(2), 99999999999999999999999999999999999999", ()),
    ("sum(v), sum(v::int8), avg(v), count(*), max(w), bool_and(v > 0), string_agg(w, ',' ORDER BY v) FROM t", ()),
    ("count(*), sum(v) FROM t WHERE v > 10", ()),
    ("DATE '9999-12-31', TIMESTAMP '2026-01-01', INTERVAL '1 month', ARRAY[1, NULL]", ()),
]


@pytest.mark.parametrize(("selected", "params"), ONE_ROW)
def test_one_row_says_the_same_as_a_query_around_it(run, selected, params):
    run("CREATE TABLE t (v int, w text)")
    run("INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, 'c')")
    alone = run(f"SELECT {selected}", params)
    around = run(f"SELECT {selected} UNION ALL SELECT {selected}", params)
    assert alone.table.num_rows == 1
    assert said(alone.table)[0] == said(around.table)[0]
    assert repr([c.to_pylist() * 2 for c in alone.table.columns]) == repr([c.to_pylist() for c in around.table.columns])


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "SELECT count(*) FROM t",
        "SELECT v FROM t FETCH FIRST 5 ROWS ONLY",
        "SELECT * FROM t WHERE v = $1",
        "SELECT v FROM public.t AS a WHERE a.w = 'x' AND a.\"x\" = $1::int AND v > 1",
    ],
)
def test_these_are_known_to_be_small(engine, run, query):
    run("CREATE TABLE t (v int PRIMARY KEY, w text, x int, UNIQUE (w, x))")
    assert fetched_by_row(engine, query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT v FROM t",
        "SELECT v FROM t LIMIT 201",
        "SELECT v, count(*) FROM t GROUP BY v",
        "SELECT sum(v) OVER () FROM t",
        "SELECT (SELECT max(v) FROM t), v FROM t",
        "SELECT generate_series(1, 1000)",
        "SELECT now()",
        "SELECT v FROM t LIMIT $1",
        "SELECT v FROM t WHERE w = 'x'",
        "SELECT v FROM t WHERE v = 1 OR w = 'x'",
    ],
)
def test_these_are_fetched_as_arrow(engine, run, query):
    run("CREATE TABLE t (v int PRIMARY KEY, w text, x int, UNIQUE (w, x))")
    assert not fetched_by_row(engine, query, (201,))


def test_a_sequence_moves_once(run, rows):
    run("CREATE SEQUENCE s")
    assert rows("SELECT nextval('s')") == [(1,)]
    assert rows("SELECT nextval('s')") == [(2,)]


def test_rows_examined_are_those_read_each_once(run):
    run("CREATE TABLE t (v int PRIMARY KEY, w text)")
    run("INSERT INTO t SELECT i, 'w' || i FROM generate_series(1, 50) AS g(i)")
    assert run("SELECT 1").rows_examined == 0
    assert run("SELECT 1 WHERE EXISTS (SELECT 1 FROM t WHERE w = 'w1')").rows_examined == 50
    assert run("SELECT * FROM t ORDER BY w LIMIT 1").rows_examined == 50
    assert run("SELECT * FROM t AS a WHERE EXISTS (SELECT 1 FROM t AS b WHERE b.v = a.v)").rows_examined == 100
    assert run("SELECT max(w) FROM t").rows_examined == 50
    assert run("INSERT INTO t VALUES (51, 'x')").rows_examined == 0
    assert run("DELETE FROM t WHERE w = 'x'").rows_examined == 51


def test_a_statement_follows_the_structure(run, rows):
    run("CREATE TABLE t (v int)")
    run("INSERT INTO t VALUES (1)")
    assert rows("SELECT * FROM t LIMIT 5") == [(1,)]
    run("DROP TABLE t")
    run("CREATE TABLE t (v text)")
    run("INSERT INTO t VALUES ('1')")
    outcome = run("SELECT * FROM t LIMIT 5")
    assert outcome.table.schema.field("v").metadata == {b"pg_type": b"text"}
    assert outcome.table.column(0).to_pylist() == ["1"]
