"""The branch endpoints and branches in SQL: answers, and bad input of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.emulator.calling import Answered, Api, an_api

MOMENT = "2026-01-01T00:00:00Z"


class Place:
    """A database of the test's own."""

    def __init__(self, api: Api, name: str) -> None:
        self.api, self.name = api, name
        assert api("POST", "/databases", {"name": name, "tier": "enterprise"}).status == 201

    def __call__(self, method: str, path: str, body: Any = None, **extra: Any) -> Answered:
        return self.api(method, path, body, database=self.name, **extra)

    def sql(self, query: str, branch: str = "main", *params: Any) -> Answered:
        return self("POST", "/sql", {"query": query, "branch": branch, "params": list(params)})

    def run(self, *queries: str, branch: str = "main") -> None:
        for query in queries:
            assert self.sql(query, branch).status == 200, query

    def rows(self, query: str, branch: str = "main") -> list[list[Any]]:
        rows: list[list[Any]] = self.sql(query, branch).data["rows"]
        return rows

    def branch(self, name: str, from_: str = "main") -> Answered:
        return self("POST", "/branches", {"name": name, "from": from_})

    def names(self) -> list[str]:
        return [branch["name"] for branch in self("GET", "/branches").data["branches"]]

    def merge(self, source: str, target: str = "main", **more: Any) -> Answered:
        return self("POST", "/branches/merge", {"source": source, "target": target, **more})


@pytest.fixture(scope="module")
def api_of_this_module() -> Iterator[Api]:
    api = an_api()
    yield api
    api.local.close()


@pytest.fixture
def place(api_of_this_module: Api, request: pytest.FixtureRequest) -> Place:
    number = api_of_this_module("GET", "/databases").data["total"]
    return Place(api_of_this_module, f"branches-{number}")


@pytest.fixture
def apart(place: Place) -> Place:
    """`main` and `b` have both changed row 1, and each another row."""
    place.run(
        "CREATE TABLE t (id int PRIMARY KEY, a int, b text)", "INSERT INTO t VALUES (1,1,'x'),(2,2,'y'),(3,3,'z')"
    )
    assert place.branch("b").status == 201
    place.run("UPDATE t SET a = 10 WHERE id = 1", "UPDATE t SET b = 'main' WHERE id = 2")
    place.run("UPDATE t SET a = 11 WHERE id = 1", "INSERT INTO t VALUES (4,4,'b')", branch="b")
    return place


# Creating, listing, deleting


def test_a_branch_is_created_with_its_parent_and_its_time(place: Place) -> None:
    made = place.branch("feature/user-auth")
    assert made.status == 201
    assert set(made.data) == {"id", "name", "parent", "created_at", "creation_time_us"}
    assert (made.data["name"], made.data["parent"], made.data["created_at"]) == ("feature/user-auth", "main", MOMENT)
    assert 0 < made.data["creation_time_us"] <= made.body["meta"]["duration_ms"] * 1000
    assert place("POST", "/branches", {"name": "plain"}).data["parent"] == "main"
    assert place.branch("child", "feature/user-auth").data["parent"] == "feature/user-auth"
    assert place.names() == ["main", "feature/user-auth", "plain", "child"]


def test_the_list_counts_writes_ahead_and_behind(apart: Place) -> None:
    listed = apart("GET", "/branches").data
    main, b = listed["branches"]
    assert listed["total"] == 2
    assert (main["parent"], main["is_default"], main["status"]) == (None, True, "active")
    assert (b["parent"], b["is_default"], b["ahead"], b["behind"], b["tables"]) == ("main", False, 2, 2, 1)
    assert b["storage_bytes"] > 0


@pytest.mark.parametrize("name", ["a/b/c", "größe", "код/测试", "🦊", "100%", "a%2Fb", "a+b=c&d", "a#b", "it's", 'q"q'])
def test_names_survive_paths(place: Place, name: str) -> None:
    assert place.branch(name).data["name"] == name
    path = f"/branches/{quote(name, safe='')}"
    assert place("GET", f"{path}/diff").data["branch"] == name
    assert place("GET", "/branches/main/diff", query={"against": name}).data["against"] == name
    assert place("DELETE", path).data == {"name": name, "deleted": True}
    gone = place("DELETE", path)
    assert gone.code == (404, "NOT_FOUND")
    assert gone.error["details"]["branch"] == name


