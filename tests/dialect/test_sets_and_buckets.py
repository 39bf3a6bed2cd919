"""width_bucket of thresholds, string_agg with a delimiter of each row, and types that are not kept: PostgreSQL 18."""

from __future__ import annotations

import pytest

import helios_magic
from helios_magic.errors import QueryError


@pytest.fixture(scope="module")
def session():
    with helios_magic.connect(":memory:") as opened:
        opened.run("CREATE TABLE w (id int PRIMARY KEY, word text, sign text)")
        opened.run("INSERT INTO w VALUES (1, 'a', '-'), (2, NULL, '+'), (3, 'c', NULL), (4, 'd', '/')")
        yield opened


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("width_bucket(0, ARRAY[1, 2, 5])", 0),
        ("width_bucket(2, ARRAY[1, 2, 5])", 2),
        ("width_bucket(9, ARRAY[1, 2, 5])", 3),
        ("width_bucket(2.5, ARRAY[1, 2, 3])", 2),
        ("width_bucket(NULL, ARRAY[1, 2])", None),
        ("width_bucket(1, ARRAY[]::int[])", 0),
        ("(SELECT string_agg(word, sign ORDER BY id) FROM w)", "ac/d"),
        ("(SELECT string_agg(word, id || ':' ORDER BY id DESC) FROM w)", "d3:c1:a"),
        ("(SELECT string_agg(word, sign ORDER BY id) FILTER (WHERE id > 2) FROM w)", "c/d"),
        ("(SELECT string_agg(word, sign) FROM w WHERE id = 2)", None),
    ],
)
def test_as_postgresql_answers(session, expression, value):
    (row,) = session.run(f"SELECT {expression} AS x").to_arrow().to_pylist()
    assert row["x"] == value


@pytest.mark.parametrize(
    ("query", "sqlstate", "words"),
    [
        ("SELECT width_bucket(1, ARRAY[1, NULL])", "22004", "must not contain NULLs"),
        ("SELECT box '((0,0),(1,1))'", "0A000", "type box is not supported"),
        ("SELECT point(1, 2)", "0A000", "function point is not supported"),
        ("SELECT string_agg(DISTINCT word, sign) FROM w", "0A000", "computed delimiter"),
        ("SELECT id FROM w 'x'", "42601", "syntax error"),
    ],
)
def test_what_is_no_answer(session, query, sqlstate, words):
    with pytest.raises(QueryError, match=words) as caught:
        session.run(query)
    assert caught.value.sqlstate == sqlstate
