"""`POST /codegen/rest` (API reference, "Codegen Endpoints"; decisions.md, "Codegen")."""

from __future__ import annotations

import pytest

from tests.codegen import schemas
from tests.emulator.calling import Answered, Api

#: Raw, as the reference shows it.
ASKED = {
    "tables": ["users", "orders"],
    "operations": ["create", "read", "update", "delete", "list"],
    "authentication": "bearer",
}


def ask(api: Api, **body: object) -> Answered:
    return api("POST", "/codegen/rest", body, database="default")


def test_the_references_example(shop: Api) -> None:
    from openapi_spec_validator import validate

    data = ask(shop, **ASKED).data
    assert set(data) == {"openapi", "endpoints", "files"}
    validate(data["openapi"])
    assert {(each["method"], each["path"]) for each in data["endpoints"]} == {
        (method, f"/{table}{one}")
        for table in ("users", "orders")
        for method, one in (
            ("GET", ""), ("POST", ""), ("GET", "/{id}"), ("PATCH", "/{id}"), ("DELETE", "/{id}"),
        )
    }  # fmt: skip
    files = {each["path"]: each["content"] for each in data["files"]}
    assert {"app/main.py", "app/routers/users.py", "tests/test_api.py", "requirements.txt"} <= set(files)
    assert "uvicorn app.main:app" in files["app/main.py"].split('"""')[1]
    for path, content in files.items():
        if path.endswith(".py"):
            compile(content, path, "exec")


def test_only_the_operations_that_were_asked_for(shop: Api) -> None:
    data = ask(shop, tables=["users"], operations=["list", "read"], authentication="none").data
    assert [each["operation"] for each in data["endpoints"]] == ["read", "list"]
    files = {each["path"]: each["content"] for each in data["files"]}
    assert "app/security.py" not in files
    assert "router.post" not in files["app/routers/users.py"]
    assert "securitySchemes" not in data["openapi"]["components"]


def test_what_has_no_key_or_is_a_view_allows_less(hostile: Api) -> None:
    data = ask(hostile, tables=["no_key", "every_view"]).data
    assert [(each["table"], each["operation"]) for each in data["endpoints"]] == [
        ("no_key", "create"), ("no_key", "list"), ("every_view", "list"),
    ]  # fmt: skip


def test_every_table_goes_through(hostile: Api) -> None:
    from openapi_spec_validator import validate

    data = ask(hostile, tables=schemas.HOSTILE_TABLES).data
    validate(data["openapi"])
    for file in data["files"]:
        if file["path"].endswith(".py"):
            compile(file["content"], file["path"], "exec")


@pytest.mark.parametrize(
    ("body", "field", "word"),
    [
        ({"tables": ["user"]}, "tables", "users"),
        ({"tables": ["users"], "operations": ["creat"]}, "operations[0]", "create"),
        ({"tables": ["users"], "authentication": "basic"}, "authentication", "bearer"),
        ({"tables": []}, "tables", ""),
    ],
)
def test_what_is_unknown_is_refused(shop: Api, body: dict[str, object], field: str, word: str) -> None:
    refused = ask(shop, **body)
    assert refused.code == (400, "VALIDATION_ERROR")
    assert refused.error["details"]["field"] == field
    assert word in str(refused.error["details"])