@pytest.mark.parametrize("path", ["with%20blank", "%20", "%00", "main%0A", "..", "%2e%2e"])
def test_names_that_cannot_be_are_not_found(place: Place, path: str) -> None:
    assert place("DELETE", f"/branches/{path}").code == (404, "NOT_FOUND")


@pytest.mark.parametrize("name", ["", "HEAD", "@", "-x", "a b", "a..b", "a~", "a:b", "/a", "a/", "a.lock", "a\u0000b"])
def test_names_that_git_refuses_are_refused(place: Place, name: str) -> None:
    refused = place.branch(name)
    assert refused.code == (400, "VALIDATION_ERROR")
    assert (refused.error["details"]["field"], refused.error["details"]["got"]) == ("name", name)
    assert place.names() == ["main"]


def test_what_stands_against_creating_and_deleting(place: Place) -> None:
    assert place.branch("a").status == 201
    taken = place.branch("a")
    assert taken.code == (409, "ALREADY_EXISTS")
    assert place.branch("main").code == (409, "ALREADY_EXISTS")
    orphan = place.branch("b", "nowhere")
    assert orphan.code == (404, "NOT_FOUND")
    assert orphan.error["details"]["branch"] == "nowhere"
    assert place.branch("A").status == 201
    assert place.branch("child", "a").status == 201
    assert place("DELETE", "/branches/main").code == (403, "FORBIDDEN")
    parent = place("DELETE", "/branches/a")
    assert parent.code == (409, "HAS_CHILDREN")
    assert parent.error["details"]["children"] == ["child"]
    assert place("DELETE", "/branches/nowhere").code == (404, "NOT_FOUND")
    assert place.names() == ["main", "a", "A", "child"]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/branches", {}, "name"),
        ("POST", "/branches", {"name": None}, "name"),
        ("POST", "/branches", {"name": 1}, "name"),
        ("POST", "/branches", {"name": "x" * 256}, "name"),
        ("POST", "/branches", {"name": "x", "parent": "main"}, "parent"),
        ("POST", "/branches", {"name": "x", "from": ""}, "from"),
        ("POST", "/branches", {"name": "x", "from": None}, "from"),
        ("POST", "/branches", {"name": "x", "from_": "main"}, "from_"),
        ("POST", "/branches/merge", {}, "source"),
        ("POST", "/branches/merge", {"source": "b", "target": 1}, "target"),
        ("POST", "/branches/merge", {"source": "b", "into": "main"}, "into"),
        ("POST", "/branches/merge", {"source": "b", "dry_run": "yes"}, "dry_run"),
        ("POST", "/branches/merge", {"source": "b", "strategy": "rebase"}, "strategy"),
        ("POST", "/branches/merge", {"source": "b", "strategy": "Three-Way"}, "strategy"),
        ("POST", "/branches/merge", {"source": "b", "strategy": ""}, "strategy"),
        ("POST", "/branches/merge", {"source": "b", "resolutions": {}}, "resolutions"),
        ("POST", "/branches/merge", {"source": "b", "resolutions": [{"table": "t"}]}, "resolutions[0].key"),
        ("POST", "/branches/merge",
         {"source": "b", "resolutions": [{"table": "t", "key": {"id": 1}, "take": "both"}]}, "resolutions[0].take"),
        ("POST", "/branches/merge",
         {"source": "b", "resolutions": [{"table": "t", "key": 1, "take": "source"}]}, "resolutions[0].key"),
        ("POST", "/branches/merge", {"source": "main", "target": "main"}, "source"),
    ],
)  # fmt: skip
def test_a_wrong_body_names_its_field(place: Place, method: str, path: str, body: Any, field: str) -> None:
    place.branch("b")
    refused = place(method, path, body)
    assert refused.code == (400, "VALIDATION_ERROR"), refused.body
    assert refused.error["details"]["field"] == field
    assert place.names() == ["main", "b"]


