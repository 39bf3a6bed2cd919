"""Vectors of numeric division against exact arithmetic, row by row."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helios_magic.engine.dialect.division import numeric_div
from helios_magic.engine.dialect.install import install

TYPES = [(12, 2), (38, 10), (18, 0), (10, 4), (38, 20), (5, 5), (7, 3)]


@pytest.fixture(scope="module")
def plain():
    connection = duckdb.connect()
    install(connection)
    yield connection
    connection.close()


def numbers(precision, scale):
    digits = st.one_of(st.integers(0, 10 ** min(precision, 28) - 1), st.integers(0, 12), st.integers(9990, 10010))
    scaled = st.tuples(digits, st.sampled_from([0, scale, scale // 2]), st.sampled_from([1, -1])).map(
        lambda parts: parts[0] * 10 ** parts[1] * parts[2]
    )
    return scaled.filter(lambda n: abs(n) < 10**precision).map(lambda n: f"{Decimal(n).scaleb(-scale):.{scale}f}")


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(TYPES), st.sampled_from(TYPES))
def test_a_vector_of_quotients_is_each_quotient(plain, data, one, other):
    pairs = st.tuples(numbers(*one), numbers(*other)).filter(
        lambda pair: Decimal(pair[1]) != 0 and abs(Decimal(pair[0]) / Decimal(pair[1])) < 10**17
    )
    rows = data.draw(st.lists(pairs, min_size=1, max_size=20))
    casts = [f"(CAST('{a}' AS DECIMAL{one}), CAST('{b}' AS DECIMAL{other}))" for a, b in rows]
    found = plain.execute(f"SELECT pg_div(a, b) FROM (VALUES {', '.join(casts)}) t(a, b)").fetchall()
    assert [quotient for (quotient,) in found] == [Decimal(numeric_div(a, b)) for a, b in rows]


@pytest.mark.parametrize(
    ("division", "quotient"),
    [
        ("1::numeric / 3", "0.33333333333333333333"),
        ("10::numeric / 3", "3.3333333333333333"),
        ("123456.78 / 7", "17636.682857142857"),
        ("1e10 / 3", "3333333333.33333333"),
        ("-1.5 / 2.5", "-0.60000000000000000000"),
        ("2 / 3.0 / 7", "0.09523809523809523810"),
        ("9999.5 / 9999", "1.00005000500050005001"),
        ("(SELECT avg(x) FROM (VALUES (1), (2), (2)) t(x))", "1.6666666666666667"),
        ("(SELECT avg(x) FROM (VALUES (1.5), (NULL), (2.25)) t(x))", "1.8750000000000000"),
    ],
)
def test_quotients_are_those_of_postgresql_18(branch, division, quotient):
    assert branch.one(division) == Decimal(quotient)


def test_null_and_zero_divide_as_they_do_in_postgresql(branch):
    assert branch.run("SELECT 1.5 / x FROM (VALUES (3.0), (NULL)) t(x)") == [(Decimal("0.5"),), (None,)]
    with pytest.raises(duckdb.Error, match="22012"):
        branch.run("SELECT 1.5 / x FROM (VALUES (3.0), (0.0)) t(x)")
