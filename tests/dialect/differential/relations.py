"""What stands beside tables: views, sequences, comments, schemas; and the ways to make a table."""

from __future__ import annotations

from collections.abc import Iterator

from tests.dialect.differential.grammar import Writer
from tests.dialect.differential.servers import Statement
from tests.dialect.differential.structures import T
from tests.dialect.differential.writes import Step, scene


@scene("views", T)
def views(w: Writer) -> Iterator[Statement | Step]:
    yield "CREATE TABLE t (id int PRIMARY KEY, a int, s text)"
    yield "INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y'), (3, NULL, 'z')"
    yield w.one(
        "CREATE VIEW v AS SELECT id, a * 2 AS twice, s FROM t",
        "CREATE VIEW v (k, l) AS SELECT id, s FROM t WHERE a > 5", "CREATE OR REPLACE VIEW v AS SELECT * FROM t",
        "CREATE VIEW v AS SELECT s, count(*), sum(a) AS total FROM t GROUP BY s",
        "CREATE VIEW v AS SELECT upper(s), 1 FROM t", "CREATE VIEW v AS WITH c AS (SELECT * FROM t) SELECT * FROM c",
        "CREATE VIEW v AS VALUES (1, 'a')", "CREATE VIEW v AS SELECT id, a FROM t WHERE a > 5 WITH CHECK OPTION",
        "CREATE TEMP VIEW v AS SELECT * FROM t",
    )  # fmt: skip
    for number in range(8):
        yield w.one(
            "SELECT * FROM v ORDER BY 1", "SELECT count(*) FROM v", "DROP VIEW IF EXISTS nope",
            f"CREATE VIEW w{number} AS SELECT * FROM v", "ALTER TABLE t ADD COLUMN IF NOT EXISTS extra int",
            "SELECT v.* FROM v JOIN t ON true ORDER BY 1 LIMIT 1", "UPDATE t SET a = 7 WHERE id = 1",
            f"INSERT INTO t (id, a) VALUES ({number + 10}, 1)", f"CREATE VIEW o{number} AS SELECT max(id) FROM t",
            "SELECT x.* FROM v AS x, v AS y ORDER BY 1 LIMIT 3", "WITH k AS (SELECT * FROM v) SELECT count(*) FROM k",
            "SELECT table_name FROM information_schema.views WHERE table_schema = 'public' ORDER BY 1",
            f"CREATE OR REPLACE VIEW z AS SELECT id, a + {number} AS more FROM t", "DROP VIEW IF EXISTS z",
            seldom=(
                "CREATE OR REPLACE VIEW v AS SELECT 1 AS other", "DROP VIEW v", "DROP TABLE t", "DROP TABLE t CASCADE",
                "ALTER VIEW v RENAME TO v2", "ALTER TABLE t DROP COLUMN s", "DROP VIEW v CASCADE", "DROP TABLE v",
                "INSERT INTO v VALUES (9)", "ALTER TABLE t RENAME COLUMN s TO label", "CREATE VIEW v AS SELECT 1",
                "CREATE OR REPLACE VIEW v AS SELECT id, a * 2 AS twice, s, 1 AS one FROM t", "SELECT * FROM w",
            ),
        )  # fmt: skip


@scene("materialised views", T)
def materialised(w: Writer) -> Iterator[Statement | Step]:
    yield "CREATE TABLE t (id int PRIMARY KEY, a int, s text)"
    yield "INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y')"
    body = w.one(
        "SELECT id, a + 1 AS b FROM t", "SELECT s, sum(a) AS b FROM t GROUP BY s", "SELECT count(*) AS b FROM t"
    )
    yield f"CREATE MATERIALIZED VIEW {w.one('', 'IF NOT EXISTS ')}m AS {body}"
    for number in range(8):
        yield w.one(
            "SELECT * FROM m", "INSERT INTO t VALUES (5, 50, 'q') ON CONFLICT DO NOTHING",
            "REFRESH MATERIALIZED VIEW m", "SELECT max(b) FROM m", "DELETE FROM t WHERE id = 1",
            "DROP MATERIALIZED VIEW IF EXISTS nope", f"CREATE MATERIALIZED VIEW n{number} AS SELECT * FROM m",
            "CREATE INDEX ON m (b)", "SELECT m.b, t.id FROM m JOIN t ON m.b > t.a ORDER BY 1, 2",
            "SELECT matviewname, ispopulated FROM pg_matviews ORDER BY 1",
            seldom=(
                "REFRESH MATERIALIZED VIEW CONCURRENTLY m", "CREATE UNIQUE INDEX mi ON m (b)",
                "DROP MATERIALIZED VIEW m", "INSERT INTO m VALUES (1)", "DROP VIEW m", "DROP TABLE t",
                "SELECT * FROM n", "REFRESH MATERIALIZED VIEW n", "ALTER MATERIALIZED VIEW m RENAME TO m2",
            ),
        )  # fmt: skip
    yield "CREATE MATERIALIZED VIEW n AS SELECT 1 AS one WITH NO DATA"
    yield w.one("REFRESH MATERIALIZED VIEW n", "REFRESH MATERIALIZED VIEW n WITH DATA", seldom=("SELECT * FROM n",))
    yield "SELECT one FROM n"