def test_an_unknown_strategy_lists_all(place: Place) -> None:
    refused = place.merge("nowhere", strategy="rebase")
    assert refused.error["details"]["expected"] == "one of fast-forward, three-way, ours or theirs"
    assert {"ff", "manual", "target_wins", "branch_wins"} <= set(refused.error["details"]["known"])
    assert place.merge("nowhere", strategy="tree-way").error["details"]["hint"] == "Did you mean three-way?"


# Merging


@pytest.mark.parametrize("strategy", ["fast-forward", "fast_forward", "ff", None])
def test_a_fast_forward_and_what_stands_against_it(place: Place, strategy: str | None) -> None:
    how = {} if strategy is None else {"strategy": strategy}
    place.run("CREATE TABLE t (id int PRIMARY KEY)")
    place.branch("b")
    place.run("INSERT INTO t VALUES (1)", branch="b")
    previewed = place.merge("b", dry_run=True, **how).data
    assert (previewed["merged"], previewed["fast_forward"], previewed["strategy"]) == (False, True, "fast-forward")
    assert previewed["changes"] == {
        "tables": [{"table": "t", "inserted": 1, "updated": 0, "deleted": 0, "schema": []}],
        "rows": 1,
    }
    assert place.rows("SELECT * FROM t") == []
    merged = place.merge("b", **how).data
    assert (merged["merged"], merged["fast_forward"], merged["conflicts"]) == (True, True, [])
    assert place.merge("b", **how).data["merged"] is True
    place.run("INSERT INTO t VALUES (2)")
    place.run("INSERT INTO t VALUES (3)", branch="b")
    moved = place.merge("b", **how)
    assert moved.code == (409, "NOT_FAST_FORWARD")
    preview = place.merge("b", dry_run=True, **how)
    assert preview.status == 200
    assert preview.data["reason"] == "NOT_FAST_FORWARD"
    assert (preview.data["merged"], preview.data["fast_forward"], preview.data["changes"]["rows"]) == (False, False, 1)
    assert place.rows("SELECT * FROM t ORDER BY 1") == [[1], [2]]


@pytest.mark.parametrize("strategy", ["three-way", "three_way", "manual"])
def test_a_conflict_is_a_409_that_says_everything(apart: Place, strategy: str) -> None:
    expected = {
        "table": "t", "kind": "modify_modify", "key": {"id": 1}, "columns": ["a"],
        "base": {"id": 1, "a": 1, "b": "x"},
        "target": {"id": 1, "a": 10, "b": "x"},
        "source": {"id": 1, "a": 11, "b": "x"},
    }  # fmt: skip
    previewed = apart.merge("b", strategy=strategy, dry_run=True)
    assert previewed.status == 200
    assert (previewed.data["merged"], previewed.data["conflicts"]) == (False, [expected])
    assert (previewed.data["truncated"], previewed.data["counts"]) == (False, {"modify_modify": 1})
    refused = apart.merge("b", strategy=strategy)
    assert refused.code == (409, "MERGE_CONFLICT")
    assert refused.error["message"] == "merging “b” into “main” meets 1 conflict; nothing was changed"
    details = refused.error["details"]
    assert details["conflicts"] == [expected]
    assert (details["counts"], details["truncated"]) == ({"modify_modify": 1}, False)
    assert (details["source"], details["target"], details["strategy"]) == ("b", "main", "three-way")
    assert "“main”" in details["hint"]
    assert "“b”" in details["hint"]
    assert apart.rows("SELECT count(*) FROM t") == [[3]]


@pytest.mark.parametrize(
    ("strategy", "a"),
    [("ours", 10), ("target-wins", 10), ("target_wins", 10),
     ("theirs", 11), ("auto", 11), ("source-wins", 11), ("source_wins", 11), ("branch_wins", 11)],
)  # fmt: skip
def test_a_strategy_settles_the_conflicting_cell_alone(apart: Place, strategy: str, a: int) -> None:
    assert apart.merge("b", strategy=strategy).data["merged"] is True
    assert apart.rows("SELECT * FROM t ORDER BY id") == [[1, a, "x"], [2, 2, "main"], [3, 3, "z"], [4, 4, "b"]]


