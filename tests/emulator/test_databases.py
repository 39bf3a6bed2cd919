"""decisions.md, "Databases"."""

from __future__ import annotations

from pathlib import Path

import pytest

from helios_magic.emulator.local import open_local
from helios_magic.store import Store
from tests.emulator.calling import CHEAP, Api, an_api


def test_create_list_get_delete(api: Api) -> None:
    api.clock.move(seconds=1)
    created = api("POST", "/databases", {"name": "my-app-db", "tier": "free"})
    assert created.status == 201
    assert created.data == {
        "id": created.data["id"],
        "name": "my-app-db",
        "tier": "free",
        "region": "us-east-1",
        "status": "provisioning",
        "endpoints": {
            "rest": "http://127.0.0.1:8765/db/my-app-db/api/v1",
            "postgresql": None,
            "mysql": None,
            "mongodb": None,
            "redis": None,
        },
        "created_at": "2026-01-01T00:00:01Z",
    }
    id_ = created.data["id"]
    listed = api("GET", "/databases").data
    assert listed["total"] == 2
    assert [(each["name"], each["tier"], each["status"]) for each in listed["databases"]] == [
        ("default", "enterprise", "active"),
        ("my-app-db", "free", "active"),
    ]

    api.sql("CREATE TABLE t (v int)", database="my-app-db")
    details = api("GET", f"/databases/{id_}").data
    assert details["tables"] == 1
    assert details["branches"] == 1
    assert details["storage_bytes"] > 0
    assert details["status"] == "active"

    assert api("DELETE", f"/databases/{id_}").data == {"id": id_, "name": "my-app-db", "deleted": True}
    assert api("DELETE", f"/databases/{id_}").code == (404, "NOT_FOUND")
    assert api.sql("SELECT 1", database="my-app-db").code == (404, "NOT_FOUND")
    assert api("POST", "/databases", {"name": "my-app-db", "tier": "team"}).status == 201
    assert api.sql("SELECT * FROM t", database="my-app-db").code == (400, "QUERY_ERROR")


def test_endpoints_tell_the_address_that_was_reached(api: Api) -> None:
    by_host = {"base_url": "https://api.heliosdb.io", "by_host": True}
    assert (
        api("POST", "/databases", {"name": "a", "tier": "free"}, **by_host).data["endpoints"]["rest"]
        == "https://a.heliosdb.io/api/v1"
    )
    with_port = {"base_url": "http://api.heliosdb.io:8765", "by_host": True}
    assert (
        api("POST", "/databases", {"name": "b", "tier": "free"}, **with_port).data["endpoints"]["rest"]
        == "http://b.heliosdb.io:8765/api/v1"
    )


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a_b", "a.b", "a" * 64, "api", "ä", "a/b", "../x", "a\n"])
def test_bad_names_are_refused(shared: Api, name: str) -> None:
    answered = shared("POST", "/databases", {"name": name, "tier": "free"})
    assert answered.code == (400, "VALIDATION_ERROR")
    assert answered.error["details"]["field"] == "name"


def test_unknown_regions_and_tiers_name_the_known_ones(shared: Api) -> None:
    region = shared("POST", "/databases", {"name": "x", "tier": "free", "region": "us-east-11"})
    assert region.code == (400, "VALIDATION_ERROR")
    assert "us-east-1" in region.error["details"]["expected"]
    assert region.error["details"]["hint"] == "Did you mean us-east-1?"
    tier = shared("POST", "/databases", {"name": "x", "tier": "fre"})
    assert tier.code == (400, "VALIDATION_ERROR")
    assert tier.error["details"] == {
        "field": "tier",
        "expected": "one of free, developer, team, enterprise",
        "got": "fre",
        "hint": "Did you mean free?",
    }


def test_taken_names_are_taken_for_everyone(api: Api) -> None:
    other = api.account("eve@example.com")
    assert api("POST", "/databases", {"name": "default", "tier": "free"}, token=other).code == (409, "ALREADY_EXISTS")


def test_an_account_sees_only_its_own(api: Api) -> None:
    eve = api.account("eve@example.com")
    mine = api("GET", "/databases").data["databases"][0]["id"]
    assert api("GET", "/databases", token=eve).data == {"databases": [], "total": 0}
    assert api("GET", f"/databases/{mine}", token=eve).code == (404, "NOT_FOUND")
    assert api("DELETE", f"/databases/{mine}", token=eve).code == (404, "NOT_FOUND")
    assert api.sql("SELECT 1", token=eve).code == (403, "FORBIDDEN")
    unknown = api.sql("SELECT 1", database="defalt", token=eve)
    assert unknown.code == (404, "NOT_FOUND")
    assert "default" not in unknown.error["details"].get("hint", "")
    assert "default" in api.sql("SELECT 1", database="defalt").error["details"]["hint"]


def test_a_store_keeps_its_owner_its_databases_and_its_rows(tmp_path: Path) -> None:
    api = an_api(tmp_path)
    api.sql("CREATE TABLE t (v int)")
    api.sql("INSERT INTO t VALUES (42)")
    token = api.local.token
    assert (tmp_path / "token").read_text() == f"{token}\n"
    api.local.close()
    again = an_api(tmp_path)
    assert again.local.token == token
    assert again.sql("SELECT v FROM t").data["rows"] == [[42]]
    assert again("GET", "/databases").data["total"] == 1
    again.local.close()


def test_what_a_crash_left_half_done_is_finished_at_the_next_start(tmp_path: Path) -> None:
    api = an_api(tmp_path)
    owner = api.local.store.accounts.owner()
    assert owner is not None
    gone = api("POST", "/databases", {"name": "gone", "tier": "free"}).data["id"]
    api.local.close()
    store = Store.open(tmp_path)
    store.databases.add(owner.id, "never-answered", "free", "us-east-1")
    store.databases.mark_deleting(gone)
    store.close()
    local = open_local(tmp_path, passwords=CHEAP)
    assert [each.name for each in local.store.databases.of_account(owner.id)] == ["default"]
    assert local.store.branches.list(gone) == []
    local.close()
