"""What a caller sees is the same in process and over HTTP."""

from __future__ import annotations

import datetime as dt
import decimal
import threading
import time
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from helios_magic.client.loading import load
from helios_magic.errors import (
    AlreadyExistsError,
    ForbiddenError,
    NotFoundError,
    QueryError,
    QueryTimeoutError,
    UsageError,
    ValidationError,
)
from helios_magic.session import Session

FOREVER = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a.a + b.b < 0"


def test_a_frame(session: Session) -> None:
    frame = session.sql("SELECT 1 AS one, 'x' AS two, NULL::int4 AS three")
    assert frame.iloc[0].to_list() == [1, "x", pd.NA]
    assert [str(kind) for kind in frame.dtypes] == ["int32", "str", "Int32"]


def test_what_a_result_knows(session: Session) -> None:
    session.sql("CREATE TABLE t (id int4 PRIMARY KEY, name varchar(20), price numeric(10,2))")
    written = session.run("INSERT INTO t VALUES (1, 'a', 1.5), (2, 'b', 2) RETURNING id, price")
    assert (written.command, written.affected_rows, written.columns) == ("INSERT", 2, ["id", "price"])
    assert written.types == ["int4", "numeric(10,2)"]
    assert written.to_pandas()["price"].tolist() == [decimal.Decimal("1.50"), decimal.Decimal("2.00")]
    read = session.run("SELECT * FROM t ORDER BY id")
    assert (read.command, read.affected_rows, read.row_count) == ("SELECT", None, 2)
    assert read.types == ["int4", "varchar(20)", "numeric(10,2)"]
    assert read.rows_examined == 2
    assert read.duration_ms is not None
    assert read.duration_ms > 0
    assert read.request_id is not None
    assert read.request_id.startswith("req_")
    changed = session.run("UPDATE t SET price = price + 1")
    assert (changed.table, changed.affected_rows) == (None, 2)
    assert session.run("CREATE TABLE u (a int4)").affected_rows == 0


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int4", 7),
        ("int8", 2**63 - 1),
        ("float8", 0.1),
        ("float8", float("inf")),
        ("bool", True),
        ("text", "it's $1"),
        ("numeric(30,4)", decimal.Decimal("12345678901234567890.1234")),
        ("timestamp", dt.datetime(2025, 12, 16, 1, 2, 3, 4)),  # noqa: DTZ001 - a timestamp has no zone
        ("timestamptz", dt.datetime(2025, 12, 16, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2)))),
        ("time", dt.time(1, 2, 3)),
        ("uuid", uuid.UUID("0190163d-8694-739b-aea5-966c26f8ad91")),
        ("bytea", b"\x00\xff"),
        ("int4", np.int64(7)),
        ("float8", np.float32(0.5)),
        ("timestamp", pd.Timestamp("2025-12-16 01:02:03")),
    ],
)
def test_parameters_arrive_as_they_were(session: Session, kind: str, value: Any) -> None:
    came = session.sql(f"SELECT $1::{kind} AS v", [value])["v"][0]
    assert came == (str(value) if isinstance(value, uuid.UUID) else value)


def test_a_date_parameter(session: Session) -> None:
    assert session.sql("SELECT $1::date AS v", [dt.date(2025, 12, 16)])["v"][0] == pd.Timestamp("2025-12-16")


@pytest.mark.parametrize("missing", [None, pd.NA, pd.NaT, np.datetime64("NaT", "us")])
def test_every_missing_value_is_null(session: Session, missing: Any) -> None:
    assert session.sql("SELECT $1::timestamp IS NULL AS v", [missing])["v"][0]


def test_a_parameter_without_a_sql_type_is_named(session: Session) -> None:
    with pytest.raises(UsageError, match=r"\$2 is a set"):
        session.sql("SELECT $1, $2", [1, {1}])
    with pytest.raises(UsageError, match="not a list"):
        session.sql("SELECT $1", "text")


def test_each_statement_runs_exactly_once(session: Session) -> None:
    session.sql("CREATE SEQUENCE s")
    drawn = [session.sql("SELECT nextval('s') AS n")["n"][0] for _ in range(5)]
    drawn += [result.to_pandas()["n"][0] for result in session.batch(["SELECT nextval('s') AS n"] * 2).results]
    with pytest.raises(QueryError):
        session.sql("SELECT nextval('s') / 0 AS n")
    session.explain("SELECT nextval('s')")
    after = session.sql("SELECT nextval('s') AS n")["n"][0]
    assert drawn == [1, 2, 3, 4, 5, 6, 7]
    assert after in {8, 9}


