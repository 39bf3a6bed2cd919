"""The generated REST API is booted: its own tests, its own description, and schemathesis."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.codegen import schemas
from tests.codegen.applications import Application, generate

pytestmark = pytest.mark.toolchain


@pytest.fixture(scope="module", params=["SHOP", "HOSTILE"])
def application(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Application:
    pytest.importorskip("fastapi")
    body = {"tables": getattr(schemas, f"{request.param}_TABLES")}
    return generate(tmp_path_factory.mktemp("rest"), getattr(schemas, request.param), "/codegen/rest", body)


def test_its_own_tests_pass(request: pytest.FixtureRequest, application: Application) -> None:
    if "HOSTILE" in request.node.name:
        reason = "the generated application does not yet make a row of every type"
        request.applymarker(pytest.mark.xfail(reason=reason, strict=False))
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
