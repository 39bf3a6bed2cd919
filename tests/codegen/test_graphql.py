"""`POST /codegen/graphql` (API reference, "Codegen Endpoints"; decisions.md, "Codegen")."""

from __future__ import annotations

import graphql
import pytest

from tests.codegen import schemas
from tests.emulator.calling import Answered, Api

#: Raw, as the reference shows it.
ASKED = {"tables": ["users", "orders", "products"], "include_mutations": True, "include_subscriptions": True}


def ask(api: Api, **body: object) -> Answered:
    return api("POST", "/codegen/graphql", body, database="default")


def test_the_references_example(shop: Api) -> None:
    data = ask(shop, **ASKED).data
    assert set(data) == {"schema", "files"}
    schema = graphql.build_schema(data["schema"])
    assert graphql.validate_schema(schema) == []
    assert schema.query_type is not None
    assert set(schema.query_type.fields) == {"users", "user", "orders", "order", "products", "product"}
    assert schema.mutation_type is not None
    assert {"createUser", "updateUser", "deleteUser"} <= set(schema.mutation_type.fields)
    assert schema.subscription_type is not None
    assert set(schema.subscription_type.fields) == {"userChanged", "orderChanged", "productChanged"}
    assert "type OrderConnection {" in data["schema"]
    assert "  user: User!" in data["schema"]
    files = {each["path"]: each["content"] for each in data["files"]}
    assert files["app/schema.graphql"] == data["schema"]
    assert "uvicorn app.main:app" in files["app/main.py"].split('"""')[1]


def test_only_what_was_asked_for(shop: Api) -> None:
    schema = graphql.build_schema(ask(shop, tables=["users"], include_mutations=False).data["schema"])
    assert schema.mutation_type is None
    assert schema.subscription_type is None


@pytest.mark.parametrize("mutations", [True, False])
def test_every_table_goes_through(hostile: Api, mutations: bool) -> None:
    body = {"tables": schemas.HOSTILE_TABLES, "include_mutations": mutations, "include_subscriptions": mutations}
    data = ask(hostile, **body).data
    assert graphql.validate_schema(graphql.build_schema(data["schema"])) == []
    for file in data["files"]:
        if file["path"].endswith(".py"):
            compile(file["content"], file["path"], "exec")


@pytest.mark.parametrize(
    ("body", "field", "word"),
    [
        ({"tables": ["user"]}, "tables", "users"),
        ({"tables": []}, "tables", ""),
        ({"tables": ["users"], "include_mutation": True}, "include_mutation", "include_mutations"),
        ({"tables": ["users"], "include_mutations": False, "include_subscriptions": True}, "include_subscriptions", ""),
    ],
)
def test_what_cannot_be_is_refused(shop: Api, body: dict[str, object], field: str, word: str) -> None:
    refused = ask(shop, **body)
    assert refused.code == (400, "VALIDATION_ERROR")
    assert refused.error["details"]["field"] == field
    assert word in str(refused.error["details"])
