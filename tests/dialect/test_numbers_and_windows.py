"""Numbers, aggregates, windows and rows: PostgreSQL 18's answers, and its refusals."""

from __future__ import annotations

from decimal import Decimal

import pytest

import helios_magic
from helios_magic.errors import QueryError


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as opened:
        opened.run("CREATE TABLE t (x int, g int)")
        opened.run("INSERT INTO t VALUES (1, 1), (2, 1), (3, 2), (5, 2)")
        yield opened


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (
            "SELECT power(2.5, 2), sqrt(2.0), ln(2.0), power(2, 10)",
            [(Decimal("6.2500000000000000"), Decimal("1.414213562373095"), Decimal("0.6931471805599453"), 1024.0)],
        ),
        (
            "SELECT log(2.0, 64.0), exp(1.0), 10.0 ^ -2",
            [(Decimal("6.0000000000000000"), Decimal("2.7182818284590452"), Decimal("0.010000000000000000"))],
        ),
        (
            "SELECT div(-7, 2), gcd(12.0, 18), lcm(4.5, 6), factorial(30)",
            [(Decimal("-3"), Decimal("6.0"), Decimal("18.0"), Decimal("265252859812191058636308480000000"))],
        ),
        (
            "SELECT width_bucket(5.35, 0.024, 10.06, 5), width_bucket(11, 0, 10, 5), width_bucket(10, 10, 0, 5)",
            [(3, 6, 1)],
        ),
        (
            "SELECT round(1234.567, -2), trunc(-1234.567, 1), round(2.5), round(2.5::float8), mod(-10, 3)",
            [(Decimal("1200"), Decimal("-1234.5"), Decimal("3"), 2.0, -1)],
        ),
        (
            "SELECT 1 << 33, -1 >> 1, 256 >> 4, 5 # 3, ~5, 1::bigint << 40, 1::smallint << 15",
            [(2, -1, 16, 6, -6, 1099511627776, -32768)],
        ),
        (
            "SELECT '0x1F'::int, '1_000'::int, ' 12 '::bigint",
            [(31, 1000, 12)],
        ),
        (
            "SELECT sind(30), cosd(60), tand(45), cotd(45)",
            [(0.5, 0.5, 1.0, 1.0)],
        ),
        (
            "SELECT 12345678901234567890123456789012 + 1",
            [(Decimal("12345678901234567890123456789013"),)],
        ),
        (
            "SELECT (1, NULL) < (2, 1), (1, NULL) = (1, 2), (1, 2) >= (1, 2), (NULL, NULL) IS NULL",
            [(True, None, True, True)],
        ),
        (
            "SELECT ROW(1, 2) IS DISTINCT FROM ROW(1, NULL)",
            [(True,)],
        ),
        (
            "SELECT (2, 1) IN ((1, 1), (2, 1)), (1, 2) IN (SELECT 1, 3), (1, NULL) IN (SELECT 1, 3)",
            [(True, False, None)],
        ),
        (
            "SELECT sum(x) OVER (ROWS BETWEEN 9 PRECEDING AND 9 FOLLOWING EXCLUDE CURRENT ROW) FROM t ORDER BY x",
            [(10,), (9,), (8,), (6,)],
        ),
        (
            "SELECT count(*) OVER (ORDER BY x::float8 RANGE BETWEEN 1.5 PRECEDING AND CURRENT ROW) FROM t ORDER BY x",
            [(1,), (2,), (2,), (1,)],
        ),
        (
            "SELECT sum(x) OVER (w ROWS 1 PRECEDING) FROM t WINDOW w AS (ORDER BY x DESC) ORDER BY x",
            [(3,), (5,), (8,), (5,)],
        ),
        (
            "SELECT lag(x, 1, 2.5) OVER (ORDER BY x) FROM t ORDER BY x",
            [(Decimal("2.5"),), (Decimal("1"),), (Decimal("2"),), (Decimal("3"),)],
        ),
        (
            "SELECT rank(3) WITHIN GROUP (ORDER BY x), cume_dist(3) WITHIN GROUP (ORDER BY x) FROM t",
            [(3, 0.8)],
        ),
        (
            "SELECT percent_rank(3) WITHIN GROUP (ORDER BY x DESC), dense_rank(4) WITHIN GROUP (ORDER BY x) FROM t",
            [(0.25, 4)],
        ),
        (
            "SELECT percentile_cont(array[0.25, 0.75]) WITHIN GROUP (ORDER BY x) FROM t",
            [([1.75, 3.5],)],
        ),
        (
            "SELECT regr_slope(x, g), regr_count(x, g), bit_xor(x), any_value(x) IS NOT NULL FROM t",
            [(2.5, 4, 5, True)],
        ),
        (
            "SELECT g, grouping(g), sum(x) FROM t GROUP BY ROLLUP (g) ORDER BY 2, 1",
            [(1, 0, 3), (2, 0, 8), (None, 1, 11)],
        ),
        (
            "SELECT string_agg(x::text, NULL ORDER BY x), array_agg(DISTINCT nullif(x, 2)) FROM t",
            [("1235", [1, 3, 5, None])],
        ),
        (
            "SELECT stddev(x * 0.1), variance(x * 0.1) FROM t",
            [(Decimal("0.17078251276599330640"), Decimal("0.02916666666666666667"))],
        ),
        (
            "VALUES (1, 'a'), (2, 'b') ORDER BY 1 DESC",
            [(2, "b"), (1, "a")],
        ),
        (
            "SELECT x FROM t ORDER BY g FETCH FIRST 1 ROW WITH TIES",
            [(1,), (2,)],
        ),
        (
            "SELECT x FROM t WHERE NOT EXISTS (SELECT FROM t u WHERE u.x > t.x)",
            [(5,)],
        ),
    ],
)
def test_an_answer_is_postgresqls(session, query, rows):
    table = session.run(query).table
    found = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    assert found == [tuple(pytest.approx(v, rel=1e-12) if isinstance(v, float) else v for v in row) for row in rows]


