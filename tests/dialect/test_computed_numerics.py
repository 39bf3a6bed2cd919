"""Numbers that are computed: no limit at 64 bits, and PostgreSQL's own digits.  As PostgreSQL 18 answers."""

from __future__ import annotations

from decimal import Decimal

import pytest

import helios_magic
from helios_magic.errors import QueryError


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as opened:
        opened.run("CREATE TABLE o (id int PRIMARY KEY, total numeric(10,2), qty int)")
        opened.run("INSERT INTO o VALUES (1, 99.99, 2), (2, 42.50, 3), (3, 99999999.99, 2000000000)")
        yield opened


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("123456789.123456789 * 1000", "123456789123.456789000"),
        ("12345678901.12 * 1234567890", "15241578751573237036.8000"),
        ("999999999999999.99 + 999999999999999.99", "1999999999999999.98"),
        ("999999999999999999.0 - -999999999999999999.0", "1999999999999999998.0"),
        ("(SELECT max(total * qty) FROM o)", "199999999980000000.00"),
        ("(SELECT max(total * total * 10.5) FROM o)", "104999999979000000.001050"),
        (
            "(SELECT x * y * z FROM (VALUES (123456789.12, 123456789.12, 12345.1)) v(x, y, z))",
            "188158814194757738387.00544",
        ),
    ],
)
def test_a_product_of_two_short_numbers_may_be_long(session, expression, expected):
    (row,) = session.run(f"SELECT {expression} AS x").to_arrow().to_pylist()
    assert row["x"] == Decimal(expected)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("(SELECT avg(total)::text FROM o WHERE id < 3)", "71.2450000000000000"),
        ("(SELECT 'avg ' || round(avg(total), 2) FROM o WHERE id < 3)", "avg 71.25"),
        ("(SELECT json_build_object('a', avg(qty))::text FROM o WHERE id < 3)", '{"a" : 2.5000000000000000}'),
        ("(SELECT jsonb_agg(r)::text FROM (SELECT round(total / 3, 1) AS x FROM o WHERE id = 1) r)", '[{"x": 33.3}]'),
        ("(SELECT round(avg(total), 2) FROM o WHERE id < 3)::text", "71.25"),
        ("(SELECT max(round(total, 1))::text FROM o WHERE id < 3)", "100.0"),
        ("(10 / 4.0)::text", "2.5000000000000000"),
        ("(100.0 / 3)::text", "33.3333333333333333"),
        ("(0.001 / 3)::text", "0.00033333333333333333"),
        ("(2 / 3.0 / 5)::text", "0.13333333333333333333"),
        ("round(1.5, 3)::text", "1.500"),
        ("round(1234.5, -2)::text", "1200"),
        ("(round(1.26, 1) * 2)::text", "2.6"),
        ("trim_scale(100.50)::text", "100.5"),
        ("trim_scale(100.00)::text", "100"),
        ("scale(1.500)::text", "3"),
        ("scale(1.500 * 1.1)::text", "4"),
        ("mod(7.25, 2)::text", "1.25"),
        ("floor(7.25)::text", "7"),
    ],
)
def test_a_computed_number_is_written_with_its_own_digits(session, expression, text):
    (row,) = session.run(f"SELECT {expression} AS x").to_arrow().to_pylist()
    assert row["x"] == text


@pytest.mark.parametrize(
    "expression",
    [
        "(0.00001 / 30)::text",
        "(1.0 / 7 * 7)::text",
        "(SELECT max(x)::text FROM (VALUES (1.5), (2.25)) s(x))",
    ],
)
def test_digits_that_are_not_known_are_not_guessed(session, expression):
    with pytest.raises(QueryError) as caught:
        session.run(f"SELECT {expression}")
    assert caught.value.sqlstate == "0A000"


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("generate_series(0, 1, 0.25)", "0 0.25 0.50 0.75 1.00"),
        ("generate_series(3.0, 1, -0.7)", "3.0 2.3 1.6"),
        ("generate_series(1, 3.5)", "1 2 3"),
        ("generate_series(1.0, 0, 0.5)", ""),
        ("generate_series(NULL, 1.5, 0.5)", ""),
    ],
)
def test_a_series_of_numerics(session, expression, values):
    wanted = [Decimal(value) for value in values.split()]
    for query in (f"SELECT {expression} AS x", f"SELECT x FROM {expression} AS x"):
        assert [row["x"] for row in session.run(query).to_arrow().to_pylist()] == wanted


def test_a_series_needs_a_step(session):
    with pytest.raises(QueryError) as caught:
        session.run("SELECT generate_series(1.0, 2, 0)")
    assert caught.value.sqlstate == "22023"