@pytest.mark.parametrize(("take", "a"), [("source", 11), ("target", 10), ({"value": 99}, 99), ({"value": None}, None)])
@pytest.mark.parametrize("column", ["a", None])
def test_a_resolution_settles_one_conflict(apart: Place, take: Any, a: int | None, column: str | None) -> None:
    if column is None and isinstance(take, dict):
        take = {"value": {"a": a}}
    one = {"table": "t", "key": {"id": 1}, "take": take, **({} if column is None else {"column": column})}
    merged = apart.merge("b", strategy="three-way", resolutions=[one])
    assert merged.status == 200, merged.body
    assert apart.rows("SELECT a FROM t WHERE id = 1") == [[a]]
    assert apart.rows("SELECT count(*) FROM t") == [[4]]


@pytest.mark.parametrize(
    "resolution",
    [
        {"table": "nowhere", "key": {"id": 1}, "take": "source"},
        {"table": "t", "key": {"id": 2}, "take": "source"},
        {"table": "t", "key": {"nothing": 1}, "take": "source"},
        {"table": "t", "key": {}, "take": "source"},
        {"table": "t", "key": {"id": 1}, "column": "b", "take": "source"},
        {"table": "t", "key": {"id": 1}, "column": "a", "take": {"value": "no number"}},
    ],
)
def test_a_resolution_that_settles_nothing_is_refused(apart: Place, resolution: dict[str, Any]) -> None:
    refused = apart.merge("b", strategy="three-way", resolutions=[resolution])
    assert refused.code == (400, "VALIDATION_ERROR"), refused.body
    assert apart.rows("SELECT a FROM t WHERE id = 1") == [[10]]


def test_many_conflicts_are_counted_and_a_hundred_listed(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v numeric(20,2), d date, j jsonb)")
    place.run("""INSERT INTO t SELECT i, i, '2026-01-01', '{"n": 1}' FROM generate_series(1, 250) s(i)""")
    place.branch("b")
    place.run("UPDATE t SET v = v + 1", "DELETE FROM t WHERE id > 240")
    place.run("UPDATE t SET v = v + 0.5", branch="b")
    details = place.merge("b", strategy="three-way").error["details"]
    assert details["counts"] == {"modify_modify": 240, "delete_modify": 10}
    assert (len(details["conflicts"]), details["truncated"]) == (100, True)
    first = next(each for each in details["conflicts"] if each["key"] == {"id": 1})
    assert first["source"] == {"id": 1, "v": 1.5, "d": "2026-01-01", "j": {"n": 1}}
    deleted = next((each for each in details["conflicts"] if each["kind"] == "delete_modify"), None)
    assert deleted is None or deleted["target"] is None


def test_unknown_branches_of_a_merge(place: Place) -> None:
    place.branch("b")
    for source, target in (("nowhere", "main"), ("b", "nowhere")):
        for dry_run in (False, True):
            missing = place.merge(source, target, dry_run=dry_run)
            assert missing.code == (404, "NOT_FOUND")
            assert missing.error["details"]["branch"] == "nowhere"


# Differences


def test_a_diff_counts_everything_and_shows_a_page(apart: Place) -> None:
    found = apart("GET", "/branches/b/diff").data
    assert (found["branch"], found["against"], found["rows"]) == ("b", "main", 3)
    (table,) = found["tables"]
    assert (table["table"], table["schema"], table["inserted"], table["updated"], table["deleted"]) == (
        "t",
        [],
        1,
        2,
        0,
    )
    assert (table["key"], table["types"]) == (["id"], {"id": "int4", "a": "int4", "b": "text"})
    assert table["rows"] == [
        {"key": {"id": 1}, "columns": ["a"], "old": {"id": 1, "a": 10, "b": "x"}, "new": {"id": 1, "a": 11, "b": "x"}},
        {"key": {"id": 2}, "columns": ["b"], "old": {"id": 2, "a": 2, "b": "main"}, "new": {"id": 2, "a": 2, "b": "y"}},
        {"key": {"id": 4}, "columns": [], "old": None, "new": {"id": 4, "a": 4, "b": "b"}},
    ]
    page = apart("GET", "/branches/b/diff", query={"table": "t", "limit": "1", "offset": "1"}).data
    assert [row["key"] for row in page["tables"][0]["rows"]] == [{"id": 2}]
    assert page["rows"] == 3
    counts = apart("GET", "/branches/b/diff", query={"limit": "0"}).data
    assert (counts["rows"], counts["tables"][0]["rows"]) == (3, [])
    assert apart("GET", "/branches/b/diff", query={"offset": "99"}).data["tables"][0]["rows"] == []
    assert apart("GET", "/branches/b/diff", query={"against": "b"}).data["tables"] == []
    (back,) = apart("GET", "/branches/main/diff", query={"against": "b"}).data["tables"]
    assert (back["inserted"], back["updated"], back["deleted"]) == (0, 2, 1)
    assert back["rows"][2]["new"] is None


