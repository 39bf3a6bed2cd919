"""Queries, writes and DDL, on a real DuckDB."""

from __future__ import annotations

import duckdb
import pytest

from helios_magic.errors import QueryError
from tests.dialect.refusing import refused


@pytest.fixture
def shop(branch):
    branch.run(
        "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE, name varchar(5), age int CHECK (age > 0))"
    )
    branch.run(
        "CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE, total numeric(10,2))"
    )
    branch.run("INSERT INTO users (email, name, age) VALUES ('a', 'Ann', 30), ('b', 'Bob', NULL), (NULL, 'Cy', 20)")
    branch.run("INSERT INTO orders VALUES (1, 1, 10.5), (2, 1, 2), (3, 2, 7.25)")
    return branch


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT id FROM users ORDER BY age DESC", [(2,), (1,), (3,)]),
        ("SELECT id FROM users ORDER BY age", [(3,), (1,), (2,)]),
        (
            "SELECT u.id, count(o.id) FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY 1 ORDER BY 1",
            [(1, 2), (2, 1), (3, 0)],
        ),
        ("SELECT id, name FROM users GROUP BY id ORDER BY id", [(1, "Ann"), (2, "Bob"), (3, "Cy")]),
        ("SELECT DISTINCT ON (user_id) user_id, id FROM orders ORDER BY user_id, total DESC", [(1, 1), (2, 3)]),
        ("SELECT id FROM users ORDER BY id FETCH FIRST 2 ROWS ONLY", [(1,), (2,)]),
        ("SELECT name AS n FROM users WHERE lower(name) LIKE 'a%' ORDER BY n", [("Ann",)]),
        ("SELECT x.a, x.b FROM (SELECT id AS a, id + 1 AS b FROM users) x WHERE b > 3", [(3, 4)]),
        (
            "SELECT * FROM (SELECT u.id, o.id FROM users u JOIN orders o ON o.user_id = u.id) x ORDER BY 2",
            [(1, 1), (1, 2), (2, 3)],
        ),
        ("SELECT id FROM users JOIN (SELECT 1 AS id) x USING (id)", [(1,)]),
        ("SELECT g FROM generate_series(1, 3) AS g WHERE g <> 2", [(1,), (3,)]),
        (
            "SELECT id, (SELECT sum(total) FROM orders o WHERE o.user_id = u.id) IS NULL FROM users u ORDER BY 1",
            [(1, False), (2, False), (3, True)],
        ),
        ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT max(n) FROM r", [(4,)]),
        ("SELECT 1 UNION SELECT 2 ORDER BY 1 DESC", [(2,), (1,)]),
        ("SELECT NULL UNION ALL SELECT 1", [(None,), (1,)]),
        ("SELECT row_number() OVER (PARTITION BY user_id ORDER BY id) FROM orders ORDER BY id", [(1,), (2,), (1,)]),
        ("SELECT string_agg(name, ',' ORDER BY name DESC) FROM users", [("Cy,Bob,Ann",)]),
        ("SELECT count(*) FILTER (WHERE age > 25) FROM users", [(1,)]),
        ("SELECT * FROM unnest(ARRAY['x','y']) WITH ORDINALITY AS t(v, n)", [("x", 1), ("y", 2)]),
        ("SELECT id FROM users WHERE id IN (SELECT user_id FROM orders) ORDER BY id", [(1,), (2,)]),
        ("TABLE orders ORDER BY id LIMIT 1", None),
    ],
)
def test_queries_answer_as_postgresql_does(shop, query, rows):
    result = shop.run(query)
    assert result == rows if rows is not None else len(result) == 1


def test_on_conflict_do_nothing_loses_no_row_whose_key_is_null(shop):
    shop.run(
        "INSERT INTO users (email, name) VALUES (NULL, 'x'), (NULL, 'y'), ('a', 'z'), ('n', '1'), ('n', '2') "
        "ON CONFLICT (email) DO NOTHING"
    )
    assert shop.run("SELECT email, name FROM users WHERE id > 3 ORDER BY name") == [
        ("n", "1"),
        (None, "x"),
        (None, "y"),
    ]


