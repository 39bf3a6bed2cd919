"""Nothing that a statement says is passed over: found by comparing with PostgreSQL."""

from __future__ import annotations

import pytest

import helios_magic


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("'abc' NOT LIKE 'a%'", False),
        ("'abc' NOT ILIKE 'B%'", True),
        ("'a%c' NOT LIKE 'a!%c' ESCAPE '!'", False),
        ("1 = ANY (NULL::int[])", None),
        ("1 <> ALL (NULL::int[])", None),
        ("1 = ANY ('{2,NULL}'::int[])", None),
        ("upper('a') IN ('A', 'B')", True),
        ("(CASE WHEN true THEN 1 END) IN (2, 1.5)", False),
        (
            "(SELECT string_agg(coalesce(x::text, '-'), '' ORDER BY x DESC NULLS LAST) "
            "FROM unnest('{1,NULL,2}'::int[]) u(x))",
            "21-",
        ),
    ],
)
def test_as_postgresql(expression: str, answer: object) -> None:
    with helios_magic.connect(":memory:") as session:
        table = session.run(f"SELECT {expression} AS answer").to_arrow()
    assert table is not None
    assert table.to_pylist() == [{"answer": answer}]


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        ("x", [1, 2, None]),
        ("x DESC", [None, 2, 1]),
        ("x NULLS FIRST", [None, 1, 2]),
        ("x DESC NULLS LAST", [2, 1, None]),
        ("1 DESC NULLS LAST LIMIT 3", [2, 1, None]),
    ],
)
def test_nulls_stand_where_postgresql_puts_them(order: str, answer: list[object]) -> None:
    with helios_magic.connect(":memory:") as session:
        for distinct in ("", "DISTINCT "):
            query = f"SELECT {distinct}x FROM (VALUES (1), (NULL), (2)) v(x) ORDER BY {order}"
            table = session.run(query).to_arrow()
            assert table is not None
            assert table.column(0).to_pylist() == answer
