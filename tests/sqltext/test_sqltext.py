"""What can be said of SQL by reading it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helios_magic.errors import UsageError
from helios_magic.sqltext import (
    UnclosedError,
    bind_names,
    find_identifier,
    plain_quotes,
    position,
    scan,
    split,
    statement_kind,
)

LITERALS = [
    "'it''s :a $1'",
    "E'it\\'s :a'",
    "$$ :a; $1 $$",
    "$tag$ $$ :a $tag$",
    '"a "":b"" ; c"',
    "/* :a /* nested; */ {{b}} */",
    "-- :a ; {{b}}\n",
]


@given(
    st.lists(st.sampled_from([*LITERALS, "SELECT", " ", "\n", "(", ")", "x::int", "a[1:2]", "$1", ",", "1.5e3", "<>"]))
)
def test_tokens_join_to_the_text(parts):
    text = " ".join(parts)
    assert "".join(token.text for token in scan(text)) == text


@pytest.mark.parametrize("literal", LITERALS)
def test_nothing_inside_a_literal_is_a_placeholder_or_an_end(literal):
    text = f"SELECT {literal} FROM t"
    assert bind_names(text, {}) == (text, [])
    assert len(split(text)) == 1


@pytest.mark.parametrize(
    ("text", "what", "start"),
    [
        ("SELECT 'abc", "quoted string", 7),
        ('SELECT "abc', "quoted identifier", 7),
        ("SELECT /* a /* b */", "comment", 7),
        ("SELECT $x$ abc $y$", "dollar-quoted string", 7),
        ("SELECT E'a\\'", "quoted string", 7),
    ],
)
def test_a_quote_left_open_says_where_it_opened(text, what, start):
    with pytest.raises(UnclosedError) as caught:
        scan(text)
    assert (caught.value.what, caught.value.start) == (what, start)


def test_split_keeps_each_statement_and_its_place():
    text = "SELECT 1; -- one;\n SELECT ';' ;; "
    assert [(piece.text, piece.start) for piece in split(text)] == [("SELECT 1", 0), ("SELECT ';'", 19)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", ""),
        ("-- nothing", ""),
        ("  /* x */ SELECT 1", "select"),
        ("(SELECT 1) UNION SELECT 2", "select"),
        ("VALUES (1)", "select"),
        ("WITH a AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM a", "insert"),
        ("with recursive a as (select 1) select * from a", "select"),
        ("CREATE TABLE t (a int)", "create"),
    ],
)
def test_the_kind_is_the_main_verb(text, kind):
    assert statement_kind(text) == kind


def test_names_become_numbers_bound_once_each():
    text = "SELECT :a::int, {{ b }}, :a, x[1:n], '{\"k\": :a}'"
    assert bind_names(text, {"a": 1, "b": "x"}) == ("SELECT $1::int, $2, $1, x[1:n], '{\"k\": :a}'", [1, "x"])


def test_names_are_counted_after_the_numbers_that_are_there():
    assert bind_names("SELECT $1, :a", {"a": 2}, [1]) == ("SELECT $1, $2", [1, 2])


def test_an_unknown_name_tells_the_nearest():
    with pytest.raises(UsageError) as caught:
        bind_names("SELECT :custmer", {"customer": 1, "other": 2})
    assert "custmer" in caught.value.message
    assert caught.value.hint == "Did you mean customer?"


def test_positions_count_lines_and_characters():
    text = "SELECT é,\n  wörd"
    assert position(text, text.index("wörd")) == (2, 3)
    assert position(text, 0) == (1, 1)


def test_identifiers_are_found_outside_literals_only():
    text = "SELECT 'name', Name, \"Name\" FROM name"
    assert find_identifier(text, "name").start == text.index("Name")
    assert find_identifier(text, "name", 1).start == text.rindex("name")
    assert find_identifier(text, "Name").text == '"Name"'
    assert find_identifier(text, "nobody") is None


@given(st.lists(st.sampled_from(["$1", "$12", ",", "é", " ", "x", "'$3'", "$$a'b$$", "$t$ $$ $t$", "''"]), max_size=30))
def test_a_text_without_dollar_quotes_says_the_same_at_the_same_places(parts):
    text = " ".join(parts)
    plain = plain_quotes(text)
    before, after = scan(text), scan(plain.text)
    assert [token.start for token in before] == [plain.original(token.start) for token in after]
    for one, other in zip(before, after, strict=True):
        assert other.text == (one.text if one.text[0] != "$" or one.kind != "string" else quoted(one.text))
        if one.text == other.text:
            assert [plain.original(at) for at in range(other.start, other.end)] == list(range(one.start, one.end))


def quoted(dollars):
    tag = dollars[: dollars.index("$", 1) + 1]
    return "'" + dollars.removeprefix(tag).removesuffix(tag).replace("'", "''") + "'"
