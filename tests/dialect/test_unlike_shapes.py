"""Numerics of unlike scale, texts of unlike length and literals beside them, as PostgreSQL 18 answers."""

from __future__ import annotations

from decimal import Decimal

import pytest

import helios_magic
from helios_magic.errors import QueryError


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as opened:
        opened.run("CREATE TABLE t (id int, n numeric(12,3), q numeric, v varchar(2), c char(4), s text)")
        opened.run("INSERT INTO t VALUES (1, 487.085, 2.5, 'ab', 'ab', 'ab ')")
        yield opened


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("coalesce(n, trunc(q))", Decimal("487.085")),
        ("greatest(n, floor(q), round(q))", Decimal("487.085")),
        ("CASE WHEN id = 1 THEN n ELSE trunc(q) END", Decimal("487.085")),
        ("(SELECT max(x) FROM (SELECT trunc(q) AS x FROM t UNION SELECT n FROM t) y)", Decimal("487.085")),
        ("array_append(ARRAY[trunc(q)], n)", [Decimal(2), Decimal("487.085")]),
        ("ARRAY[trunc(q)] || n", [Decimal(2), Decimal("487.085")]),
        ("trunc(n) = ANY (ARRAY[n, q])", False),
        ("coalesce(n, '1.23456')", Decimal("487.085")),
        ("coalesce(nullif(n, n), '1.23456')", Decimal("1.23456")),
        ("coalesce(nullif(v, v), 'abcdef')", "abcdef"),
        ("greatest(v, 'dat')", "dat"),
        ("(SELECT max(x) FROM (SELECT v AS x FROM t UNION ALL SELECT 'abcdef') y)", "abcdef"),
        ("(SELECT max(x) FROM (VALUES ('ab'::varchar(2)), ('abcdef')) y(x))", "abcdef"),
        ("lag(v, 1, 'abcdef') OVER (ORDER BY id)", "abcdef"),
        ("coalesce(c, s)", "ab  "),
        ("nullif(c, s)", "ab"),
        ("pg_typeof(nullif(v, c))::text", "character"),
        ("pg_typeof(coalesce(c, v))::text", "character"),
    ],
)
def test_what_stands_together_keeps_what_it_is(session, expression, value):
    (row,) = session.run(f"SELECT {expression} AS x FROM t").to_arrow().to_pylist()
    assert row["x"] == value


@pytest.mark.parametrize("query", ["SELECT DISTINCT coalesce(c, s) FROM t", "SELECT c FROM t UNION SELECT s FROM t"])
def test_texts_of_several_lengths_that_differ_in_blanks_are_not_told_apart(session, query):
    with pytest.raises(QueryError, match=r"char\(n\) of several lengths is not supported") as caught:
        session.run(query)
    assert caught.value.sqlstate == "0A000"


@pytest.mark.parametrize(
    "condition",
    ["id IS DISTINCT FROM 1 IS NULL", "id BETWEEN 0 AND 2 BETWEEN 0 AND 1", "s LIKE 'a' LIKE 'b'"],
)
def test_what_does_not_associate_wants_brackets(session, condition):
    with pytest.raises(QueryError) as caught:
        session.run(f"SELECT {condition} FROM t")
    assert caught.value.sqlstate == "42601"


def test_what_except_leaves_over_has_the_digits_it_had(session) -> None:
    table = session.run("SELECT n FROM t EXCEPT SELECT n % 3 FROM t").table
    assert table.schema.field(0).metadata == {b"pg_type": b"numeric(12,3)"}
    assert table["n"].to_pylist() == [Decimal("487.085")]