def test_a_diff_of_tables_made_dropped_and_without_a_key(place: Place) -> None:
    place.run("CREATE TABLE old (id int PRIMARY KEY)", "INSERT INTO old VALUES (1)", "CREATE TABLE k (v int)")
    place.branch("b")
    place.run(
        "DROP TABLE old", "CREATE TABLE made (v int)", "INSERT INTO made VALUES (7)", "INSERT INTO k VALUES (1), (1)",
        "CREATE TABLE nothing (id int PRIMARY KEY)", branch="b",
    )  # fmt: skip
    tables = {table["table"]: table for table in place("GET", "/branches/b/diff").data["tables"]}
    assert tables["made"]["schema"] == ["+ table"]
    assert tables["made"]["rows"] == [{"key": {}, "columns": [], "old": None, "new": {"v": 7}}]
    assert (tables["made"]["types"], tables["made"]["old_types"]) == ({"v": "int4"}, {})
    assert tables["old"]["rows"] == [{"key": {"id": 1}, "columns": [], "old": {"id": 1}, "new": None}]
    assert [row["new"] for row in tables["k"]["rows"]] == [{"v": 1}, {"v": 1}]
    assert (tables["nothing"]["schema"], tables["nothing"]["rows"]) == (["+ table"], [])


def test_bad_input_of_a_diff(place: Place) -> None:
    place.branch("b")
    assert place("GET", "/branches/nowhere/diff").code == (404, "NOT_FOUND")
    assert place("GET", "/branches/b/diff", query={"against": "nowhere"}).code == (404, "NOT_FOUND")
    missing = place("GET", "/branches/b/diff", query={"table": "nothing"})
    assert missing.code == (404, "NOT_FOUND")
    assert missing.error["details"]["resource"] == "table"
    for name, value in (("limit", "-1"), ("limit", "x"), ("limit", "10001"), ("offset", "1.5"), ("against", ""),
                        ("limits", "1")):  # fmt: skip
        refused = place("GET", "/branches/b/diff", query={name: value})
        assert refused.code == (400, "VALIDATION_ERROR")
        assert refused.error["details"]["field"] == name


# In SQL


def test_branches_in_sql(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)")
    made = place.sql("CREATE BRANCH feature/x").data
    assert (made["command"], made["affected_rows"]) == ("CREATE BRANCH", 0)
    place.run("CREATE BRANCH child", branch="feature/x")
    place.run("CREATE BRANCH other FROM main", branch="feature/x")
    shown = place.sql("SHOW BRANCHES").data
    assert shown["columns"] == [
        "name", "parent", "created_at", "is_default", "status", "ahead", "behind", "tables", "storage_bytes",
    ]  # fmt: skip
    assert [row[:3] for row in shown["rows"]] == [
        ["main", None, MOMENT],
        ["feature/x", "main", MOMENT],
        ["child", "feature/x", MOMENT],
        ["other", "main", MOMENT],
    ]
    place.run("INSERT INTO t VALUES (1)", branch="child")
    merged = place.sql("MERGE BRANCH child INTO feature/x").data
    assert (merged["command"], merged["columns"][:4]) == (
        "MERGE BRANCH", ["source", "target", "strategy", "fast_forward"],
    )  # fmt: skip
    assert merged["rows"][0][:4] == ["child", "feature/x", "fast-forward", True]
    place.run("INSERT INTO t VALUES (2)")
    counted = place.sql("MERGE BRANCH feature/x USING three-way").data["rows"]
    assert counted == [["feature/x", "main", "three-way", False, 1, 1, 0, 0]]
    assert place.rows("SELECT * FROM t ORDER BY 1") == [[1], [2]]
    own = place.sql("MERGE BRANCH other USING ours", "other")
    assert own.status == 200, "the request's own branch goes into main"
    assert place.sql("DROP BRANCH feature/x").code == (409, "HAS_CHILDREN")
    place.run("DROP BRANCH child", "DROP BRANCH feature/x", "DROP BRANCH IF EXISTS feature/x")
    assert place.sql("DROP BRANCH feature/x").code == (404, "NOT_FOUND")
    assert place.sql("DROP BRANCH main").code == (403, "FORBIDDEN")
    assert place.sql("CREATE BRANCH a..b").code == (400, "VALIDATION_ERROR")
    assert place.sql("CREATE BRANCH other").code == (409, "ALREADY_EXISTS")
    assert place.sql("CREATE BRANCH a b").error["details"]["position"] == 17
    assert place.sql("CREATE BRANCH a", "main", 1).error["details"]["sqlstate"] == "08P01"
    assert place.sql("CREATE BRANCH a; SELECT 1").error["details"]["endpoint"] == "/sql/batch"


