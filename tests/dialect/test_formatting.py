"""to_char, concat_ws and regexp_match, compared with PostgreSQL 18."""

from __future__ import annotations

import pytest

MOMENT = "timestamp '2024-03-05 14:07:09.123456'"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (f"to_char({MOMENT}, 'YYYY-MM-DD HH24:MI:SS')", "2024-03-05 14:07:09"),
        (f"to_char({MOMENT}, 'HH12:MI AM MS US YY \"at\" HH')", "02:07 PM 123 123456 24 at 02"),
        ("to_char(date '2024-03-05', 'Month YYYY')", "March     2024"),
        ("to_char(date '2024-03-05', 'FMMonth, Dy')", "March, Tue"),
        ("to_char(date '2024-12-31', '100% {YYYY}')", "100% {2024}"),
        ("to_char(timestamptz '2024-03-05 14:07:09+02', 'YYYY-MM-DD\"T\"HH24:MI:SS')", "2024-03-05T12:07:09"),
        ("to_char(NULL::date, 'YYYY')", None),
        ("concat_ws(',', 'a', NULL, 1, true, 2.50)", "a,1,t,2.50"),
        ("concat_ws(NULL, 'a', 'b')", None),
        ("concat_ws('-', NULL, NULL)", ""),
        ("regexp_match('foobarbequebaz', 'bar.*que')", ["barbeque"]),
        ("regexp_match('abc123', '([a-z]+)([0-9]+)')", ["abc", "123"]),
        ("(regexp_match('k=v', '(.)=(.)'))[2]", "v"),
        ("regexp_match('x', 'y')", None),
    ],
)
def test_values_are_those_of_postgresql(branch, expression, value):
    assert branch.one(expression) == value
