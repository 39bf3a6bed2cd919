"""Longer stories of structures that merge: rebuilds, identities, counters, indexes."""

from __future__ import annotations

import pytest

from helios_magic.engine.face import Limits
from helios_magic.errors import QueryError
from tests.branching.told import BEFORE, Told


def test_a_table_that_cannot_be_altered_in_place_is_built_anew(told: Told) -> None:
    """DuckDB drops no column before one that a key depends on."""
    k = ["CREATE TABLE k (x integer, y integer DEFAULT 3)", "INSERT INTO k VALUES (1, 1), (2, 2)"]
    told.split(k, ["ALTER TABLE k ADD CONSTRAINT y_key UNIQUE (y)"], ["ALTER TABLE k DROP COLUMN x"])
    assert told.merge().merged
    told.run("main", "INSERT INTO k DEFAULT VALUES")
    assert told.rows("SELECT * FROM k ORDER BY 1") == [(1,), (2,), (3,)]
    with pytest.raises(QueryError, match="y_key"):
        told.run("main", "INSERT INTO k VALUES (2)")


def test_a_foreign_key_s_column_stays_comparable(told: Told) -> None:
    told.run("main", *BEFORE, "CREATE TABLE c (id integer PRIMARY KEY, t integer REFERENCES t (id))")
    with pytest.raises(QueryError, match="cannot be implemented"):
        told.run("main", "ALTER TABLE c ALTER COLUMN t TYPE text")
    told.split([], ["INSERT INTO c VALUES (1, 1)"], ["ALTER TABLE c ALTER COLUMN t TYPE bigint"])
    assert told.merge().merged
    with pytest.raises(QueryError, match="foreign key"):
        told.run("main", "DELETE FROM t WHERE id = 1")


def test_tables_exchange_their_names(told: Told) -> None:
    names = (("t", "x"), ("u", "t"), ("x", "u"))
    told.split(
        [*BEFORE, "CREATE TABLE u (id integer PRIMARY KEY)"], ["INSERT INTO t VALUES (5, 5, 5)"],
        [f"ALTER TABLE {one} RENAME TO {other}" for one, other in names],
    )  # fmt: skip
    assert told.merge().merged
    assert told.rows("SELECT (SELECT count(*) FROM u), (SELECT count(*) FROM t)") == [(4, 0)]


def test_each_row_draws_its_own_value_of_a_new_column(told: Told) -> None:
    """Rows of the branch bring theirs; rows that only main has draw theirs."""
    told.split(
        BEFORE, ["INSERT INTO t VALUES (4, 40, 400)"], ["ALTER TABLE t ADD COLUMN u uuid DEFAULT gen_random_uuid()"]
    )
    drawn = dict(told.rows("SELECT id, u::text FROM t", "b"))
    assert told.merge().merged
    merged = dict(told.rows("SELECT id, u::text FROM t"))
    assert {id_: merged[id_] for id_ in drawn} == drawn
    assert merged[4] not in (None, *drawn.values())


def test_names_that_need_quotes(told: Told) -> None:
    told.split(
        BEFORE, ["INSERT INTO t VALUES (4, 40, 400)"],
        [
            """CREATE TABLE "We ird" ("I d" integer PRIMARY KEY CHECK ("I d" > 0), "select" text DEFAULT 'it''s',
                g integer GENERATED ALWAYS AS ("I d" + 1) STORED)""",
            'INSERT INTO "We ird" VALUES (1)', """COMMENT ON TABLE "We ird" IS 'it''s'""",
            'CREATE VIEW "V w" AS SELECT "select", g FROM "We ird"',
        ],
    )  # fmt: skip
    assert told.merge().merged
    assert told.rows('SELECT * FROM "V w"') == [("it's", 2)]