def test_errors_are_the_tree(session: Session) -> None:
    session.sql("CREATE TABLE users (id int4 PRIMARY KEY, email text)")
    with pytest.raises(QueryError) as caught:
        session.sql("SELECT emial FROM users")
    error = caught.value
    assert (error.sqlstate, error.position, error.details["line"]) == ("42703", 8, 1)
    assert "email" in str(error.hint)
    assert error.status == 400
    assert error.request_id is not None
    with pytest.raises(QueryError) as caught:
        session.sql("SELEC 1")
    assert caught.value.sqlstate == "42601"
    with pytest.raises(ValidationError):
        session.sql("SELECT 1; SELECT 2")
    with pytest.raises(NotFoundError):
        session.sql("SELECT 1", branch="nowhere")


def test_a_batch_is_all_or_nothing(session: Session) -> None:
    session.sql("CREATE TABLE t (id int4 PRIMARY KEY)")
    outcome = session.batch(["INSERT INTO t VALUES (1)", ("INSERT INTO t VALUES ($1) RETURNING id", [2])])
    assert outcome.committed
    assert [result.affected_rows for result in outcome.results] == [1, 1]
    assert outcome.results[1].to_pandas()["id"].tolist() == [2]
    with pytest.raises(QueryError) as caught:
        session.batch(["INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (1)"])
    assert caught.value.details["statement_index"] == 1
    assert session.sql("SELECT count(*) AS n FROM t")["n"][0] == 2


def test_a_batch_without_a_transaction_keeps_what_was_done(session: Session) -> None:
    session.sql("CREATE TABLE t (id int4 PRIMARY KEY)")
    with pytest.raises(QueryError) as caught:
        session.batch(["INSERT INTO t VALUES (3)", "INSERT INTO t VALUES (3)"], transaction=False)
    assert [result["affected_rows"] for result in caught.value.details["results"]] == [1]
    assert session.sql("SELECT count(*) AS n FROM t")["n"][0] == 1


def test_explain(session: Session) -> None:
    session.sql("CREATE TABLE t (id int4)")
    plan = session.explain("INSERT INTO t SELECT 1", analyze=True)
    assert plan.analyze
    assert plan.plan.node_type
    assert session.sql("SELECT count(*) AS n FROM t")["n"][0] == 0


def test_tables_and_status(session: Session) -> None:
    session.sql("CREATE TABLE t (id int4 PRIMARY KEY, name text NOT NULL)")
    (table,) = session.tables().tables
    assert table.name == "t"
    assert [(column.name, column.type, column.nullable) for column in table.columns] == [
        ("id", "int4", False),
        ("name", "text", False),
    ]
    status = session.status()
    assert (status.database, status.branch, status.tables, status.tier) == (session.database, "main", 1, "enterprise")
    assert session.database in [database.name for database in session.databases().databases]


def test_databases(session: Session) -> None:
    client = session.client
    made = client.create_database(f"{session.database}-x", "free")
    with pytest.raises(AlreadyExistsError):
        client.create_database(f"{session.database}-x", "free")
    session.use(made.name)
    assert session.database == made.name
    assert client.delete_database(made.id).name == made.name
    with pytest.raises(NotFoundError, match="There is no database “nowhere” here") as caught:
        session.use("nowhere")
    assert "default" in str(caught.value.hint)
    with pytest.raises(NotFoundError):
        client.get_database(made.id)


def test_accounts(session: Session) -> None:
    client = session.client
    email = f"{session.database}@example.com"
    visitor = client.another()
    visitor.signup(email, "secure-password-123")
    signed_in = visitor.login(email, "secure-password-123")
    assert signed_in.user.email == email
    assert visitor.list_databases().total == 0
    with pytest.raises(ForbiddenError):
        visitor.sql("SELECT 1")
    again = visitor.refresh()
    assert again.token != signed_in.token
    assert visitor.logout().revoked
    assert client.list_databases().total > 0


def test_a_timeout_stops_the_statement(session: Session) -> None:
    began = time.perf_counter()
    with pytest.raises(QueryTimeoutError):
        session.run(FOREVER, timeout=0.2)
    assert time.perf_counter() - began < 10
    assert session.sql("SELECT 1 AS one")["one"][0] == 1
    with pytest.raises(UsageError, match="timeout"):
        session.run("SELECT 1", timeout=0)