@scene("sequences")
def sequences(w: Writer) -> Iterator[Statement | Step]:
    options = w.one(
        "", " START WITH 5", " START 10 INCREMENT BY 2", " INCREMENT -1", " MINVALUE 1 MAXVALUE 3", " AS smallint",
        " MINVALUE 1 MAXVALUE 2 CYCLE", " CACHE 1 START 3",
    )  # fmt: skip
    yield f"CREATE SEQUENCE sq{options}"
    uses = w.random.random() < 0.4
    if uses:
        yield "CREATE TABLE uses (id int DEFAULT nextval('sq'), x int)"
    for number in range(9):
        yield w.one(
            "SELECT nextval('sq')", "SELECT nextval('sq'), currval('sq')", "SELECT setval('sq', 2)",
            "SELECT setval('sq', 2, false)", "SELECT last_value, is_called FROM sq", "DROP SEQUENCE IF EXISTS nope",
            "CREATE SEQUENCE IF NOT EXISTS sq", "SELECT nextval('sq'), nextval('sq')",
            "SELECT nextval('sq') FROM generate_series(1, 2)", "SELECT nextval('public.sq'::regclass)",
            f"CREATE SEQUENCE s{number} START {number + 1}",
            "INSERT INTO uses (x) VALUES (1) RETURNING id" if uses else "SELECT nextval('sq') + 1 AS n",
            seldom=(
                "ALTER SEQUENCE sq RESTART", "ALTER SEQUENCE sq RESTART WITH 2", "SELECT nextval('nope')",
                "DROP SEQUENCE sq", "CREATE SEQUENCE sq", "ALTER SEQUENCE sq INCREMENT BY 3",
                "ALTER SEQUENCE sq MAXVALUE 100", "ALTER SEQUENCE sq RENAME TO sq2",
            ),
        )  # fmt: skip


@scene("comments")
def comments(w: Writer) -> Iterator[Statement | Step]:
    yield "CREATE TABLE t (id int PRIMARY KEY, s text)"
    yield "CREATE VIEW v AS SELECT id FROM t"
    for _ in range(6):
        yield w.one(
            "COMMENT ON TABLE t IS 'a table'", "COMMENT ON COLUMN t.s IS 'it''s text'",
            "COMMENT ON VIEW v IS 'a view'", "COMMENT ON TABLE t IS NULL", "SELECT obj_description('t'::regclass)",
            "SELECT col_description('t'::regclass, 2)", "SELECT obj_description('t'::regclass, 'pg_class')",
            "COMMENT ON SCHEMA public IS 'the schema'", "COMMENT ON INDEX t_pkey IS 'key'",
            "COMMENT ON CONSTRAINT t_pkey ON t IS 'key'", "COMMENT ON COLUMN public.t.id IS 'key'",
            "SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0",
            seldom=("COMMENT ON COLUMN t.nope IS 'x'", "COMMENT ON TABLE nope IS 'x'", "ALTER TABLE t RENAME s TO s2"),
        )  # fmt: skip


