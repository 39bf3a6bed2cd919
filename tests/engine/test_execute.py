from __future__ import annotations

import datetime as dt
import decimal
import uuid
from typing import Any

import pytest

from helios_magic.engine.face import BatchStopped, Limits, Statement
from helios_magic.errors import NotFoundError, QueryError

from .conftest import DATABASE

MOMENT = dt.datetime.fromisoformat("2024-02-29T01:02:03")


def types(table: Any) -> list[str]:
    return [field.metadata[b"pg_type"].decode() for field in table.schema]


def test_select_answers_rows_with_postgresql_types(run):
    outcome = run("SELECT 1 AS a, 'x' AS b, true AS c, 1.5::float8 AS d, now() AS e")
    assert outcome.command == "SELECT"
    assert outcome.affected_rows is None
    assert outcome.table.column_names == ["a", "b", "c", "d", "e"]
    assert types(outcome.table) == ["int4", "text", "bool", "float8", "timestamptz"]
    assert outcome.table.schema.field("e").type.tz == "UTC"


def test_what_is_written_is_read(run, rows):
    run("CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE)")
    inserted = run("INSERT INTO users VALUES ($1, $2), ($3, $4)", [1, "a", 2, "b"])
    assert (inserted.command, inserted.affected_rows, inserted.table) == ("INSERT", 2, None)
    assert rows("SELECT id, email FROM users ORDER BY id") == [(1, "a"), (2, "b")]
    assert run("UPDATE users SET email = 'c' WHERE id = 2").affected_rows == 1
    assert run("DELETE FROM users WHERE id > $1", [0]).affected_rows == 2
    assert rows("SELECT id FROM users") == []


def test_returning_answers_rows_and_counts_them(run):
    run("CREATE TABLE t (id int, s text)")
    outcome = run("INSERT INTO t VALUES (1, 'a'), (2, 'b') RETURNING s, id")
    assert outcome.affected_rows == 2
    assert outcome.table.to_pylist() == [{"s": "a", "id": 1}, {"s": "b", "id": 2}]


def test_an_empty_result_keeps_its_columns(run):
    run("CREATE TABLE t (id int, at timestamptz, n numeric(10,2))")
    table = run("SELECT * FROM t").table
    assert (table.num_rows, table.column_names) == (0, ["id", "at", "n"])
    assert types(table) == ["int4", "timestamptz", "numeric(10,2)"]


@pytest.mark.parametrize(
    ("value", "cast", "answer"),
    [
        (7, "int8", 7),
        (2**62, "int8", 2**62),
        (1.5, "float8", 1.5),
        ("x", "text", "x"),
        (True, "bool", True),
        (None, "text", None),
        (decimal.Decimal("1.50"), "numeric(10,2)", decimal.Decimal("1.50")),
        (dt.date(2024, 2, 29), "date", dt.date(2024, 2, 29)),
        (
            dt.datetime.fromisoformat("2024-02-29T01:02:03"),
            "timestamp",
            dt.datetime.fromisoformat("2024-02-29T01:02:03"),
        ),
        ("2024-02-29", "date", dt.date(2024, 2, 29)),
        (b"\x00\xff", "bytea", b"\x00\xff"),
        (uuid.UUID(int=5), "uuid", str(uuid.UUID(int=5))),
        (["\\x00ff", None], "bytea[]", [b"\x00\xff", None]),
        ([["\\x00"], [b"ab"]], "bytea[][]", [[b"\x00"], [b"ab"]]),
        (["1.129"], "numeric(10,2)[]", [decimal.Decimal("1.13")]),
        (["2024-02-29T01:02:03.7"], "timestamp(0)[]", [dt.datetime.fromisoformat("2024-02-29T01:02:04")]),
    ],
)
def test_values_are_bound_unchanged(rows, value, cast, answer):
    assert rows(f"SELECT $1::{cast}", [value]) == [(answer,)]


def test_arrays_within_arrays_are_kept_and_come_back(run, rows):
    run("CREATE TABLE t (deep int4[][], short varchar(3)[])")
    assert rows("INSERT INTO t VALUES ($1, $2) RETURNING *", [[[1, 2], [3, None]], ["abc"]]) == [
        ([[1, 2], [3, None]], ["abc"])
    ]
    with pytest.raises(QueryError, match="value too long"):
        run("INSERT INTO t (short) VALUES ($1)", [["abcd"]])


def test_numpy_and_pandas_values_are_bound(run, rows):
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    run("CREATE TABLE t (a int8, b float8, c timestamp, d text)")
    run("INSERT INTO t VALUES ($1, $2, $3, $4)", [np.int64(3), np.float64(0.5), pd.Timestamp("2024-01-01"), pd.NaT])
    assert rows("SELECT * FROM t") == [(3, 0.5, dt.datetime.fromisoformat("2024-01-01"), None)]


