"""What may not run, and how it is said."""

from __future__ import annotations

import pytest

from helios_magic.engine.dialect import prepare
from helios_magic.errors import QueryError, ValidationError
from helios_magic.schema import Column, Index, Schema, Table

SCHEMA = Schema(
    tables=(
        Table(
            "users",
            (Column("id", "int4", False), Column("email", "text"), Column("n", "numeric(10,2)")),
            primary_key=("id",),
            indexes=(Index("users_pkey", ("id",), unique=True, primary=True),),
        ),
        Table("orders", (Column("id", "int4"), Column("user_id", "int4"))),
    )
)


@pytest.mark.parametrize(
    "query",
    [
        "COPY users TO '/tmp/x'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "ATTACH 'x' AS y",
        "DETACH y",
        "USE memory",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA version",
        "EXPORT DATABASE 'x'",
        "IMPORT DATABASE 'x'",
        "CALL pragma_version()",
        "CHECKPOINT",
        "SET VARIABLE x = 1",
        "SET memory_limit = '1GB'",
        "SET TIMEZONE TO 'Europe/Berlin'",
        "EXECUTE x",
        "PREPARE x AS SELECT 1",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('x')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'x.csv'",
        "SELECT * FROM glob('*')",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('users')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_databases",
        "SELECT * FROM pragma_database_list",
        "SELECT * FROM memory.main.users",
        "SELECT * FROM main.users",
        "SELECT * FROM _helios.columns",
        "SELECT * FROM system.main.duckdb_tables",
        "SELECT (SELECT max(id) FROM _helios.columns)",
        "WITH a AS (SELECT * FROM read_csv('x')) SELECT * FROM a",
        "INSERT INTO orders SELECT * FROM read_csv('x')",
        "INSERT INTO _helios.columns VALUES (1)",
        "UPDATE _helios.columns SET type = 'x'",
        "DELETE FROM _helios.columns",
        "DROP TABLE _helios.columns",
        "ALTER TABLE _helios.columns ADD COLUMN x int",
        "TRUNCATE _helios.columns",
        "CREATE TABLE _helios.x (a int)",
        "CREATE TABLE main.x (a int)",
        "CREATE VIEW main.x AS SELECT 1",
        "CREATE SCHEMA _helios",
        "CREATE SCHEMA main",
        "DROP SCHEMA public",
        "CREATE FUNCTION f() RETURNS int AS 'SELECT 1' LANGUAGE sql",
        "CREATE MACRO f(x) AS x",
        "SELECT getenv('HOME')",
        "SELECT current_setting('memory_limit')",
        "SELECT pg_whole('1')",
        "SELECT nextval('_helios.x')",
        "SELECT struct_pack(a := 1)",
        "SELECT list_transform([1], x -> x)",
        "SELECT * EXCLUDE (id) FROM users",
        "SELECT id FROM users QUALIFY row_number() OVER () = 1",
        "SELECT * FROM users PIVOT (count(*) FOR id IN (1))",
        "FROM users",
        "DESCRIBE users",
        "SUMMARIZE users",
    ],
)
def test_what_leaves_the_database_is_refused(query):
    with pytest.raises(QueryError) as caught:
        prepare(query, SCHEMA)
    assert caught.value.sqlstate in ("0A000", "42601", "42883", "42P01", "42704", "3F000", "42939", "42703", "42P06")


@pytest.mark.parametrize("query", ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "SELECT 1; SELECT 2"])
def test_several_statements_point_at_the_batch(query):
    with pytest.raises(ValidationError) as caught:
        prepare(query, SCHEMA)
    assert "/sql/batch" in caught.value.hint


@pytest.mark.parametrize(
    ("query", "sqlstate", "message", "position", "hint"),
    [
        ("SELEC 1", "42601", 'syntax error at or near "SELEC"', 1, None),
        ("SELECT 1 frm x", "42601", 'syntax error at or near "x"', 14, None),
        ("SELECT $1,$2 frm x", "42601", 'syntax error at or near "x"', 18, None),
        ("SELECT * FROM usres", "42P01", 'relation "usres" does not exist', 15, "Did you mean users?"),
        ("SELECT emial FROM users", "42703", 'column "emial" does not exist', 8, "Did you mean email?"),
        ("SELECT $1,$2,\n  emial FROM users", "42703", 'column "emial" does not exist', 17, "Did you mean email?"),
        ("SELECT u.emial FROM users u", "42703", "column u.emial does not exist", 8, "Did you mean email?"),
        ('SELECT "Id" FROM users', "42703", 'column "Id" does not exist', 8, "Did you mean id?"),
        ("SELECT x.id FROM users", "42P01", 'missing FROM-clause entry for table "x"', 8, None),
        (
            "SELECT id FROM users, orders",
            "42702",
            'column reference "id" is ambiguous',
            8,
            "Say which: users.id or orders.id?",
        ),
        ("SELECT nofun(1)", "42883", "function nofun(integer) does not exist", 8, None),
        ("SELECT id FROM users WHERE email = 5", "42883", "operator does not exist: text = integer", 34, None),
        ("SELECT 'x'::int", "22P02", 'invalid input syntax for type integer: "x"', 8, None),
        ("INSERT INTO orders VALUES (1, 2, 3)", "42601", "INSERT has more expressions than target columns", None, None),
        (
            "INSERT INTO users (emial) VALUES ('x')",
            "42703",
            'column "emial" of relation "users" does not exist',
            20,
            "Did you mean email?",
        ),
    ],
)
def test_errors_say_what_where_and_the_mend(query, sqlstate, message, position, hint):
    with pytest.raises(QueryError) as caught:
        prepare(query, SCHEMA)
    assert (caught.value.sqlstate, caught.value.message) == (sqlstate, message)
    if position is not None:
        assert caught.value.position == position
    if hint is not None:
        assert caught.value.hint == hint


def test_an_open_quote_is_placed_where_it_opened():
    with pytest.raises(QueryError) as caught:
        prepare("SELECT 1,\n 'abc", SCHEMA)
    assert (caught.value.details["line"], caught.value.details["column"]) == (2, 2)


def test_preparing_is_pure():
    query = "SELECT id, email FROM users WHERE id = $1 ORDER BY id"
    assert prepare(query, SCHEMA) == prepare(query, SCHEMA)
    assert prepare(query, SCHEMA).columns == ("id", "email")
    assert prepare(query, SCHEMA).types == ("int4", "text")


@pytest.mark.parametrize("kind", ["oid", "regclass", "money", "inet", "bit(3)", "xml"])
def test_a_column_of_a_type_that_is_not_kept_is_refused_by_its_name(kind: str) -> None:
    with pytest.raises(QueryError, match=rf"type {kind.split('(')[0]} is not supported") as caught:
        prepare(f"CREATE TABLE t (id int PRIMARY KEY, c {kind})", SCHEMA)
    assert caught.value.sqlstate == "0A000"
