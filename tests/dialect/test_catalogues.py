"""information_schema, pg_catalog and the functions beside them, as PostgreSQL 18 answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import helios_magic

# Written down on a PostgreSQL 18 server.
_WRITTEN = json.loads(Path(__file__).with_name("catalogue_answers.json").read_text())
_ANSWERS = [(answer["query"], answer["rows"]) for answer in _WRITTEN["answers"]]


@pytest.fixture(scope="module")
def session():
    opened = helios_magic.connect(":memory:")
    for statement in _WRITTEN["structure"]:
        opened.run(statement)
    yield opened
    opened.close()


def rows(session, query, params=None):
    table = session.run(query, params).table
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def plain(row):
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


@pytest.mark.parametrize(("query", "expected"), _ANSWERS, ids=range(len(_ANSWERS)))
def test_a_catalogue_is_answered_as_postgresql_does(session, query, expected):
    assert [plain(row) for row in rows(session, query)] == [plain(row) for row in expected]


@pytest.mark.parametrize(
    ("query", "sqlstate"),
    [
        ("SELECT 'none'::regclass", "42P01"),
        ("SELECT 'none'::regtype", "42704"),
        ("SELECT 'none'::regnamespace", "3F000"),
        ("SELECT * FROM pg_none", "42P01"),
        ("SELECT none FROM pg_class", "42703"),
        ("SELECT current_setting('no_such')", "42704"),
        ("CREATE VIEW frozen AS SELECT relname FROM pg_class", "0A000"),
        ("SELECT * FROM pg_catalog.pg_statistic", "0A000"),
    ],
)
def test_what_a_catalogue_does_not_have_is_told(session, query, sqlstate):
    with pytest.raises(helios_magic.HeliosError) as error:
        session.run(query)
    assert error.value.sqlstate == sqlstate


def test_a_parameter_is_looked_up_when_it_runs(session):
    assert rows(session, "SELECT $1::regclass::oid = '\"Orders\"'::regclass", ['public."Orders"']) == [(True,)]
    with pytest.raises(helios_magic.HeliosError) as error:
        session.run("SELECT $1::regclass", ["none"])
    assert error.value.sqlstate == "42P01"


def test_oids_stay_while_other_tables_come_and_go(session):
    before = rows(session, "SELECT oid FROM pg_class WHERE relname = 'users'")
    session.run("CREATE TABLE passing (a int)")
    assert rows(session, "SELECT oid FROM pg_class WHERE relname = 'users'") == before
    assert rows(session, "SELECT count(*) FROM pg_class WHERE relname = 'passing'") == [(1,)]
    session.run("DROP TABLE passing")
    assert rows(session, "SELECT count(*) FROM pg_class WHERE relname = 'passing'") == [(0,)]


def test_rows_and_sizes_are_counted(session):
    session.run("CREATE TABLE counted AS SELECT n FROM generate_series(1, 7) AS s(n)")
    assert rows(session, "SELECT n_live_tup FROM pg_stat_user_tables WHERE relname = 'counted'") == [(7,)]
    assert rows(session, "SELECT pg_relation_size('counted') >= 0")[0] == (True,)
    session.run("DROP TABLE counted")
