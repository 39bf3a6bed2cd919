"""After each change of structure the catalogue says what a store that is opened anew reads.

Only the parts that a statement may have changed are read again after it; what it wrongly leaves as it was would show
here, and nowhere else until the next start.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helios_magic.engine.engine import DuckDBEngine, open_engine
from helios_magic.engine.face import Limits, Statement
from helios_magic.store import Store

DATABASE = "db_test"
STORIES = {
    "tables and columns": """
        CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL, age int DEFAULT 18 CHECK (age > 0));
        CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total numeric(10,2), note varchar(20));
        INSERT INTO users (name) VALUES ('Ann'), ('Bob');
        ALTER TABLE users ADD COLUMN email varchar(40) UNIQUE;
        ALTER TABLE users ADD COLUMN born date DEFAULT '2000-01-01', ADD COLUMN two int GENERATED ALWAYS AS (2) STORED;
        ALTER TABLE users ALTER COLUMN age TYPE bigint;
        ALTER TABLE users ALTER COLUMN age DROP DEFAULT, ALTER COLUMN email SET DEFAULT 'none';
        ALTER TABLE users ALTER COLUMN name DROP NOT NULL;
        ALTER TABLE users ALTER COLUMN born SET NOT NULL;
        ALTER TABLE users RENAME COLUMN born TO birthday;
        ALTER TABLE orders RENAME TO purchases;
        CREATE TABLE alike (LIKE users INCLUDING ALL);
        CREATE TABLE copied AS SELECT id, name FROM users;
        ALTER TABLE users DROP COLUMN age;
        DROP TABLE copied;
        TRUNCATE users;
        DROP TABLE alike, purchases
    """,
    "keys and checks": """
        CREATE TABLE parent (id int PRIMARY KEY, code text, part int);
        CREATE TABLE child (id int, parent_id int REFERENCES parent ON DELETE CASCADE, code text);
        ALTER TABLE child ADD PRIMARY KEY (id);
        ALTER TABLE parent ADD CONSTRAINT codes UNIQUE (code, part);
        ALTER TABLE child ADD CONSTRAINT short CHECK (length(code) < 9);
        ALTER TABLE child ADD CONSTRAINT other FOREIGN KEY (id) REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED;
        ALTER TABLE child RENAME CONSTRAINT other TO another;
        ALTER TABLE parent RENAME COLUMN id TO number;
        ALTER TABLE parent RENAME TO parents;
        ALTER TABLE child DROP CONSTRAINT short;
        ALTER TABLE parents DROP CONSTRAINT codes;
        ALTER TABLE child DROP CONSTRAINT child_pkey;
        DROP TABLE parents CASCADE
    """,
    "indexes": """
        CREATE TABLE t (a int, b text, c timestamptz);
        CREATE INDEX ON t (a);
        CREATE UNIQUE INDEX one ON t (a, b);
        CREATE INDEX lowered ON t (lower(b) DESC NULLS LAST);
        COMMENT ON INDEX one IS 'the pair';
        ALTER INDEX one RENAME TO pair;
        ALTER TABLE t RENAME COLUMN a TO x;
        ALTER TABLE t DROP COLUMN b;
        CREATE INDEX IF NOT EXISTS t_c_idx ON t (c);
        DROP INDEX t_c_idx;
        DROP INDEX IF EXISTS t_a_idx
    """,
    "views": """
        CREATE TABLE t (a int PRIMARY KEY, b text);
        CREATE VIEW v AS SELECT a, b FROM t WHERE a > 1;
        CREATE VIEW w AS SELECT b FROM v;
        CREATE OR REPLACE VIEW v AS SELECT a, b, a * 2 AS c FROM t;
        CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM t;
        INSERT INTO t VALUES (1, 'x');
        REFRESH MATERIALIZED VIEW m;
        COMMENT ON VIEW v IS 'some of t';
        COMMENT ON MATERIALIZED VIEW m IS 'how many';
        ALTER VIEW w RENAME TO ws;
        DROP MATERIALIZED VIEW m;
        DROP VIEW ws;
        DROP TABLE t CASCADE
    """,
    "types, sequences, schemas": """
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE TABLE p (id int, m mood DEFAULT 'ok');
        ALTER TYPE mood ADD VALUE 'happy' AFTER 'ok';
        ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
        ALTER TYPE mood RENAME TO moods;
        COMMENT ON TYPE moods IS 'how it is';
        CREATE SEQUENCE numbers START 5 INCREMENT 2 MAXVALUE 99;
        ALTER TABLE p ALTER COLUMN id SET DEFAULT nextval('numbers');
        ALTER SEQUENCE numbers OWNED BY p.id;
        ALTER SEQUENCE numbers RENAME TO counts;
        CREATE SCHEMA booth;
        ALTER SCHEMA booth RENAME TO shop;
        CREATE TABLE shop.items (id serial PRIMARY KEY, name text);
        CREATE INDEX ON shop.items (name);
        COMMENT ON SCHEMA shop IS 'what is sold';
        COMMENT ON TABLE shop.items IS 'one line each';
        COMMENT ON COLUMN shop.items.name IS 'as printed';
        ALTER TABLE p SET SCHEMA shop;
        COMMENT ON COLUMN shop.items.name IS NULL;
        DROP TABLE shop.p;
        DROP TYPE moods;
        DROP SEQUENCE IF EXISTS counts;
        DROP SCHEMA shop CASCADE
    """,
}
#: All that statements are told of the structure, as lines of text.
CATALOGUE = """
    SELECT c.table_schema || '.' || c.table_name AS place, concat_ws(' ', t.table_type, c.ordinal_position,
        c.column_name, c.data_type, c.character_maximum_length, c.numeric_precision, c.numeric_scale, c.udt_name,
        c.is_nullable, c.column_default, c.is_identity, c.identity_generation, c.is_generated,
        c.generation_expression) AS said
    FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE table_schema NOT IN ('information_schema', 'pg_catalog')
    UNION ALL SELECT conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
    UNION ALL SELECT schemaname || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname <> 'pg_catalog'
    UNION ALL SELECT schemaname || '.' || viewname, definition FROM pg_views
        WHERE schemaname NOT IN ('information_schema', 'pg_catalog')
    UNION ALL SELECT schemaname || '.' || matviewname, definition FROM pg_matviews
    UNION ALL SELECT sequence_schema || '.' || sequence_name,
        concat_ws(' ', data_type, start_value, minimum_value, maximum_value, increment, cycle_option)
        FROM information_schema.sequences
    UNION ALL SELECT typname, enumlabel || enumsortorder FROM pg_enum JOIN pg_type t ON t.oid = enumtypid
    UNION ALL SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace
    UNION ALL SELECT relname || coalesce('.' || objsubid, ''), description
        FROM pg_description JOIN pg_class c ON c.oid = objoid
    UNION ALL SELECT typname, obj_description(oid, 'pg_type') FROM pg_type WHERE typtype = 'e'
    ORDER BY 1, 2
