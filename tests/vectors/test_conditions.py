"""A condition tree and its SQL: values are bound, names are quoted, what is no condition is named."""

from __future__ import annotations

from typing import Any

import pytest

from helios_magic.errors import ValidationError
from helios_magic.models.conditions import to_sql


def test_the_tree_becomes_sql_with_its_values_bound() -> None:
    params: list[Any] = ["taken"]
    tree = {
        "and": [
            {"column": 'la"ng', "value": "en"},
            {"or": [{"column": "year", "op": "between", "value": [1990, 1999]}, {"column": "note", "op": "is null"}]},
            {"not": {"column": "id", "op": "in", "value": [1, 2]}},
            {"column": "title", "op": "ilike", "value": "%'; DROP TABLE d --"},
        ]
    }
    assert to_sql(tree, params) == (
        '(("la""ng" = $2) AND ((("year" BETWEEN $3 AND $4) OR ("note" IS NULL))) AND (NOT ("id" IN ($5, $6))) '
        'AND ("title" ILIKE $7))'
    )
    assert params == ["taken", "en", 1990, 1999, 1, 2, "%'; DROP TABLE d --"]


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ({"lang": "en"}, "“filter” must be “column”"),
        ({}, "“filter” must be “column”"),
        ({"and": []}, "“filter.and” must be a list of conditions, not an empty list"),
        ({"and": [{"column": "a", "op": "~", "value": 1}]}, r"“filter.and\[0\].op” must be one of"),
        ({"column": "a"}, "“filter.value” must be a value for “=”, not none"),
        ({"column": "a", "value": None}, "for NULL use “is null”"),
        ({"column": "a", "op": "in", "value": []}, "a list of 1 to 1000 values, not 0 values"),
        ({"column": "a", "op": "between", "value": [1]}, "a list of two values, not 1 values"),
        ({"column": "a", "value": {"b": 1}}, "a text, a number or a boolean, not dict"),
        ({"not": "x"}, "“filter.not” must be an object, not str"),
    ],
)
def test_what_is_no_condition_is_named(tree: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        to_sql(tree, [])


def test_a_tree_may_not_go_on_for_ever() -> None:
    tree: dict[str, Any] = {"column": "a", "value": 1}
    for _ in range(40):
        tree = {"not": tree}
    with pytest.raises(ValidationError, match="at most 32 levels"):
        to_sql(tree, [])
