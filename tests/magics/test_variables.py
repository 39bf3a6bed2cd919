"""Values are bound, and every position finds its way back to the user's text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helios_magic.errors import UsageError
from helios_magic.magics import variables
from helios_magic.magics.variables import Values, bind
from helios_magic.sqltext import scan

NAMES: dict[str, Any] = {"a": 1, "name_of_it": "x", "ü": 2.5}
PIECES = st.sampled_from(
    [
        ":a", "{{a}}", "{{ name_of_it }}", ":name_of_it", ":ü", "SELECT", "'it''s :a'", '"x:a"', "1::int", "x", ",",
        "(", ")", "-- :a\n", "/* {{a}} */", "$$ :a $$", "E'\\'' ", "日本", "'{\"k\": 1}'", "10", "\n", "\t",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25))
def test_every_character_finds_its_way_back(pieces: list[str]) -> None:
    written = " ".join(pieces)
    bound = bind(written, Values(), NAMES)
    sent, back = scan(bound.text), scan(written)
    assert len(sent) == len(back)
    for token, own in zip(sent, back, strict=True):
        assert bound.written(token.start) == own.start
        if token.kind == "parameter":
            assert bound.values[int(token.text[1:]) - 1] == NAMES[own.name]
        else:
            assert token.text == own.text
            assert bound.written(token.end - 1) == own.end - 1


def test_a_name_twice_is_one_value_and_numbers_come_first() -> None:
    bound = bind("SELECT :a, $2, :a, $1, {{name_of_it}}", Values([10, 20]), NAMES)
    assert bound.text == "SELECT $3, $2, $3, $1, $4"
    assert list(bound.values) == [10, 20, 1, "x"]


@pytest.mark.parametrize(
    "sql", ["SELECT {{a}}5", "SELECT {{a}}x", "SELECT {{ a + 1 }}", "SELECT {{}}", "SELECT {{a", "SELECT :a.b"]
)
def test_more_than_a_name_is_refused(sql: str) -> None:
    with pytest.raises(UsageError, match="more than a name"):
        bind(sql, Values(), NAMES)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ("[1 2]", "--params is no valid JSON: Expecting ',' delimiter at character 4."),
        ("nothing", "--params “nothing” is neither JSON nor a variable."),
        ("ü", "--params “ü” is a float, not a list, tuple or dict."),
    ],
)
def test_params_that_are_none(params: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        variables.given(params, NAMES)
    assert caught.value.message == message