@pytest.mark.parametrize(
    ("query", "sqlstate", "message", "position"),
    [
        ("SELECT x + true FROM t", "42883", "operator does not exist: integer + boolean", 10),
        ("SELECT x::uuid FROM t", "42846", "cannot cast type integer to uuid", 9),
        ("SELECT x FROM t WHERE x", "42804", "argument of WHERE must be type boolean, not type integer", 23),
        ("SELECT x FROM t WHERE count(*) > 1", "42803", "aggregate functions are not allowed in WHERE", 23),
        ("SELECT x FROM t WHERE row_number() OVER () = 1", "42P20", "window functions are not allowed in WHERE", 23),
        ("SELECT sum(max(x)) FROM t", "42803", "aggregate function calls cannot be nested", 12),
        (
            "SELECT g, x FROM t GROUP BY g",
            "42803",
            'column "t.x" must appear in the GROUP BY clause or be used in an aggregate function',
            11,
        ),
        (
            "SELECT DISTINCT g FROM t ORDER BY x",
            "42P10",
            "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
            35,
        ),
        ("SELECT sum(x, g) FROM t", "42883", "function sum(integer, integer) does not exist", 8),
        ("SELECT count(DISTINCT x) OVER () FROM t", "0A000", "DISTINCT is not implemented for window functions", 8),
        (
            "SELECT upper(g::text) OVER () FROM t",
            "42809",
            "OVER specified, but upper is not a window function nor an aggregate function",
            8,
        ),
        ("SELECT rank() FROM t", "42809", "window function rank requires an OVER clause", 8),
        ("SELECT nth_value(x, 0) OVER () FROM t", "22016", "argument of nth_value must be greater than zero", None),
        (
            "SELECT sum(x) OVER (w ORDER BY x) FROM t WINDOW w AS (ORDER BY g)",
            "42P20",
            'cannot override ORDER BY clause of window "w"',
            20,
        ),
        ("SELECT t.x FROM t u", "42P01", 'invalid reference to FROM-clause entry for table "t"', 8),
        ("SELECT '1' + '2'", "42725", "operator is not unique: unknown + unknown", 12),
        ("SELECT sqrt(-1)", "2201F", "cannot take square root of a negative number", None),
        ("SELECT ln(0)", "2201E", "cannot take logarithm of zero", None),
        ("SELECT power(10, 400)", "22003", "value out of range: overflow", None),
        ("SELECT '3000000000'::int", "22003", 'value "3000000000" is out of range for type integer', 8),
        ("SELECT 1e20::bigint", "22003", "bigint out of range", None),
        ("SELECT 1234.5::numeric(5,2)", "22003", "numeric field overflow", None),
        ("SELECT '1e400'::float8", "22003", '"1e400" is out of range for type double precision', 8),
        ("SELECT x FROM t JOIN t u", "42601", "syntax error at end of input", 25),
        ("SELECT x, FROM t", "42601", 'syntax error at or near "FROM"', 11),
        ("SELECT x FROM t OFFSET -1", "2201X", "OFFSET must not be negative", None),
    ],
)
def test_a_refusal_is_postgresqls(session, query, sqlstate, message, position):
    with pytest.raises(QueryError) as caught:
        session.run(query)
    assert (caught.value.details["sqlstate"], caught.value.message) == (sqlstate, message)
    assert position is None or caught.value.details.get("position") in (None, position)
