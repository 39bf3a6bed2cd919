"""decisions.md, "SQL" and "Schema", through the seam."""

from __future__ import annotations

import json
import threading
from typing import Any

import pyarrow as pa
import pytest

from helios_magic.models.arrowstream import write_stream
from helios_magic.models.seam import ARROW_STREAM, Call, Cancellation
from tests.emulator.calling import Api, an_api

ARROW = {"accept": ARROW_STREAM}


@pytest.fixture(scope="module")
def shop() -> Any:
    api = an_api()
    api.sql("CREATE TABLE users (id text PRIMARY KEY, name text NOT NULL, email text UNIQUE, status text)")
    api.sql(
        "INSERT INTO users VALUES ('usr_001','Alice','alice@example.com','active'), ('usr_002','Bob',NULL,'active')"
    )
    api.sql("CREATE TABLE orders (id serial PRIMARY KEY, user_id text REFERENCES users (id), total numeric(10,2))")
    yield api
    api.local.close()


def test_a_select(shop: Api) -> None:
    answered = shop.sql("SELECT id, name, email FROM users WHERE status = $1 ORDER BY id LIMIT $2", "active", 10)
    assert answered.status == 200
    assert answered.data == {
        "columns": ["id", "name", "email"],
        "types": ["text", "text", "text"],
        "rows": [["usr_001", "Alice", "alice@example.com"], ["usr_002", "Bob", None]],
        "row_count": 2,
        "command": "SELECT",
    }
    assert shop.sql("SELECT * FROM users").body["meta"]["rows_examined"] == 2


def test_dml_and_ddl(api: Api) -> None:
    assert api.sql("CREATE TABLE t (id int PRIMARY KEY, v text)").data == {
        "affected_rows": 0,
        "command": "CREATE TABLE",
    }
    assert api.sql("INSERT INTO t VALUES (1, 'a'), (2, 'b') RETURNING id, v").data == {
        "affected_rows": 2,
        "returning": [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}],
        "returning_types": {"id": "int4", "v": "text"},
        "command": "INSERT",
    }
    assert api.sql("UPDATE t SET v = 'c' WHERE id = $1", 1).data == {
        "affected_rows": 1,
        "returning": [],
        "command": "UPDATE",
    }
    assert api.sql("DELETE FROM t").data == {"affected_rows": 2, "returning": [], "command": "DELETE"}


def test_returning_loses_no_column_of_two_that_have_one_name(api: Api) -> None:
    api.sql("CREATE TABLE t (id int PRIMARY KEY, v text)")
    assert api.sql("INSERT INTO t VALUES (1, 'a') RETURNING id, v AS id").data == {
        "affected_rows": 1,
        "returning": [{"id": "a"}],
        "returning_types": {"id": "text"},
        "columns": ["id", "id"],
        "types": ["int4", "text"],
        "rows": [[1, "a"]],
        "row_count": 1,
        "command": "INSERT",
    }


def test_arrow_stands_in_for_the_rows_until_json_is_read(shop: Api) -> None:
    reply = shop.reply(
        "POST", "/sql", {"query": "SELECT id, name FROM users ORDER BY id"}, database="default", headers=ARROW
    )
    assert reply.table is not None
    assert reply.table.to_pylist() == [{"id": "usr_001", "name": "Alice"}, {"id": "usr_002", "name": "Bob"}]
    assert reply.table.schema.field("id").metadata[b"pg_type"] == b"text"
    assert reply.envelope.data.row_count == 2
    assert not reply.envelope.data.rows
    read = json.loads(reply.json())
    assert read["data"]["rows"] == [["usr_001", "Alice"], ["usr_002", "Bob"]]
    plain = shop.reply("POST", "/sql", {"query": "SELECT id FROM users"}, database="default")
    assert plain.table is None


def test_returning_comes_as_arrow_too_and_other_statements_as_json(api: Api) -> None:
    def arrow(query: str) -> Any:
        return api.reply("POST", "/sql", {"query": query}, database="default", headers=ARROW)

    assert arrow("CREATE TABLE t (v int)").table is None
    returned = arrow("INSERT INTO t VALUES (1), (2) RETURNING v")
    assert returned.table.to_pydict() == {"v": [1, 2]}
    assert returned.envelope.data.affected_rows == 2
    assert json.loads(returned.json())["data"]["returning"] == [{"v": 1}, {"v": 2}]
    assert arrow("UPDATE t SET v = 3").table is None
    assert arrow("SELECT nothing FROM t").status == 400


def test_a_batch_is_all_or_nothing_unless_it_is_told_otherwise(api: Api) -> None:
    api.sql("CREATE TABLE t (id int PRIMARY KEY)")
    batch = [{"query": "INSERT INTO t VALUES ($1) RETURNING id", "params": [1]}, {"query": "SELECT id FROM t"}]
    done = api("POST", "/sql/batch", {"statements": batch}, database="default").data
    assert (done["transaction"], done["committed"]) == (True, True)
    assert [result["command"] for result in done["results"]] == ["INSERT", "SELECT"]
    assert done["results"][0]["returning"] == [{"id": 1}]
    assert done["results"][1]["rows"] == [[1]]

    bad = [{"query": "INSERT INTO t VALUES (2)"}, {"query": "INSERT INTO t VALUES (2)"}, {"query": "SELECT 1"}]
    failed = api("POST", "/sql/batch", {"statements": bad}, database="default")
    assert failed.code == (400, "QUERY_ERROR")
    assert failed.error["details"]["statement_index"] == 1
    assert failed.error["details"]["sqlstate"] == "23505"
    assert api.sql("SELECT count(*) FROM t").data["rows"] == [[1]]

    failed = api("POST", "/sql/batch", {"statements": bad, "transaction": False}, database="default")
    assert failed.code == (400, "QUERY_ERROR")
    assert failed.error["details"]["statement_index"] == 1
    assert failed.error["details"]["results"] == [{"affected_rows": 1, "returning": [], "command": "INSERT"}]
    assert api.sql("SELECT count(*) FROM t").data["rows"] == [[2]]


