"""Numbers that are computed: no limit at 64 bits, and PostgreSQL's own digits.  As PostgreSQL 18 answers."""

from __future__ import annotations

from decimal import Decimal

import pytest

import helios_magic


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