def test_what_a_merge_changed_is_told_in_words(told: Told) -> None:
    told.split(
        BEFORE, ["UPDATE t SET a = 11 WHERE id = 1"],
        ["ALTER TABLE t ADD COLUMN votes integer", "CREATE INDEX t_b ON t (b)", "ALTER TABLE t RENAME COLUMN a TO c"],
    )  # fmt: skip
    changes = {change.table: change for change in told.merge().changes or ()}
    assert set(changes["t"].schema) == {"+ column votes int4", "+ index t_b (b)", "~ column c renamed from a"}
    assert changes["only_branch"].schema == ("+ table",)


def test_tables_and_columns_keep_their_identity_through_merges(told: Told) -> None:
    """A table that both made is one; later renames of it on either side are still renames."""
    made = ["CREATE TABLE n (id integer PRIMARY KEY, v text)"]
    told.split([], [*made, "INSERT INTO n VALUES (1, 'a')"], [*made, "INSERT INTO n VALUES (2, 'b')"])
    assert told.merge().merged
    told.run("b", "ALTER TABLE n RENAME COLUMN v TO w", "UPDATE n SET w = 'bb' WHERE id = 2")
    told.run("main", "UPDATE n SET v = 'aa' WHERE id = 1")
    merged = told.merge()
    assert (merged.conflicts, merged.merged) == ((), True)
    assert told.rows("SELECT id, w FROM n ORDER BY id") == [(1, "aa"), (2, "bb")]


def test_a_merged_serial_goes_on_for_both(told: Told) -> None:
    made = ["CREATE TABLE n (id serial PRIMARY KEY, v text)"]
    told.split(made, ["INSERT INTO n (v) VALUES ('main')"], ["INSERT INTO n (v) VALUES ('branch')"])
    assert told.merge().merged
    told.run("main", "INSERT INTO n (v) VALUES ('after')")
    told.run("b", "INSERT INTO n (v) VALUES ('after')")
    assert told.merge().merged
    assert len(told.rows("SELECT DISTINCT id FROM n")) == 4


def test_constraints_hold_after_a_merge_rebuilt_the_table(told: Told) -> None:
    told.split(
        [*BEFORE, "CREATE UNIQUE INDEX t_a ON t (a)"], ["INSERT INTO t VALUES (4, 40, 400)"],
        ["ALTER TABLE t ADD COLUMN c integer", "ALTER TABLE t ALTER COLUMN b SET NOT NULL"],
    )  # fmt: skip
    assert told.merge().merged
    for wrong, state in (
        ("INSERT INTO t VALUES (1, 50, 1)", "23505"),
        ("INSERT INTO t VALUES (5, 40, 1)", "23505"),
        ("INSERT INTO t VALUES (5, 50, NULL)", "23502"),
    ):
        with pytest.raises(QueryError) as refused:
            told.run("main", wrong)
        assert (refused.value.details or {}).get("sqlstate") == state


INDEXES = {
    "made on the branch": ([], [], ["CREATE UNIQUE INDEX t_a ON t (a)", "CREATE INDEX t_b ON t (b)"], ["t_a", "t_b"]),
    "made on main": ([], ["CREATE UNIQUE INDEX t_a ON t (a)"], ["CREATE INDEX t_b ON t (b)"], ["t_a", "t_b"]),
    "dropped on the branch": (["CREATE UNIQUE INDEX t_a ON t (a)"], [], ["DROP INDEX t_a"], []),
    "dropped on main": (["CREATE UNIQUE INDEX t_a ON t (a)"], ["DROP INDEX t_a"], [], []),
}


@pytest.mark.parametrize("name", INDEXES)
def test_indexes_come_and_go(told: Told, name: str) -> None:
    setup, main, branch, expected = INDEXES[name]
    told.split([*BEFORE, *setup], [*main, "INSERT INTO t VALUES (4, 40, 400)"], branch)
    assert told.merge().merged
    table = told.engine.describe(told.name, "main").table("t")
    assert table is not None
    assert [index.name for index in table.indexes if not index.primary] == expected
    if "t_a" in expected:
        with pytest.raises(QueryError, match="t_a"):
            told.run("main", "INSERT INTO t VALUES (9, 40, 1)")
    else:
        told.run("main", "INSERT INTO t VALUES (9, 40, 1)")


