"""Expressions: PostgreSQL's values and names, on a real DuckDB."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal

import duckdb
import pytest

from helios_magic.errors import QueryError

D = Decimal


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7.0 / 2", D("3.5")),
        ("1.0 / 3", D("0.33333333333333333333")),
        ("10.0 / 3", D("3.3333333333333333")),
        ("1.10 * 2.20", D("2.42")),
        ("round(2.5)", D(3)),
        ("round(-2.5)", D(-3)),
        ("round(2.5::float8)", 2.0),
        ("2 ^ 3", 8.0),
        ("-2 ^ 2", 4.0),
        ("@ -5", 5),
        ("5 # 3", 6),
        ("'a' || 1 + 2", "a3"),
        ("'a_b' LIKE 'a\\_b'", True),
        ("'axb' LIKE 'a\\_b'", False),
        ("'FOO' ~* 'foo'", True),
        ("'abc' SIMILAR TO 'a%'", True),
        ("'a.c' SIMILAR TO 'a.c'", True),
        ("'abc' SIMILAR TO 'a.c'", False),
        ("'abc'::varchar(2)", "ab"),
        ("2.5::int", 3),
        ("2.5::float8::int", 2),
        ("1e10::float8::text", "10000000000"),
        ("1e15::float8::text", "1e+15"),
        ("0.1::float8::text", "0.1"),
        ("'on'::bool", True),
        ("E'a\\tb'", "a\tb"),
        ("substr('abc', 0, 2)", "a"),
        ("left('abcdef', -2)", "abcd"),
        ("'{1,NULL,3}'::int[]", [1, None, 3]),
        ("'{\"a b\",c}'::text[]", ["a b", "c"]),
        ("ARRAY[1,2] || 3", [1, 2, 3]),
        ("0 || ARRAY[1]", [0, 1]),
        ("(ARRAY[1,2,3])[2]", 2),
        ("(ARRAY[1,2,3])[0]", None),
        ("(ARRAY[1,2,3])[-1]", None),
        ("(ARRAY[1,2,3])[2:3]", [2, 3]),
        ("2 = ANY('{1,2}')", True),
        ("3 <> ALL(ARRAY[1,2])", True),
        ("ARRAY[1,2] @> ARRAY[2]", True),
        ("ARRAY[1,NULL] @> ARRAY[NULL]::int[]", False),
        ("array_length('{}'::int[], 1)", None),
        ("coalesce(NULL, 'x')", "x"),
        ("greatest(1, NULL, 3)", 3),
        ("date '2024-01-03' - date '2024-01-01'", 2),
        ("date '2024-01-31' + interval '1 month'", datetime.datetime(2024, 2, 29)),  # noqa: DTZ001
        ("extract(second FROM timestamp '2024-01-01 10:00:01.5')", D("1.5")),
        ("""'{"bb": 1, "a": 2, "a": 3}'::jsonb::text""", '{"a": 3, "bb": 1}'),
        ("""'{"a": {"b": [1, 2]}}'::jsonb #>> '{a,b,1}'""", "2"),
        ("""'{"a": null}'::jsonb ->> 'a'""", None),
        ("""'{"a": null}'::jsonb -> 'a' IS NULL""", False),
        ("""'{"a": 1, "b": 2}'::jsonb @> '{"b": 2.0}'""", True),
        ("""'{"a": 1}'::jsonb ? 'a'""", True),
        ("""'{"a": 1.10}'::jsonb ->> 'a'""", "1.10"),
        ("""('{"a": 1}'::jsonb || '{"b": 2}')::text""", '{"a": 1, "b": 2}'),
        ("""('{"a": 1, "b": 2}'::jsonb - 'a')::text""", '{"b": 2}'),
        ("pg_typeof(1.5)", "numeric"),
        ("pg_typeof(ARRAY[1])", "integer[]"),
        ("current_schema()", "public"),
    ],
)
def test_a_value_is_postgresqls(branch, expression, value):
    result = branch.one(expression)
    assert result == value
    assert type(result) is type(value)


def test_json_is_built_as_postgresql_prints_it(branch):
    assert json.loads(branch.one("jsonb_build_object('b', 1, 'aa', NULL, 'c', ARRAY[1,2])")) == {
        "b": 1,
        "aa": None,
        "c": [1, 2],
    }
    assert branch.one("jsonb_build_object('bb', 1, 'a', 'x')::text") == '{"a": "x", "bb": 1}'


@pytest.mark.parametrize(
    ("expressions", "names"),
    [
        ("count(*), sum(1), 1, 'x'", ("count", "sum", "?column?", "?column?")),
        ("(SELECT 5)::text, (SELECT '5'::int)::text, (SELECT max(1))::text", ("?column?", "int4", "max")),
        ("1::int4, 'x'::text, now()", ("int4", "text", "now")),
        ("CASE WHEN true THEN 1 END, coalesce(1, 2), ARRAY[1]", ("case", "coalesce", "array")),
        ("extract(year FROM now()), true, current_date", ("extract", "?column?", "current_date")),
        ("EXISTS (SELECT 1), (SELECT 1 AS z), nullif(1, 2)", ("exists", "z", "nullif")),
        ("lower('A')::varchar, 1 AS \"Big\", 2 AS Small", ("lower", "Big", "small")),
    ],
)
def test_columns_are_named_by_postgresqls_rule(branch, expressions, names):
    assert branch.prepare(f"SELECT {expressions}").columns == names


