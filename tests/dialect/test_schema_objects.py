"""Indexes, views, materialised views, schemas, comments, enums and sequences, as PostgreSQL 18 answered.

`structure.json` has a story for each, told as those of `writing/*.json` are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import helios_magic
from helios_magic.errors import QueryError
from tests.dialect.test_writing_stories import answer

STORIES = json.loads((Path(__file__).parent / "structure.json").read_text())
BASE = (
    "CREATE TABLE t (id int PRIMARY KEY, email text, n int, active bool DEFAULT true)",
    "INSERT INTO t VALUES (1, 'Ann@x.de', 1, true), (2, 'bob@x.de', 1, false)",
)


@pytest.fixture
def session():
    with helios_magic.connect(":memory:") as opened:
        for query in BASE:
            opened.run(query)
        yield opened


@pytest.mark.parametrize("name", STORIES)
def test_objects_of_a_schema_are_as_in_postgresql(name: str) -> None:
    with helios_magic.connect(":memory:") as opened:
        for told in STORIES[name]:
            query, expected = told["sql"], {key: value for key, value in told.items() if key != "sql"}
            assert (query, answer(opened, query)) == (query, expected)


@pytest.mark.parametrize(
    "query",
    [
        "CREATE DOMAIN posint AS int CHECK (value > 0)",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE TYPE span AS RANGE (subtype = int)",
        "CREATE TEMP VIEW v AS SELECT 1",
        "CREATE RECURSIVE VIEW v(n) AS SELECT 1",
        "CREATE VIEW v AS SELECT * FROM t WHERE n > 1 WITH CHECK OPTION",
        "ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (email)",
        "CREATE UNIQUE INDEX ON t (md5(repeat(email, 2)))",
        "COMMENT ON FUNCTION f() IS 'x'",
        "CREATE VIEW v AS SELECT * FROM pg_class",
        "CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()",
    ],
)
def test_what_is_not_here_says_so(session: Any, query: str) -> None:
    with pytest.raises(QueryError) as caught:
        session.run(query)
    assert caught.value.sqlstate == "0A000"


def test_a_broken_index_says_its_name_and_key(session: Any) -> None:
    session.run("CREATE UNIQUE INDEX t_email ON t (lower(email))")
    session.run("CREATE UNIQUE INDEX t_active ON t (n) WHERE active")
    with pytest.raises(QueryError, match='unique constraint "t_email"') as caught:
        session.run("INSERT INTO t VALUES (3, 'ANN@x.de', 9)")
    assert caught.value.details["detail"] == "Key (lower(email))=(ann@x.de) already exists."
    with pytest.raises(QueryError, match='unique constraint "t_active"') as caught:
        session.run("UPDATE t SET active = true WHERE id = 2")
    assert caught.value.details["detail"] == "Key (n)=(1) already exists."


def test_rows_that_are_there_speak_against_an_index(session: Any) -> None:
    session.run("UPDATE t SET active = true")
    with pytest.raises(QueryError, match='could not create unique index "t_active"') as caught:
        session.run("CREATE UNIQUE INDEX t_active ON t (n) WHERE active")
    assert caught.value.sqlstate == "23505"


def test_letters_that_postgresql_keeps_are_kept_in_an_index(session: Any) -> None:
    session.run("CREATE UNIQUE INDEX ON t (upper(email))")
    session.run("INSERT INTO t VALUES (3, 'straße', 5), (4, 'straẞe', 6), (5, 'ärger', 7)")
    with pytest.raises(QueryError, match="t_upper_idx"):
        session.run("INSERT INTO t VALUES (6, 'ÄRGER', 8)")


def test_a_partial_index_is_no_key_to_refer_to(session: Any) -> None:
    session.run("CREATE UNIQUE INDEX ON t (n) WHERE active")
    with pytest.raises(QueryError) as caught:
        session.run("CREATE TABLE child (n int REFERENCES t (n))")
    assert caught.value.sqlstate == "42830"


def test_a_comment_goes_with_what_it_is_on(session: Any) -> None:
    session.run("ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0)")
    session.run("COMMENT ON CONSTRAINT positive ON t IS 'said'")
    said = "SELECT obj_description(oid, 'pg_constraint') AS said FROM pg_constraint WHERE conname = 'positive'"
    assert session.run(said).to_arrow().to_pylist() == [{"said": "said"}]
    session.run("ALTER TABLE t DROP CONSTRAINT positive")
    session.run("ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0)")
    assert session.run(said).to_arrow().to_pylist() == [{"said": None}]


def test_indexes_and_enums_are_there_after_a_restart(tmp_path: Path) -> None:
    place = str(tmp_path / "store")
    with helios_magic.connect(place) as opened:
        opened.run("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        opened.run("CREATE TABLE p (id int PRIMARY KEY, name text, m mood)")
        opened.run("CREATE UNIQUE INDEX p_name ON p (lower(name)) WHERE id > 0")
        opened.run("INSERT INTO p VALUES (1, 'Ann', 'ok')")
        opened.run("ALTER TYPE mood ADD VALUE 'glad' BEFORE 'ok'")
        opened.run("CREATE MATERIALIZED VIEW names AS SELECT name FROM p")
        opened.run("COMMENT ON INDEX p_name IS 'one of a name'")
    with helios_magic.connect(place) as opened:
        with pytest.raises(QueryError, match="p_name"):
            opened.run("INSERT INTO p VALUES (2, 'ANN', 'ok')")
        opened.run("INSERT INTO p VALUES (2, 'Bob', 'glad')")
        assert opened.run("SELECT id FROM p ORDER BY m").to_arrow().to_pylist() == [{"id": 2}, {"id": 1}]
        assert opened.run("SELECT name FROM names").to_arrow().to_pylist() == [{"name": "Ann"}]
        said = opened.run("SELECT obj_description('p_name'::regclass) AS said").to_arrow().to_pylist()
        assert said == [{"said": "one of a name"}]


def test_a_not_null_keeps_the_name_it_was_given(session: Any) -> None:
    session.run("CREATE TABLE k (a int CONSTRAINT given NOT NULL, b int NOT NULL)")
    session.run("ALTER TABLE k RENAME a TO x")
    session.run("ALTER TABLE k RENAME CONSTRAINT given TO other")
    named = "SELECT conname FROM pg_constraint WHERE conrelid = 'k'::regclass ORDER BY 1"
    assert [row["conname"] for row in session.run(named).to_arrow().to_pylist()] == ["k_b_not_null", "other"]
    with pytest.raises(QueryError, match='constraint "given" of relation "k" does not exist'):
        session.run("ALTER TABLE k DROP CONSTRAINT given")
    session.run("ALTER TABLE k DROP CONSTRAINT other")
    session.run("INSERT INTO k VALUES (NULL, 1)")


def test_a_default_goes_by_its_enum_when_its_column_does_no_longer(session: Any) -> None:
    session.run("CREATE TYPE mood AS ENUM ('sad', 'ok')")
    session.run("CREATE TABLE k (id int, m mood DEFAULT 'ok')")
    session.run("ALTER TABLE k ALTER m TYPE text")
    session.run("ALTER TYPE mood RENAME TO feeling")
    session.run("INSERT INTO k VALUES (1)")
    assert session.run("SELECT m FROM k").to_arrow().to_pylist() == [{"m": "ok"}]
    with pytest.raises(QueryError, match="cannot drop type feeling because other objects depend on it"):
        session.run("DROP TYPE feeling")