"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Store, DuckDBEngine]]:
    store = Store.open(tmp_path / "store")
    engine = open_engine(store)
    engine.create(DATABASE)
    yield store, engine
    engine.close()
    store.close()


def told(engine: DuckDBEngine, branch: str) -> list[dict[str, Any]]:
    """What statements are told, without the catalogue's own share."""
    table = engine.execute(DATABASE, branch, Statement(CATALOGUE), Limits()).table
    assert table is not None
    return table.to_pylist()


@pytest.mark.parametrize("story", STORIES)
def test_the_catalogue_is_what_a_fresh_start_reads(opened: tuple[Store, DuckDBEngine], story: str) -> None:
    store, engine = opened
    statements = [statement.strip() for statement in STORIES[story].split(";")]
    after: list[list[dict[str, Any]]] = []
    for number, statement in enumerate(statements):
        engine.execute(DATABASE, "main", Statement(statement), Limits())
        after.append(told(engine, "main"))
        engine.fork(DATABASE, f"after-{number}", "main", Limits())
    assert len({str(each) for each in after}) > len(statements) * 0.7, "a statement changes what is said"
    engine.close()
    again = open_engine(store)
    try:
        for number, statement in enumerate(statements):
            assert told(again, f"after-{number}") == after[number], statement
    finally:
        again.close()