def test_history_has_no_values(session: Session) -> None:
    session.run("SELECT $1::text", ["swordfish"])
    with pytest.raises(QueryError):
        session.run("SELECT nothing")
    done, failed = session.history[-2:]
    assert (done.query, done.rows, done.error) == ("SELECT $1::text", 1, None)
    assert (failed.query, failed.rows, failed.error) == ("SELECT nothing", None, "QUERY_ERROR")
    assert done.ms > 0
    assert "swordfish" not in repr(session.history)


def test_many_threads_at_once(session: Session) -> None:
    session.sql("CREATE TABLE t (id int4)")
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(5):
                session.sql("INSERT INTO t VALUES ($1)", [number * 100 + step])
                assert session.sql("SELECT $1::int4 AS v", [number])["v"][0] == number
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert session.sql("SELECT count(DISTINCT id) AS n FROM t")["n"][0] == 30


def test_a_replacement_that_fails_leaves_the_rows_that_were_there(session: Session) -> None:
    session.sql("CREATE TABLE kept (id int8 PRIMARY KEY)")
    session.sql("INSERT INTO kept VALUES (7)")
    rows = pa.table({"id": [*range(1000), 999]})
    with pytest.raises(QueryError, match="the rows that were there stay"):
        load(session.client, rows, "kept", mode="replace", chunk_bytes=800)
    assert session.sql("SELECT id FROM kept")["id"].to_list() == [7]
    assert load(session.client, rows.slice(0, 1000), "kept", mode="replace", chunk_bytes=800) == 1000
    assert session.sql("SELECT count(*) AS n FROM kept")["n"][0] == 1000


TYPED = """
SELECT * FROM (VALUES
  (1::int2, 9007199254740993::int8, 1.5::float4, 'NaN'::float8, true, 1.10::numeric(20,4), 'ä'::text,
   '2025-12-16'::date, '01:02:03.5'::time, '2025-12-16 01:02:03.000004'::timestamp,
   '2025-12-16 01:02:03+02'::timestamptz, interval '1 month 2 days 3 seconds',
   '0190163d-8694-739b-aea5-966c26f8ad91'::uuid, '{"a": [1, null, 12345678901234567890]}'::json, '\\x00ff'::bytea,
   ARRAY['x', NULL]),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) AS t(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
"""


def test_json_rows_and_arrow_rows_are_the_same_frame(session: Session) -> None:
    from tests.client.test_frames import assert_same

    arrow = session.run(TYPED)
    (json,) = session.batch([TYPED]).results
    assert arrow.types == json.types
    assert_same(arrow.to_pandas(), json.to_pandas())
    empty = f"SELECT * FROM ({TYPED}) AS e WHERE false"
    (json,) = session.batch([empty]).results
    assert_same(session.run(empty).to_pandas(), json.to_pandas())


def test_loading_a_frame_and_reading_it_back(session: Session) -> None:
    frame = pd.DataFrame(
        {
            "id": np.arange(1000, dtype=np.int64),
            "a name": [f"row {number}" for number in range(1000)],
            "price": np.arange(1000) / 8,
            "at": pd.date_range("2025-01-01", periods=1000, freq="h").as_unit("us"),
        }
    )
    seen: list[tuple[int, int | None]] = []
    assert session.load(frame, "t", mode="create", progress=lambda done, of: seen.append((done, of))) == 1000
    assert seen[-1] == (1000, 1000)
    pd.testing.assert_frame_equal(session.sql("SELECT * FROM t ORDER BY id"), frame)
    assert session.load(frame.head(10), "t", mode="append") == 10
    assert session.sql("SELECT count(*) AS n FROM t")["n"][0] == 1010
    assert session.load(frame.head(3), "t", mode="replace") == 3
    assert session.sql("SELECT count(*) AS n FROM t")["n"][0] == 3


def test_loading_polars_and_arrow(session: Session) -> None:
    pl = pytest.importorskip("polars")
    session.load(pl.DataFrame({"id": [1, 2], "name": ["a", None]}), "t", mode="create")
    session.load(pa.table({"id": [3], "name": ["c"]}), "t")
    assert session.run("SELECT * FROM t ORDER BY id").to_polars().rows() == [(1, "a"), (2, None), (3, "c")]


def test_a_load_that_fails_says_what_it_left(session: Session) -> None:
    session.sql("CREATE TABLE t (id int4 PRIMARY KEY)")
    session.load(pa.table({"id": pa.array([1, 2, 3], pa.int32())}), "t")
    with pytest.raises(QueryError, match=r"Nothing was written\.") as caught:
        session.load(pa.table({"id": pa.array([4, 1], pa.int32())}), "t")
    assert caught.value.details["written"] == 0
    assert session.sql("SELECT count(*) AS n FROM t")["n"][0] == 3
