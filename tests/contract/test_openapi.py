"""The OpenAPI document: valid, and the whole contract."""

from __future__ import annotations

import json
from html import escape

from openapi_spec_validator import OpenAPIV31SpecValidator

from helios_magic.emulator.docs import page
from helios_magic.models.endpoints import ENDPOINTS
from helios_magic.models.openapi import document

SERVER = "http://127.0.0.1:8765"


def test_the_document_is_valid() -> None:
    described = json.loads(json.dumps(document(SERVER)))
    OpenAPIV31SpecValidator(described).validate()


def test_every_endpoint_is_described_with_its_parameters_and_security() -> None:
    described = document(SERVER)
    operations = {
        operation["operationId"]: (path, method, operation)
        for path, item in described["paths"].items()
        for method, operation in item.items()
    }
    assert set(operations) == {endpoint.name for endpoint in ENDPOINTS} | {"health"}
    assert {name for name, (_, _, operation) in operations.items() if operation.get("security") == []} == {
        "signup",
        "login",
        "health",
    }
    path, method, diff = operations["diff_branch"]
    assert (path, method) == ("/db/{database}/api/v1/branches/{name}/diff", "get")
    assert [parameter["name"] for parameter in diff["parameters"]] == [
        "database",
        "name",
        "against",
        "table",
        "limit",
        "offset",
    ]
    answer = operations["create_database"][2]["responses"]["201"]["content"]["application/json"]["schema"]
    assert answer["required"] == ["success", "data", "meta"]
    assert answer["properties"]["data"] == {"$ref": "#/components/schemas/Database"}
    assert "application/vnd.apache.arrow.stream" in operations["sql"][2]["responses"]["200"]["content"]
    assert "application/vnd.apache.arrow.stream" in operations["load"][2]["requestBody"]["content"]


def test_the_page_shows_every_endpoint_and_needs_nothing_from_elsewhere() -> None:
    html = page(SERVER)
    for endpoint in ENDPOINTS:
        assert f'id="{endpoint.name}"' in html
        assert escape(endpoint.summary) in html
    outside = (
        html.replace(SERVER, "").replace("https://api.heliosdb.io", "").replace("https://{database}.heliosdb.io", "")
    )
    for needle in ("http://", "https://", "<script", "<link", "<img", "@import", "url("):
        assert needle not in outside, needle


def test_a_hostile_address_stays_text() -> None:
    assert "<i>" in (hostile := 'http://localhost"><i>')
    assert hostile not in page(hostile)
    assert escape(hostile) in page(hostile)


def test_what_is_not_built_says_so() -> None:
    described = document(SERVER, {"usage"})
    operations = {each["operationId"]: each for item in described["paths"].values() for each in item.values()}
    assert [name for name, each in operations.items() if "answers 501" in each.get("description", "")] == ["usage"]
    assert page(SERVER, {"usage"}).count("not built yet") == 1
    assert "not built yet" not in page(SERVER)