def test_explain_has_the_plan_as_a_tree(shop: Api) -> None:
    body = {"query": "SELECT * FROM users WHERE status = $1", "params": ["active"], "analyze": True}
    explained = shop("POST", "/sql/explain", body, database="default").data
    assert set(explained) == {"plan", "plan_text", "analyze", "execution_time_ms", "rows_examined"}
    assert explained["analyze"] is True
    assert explained["rows_examined"] == 2
    nodes = [explained["plan"]]
    for node in nodes:
        assert set(node) == {"node_type", "details", "estimated_rows", "actual_rows", "actual_ms", "children"}
        nodes += node["children"]
    assert 2 in [node["actual_rows"] for node in nodes]
    planned = shop("POST", "/sql/explain", {**body, "analyze": False}, database="default").data
    assert planned["execution_time_ms"] is None


def test_tables_show_keys_references_and_counts(shop: Api) -> None:
    tables = {each["name"]: each for each in shop("GET", "/schema/tables", database="default").data["tables"]}
    users, orders = tables["users"], tables["orders"]
    assert users["columns"][0] == {
        "name": "id", "type": "text", "nullable": False, "primary_key": True, "unique": True, "default": None,
        "references": None, "identity": None, "generated": None, "comment": None,
    }  # fmt: skip
    assert users["columns"][2]["unique"] is True
    assert users["indexes"] == ["users_pkey", "users_email_key"]
    assert users["row_count_estimate"] == 2
    assert orders["columns"][1]["references"] == "users.id"
    assert orders["columns"][2]["type"] == "numeric(10,2)"
    assert orders["foreign_keys"] == [
        {"name": "orders_user_id_fkey", "columns": ["user_id"], "references": "users", "references_columns": ["id"],
         "on_delete": "NO ACTION", "on_update": "NO ACTION"}
    ]  # fmt: skip


def test_bulk_loading_is_one_transaction_and_its_key_counts_once(api: Api) -> None:
    table = pa.table({"id": pa.array([1, 2, 3], pa.int32()), "name": ["a", "b", None]})
    stream = write_stream(table).to_pybytes()
    arrow = {"content-type": ARROW_STREAM, "idempotency-key": "load-1"}

    def load(mode: str, raw: Any = stream, headers: dict[str, str] = arrow) -> Any:
        return api("POST", "/tables/people/rows", database="default", query={"mode": mode}, raw=raw, headers=headers)

    assert load("create").data == {"table": "people", "inserted": 3}
    assert load("create").data == {"table": "people", "inserted": 3}  # the same key: nothing is added
    assert api.sql("SELECT count(*) FROM people").data["rows"] == [[3]]
    assert load("append", raw=table, headers={}).data["inserted"] == 3  # in process: never serialised
    assert api.sql("SELECT count(*) FROM people").data["rows"] == [[6]]
    assert load("replace", headers={"content-type": ARROW_STREAM}).data["inserted"] == 3
    assert api.sql("SELECT count(*) FROM people").data["rows"] == [[3]]
    broken = load("append", raw=stream[:-40], headers={"content-type": ARROW_STREAM})
    assert broken.code == (400, "VALIDATION_ERROR")
    assert load("append", raw=b"", headers={"content-type": ARROW_STREAM}).code == (400, "VALIDATION_ERROR")
    assert load("append", headers={**arrow, "idempotency-key": "x" * 256}).code == (400, "VALIDATION_ERROR")
    assert api.sql("SELECT count(*) FROM people").data["rows"] == [[3]]


def test_a_timeout_and_a_cancellation_stop_the_statement(api: Api) -> None:
    query = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"
    timed = api("POST", "/sql", {"query": query, "timeout": 200}, database="default")
    assert timed.code == (400, "QUERY_ERROR")
    assert timed.error["details"]["reason"] == "timeout"

    cancellation = Cancellation()
    threading.Timer(0.2, cancellation.cancel).start()
    stopped = api("POST", "/sql", {"query": query}, database="default", cancellation=cancellation)
    assert stopped.error["details"]["reason"] == "cancelled"
    assert api.sql("SELECT 1").data["rows"] == [[1]]


def test_sql_errors_say_where(shop: Api) -> None:
    details = shop.sql("SELECT emial\nFROM users").error["details"]
    assert details["sqlstate"] == "42703"
    assert (details["position"], details["line"], details["column"]) == (8, 1, 8)
    assert "email" in details["hint"]


def test_an_unknown_branch_is_not_found(shop: Api) -> None:
    missing = shop("POST", "/sql", {"query": "SELECT 1", "branch": "no"}, database="default")
    assert missing.code == (404, "NOT_FOUND")


def test_json_and_arrow_of_a_call_have_the_same_names(shop: Api) -> None:
    call = Call("POST", "/sql", "data", "default", headers={"authorization": f"Bearer {shop.local.token}", **ARROW},
                body=b'{"query": "SELECT 1 AS a, 2 AS a"}')  # fmt: skip
    reply = shop.local.dispatch(call)
    assert reply.table is not None
    assert reply.table.column_names == json.loads(reply.json())["data"]["columns"] == ["a", "a"]