def test_on_conflict_do_update(shop):
    rows = shop.run(
        "INSERT INTO users (id, name) VALUES ($1, 'new') ON CONFLICT ON CONSTRAINT users_pkey "
        "DO UPDATE SET name = excluded.name, age = users.age + 1 RETURNING name, age",
        1,
    )
    assert rows == [("new", 31)]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("INSERT INTO users (email) VALUES ('z') RETURNING id, name", [(4, None)]),
        ("INSERT INTO users DEFAULT VALUES RETURNING id", [(4,)]),
        ("UPDATE users SET (name, age) = ('Z', 9) WHERE id = 2 RETURNING name, age", [("Z", 9)]),
        ("UPDATE orders o SET total = 0 FROM users u WHERE u.id = o.user_id AND u.name = 'Bob' RETURNING o.id", [(3,)]),
        (
            "DELETE FROM orders USING users u WHERE u.id = orders.user_id AND u.name = 'Ann' RETURNING orders.id",
            [(1,), (2,)],
        ),
        ("WITH n AS (INSERT INTO users (name) VALUES ('Q') RETURNING id) SELECT id FROM n", [(4,)]),
    ],
)
def test_writes_return_what_they_did(shop, query, rows):
    assert sorted(shop.run(query)) == rows


def test_identity_always_takes_no_value(branch):
    branch.run("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, v int, w int GENERATED ALWAYS AS (v * 2) STORED)")
    assert branch.run("INSERT INTO t (v) VALUES (5) RETURNING id, w") == [(1, 10)]
    for query in ("INSERT INTO t (id, v) VALUES (1, 2)", "UPDATE t SET id = 2", "INSERT INTO t (v, w) VALUES (1, 2)"):
        with pytest.raises(QueryError) as caught:
            branch.prepare(query)
        assert caught.value.sqlstate == "428C9"


def test_lengths_digits_and_checks_are_kept(shop):
    shop.run("CREATE TABLE n (v numeric)")
    with pytest.raises(QueryError, match="value too long for type character varying"):
        shop.run("INSERT INTO users (name) VALUES ('toolong')")  # before it runs, as PostgreSQL does
    for query in (
        "UPDATE users SET name = name || 'xxxxx'",
        "INSERT INTO users (age) VALUES (0)",
        "INSERT INTO n VALUES (1.12345678901)",
    ):
        with pytest.raises(duckdb.Error, match=r"\[\w{5}\]"):
            shop.run(query)


def test_the_catalogue_knows_what_duckdb_forgets(shop):
    schema = shop.schema()
    users, orders = schema.table("users"), schema.table("orders")
    assert [column.type for column in users.columns] == ["int4", "text", "varchar(5)", "int4"]
    assert sorted(index.name for index in users.indexes) == ["users_email_key", "users_pkey"]
    assert [check.name for check in users.checks] == ["users_age_check"]
    assert [(key.name, key.references, key.on_delete) for key in orders.foreign_keys] == [
        ("orders_user_id_fkey", "users", "CASCADE")
    ]


def test_information_schema_is_postgresqls(shop):
    rows = shop.run(
        "SELECT column_name, data_type, is_nullable, udt_name FROM information_schema.columns "
        "WHERE table_name = 'users' ORDER BY ordinal_position"
    )
    assert rows == [
        ("id", "integer", "NO", "int4"),
        ("email", "text", "YES", "text"),
        ("name", "character varying", "YES", "varchar"),
        ("age", "integer", "YES", "int4"),
    ]
    assert shop.run("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1") == [
        ("orders",),
        ("users",),
    ]


@pytest.mark.parametrize(
    ("query", "sqlstate"),
    [
        ("DROP TABLE users", "2BP01"),
        ("CREATE TABLE users (a int)", "42P07"),
        ('CREATE TABLE c ("A" int, a int)', "0A000"),
        ("CREATE TABLE c (a int REFERENCES orders (total))", "42830"),
        ("CREATE TABLE c (a int REFERENCES nobody)", "42P01"),
        ("DROP INDEX users_pkey", "2BP01"),
        ("CREATE TABLE c (a nosuchtype)", "42704"),
        ("CREATE EXTENSION postgis", "0A000"),
    ],
)
def test_ddl_that_cannot_be_done_says_so(shop, query, sqlstate):
    with refused(sqlstate):
        shop.prepare(query)