@pytest.mark.parametrize(
    ("query", "params", "message"),
    [
        ("SELECT $1::int + $3::int", [1, 2], "the query has $1…$3, 2 values were given"),
        ("SELECT $1::int", [], "the query has $1, 0 values were given"),
        ("SELECT 1", [1], "the query has no placeholder, 1 value was given"),
    ],
)
def test_a_wrong_number_of_values_is_named(run, query, params, message):
    with pytest.raises(QueryError) as caught:
        run(query, params)
    assert caught.value.message == message
    assert caught.value.sqlstate == "08P01"


@pytest.mark.parametrize("value", [10**40, decimal.Decimal("1." + "1" * 40), decimal.Decimal("NaN"), object()])
def test_a_value_that_would_change_is_refused(run, value):
    with pytest.raises(QueryError, match=r"the value of \$1"):
        run("SELECT $1::numeric", [value])


def test_an_unknown_branch_is_not_found_with_the_nearest_names(engine):
    with pytest.raises(NotFoundError) as caught:
        engine.execute(DATABASE, "mian", Statement("SELECT 1"), Limits())
    assert "mian" in caught.value.message
    assert caught.value.hint == "Did you mean main?"


def test_a_select_runs_exactly_once(run, rows):
    run("CREATE SEQUENCE s")
    assert rows("SELECT nextval('s')") == [(1,)]
    assert rows("SELECT nextval('s')") == [(2,)]
    assert rows("SELECT nextval('s') + $1::int", [0]) == [(3,)]


def test_rows_examined_are_those_of_the_scans(run):
    run("CREATE TABLE t (id int)")
    run("INSERT INTO t SELECT i FROM generate_series(1, 1000) AS g(i)")
    assert run("SELECT count(*) FROM t WHERE id > 10").rows_examined == 1000
    assert run("SELECT 1").rows_examined == 0
    assert run("UPDATE t SET id = id + 1").rows_examined == 1000


def test_the_first_rows_of_a_table_are_read_without_the_optimizer_and_are_the_same(run):
    run("CREATE TABLE t (id int PRIMARY KEY, name text, twice int GENERATED ALWAYS AS (id * 2) STORED, doc jsonb)")
    run("INSERT INTO t (id, name, doc) SELECT i, 'n' || i, '{\"i\": 1}' FROM generate_series(1, 5000) AS g(i)")
    run("DELETE FROM t WHERE id <= 3000 AND id <> 7")
    for wanted in ("*", "name, id", "twice AS two, doc", "x.*, x.id AS again"):
        for bounds in ("LIMIT 5", "LIMIT 0", "LIMIT 3 OFFSET 1500", "LIMIT 10000", "OFFSET 1998 LIMIT 9"):
            plain = run(f"SELECT {wanted} FROM t AS x {bounds}")
            # A query inside is what the optimizer is for.
            optimized = run(f"WITH w AS (SELECT {wanted} FROM t AS x) SELECT * FROM w {bounds}")
            assert plain.table.equals(optimized.table, check_metadata=True)
            assert 0 <= plain.rows_examined <= 2001


def test_rows_are_counted_in_sum_where_one_table_is_read_once(run):
    run("CREATE TABLE t (id int PRIMARY KEY, v int)")
    run("INSERT INTO t SELECT i, i % 10 FROM generate_series(1, 3000) AS g(i)")
    run("CREATE VIEW last AS SELECT * FROM t ORDER BY v DESC, id LIMIT 5")
    assert run("SELECT * FROM t LIMIT 1").rows_examined == 2048  # what is read at once
    assert run("SELECT sum(v) FROM t WHERE v < 3 GROUP BY id % 2").rows_examined == 3000
    assert run("SELECT a.id FROM t AS a, t AS b WHERE a.id = b.id").rows_examined == 6000
    # The scan that fetches the other columns of the five rows reads no further rows.
    assert run("SELECT * FROM t ORDER BY v DESC, id LIMIT 5").rows_examined == 3000
    assert run("SELECT * FROM last LIMIT 3").rows_examined == 3000


def test_a_plan_is_not_kept_across_a_change_of_the_structure(run, rows):
    run("CREATE TABLE t (a int)")
    run("INSERT INTO t VALUES (1)")
    assert rows("SELECT * FROM t") == [(1,)]
    run("ALTER TABLE t ADD COLUMN b text DEFAULT 'x'")
    assert rows("SELECT * FROM t") == [(1, "x")]
    run("DROP TABLE t")
    with pytest.raises(QueryError) as caught:
        run("SELECT * FROM t")
    assert caught.value.sqlstate == "42P01"


def batch(engine, *queries, transaction=True):
    return engine.batch(DATABASE, "main", [Statement(q) for q in queries], Limits(), transaction=transaction)


def test_a_batch_is_all_or_nothing(engine, run, rows):
    run("CREATE TABLE t (id int PRIMARY KEY)")
    with pytest.raises(QueryError) as caught:
        batch(engine, "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (1)")
    assert caught.value.details["statement_index"] == 2
    assert caught.value.sqlstate == "23505"
    assert rows("SELECT * FROM t") == []
    outcomes = batch(engine, "INSERT INTO t VALUES (1)", "SELECT count(*) AS n FROM t")
    assert [outcome.command for outcome in outcomes] == ["INSERT", "SELECT"]
    assert outcomes[1].table.to_pylist() == [{"n": 1}]


