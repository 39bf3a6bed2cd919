from __future__ import annotations

import re

import pytest

from helios_magic.engine.face import Limits, Statement
from helios_magic.errors import NotFoundError, QueryError

from .conftest import DATABASE


@pytest.fixture
def tables(run):
    run("CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE, age int CHECK (age > 0))")
    run("CREATE TABLE orders (id int, user_id int, total numeric(5,2))")
    run("INSERT INTO users VALUES (1, 'a', 30)")


CASES = [
    ("SELECT * FROM user", "42P01", 'relation "user" does not exist', "user", "Did you mean users?"),
    ("SELECT emial FROM users", "42703", 'column "emial" does not exist', "emial", "Did you mean email?"),
    ("INSERT INTO users VALUES (1, 'b', 1)", "23505",
     'duplicate key value violates unique constraint "users_pkey"', None, "Key (id)=(1) already exists."),
    ("INSERT INTO users VALUES (2, 'a', 1)", "23505",
     'duplicate key value violates unique constraint "users_email_key"', None, "Key (email)=(a) already exists."),
    ("INSERT INTO users (id) VALUES (1)", "23502",
     'null value in column "email" of relation "users" violates not-null constraint', None, None),
    ("INSERT INTO users VALUES (3, 'x', 1), (3, 'y', 1)", "23505",
     'duplicate key value violates unique constraint "users_pkey"', None, "Key (id)=(3) already exists."),
    ("INSERT INTO users VALUES (2, NULL, 1)", "23502",
     'null value in column "email" of relation "users" violates not-null constraint', None, None),
    ("INSERT INTO users VALUES (2, 'b', 0)", "23514",
     'new row for relation "users" violates check constraint "users_age_check"', None, None),
    ("INSERT INTO orders VALUES (1, 1, 10000)", "22003", "numeric field overflow", None, None),
    ("SELECT 1 / 0", "22012", "division by zero", None, None),
    ("SELECT 'x'::int", "22P02", 'invalid input syntax for type integer: "x"', "'x'", None),
    ("SELECT '2024-13-01'::date", "22008", 'date/time field value out of range: "2024-13-01"', "'2024-13-01'", None),
    ("SELECT 2147483647::int + 1::int", "22003", "integer out of range", None, None),
    ("SELECT id FROM users, orders", "42702", 'column reference "id" is ambiguous', "id", None),
    ("SELECT nofun(1)", "42883", "function nofun", "nofun", None),
    ("SELECT email, count(*) FROM users", "42803",
     'column "', "email", None),
    ("CREATE TABLE users (id int)", "42P07", 'relation "users" already exists', "users", None),
    ("SELECT (SELECT i FROM generate_series(1, 2) AS g(i))", "21000",
     "more than one row returned by a subquery used as an expression", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("query", "state", "message", "word", "hint"), CASES, ids=[case[0] for case in CASES])
def test_errors_are_said_as_postgresql_says_them(tables, run, query, state, message, word, hint):
    with pytest.raises(QueryError) as caught:
        run(query)
    error = caught.value
    assert error.sqlstate == state
    assert error.message.startswith(message)
    if word is not None:
        assert query[error.position - 1 :].startswith(word)
        assert (error.details["line"], error.details["column"]) == (1, error.position)
    if hint is not None:
        assert error.hint == hint


def test_the_place_is_in_the_users_own_lines(tables, run):
    query = "SELECT id,\n       emial -- the address\nFROM users"
    with pytest.raises(QueryError) as caught:
        run(query)
    assert (caught.value.details["line"], caught.value.details["column"]) == (2, 8)
    assert query[caught.value.position - 1 :].startswith("emial")


@pytest.mark.parametrize("query", [case[0] for case in CASES])
def test_no_message_tells_paths_aliases_or_names_of_our_own(tables, run, store, query):
    with pytest.raises(QueryError) as caught:
        run(query)
    told = str(caught.value) + str(caught.value.details)
    for secret in (str(store.path), ".duckdb", "_helios", "pg_attrdef", "pg_enum", "memory.", "DuckDB"):
        assert secret not in told
    assert re.search(r"nd_[0-9a-z]{16}", told) is None


def test_the_branch_goes_on_after_every_error(tables, run, rows):
    for query, *_ in CASES:
        with pytest.raises(QueryError):
            run(query)
    assert rows("SELECT count(*) FROM users") == [(1,)]
    run("INSERT INTO users VALUES (9, 'z', 1)")


def test_the_engines_own_ids_show_in_no_error(engine, run):
    run("SELECT 1")
    engine.drop(DATABASE)
    with pytest.raises(NotFoundError) as caught:
        run("SELECT 1")
    assert caught.value.message == "the database does not exist any more"
    assert DATABASE not in repr((caught.value.message, caught.value.hint, caught.value.details))


def test_a_check_names_the_table_as_it_is_called_now(run):
    run("CREATE TABLE old (n int CHECK (n > 0))")
    run("ALTER TABLE old RENAME TO new")
    with pytest.raises(QueryError) as caught:
        run("INSERT INTO new VALUES (0)")
    assert caught.value.message == 'new row for relation "new" violates check constraint "old_n_check"'
    assert caught.value.sqlstate == "23514"


def test_the_database_has_the_name_it_was_given(engine, store):
    account = store.accounts.add("owner@example.com", None, is_owner=True)
    record = store.databases.add(account.id, "shop", "free", "local")
    engine.create(record.id)
    query = "SELECT current_database(), current_catalog, max(catalog_name) FROM information_schema.schemata"
    outcome = engine.execute(record.id, "main", Statement(query), Limits())
    assert outcome.table.to_pylist() == [{"current_database": "shop", "current_catalog": "shop", "max": "shop"}]


def test_a_database_without_a_record_has_no_name(run):
    with pytest.raises(QueryError) as caught:
        run("SELECT current_database()")
    assert caught.value.sqlstate == "0A000"