def test_a_table_is_altered_under_its_unique_index(shop):
    shop.run("CREATE UNIQUE INDEX u ON orders (total)")
    shop.run("ALTER TABLE orders ADD COLUMN note text DEFAULT 'n', ALTER COLUMN note SET NOT NULL")
    assert shop.run("SELECT note FROM orders WHERE id = 1") == [("n",)]
    with pytest.raises(duckdb.ConstraintException):
        shop.run("INSERT INTO orders VALUES (9, 1, 10.5)")


def test_tables_come_and_go_with_what_is_theirs(shop):
    shop.run("CREATE VIEW v AS SELECT id, name FROM users WHERE age > 25")
    assert shop.run("SELECT * FROM v") == [(1, "Ann")]
    shop.run("DROP VIEW v")
    shop.run("DROP TABLE users CASCADE")
    assert shop.schema().sequences == ()
    assert shop.schema().table("orders").foreign_keys == ()


@pytest.fixture
def viewed(shop):
    shop.run("CREATE VIEW grown AS SELECT id, name FROM users WHERE age > 25")
    shop.run("CREATE VIEW names AS SELECT name FROM grown")
    return shop


@pytest.mark.parametrize(
    ("query", "sqlstate"),
    [
        ("DROP TABLE orders, users", "2BP01"),
        ("DROP VIEW grown", "2BP01"),
        ("ALTER TABLE users DROP COLUMN name", "2BP01"),
        ("ALTER TABLE users ALTER COLUMN age TYPE bigint", "0A000"),
        ("ALTER TABLE users RENAME TO people", "0A000"),
        ("ALTER TABLE users RENAME COLUMN age TO years", "0A000"),
        ("CREATE OR REPLACE VIEW grown AS SELECT id FROM users", "42P16"),
        ("CREATE OR REPLACE VIEW grown AS SELECT id, email FROM users", "42P16"),
        ("CREATE OR REPLACE VIEW grown AS SELECT id, age AS name FROM users", "42P16"),
    ],
)
def test_what_a_view_reads_stays(viewed, query, sqlstate):
    with refused(sqlstate):
        viewed.prepare(query)
    assert viewed.run("SELECT * FROM names") == [("Ann",)]


def test_cascade_takes_the_views_along(viewed):
    viewed.run("CREATE TABLE t (a int, b int)")
    viewed.run("CREATE VIEW bs AS SELECT b FROM t")
    with pytest.raises(QueryError) as caught:
        viewed.prepare("ALTER TABLE t DROP COLUMN b")
    assert (caught.value.sqlstate, "bs" in caught.value.hint) == ("2BP01", True)
    viewed.run("ALTER TABLE t DROP COLUMN b CASCADE")
    viewed.run("CREATE OR REPLACE VIEW grown AS SELECT id, name, email FROM users")
    assert viewed.run("SELECT * FROM names ORDER BY 1") == [("Ann",), ("Bob",), ("Cy",)]
    viewed.run("DROP TABLE users CASCADE")
    assert [table.name for table in viewed.schema().tables] == ["orders", "t"]
    viewed.run("CREATE VIEW grown AS SELECT 1 AS x")
    viewed.run("DROP VIEW grown")


def test_enums_keep_their_order(branch):
    branch.run("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')")
    branch.run("CREATE TABLE s (m mood)")
    branch.run("INSERT INTO s VALUES ('happy'), ('sad'), ($1)", "ok")
    assert branch.run("SELECT m FROM s ORDER BY m DESC") == [("happy",), ("ok",), ("sad",)]
    with pytest.raises(QueryError) as caught:
        branch.prepare("INSERT INTO s VALUES ('nope')")
    assert caught.value.sqlstate == "22P02"