def test_a_batch_sees_its_own_tables_and_takes_them_back(engine, run, rows):
    outcomes = batch(engine, "CREATE TABLE t (id int)", "INSERT INTO t VALUES (5)", "SELECT id FROM t")
    assert outcomes[2].table.to_pylist() == [{"id": 5}]
    with pytest.raises(QueryError):
        batch(engine, "CREATE TABLE u (id int)", "INSERT INTO u VALUES (5)", "SELECT nope FROM u")
    with pytest.raises(QueryError) as caught:
        run("SELECT * FROM u")
    assert caught.value.sqlstate == "42P01"
    assert [table.name for table in engine.describe(DATABASE, "main").tables] == ["t"]


def test_a_batch_without_a_transaction_stops_at_the_first_error(engine, run, rows):
    run("CREATE TABLE t (id int PRIMARY KEY)")
    with pytest.raises(BatchStopped) as caught:
        batch(
            engine,
            "INSERT INTO t VALUES (1)",
            "INSERT INTO t VALUES (1)",
            "INSERT INTO t VALUES (2)",
            transaction=False,
        )
    assert len(caught.value.outcomes) == 1
    assert caught.value.error.details["statement_index"] == 1
    assert rows("SELECT id FROM t") == [(1,)]


def test_explain_is_a_tree_with_estimates(engine, run):
    run("CREATE TABLE t (id int, g int)")
    run("INSERT INTO t SELECT i, i % 3 FROM generate_series(1, 100) AS x(i)")
    plan = engine.explain(DATABASE, "main", Statement("SELECT g, count(*) FROM t WHERE id > $1 GROUP BY g", [5]),
                          Limits(), analyze=False)  # fmt: skip
    assert not plan.analyze
    scans = [step for step in flat(plan.root) if step.node_type == "Seq Scan"]
    assert [step.details["table"] for step in scans] == ["t"]
    assert all(step.actual_rows is None for step in flat(plan.root))
    assert "Seq Scan on t" in plan.text


def test_explain_analyze_has_real_rows_and_times(engine, run):
    run("CREATE TABLE t (id int, g int)")
    run("INSERT INTO t SELECT i, i % 3 FROM generate_series(1, 100) AS x(i)")
    statement = Statement("SELECT g, count(*) FROM t GROUP BY g")
    plan = engine.explain(DATABASE, "main", statement, Limits(), analyze=True)
    scan = next(step for step in flat(plan.root) if step.node_type == "Seq Scan")
    assert (scan.actual_rows, plan.rows_examined) == (100, 100)
    assert plan.execution_ms > 0
    assert plan.root.actual_rows == 3


def test_explain_analyze_of_a_write_is_undone(engine, run, rows):
    run("CREATE TABLE t (id int)")
    run("INSERT INTO t VALUES (1), (2)")
    plan = engine.explain(DATABASE, "main", Statement("DELETE FROM t"), Limits(), analyze=True)
    assert plan.root.node_type == "Delete"
    assert rows("SELECT count(*) FROM t") == [(2,)]
    engine.explain(DATABASE, "main", Statement("DELETE FROM t"), Limits(), analyze=False)
    assert rows("SELECT count(*) FROM t") == [(2,)]


def flat(step):
    return [step, *(below for child in step.children for below in flat(child))]


def test_describe_tells_keys_defaults_and_rows(engine, run):
    run("CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL UNIQUE, v int DEFAULT 5 CHECK (v > 0))")
    run("INSERT INTO users (id, email) VALUES (1, 'a')")
    run("CREATE VIEW adults AS SELECT id FROM users")
    schema = engine.describe(DATABASE, "main")
    users, view = schema.table("users"), schema.table("adults")
    assert [(c.name, c.type, c.nullable) for c in users.columns] == [
        ("id", "int4", False),
        ("email", "text", False),
        ("v", "int4", True),
    ]
    assert users.primary_key == ("id",)
    assert [index.name for index in users.indexes] == ["users_pkey", "users_email_key"]
    assert [check.name for check in users.checks] == ["users_v_check"]
    assert users.rows == 1
    assert view.kind == "view"
    assert [c.name for c in view.columns] == ["id"]


def test_statistics_count_what_there_is(engine, run):
    run("CREATE TABLE t (id int)")
    statistics = engine.statistics(DATABASE)
    assert (statistics.branches, statistics.tables) == (1, 1)
    assert statistics.storage_bytes > 0


def test_a_dropped_database_is_gone(engine, store, run):
    engine.drop(DATABASE)
    assert not (store.data_path / DATABASE).exists()
    with pytest.raises(NotFoundError):
        run("SELECT 1")


def test_truncate_counts_nothing(run) -> None:
    run("CREATE TABLE kept (a int)")
    run("INSERT INTO kept VALUES (1), (2)")
    assert run("TRUNCATE kept").affected_rows == 0
    assert run("SELECT count(*) FROM kept").table.to_pylist() == [{"count": 0}]