@pytest.mark.parametrize(
    "expression",
    ["1 / 0", "1 % 0", "1.0 / 0", "1e0::float8 / 0", "2147483647 + 1", "'x'::text::int", "'2.5'::text::int"],
)
def test_what_postgresql_refuses_is_an_error(branch, expression):
    with pytest.raises((duckdb.Error, QueryError)):
        branch.one(expression)


@pytest.mark.parametrize(("value", "kind"), [(2.5, "int"), ("x", "int"), ("1.12345678901", "numeric")])
def test_a_parameter_that_loses_a_part_is_an_error(branch, value, kind):
    with pytest.raises(duckdb.Error):
        branch.one(f"$1::{kind}", value)
    assert branch.one("$1::int", 2) == 2


def test_claimed_types_are_those_of_the_values(branch):
    branch.run("CREATE TABLE t (a int, b bigint, c numeric(10,2), d varchar(3), e jsonb, f timestamptz, g text[])")
    prepared = branch.prepare(
        "SELECT a, b, c, d, e, f, g, sum(a), sum(b), avg(a), count(*), length(d) FROM t GROUP BY 1,2,3,4,5,6,7"
    )
    assert prepared.types == (
        "int4", "int8", "numeric(10,2)", "varchar(3)", "jsonb", "timestamptz", "text[]",
        "int8", "numeric", "numeric", "int8", "int4",
    )  # fmt: skip


JSONB = """'{"a": 1.10, "b": "x\\u001fy", "c": {"z": [1, 2.50, "q"], "bb": null}, "d": null, "0": "zero"}'::jsonb"""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("->>'a'", "1.10"),
        ("->'a'", "1.10"),
        ("->>'b'", "x\x1fy"),
        ("->'b'", '"x\\u001fy"'),
        ("->'c'", '{"z": [1, 2.50, "q"], "bb": null}'),
        ("->'c'->'z'->>1", "2.50"),
        ("->'c'->'z'->>2", "q"),
        ("->'c'->>'bb'", None),
        ("->'c'->'bb'", "null"),
        ("->>'d'", None),
        ("->>'0'", "zero"),
        ("->>'x'", None),
        ("#>>'{c,z}'", '[1, 2.50, "q"]'),
        ("#>>'{c,z,0}'", "1"),
        ("->'c'->'z'->-1", '"q"'),
        ("->'a'->0", "1.10"),
        ("? 'a'", True),
        ("? 'z'", False),
    ],
)
def test_a_path_finds_what_postgresql_finds(branch, path, value):
    branch.run(f"CREATE TABLE t AS SELECT {JSONB} AS d")
    assert branch.run(f"SELECT d {path} FROM t") == [(value,)]
    assert branch.run(f"SELECT min((d {path})::text), count(*) FILTER (WHERE d {path} IS NULL) FROM t")[0][1] == (
        value is None
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (0.1, "0.1"), (1e14, "100000000000000"), (1e15, "1e+15"), (1e-4, "0.0001"), (1e-5, "1e-05"),
     (0.1 + 0.2, "0.30000000000000004"), (-0.0, "-0"), (float("nan"), "NaN"), (float("inf"), "Infinity")],
)  # fmt: skip
def test_floats_are_printed_as_postgresql_does(branch, value, text):
    assert branch.one("$1::float8::text", value) == text


def test_a_float_as_numeric_has_fifteen_digits(branch):
    assert branch.run(
        "SELECT f::numeric, round(f::numeric, 2) FROM (VALUES (1.005::float8), (2.5e-9), (NULL)) t(f)"
    ) == [
        (D("1.005"), D("1.01")),
        (D("2.5e-9"), D("0.00")),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("members", "rows"),
    [
        ('{"b": "v"}', [True, False, False, False, False, None]),
        ('{"b": "v", "t": true}', [True, False, False, False, False, None]),
        ('{"t": false}', [False, False, False, False, True, None]),
        ('{"b": "it\'\'s"}', [False, True, False, False, False, None]),
        ('{"b": 1}', [False, False, False, False, True, None]),
        ("{}", [True, True, True, False, True, None]),
    ],
)
def test_containment_is_postgresqls(branch, members, rows):
    branch.run("CREATE TABLE t (id serial, d jsonb)")
    branch.run(
        """INSERT INTO t (d) VALUES ('{"b": "v", "t": true}'), ('{"b": "it''s"}'), ('{"b": ["v"]}'), """
        """('[{"b": "v"}]'), ('{"b": 1.0, "t": false}'), (NULL)"""
    )
    assert [found for (found,) in branch.run(f"SELECT d @> '{members}' FROM t ORDER BY id")] == rows
