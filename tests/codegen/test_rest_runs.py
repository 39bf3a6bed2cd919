"""The generated REST API is booted: its own tests, its own description, and schemathesis."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helios_magic.designer import OfflineDesigner
from helios_magic.designer.ddl import write
from helios_magic.designer.tables import build
from tests.codegen import schemas
from tests.codegen.applications import Application, generate

pytestmark = pytest.mark.toolchain


@pytest.fixture(scope="module", params=["SHOP", "HOSTILE"])
def application(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Application:
    pytest.importorskip("fastapi")
    body = {"tables": getattr(schemas, f"{request.param}_TABLES")}
    return generate(tmp_path_factory.mktemp("rest"), getattr(schemas, request.param), "/codegen/rest", body)


def test_its_own_tests_pass(application: Application) -> None:
    application.run("-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_it_describes_itself_as_the_answer_did(application: Application) -> None:
    script = "import json; from app.main import app; print(json.dumps(app.openapi()))"
    own = json.loads(application.run("-c", script).splitlines()[-1])
    told = application.data["openapi"]
    assert set(own["paths"]) == set(told["paths"])
    for path, methods in told["paths"].items():
        assert set(own["paths"][path]) == set(methods)
        for method, operation in methods.items():
            real = own["paths"][path][method]
            assert real["operationId"] == operation["operationId"]
            assert set(real["responses"]) == set(operation["responses"])
            names = {(each["name"], each["in"]) for each in operation.get("parameters", [])}
            assert {(each["name"], each["in"]) for each in real.get("parameters", [])} == names
    for name, schema in told["components"]["schemas"].items():
        real = own["components"]["schemas"][name]
        assert set(real.get("properties", {})) == set(schema.get("properties", {})), name
        assert set(real.get("required", [])) == set(schema.get("required", [])), name


def test_a_design_becomes_an_api_that_passes_its_own_tests(tmp_path: Path) -> None:
    """From prose to a schema, from the schema to code: lists and limits of its CHECKs are kept to."""
    pytest.importorskip("fastapi")
    prose = "Customers with email and a rating from 1 to 5 place orders with status open or paid and a total."
    tables = build(OfflineDesigner().design(prose))
    names = [table.name for table in tables.schema.tables]
    application = generate(tmp_path, write(tables, "postgresql").statements, "/codegen/rest", {"tables": names})
    application.run("-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_schemathesis(tmp_path: Path) -> None:
    """Every check but one: that an integer of 64 bits is too large cannot be told, for limits there are doubles."""
    pytest.importorskip("fastapi")
    application = generate(tmp_path, schemas.SHOP, "/codegen/rest", {"tables": schemas.SHOP_TABLES})
    (application.code / "run.py").write_text(
        "import schemathesis\nfrom app.main import app\n"
        "from schemathesis.specs.openapi.checks import positive_data_acceptance\n"
        "from hypothesis import HealthCheck, settings\n"
        'schema = schemathesis.openapi.from_asgi("/openapi.json", app)\n\n\n'
        "@schema.parametrize()\n"
        "@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))\n"
        "def test_api(case):\n"
        '    token = {"Authorization": "Bearer test"}\n'
        "    case.call_and_validate(headers=token, excluded_checks=[positive_data_acceptance])\n"
    )
    application.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "run.py")


#: A value of each type of the column's number in `schemas.HOSTILE`, at the edges of what it takes, as JSON has it.
EVERY = (
    False, -(2**15), 2**31 - 1, -(2**63), "12345678901234567890.0123456789", "-99999999.99", 0.5, -1e300,
    "é🙂\"'\\\n", "abcde", "abc", "0001-01-01", "23:59:59.999999", "2026-01-31T12:30:00.000001",
    "9999-12-31T23:59:59Z", "P1M2DT-3.5S", "9f1c3b0a-0000-4000-8000-00000000000f", "\\x00ff", [None, {"a": 1.5}],
    {"x": [1, "two"]}, "very \"happy\"", "2026-01-31T12:30:00", "12:30:00.001000", "", "n",
)  # fmt: skip
EVERY_ROW = {
    **{f"{place}{number}": value for number, value in enumerate(EVERY) for place in "tn"},
    **{f"a{number}": [value, None] for number, value in enumerate(EVERY)},
    "n2": -5, "v": [0.5, -1, 2], "deep": [[1, 2], [3, 4]],
}  # fmt: skip
EVERY_STORY = """
import json, sys
from fastapi.testclient import TestClient
from app.main import app

row = json.loads(sys.argv[1])
api = TestClient(app, headers={"Authorization": "Bearer test"})
made = api.post("/every_type", json=row)
assert made.status_code == 201, made.text
at = f"/every_type/{made.json()['id']}"
emptied = {name: None for name in row if name[0] in "tavd"}
refused = {name: api.post("/every_type", json={**row, name: value}).status_code
           for name, value in {"n0": 1, "n1": 2**15, "n2": 2**31, "n3": 2**63, "n9": "abcdef", "n11": "yesterday",
                               "n16": "x", "n20": "glad", "v": [1], "a2": [2**31], "twice": 1, "id": 1}.items()}
print(json.dumps({"made": made.json(), "read": api.get(at).json(),
                  "found": api.get("/every_type", params={"id": made.json()["id"], "n3": row["n3"]}).json()["items"],
                  "emptied": api.patch(at, json=emptied).json(), "refilled": api.patch(at, json=row).json(),
                  "refused": refused, "deleted": api.delete(at).status_code, "gone": api.get(at).status_code}))
"""


def test_a_row_of_every_type_comes_back_as_it_went(tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    application = generate(tmp_path, schemas.HOSTILE, "/codegen/rest", {"tables": ["every_type"]})
    told = json.loads(application.run("-c", EVERY_STORY, json.dumps(EVERY_ROW)).splitlines()[-1])
    whole = {**EVERY_ROW, "id": told["made"]["id"], "twice": -10}
    assert told["made"] == whole
    assert told["read"] == whole
    assert told["found"] == [whole]
    assert told["emptied"] == {name: None if name[0] in "tavd" and name != "twice" else whole[name] for name in whole}
    assert told["refilled"] == whole
    assert {name: status for name, status in told["refused"].items() if status != 422} == {}
    assert (told["deleted"], told["gone"]) == (204, 404)