def test_a_conflict_in_sql_is_the_same_409(apart: Place) -> None:
    expected = apart.merge("b", strategy="three-way").error
    assert apart.sql("MERGE BRANCH b USING three-way").error == expected
    assert apart.sql("MERGE BRANCH b").code == (409, "NOT_FAST_FORWARD")
    statements = [{"query": "INSERT INTO t VALUES (9, 9, 'kept')"}, {"query": "MERGE BRANCH b USING three-way"}]
    stopped = apart("POST", "/sql/batch", {"statements": statements, "transaction": False})
    assert stopped.code == (409, "MERGE_CONFLICT")
    details = stopped.error["details"]
    assert (details["statement_index"], details["results"][0]["affected_rows"]) == (1, 1)
    assert details["conflicts"] == expected["details"]["conflicts"]


def test_a_batch_of_single_statements_sees_what_a_merge_brought(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)")
    queries = ["CREATE BRANCH b", "SELECT count(*) FROM t", "MERGE BRANCH b", "SELECT count(*) FROM t", "DROP BRANCH b"]
    place.run("CREATE BRANCH c")
    place.run("INSERT INTO t VALUES (1)", branch="c")
    queries[2] = "MERGE BRANCH c"
    body = {"statements": [{"query": query} for query in queries], "transaction": False}
    results = place("POST", "/sql/batch", body).data["results"]
    assert [results[1]["rows"], results[3]["rows"]] == [[[0]], [[1]]]
    assert place.names() == ["main", "c"]


@pytest.mark.parametrize("query", ["CREATE BRANCH x", "MERGE BRANCH b", "DROP BRANCH b", "show branches"])
def test_neither_transactions_nor_plans_have_branches(place: Place, query: str) -> None:
    place.run("CREATE TABLE t (id int)")
    place.branch("b")
    body = {"statements": [{"query": "INSERT INTO t VALUES (1)"}, {"query": query}]}
    refused = place("POST", "/sql/batch", body)
    assert (refused.error["details"]["sqlstate"], refused.error["details"]["statement_index"]) == ("25001", 1)
    assert place("POST", "/sql/explain", {"query": query}).error["details"]["sqlstate"] == "0A000"
    assert place("POST", "/sql/explain", {"query": query, "analyze": True}).error["details"]["sqlstate"] == "0A000"
    assert place.rows("SELECT * FROM t") == []
    assert place.names() == ["main", "b"]


def test_strangers_see_no_branches(place: Place) -> None:
    token = place.api.account(f"{place.name}@example.com")
    for method, path, body in (
        ("POST", "/branches", {"name": "x"}),
        ("GET", "/branches", None),
        ("POST", "/branches/merge", {"source": "x"}),
        ("DELETE", "/branches/main", None),
        ("GET", "/branches/main/diff", None),
    ):
        assert place(method, path, body, token=token).code == (403, "FORBIDDEN")
        assert place(method, path, body, token=None).code == (401, "AUTH_REQUIRED")
    assert place.names() == ["main"]
