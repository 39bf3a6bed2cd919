"""Identities of tables and columns, and two structures side by side in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helios_magic.engine import open_engine
from helios_magic.engine.branching.pairs import pairs
from helios_magic.engine.face import Limits, Statement
from helios_magic.schema import Schema, Table
from helios_magic.store import Store

Alter = Callable[..., tuple[Schema, Schema]]


@pytest.fixture
def alter(tmp_path: Path) -> Iterator[Alter]:
    """Statements before, statements after; both structures."""
    store = Store.open(tmp_path / "store")
    engine = open_engine(store)
    engine.create("db_pairs")

    def run(setup: str, change: str) -> tuple[Schema, Schema]:
        found = []
        for script in (setup, change):
            for query in filter(None, map(str.strip, script.split(";"))):
                engine.execute("db_pairs", "main", Statement(query), Limits())
            found.append(engine.describe("db_pairs", "main"))
        return found[0], found[1]

    yield run
    engine.close()
    store.close()


def words(older: Schema, newer: Schema) -> dict[str, tuple[str, ...]]:
    told = {}
    for pair in pairs(older, newer):
        table = pair.newer or pair.older
        assert table is not None
        if pair.changes:
            told[table.label] = pair.changes
    return told


def named(schema: Schema, name: str) -> Table:
    table = schema.table(name)
    assert table is not None
    return table


def test_identities_stay_through_renames_and_retypes(alter: Alter) -> None:
    older, newer = alter(
        "CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer); CREATE TABLE q AS SELECT 1.5 AS n, 2 AS m",
        """ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN a TO c; ALTER TABLE u ALTER COLUMN b TYPE bigint;
        ALTER TABLE q RENAME COLUMN n TO o""",
    )
    t, u, q, r = named(older, "t"), named(newer, "u"), named(older, "q"), named(newer, "q")
    assert t.id is not None
    assert t.id == u.id
    assert [column.id for column in t.columns] == [column.id for column in u.columns]
    assert [column.id for column in q.columns] == [column.id for column in r.columns]
    assert len({None, t.id, q.id, *(column.id for column in (*t.columns, *q.columns))}) == 8


def test_what_is_dropped_and_made_again_is_another_thing(alter: Alter) -> None:
    older, newer = alter(
        "CREATE TABLE t (id integer PRIMARY KEY, a integer); CREATE TABLE u (id integer, a integer)",
        """DROP TABLE t; CREATE TABLE t (id integer PRIMARY KEY, a integer);
        ALTER TABLE u DROP COLUMN a; ALTER TABLE u ADD COLUMN a integer""",
    )
    assert named(older, "t").id != named(newer, "t").id
    assert named(older, "u").id == named(newer, "u").id
    assert named(older, "u").columns[1].id != named(newer, "u").columns[1].id
    # Side by side they are told apart by name.
    assert words(older, newer) == {}


@pytest.mark.parametrize(
    ("setup", "change", "expected"),
    [
        ("", "CREATE TABLE n (id int)", {"n": ("+ table",)}),
        ("CREATE TABLE n (id int)", "DROP TABLE n", {"n": ("- table",)}),
        (
            "CREATE TABLE t (id int PRIMARY KEY, b int, price real)",
            """ALTER TABLE t ADD COLUMN helpful_votes int; ALTER TABLE t DROP COLUMN b;
            ALTER TABLE t ALTER COLUMN price TYPE numeric(10,2)""",
            {"t": ("~ type price float4 → numeric(10,2)", "+ column helpful_votes int4", "- column b")},
        ),
        (
            "CREATE TABLE t (id int PRIMARY KEY, b int)",
            "ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN b TO c; CREATE INDEX u_c ON u (c)",
            {"u": ("~ renamed from t", "~ column c renamed from b", "+ index u_c (c)")},
        ),
        (
            "CREATE TABLE t (id int, b int)",
            """ALTER TABLE t ADD CONSTRAINT t_key PRIMARY KEY (id); ALTER TABLE t ALTER COLUMN b SET DEFAULT 3;
            ALTER TABLE t ALTER COLUMN b SET NOT NULL; COMMENT ON COLUMN t.b IS 'count'""",
            {
                "t": (
                    "~ column id not null", "~ default b none → 3", "~ column b not null",
                    "~ comment b none → “count”", "+ primary key (id)",
                )
            },
        ),
        (
            "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p (id))",
            "ALTER TABLE p RENAME TO q; ALTER TABLE c RENAME COLUMN p TO q",
            {"q": ("~ renamed from p",), "c": ("~ column q renamed from p",)},
        ),
        (
            "CREATE TABLE t (id int); CREATE VIEW v AS SELECT id FROM t",
            """DROP VIEW v; CREATE VIEW v AS SELECT id FROM t WHERE id > 1; CREATE SEQUENCE s;
            CREATE TYPE mood AS ENUM ('a', 'b'); CREATE SCHEMA shop""",
            {"v": ("~ view",), "s": ("+ sequence",), "mood": ("+ type (a, b)",), "shop": ("+ schema",)},
        ),
    ],
)  # fmt: skip
def test_changes_in_words(alter: Alter, setup: str, change: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert words(*alter(setup, change)) == expected


def test_columns_and_key_of_a_pair(alter: Alter) -> None:
    older, newer = alter(
        "CREATE TABLE t (id int PRIMARY KEY, a int, b int)",
        "ALTER TABLE t RENAME COLUMN id TO n; ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN c int",
    )
    (pair,) = pairs(older, newer)
    assert pair.key == ("n",)
    assert [(c.older, c.newer) for c in pair.columns] == [("id", "n"), ("a", "a"), (None, "c"), ("b", None)]