def test_what_both_made_stays_one_thing_when_a_third_branch_comes(told: Told) -> None:
    """A branch made before the merge knows the table by an identity that the merge gave up, or kept."""
    made = ["CREATE TABLE n (id integer PRIMARY KEY, v text)"]
    told.run("main", *made, "INSERT INTO n VALUES (1, 'a')")
    told.engine.fork(told.name, "early", "main", Limits())
    told.run("early", "ALTER TABLE n RENAME COLUMN v TO w", "INSERT INTO n VALUES (3, 'c')")
    told.engine.fork(told.name, "b", "main", Limits())
    told.run("b", "DROP TABLE n", *made, "INSERT INTO n VALUES (2, 'b')")
    told.run("main", "CREATE TABLE other (x integer)")
    assert told.merge().merged
    assert told.rows("SELECT * FROM n") == [(2, "b")]
    merged = told.merge("early")
    assert {(conflict.table, conflict.kind) for conflict in merged.conflicts} == {("n", "schema")}


def test_computed_values_make_another_column_of_it(told: Told) -> None:
    """USING that computes cannot be applied to the other side's rows: what they wrote there is in conflict."""
    compute = "ALTER TABLE t ALTER COLUMN a TYPE bigint USING a * 100"
    told.split(BEFORE, ["UPDATE t SET a = 11 WHERE id = 1"], [compute])
    assert {(c.table, c.columns) for c in told.merge().conflicts} == {("t", ("a",))}
    told.run("main", "UPDATE t SET a = 10, b = 101 WHERE id = 1")
    assert told.merge().merged
    assert told.rows("SELECT id, a, b FROM t ORDER BY id") == [(1, 1000, 101), (2, 2000, 200), (3, 3000, 300)]


def test_a_primary_key_that_comes_later(told: Told) -> None:
    key = "ALTER TABLE k ADD CONSTRAINT k_key PRIMARY KEY (x)"
    setup = ["CREATE TABLE k (x integer, y integer)", "INSERT INTO k VALUES (1, 1), (2, 2)"]
    told.split(setup, ["INSERT INTO k VALUES (3, 3)"], [key, "UPDATE k SET y = 9 WHERE x = 1"])
    assert told.merge().merged
    assert told.rows("SELECT * FROM k ORDER BY x") == [(1, 9), (2, 2), (3, 3)]
    with pytest.raises(QueryError, match="k_key"):
        told.run("main", "INSERT INTO k VALUES (3, 4)")


def test_a_primary_key_over_rows_that_repeat(told: Told) -> None:
    key = "ALTER TABLE k ADD CONSTRAINT k_key PRIMARY KEY (x)"
    setup = ["CREATE TABLE k (x integer, y integer)", "INSERT INTO k VALUES (1, 1), (2, 2)"]
    told.split(setup, ["INSERT INTO k VALUES (1, 3)"], [key])
    (conflict,) = told.merge().conflicts
    assert (conflict.table, conflict.kind, conflict.columns) == ("k", "unique", ("x",))
    assert conflict.key is not None
    assert conflict.key.to_pylist() == [{"x": 1}]


@pytest.mark.parametrize("using", ["v * 100", "'x' || v"])
def test_values_of_the_other_side_are_not_lost_to_a_using(told: Told, using: str) -> None:
    """Only the side that wrote USING has its values converted so."""
    before = ["CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 10), (2, 20)"]
    kind = "text" if "x" in using else "int"
    told.split(before, ["INSERT INTO t VALUES (3, 5)"], [f"ALTER TABLE t ALTER COLUMN v TYPE {kind} USING ({using})"])
    (conflict,) = told.merge().conflicts
    assert (conflict.kind, conflict.columns) == ("schema", ("v",))
    assert told.rows("SELECT id, v FROM t ORDER BY id") == [(1, 10), (2, 20), (3, 5)]