@scene("schemas")
def schemas(w: Writer) -> Iterator[Statement | Step]:
    yield w.one("CREATE SCHEMA app", "CREATE SCHEMA IF NOT EXISTS app", "CREATE SCHEMA app AUTHORIZATION CURRENT_USER")
    yield "CREATE TABLE app.t (id int PRIMARY KEY, s text)"
    if w.random.random() < 0.5:
        yield "CREATE TABLE t (id int)"
    for number in range(9):
        yield w.one(
            f"INSERT INTO app.t VALUES ({number}, 'a')", "SELECT * FROM app.t", "SELECT app.t.id FROM app.t",
            "SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ('app', 'public')",
            f"CREATE VIEW app.v{number} AS SELECT * FROM app.t", "ALTER TABLE app.t ADD COLUMN IF NOT EXISTS x int",
            f"CREATE TABLE app.c{number} (id int REFERENCES app.t)", "SELECT current_schema()",
            "CREATE INDEX ON app.t (s)", "UPDATE app.t SET s = 'b' RETURNING *", "DELETE FROM app.t",
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('app', 'public')",
            f"CREATE SEQUENCE app.sq{number}", f"CREATE TYPE app.kind{number} AS ENUM ('a')",
            "CREATE SCHEMA IF NOT EXISTS app", f"CREATE TABLE public.p{number} (LIKE app.t)",
            seldom=(
                "SELECT count(*) FROM t", "DROP SCHEMA app", "DROP SCHEMA app CASCADE", "CREATE SCHEMA app",
                "DROP TABLE app.t", "SELECT * FROM nope.t", "CREATE TABLE nope.x (a int)", "SELECT * FROM public.t",
                "ALTER TABLE t SET SCHEMA app", "CREATE TABLE t (id int)", "DROP SCHEMA IF EXISTS nope",
            ),
        )  # fmt: skip


@scene("CREATE TABLE", T)
def creates(w: Writer) -> Iterator[Statement | Step]:
    yield "CREATE TABLE base (id int PRIMARY KEY, s text DEFAULT 'd' NOT NULL, n numeric(5,1) CHECK (n > 0))"
    yield "INSERT INTO base VALUES (1, 'a', 1.5), (2, 'b', 2)"
    yield w.one(
        "CREATE TABLE t AS SELECT id, s FROM base", "CREATE TABLE t (x, y) AS SELECT id, n * 2 FROM base",
        "CREATE TABLE t (LIKE base)", "CREATE TABLE t (LIKE base INCLUDING ALL)",
        "CREATE TABLE IF NOT EXISTS t (a int)", "CREATE TABLE t AS TABLE base WITH NO DATA",
        "CREATE TEMP TABLE t (a int)",
        "CREATE TABLE t (LIKE base INCLUDING DEFAULTS, extra int)", "SELECT id, s INTO t FROM base",
        "CREATE TABLE t (a int[] DEFAULT '{1,2}', j jsonb DEFAULT '{}', r real DEFAULT 0.5)",
        "CREATE UNLOGGED TABLE t (a int)", "CREATE TABLE t ()", "CREATE TABLE t AS VALUES (1, 'a')",
        "CREATE TABLE t (d date DEFAULT CURRENT_DATE, b bool DEFAULT true, f float8 DEFAULT 1.5)",
        'CREATE TABLE t ("select" int, "Mixed" text, é int)',
        seldom=(
            "CREATE TABLE t (a int, a int)", "CREATE TABLE base (a int)", "CREATE TABLE t (a nope)",
            "CREATE TABLE t (a int DEFAULT 'x')", "CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY)",
            "CREATE TABLE t (a varchar(0))", "CREATE TABLE t (a int REFERENCES nope)",
            "CREATE TABLE t (a int, CHECK (b > 0))", "CREATE TABLE t (a int, UNIQUE (nope))",
            "CREATE TABLE t (a int REFERENCES base (s))",
        ),
    )  # fmt: skip
    for _ in range(5):
        yield w.one(
            "INSERT INTO t DEFAULT VALUES", "SELECT * FROM t", "CREATE TABLE IF NOT EXISTS t (z int)",
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 't' ORDER BY 1",
            "SELECT id FROM base WHERE NOT EXISTS (SELECT 1 FROM t)",
            seldom=(
                "DROP TABLE nope", "DROP TABLE IF EXISTS t, nope", "DROP TABLE base", "INSERT INTO t VALUES (7)",
                "DROP TABLE t",
            ),
        )  # fmt: skip
