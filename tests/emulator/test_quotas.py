"""Quotas: what each tier may keep, shown always, refused with 402 where they are enforced."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

from helios_magic.models.arrowstream import write_stream
from helios_magic.models.seam import ARROW_STREAM
from tests.emulator.calling import Answered, Api, an_api
from tests.emulator.test_limits import free


@pytest.fixture
def enforcing() -> Iterator[Api]:
    api = an_api(enforce_limits=True)
    yield api
    api.local.close()


class Shop:
    """The free database of an account, its minute always fresh."""

    def __init__(self, api: Api) -> None:
        self.api, self.token = api, free(api)

    def __call__(self, query: str, branch: str = "main") -> Answered:
        self.api.clock.move(minutes=1)
        body = {"query": query, "branch": branch}
        return self.api("POST", "/sql", body, database="shop", token=self.token)

    def ask(self, method: str, path: str, body: object = None, **extra: object) -> Answered:
        self.api.clock.move(minutes=1)
        return self.api(method, path, body, database="shop", token=self.token, **extra)

    def tables(self, count: int) -> None:
        statements = [{"query": f"CREATE TABLE t{number} (id int)"} for number in range(count)]
        assert self.ask("POST", "/sql/batch", {"statements": statements}).status == 200


def quota(answered: Answered) -> tuple[int, object, object, object]:
    assert answered.code == (402, "QUOTA_EXCEEDED"), answered.body
    details = answered.error["details"]
    return answered.status, details["resource"], details["limit"], details["current"]


def test_databases(enforcing: Api) -> None:
    token = free(enforcing)
    for name in ("second", "third"):
        assert enforcing("POST", "/databases", {"name": name, "tier": "free"}, token=token).status == 201
    fourth = enforcing("POST", "/databases", {"name": "fourth", "tier": "free"}, token=token)
    assert quota(fourth) == (402, "databases", 3, 3)
    # A larger tier brings its own number; who has it may have more free ones too.
    assert enforcing("POST", "/databases", {"name": "fourth", "tier": "developer"}, token=token).status == 201
    assert enforcing("POST", "/databases", {"name": "fifth", "tier": "free"}, token=token).status == 201


def test_branches_by_endpoint_and_by_sql(enforcing: Api) -> None:
    shop = Shop(enforcing)
    for number in range(8):
        assert shop.ask("POST", "/branches", {"name": f"b{number}"}).status == 201
    assert shop("CREATE BRANCH b8").status == 200
    assert quota(shop.ask("POST", "/branches", {"name": "b9"})) == (402, "branches", 10, 10)
    assert quota(shop("CREATE BRANCH b9")) == (402, "branches", 10, 10)
    assert shop.ask("DELETE", "/branches/b8").status == 200
    assert shop("CREATE BRANCH b9").status == 200


def test_eight_threads_make_as_many_branches_as_are_allowed(enforcing: Api) -> None:
    shop = Shop(enforcing)
    start, answered = threading.Barrier(8), []

    def make(thread: int) -> None:
        start.wait()
        for number in range(3):
            answered.append(shop.ask("POST", "/branches", {"name": f"b{thread}-{number}"}).status)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answered) == [201] * 9 + [402] * 15


def test_tables(enforcing: Api) -> None:
    shop = Shop(enforcing)
    shop.tables(49)
    two = {"statements": [{"query": "CREATE TABLE a (id int)"}, {"query": "CREATE TABLE b (id int)"}]}
    assert quota(shop.ask("POST", "/sql/batch", two)) == (402, "tables", 50, 49)
    in_its_place = {"statements": [{"query": "DROP TABLE t0"}, *two["statements"]]}
    assert shop.ask("POST", "/sql/batch", in_its_place).status == 200
    for making in (
        "CREATE TABLE one_more (id int)",
        "create table public.one_more as select 1 as id",
        "/* a */ CREATE UNLOGGED TABLE one_more (id int)",
        "SELECT 1 AS id INTO one_more",
        "CREATE TABLE IF NOT EXISTS one_more (id int)",
    ):
        assert quota(shop(making)) == (402, "tables", 50, 50), making
    assert shop("CREATE TABLE IF NOT EXISTS t1 (id int)").status == 200
    assert shop("CREATE VIEW v AS SELECT * FROM t1").status == 200
    assert shop("DROP TABLE t1 CASCADE").status == 200
    assert shop("CREATE TABLE one_more (id int)").status == 200


def test_a_load_that_makes_a_table_needs_its_place(enforcing: Api) -> None:
    shop = Shop(enforcing)
    shop.tables(50)
    rows = write_stream(pa.table({"id": pa.array([1], pa.int32())})).to_pybytes()
    loading = {"raw": rows, "headers": {"content-type": ARROW_STREAM}}
    created = shop.ask("POST", "/tables/more/rows", query={"mode": "create"}, **loading)
    assert quota(created) == (402, "tables", 50, 50)
    assert shop.ask("POST", "/tables/t0/rows", query={"mode": "replace"}, **loading).status == 200
    assert shop.ask("POST", "/tables/t0/rows", **loading).status == 200


def test_a_merge_brings_no_more_tables_than_are_allowed(enforcing: Api) -> None:
    shop = Shop(enforcing)
    shop.tables(30)
    assert shop("CREATE BRANCH dev").status == 200
    more = {"statements": [{"query": f"CREATE TABLE d{number} (id int)"} for number in range(15)], "branch": "dev"}
    assert shop.ask("POST", "/sql/batch", more).status == 200
    also = {"statements": [{"query": f"CREATE TABLE m{number} (id int)"} for number in range(6)]}
    assert shop.ask("POST", "/sql/batch", also).status == 200
    merge = {"source": "dev", "strategy": "three-way"}
    assert quota(shop.ask("POST", "/branches/merge", merge)) == (402, "tables", 50, 36)
    assert quota(shop("MERGE BRANCH dev INTO main USING theirs")) == (402, "tables", 50, 36)
    assert shop.ask("POST", "/branches/merge", {**merge, "dry_run": True}).status == 200
    assert shop("DROP TABLE m0").status == 200
    assert shop.ask("POST", "/branches/merge", merge).status == 200


def test_bytes(enforcing: Api) -> None:
    """Random text, so that it takes its place; what reads and what makes place goes on."""
    shop = Shop(enforcing)
    assert shop("CREATE TABLE t (a text)").status == 200
    fill = "INSERT INTO t SELECT repeat(md5(random()::text), 40) FROM generate_series(1, 40000)"
    for _ in range(6):
        filled = shop(fill)
        if filled.status != 200:
            break
    status, resource, limit, current = quota(filled)
    assert (status, resource, limit) == (402, "storage_bytes", 100 * 2**20)
    assert isinstance(current, int)
    assert current >= 100 * 2**20
    for refused in ("INSERT INTO t VALUES ('a')", "UPDATE t SET a = 'b'", "CREATE TABLE u AS SELECT 1 AS a"):
        assert quota(shop(refused))[1] == "storage_bytes"
    assert shop("SELECT count(*) FROM t").status == 200
    assert shop("DELETE FROM t WHERE a = 'none'").status == 200
    assert shop("DROP TABLE t").status == 200


def test_unenforced_quotas_refuse_nothing_and_are_shown(api: Api) -> None:
    token = free(api)
    for number in range(12):
        assert api("POST", "/branches", {"name": f"b{number}"}, database="shop", token=token).status == 201
    limits = api("GET", "/metrics/usage", database="shop", token=token).data["limits"]
    assert limits["branches"] == {"limit": 10, "current": 13}


def test_enterprise_has_no_quota(enforcing: Api) -> None:
    for number in range(12):
        assert enforcing("POST", "/branches", {"name": f"b{number}"}, database="default").status == 201
    limits = enforcing("GET", "/metrics/usage", database="default").data["limits"]
    assert {name: limit["limit"] for name, limit in limits.items()} == {
        "storage_bytes": None, "branches": None, "tables": None, "databases": None,
    }  # fmt: skip
