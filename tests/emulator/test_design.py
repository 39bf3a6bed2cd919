"""`POST /schema/generate` (API reference, "Schema Endpoints"; decisions.md, "Schema")."""

from __future__ import annotations

import pytest

from tests.emulator.calling import Api

REFERENCE = {
    "description": "E-commerce platform with users, products, orders, and reviews. Support for product variants and "
    "inventory tracking.",
    "dialect": "postgresql",
}


def ask(api: Api, **body: object):
    return api("POST", "/schema/generate", body, database="default")


def test_the_references_example(shared: Api) -> None:
    answered = ask(shared, **REFERENCE)
    assert answered.status == 200
    assert answered.body["meta"]["generator"] == "catalogue"
    data = answered.data
    tables = {table["name"]: table for table in data["tables"]}
    assert {"users", "products", "orders", "reviews", "product_variants", "inventory"} <= tables.keys()
    assert tables["users"]["ddl"].startswith("CREATE TABLE users (")
    assert tables["users"]["columns"][0] == {
        "name": "id", "type": "uuid", "nullable": False, "primary_key": True, "unique": True,
        "default": "gen_random_uuid()", "references": None,
    }  # fmt: skip
    told = [{name: link[name] for name in ("from", "to", "type")} for link in data["relationships"]]
    assert {"from": "orders.user_id", "to": "users.id", "type": "many-to-one"} in told
    assert set(data["capacity_forecast"]) == {"30_days", "90_days", "365_days"}
    assert {each["table"] for each in data["capacity_assumptions"]} == tables.keys()
    assert all(index["reason"] and index["ddl"] for index in data["indexes"])


def test_the_ddl_runs_as_it_stands_on_a_branch(api: Api) -> None:
    data = ask(api, description="Authors write posts.").data
    statements = [table["ddl"] for table in data["tables"]] + [index["ddl"] for index in data["indexes"]]
    done = api("POST", "/sql/batch", {"statements": [{"query": each} for each in statements]}, database="default")
    assert done.data["committed"] is True


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite", "duckdb"])
def test_every_dialect_says_how_it_was_proved(shared: Api, dialect: str) -> None:
    assert ask(shared, description="Authors write books.", dialect=dialect).data["proof"]


def test_the_representation_comes_back_as_former(shared: Api) -> None:
    first = ask(shared, **REFERENCE).data
    later = ask(shared, description="Add wishlists.", former=first["representation"]).data
    assert {table["name"] for table in first["tables"]} < {table["name"] for table in later["tables"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": "  "}, "description"),
        ({"description": "x" * 100_001}, "description"),
        ({"description": "Das ist eine Datenbank mit Kunden und Bestellungen für einen Laden."}, "description"),
        ({"description": "users", "dialect": "oracle"}, "dialect"),
        ({"description": "users", "former": {"entities": 1}}, "former"),
        (
            {
                "description": "users",
                "former": {
                    "entities": [
                        {"name": "a", "attributes": [{"name": "b", "kind": "int", "default": "0); DROP TABLE a; --"}]}
                    ]
                },
            },
            "former",
        ),
        (
            {"description": "users", "former": {"relationships": [{"from_": "a", "to": "b", "kind": "many-to-one"}]}},
            "former",
        ),
    ],
)
def test_what_cannot_be_designed_is_refused(shared: Api, body: dict[str, object], field: str) -> None:
    refused = ask(shared, **body)
    assert refused.code == (400, "VALIDATION_ERROR")
    assert refused.error["details"]["field"] == field
