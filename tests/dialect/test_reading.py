"""sqlglot's tokens are our scanner's: what stands in a quote, and where each begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helios_magic.engine.dialect import prepare
from helios_magic.engine.dialect.grammar import READING
from helios_magic.errors import QueryError
from helios_magic.schema import Schema
from helios_magic.sqltext import plain_quotes, scan

inside = st.text(alphabet="a'$ \"1\\\n-é", max_size=6)
parameters = st.integers(1, 99).map(lambda n: (f"${n}", "parameter", str(n)))
strings = inside.map(lambda text: ("'" + text.replace("'", "''") + "'", "string", text))
dollars = st.tuples(st.sampled_from(["$$", "$a$", "$tag_1$"]), inside).map(
    lambda pair: (pair[0] + pair[1].replace("$", "") + pair[0], "string", pair[1].replace("$", ""))
)
names = inside.map(lambda text: ('"' + text.replace('"', '""') + 'x"', "identifier", text + "x"))
words = st.sampled_from(["AND", "x", "a$1", "é"]).map(lambda text: (text, "word", text))


@given(
    st.lists(
        st.tuples(
            st.one_of(parameters, strings, dollars, names, words), st.sampled_from([",", " , ", "=", "\n||", "||"])
        ),
        min_size=1,
    )
)
def test_both_read_the_same_tokens(pieces):
    text, expected = "", []
    for (written, kind, value), between in pieces:
        expected.append((len(text), kind, value))
        text += written + between
    kinds = ("parameter", "string", "identifier", "word")
    assert [(token.start, token.kind) for token in scan(text) if token.kind in kinds] == [e[:2] for e in expected]
    plain = plain_quotes(text)
    read = [token for token in READING.tokenize(plain.text) if token.token_type.name not in ("COMMA", "EQ", "DPIPE")]
    starts = iter(read)
    for start, kind, value in expected:
        token = next(starts)
        assert plain.original(token.start) == start
        assert (next(starts) if kind == "parameter" else token).text == value
    assert next(starts, None) is None


@pytest.mark.parametrize(
    ("query", "values", "row"),
    [
        ("SELECT $1 , 'a' , ''", ("p",), ("p", "a", "")),
        ("SELECT $1,$2||'',''", ("p", "q"), ("p", "q", "")),
        ("SELECT $1::bool AND '' = ''", (True,), (True,)),
        ("SELECT $$it's$$, $a$ $$ $a$, '$1', $1", (7,), ("it's", " $$ ", "$1", 7)),
    ],
)
def test_parameters_stand_beside_quotes_of_any_kind(branch, query, values, row):
    assert branch.run(query, *values) == [row]


@pytest.mark.parametrize(
    ("query", "sqlstate", "position"),
    [
        ("SELECT $$it's$$ || nofun($1)", "42883", 20),
        ("SELECT $a$x$a$ frm y", "42601", 20),
        ("SELECT $ 1", "42601", 8),
    ],
)
def test_a_place_after_a_dollar_quote_is_the_users(query, sqlstate, position):
    with pytest.raises(QueryError) as caught:
        prepare(query, Schema())
    assert (caught.value.sqlstate, caught.value.position) == (sqlstate, position)


@pytest.mark.parametrize("value", ["\\x00ff", b"\x00\xff", "\\x 00 FF"])
def test_bytea_parameters_are_read_as_hex(branch, value):
    branch.run("CREATE TABLE t (b bytea)")
    branch.run("INSERT INTO t (b) VALUES ($1)", value)
    branch.run("UPDATE t SET b = $1 WHERE b = $1", value)
    assert branch.run("SELECT b, $1::bytea, $2::text::bytea FROM t", value, "\\x6162") == [
        (b"\x00\xff", b"\x00\xff", b"ab")
    ]


def test_bytea_that_is_not_hex_is_refused(branch):
    import duckdb

    assert branch.one("$1::bytea", "abc") == b"abc"
    assert branch.one("$1::bytea", None) is None
    with pytest.raises(duckdb.Error, match="22023"):
        branch.one("$1::bytea", "\\x0")
