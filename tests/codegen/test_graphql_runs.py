"""The generated GraphQL API is booted: its own tests, and a story with relations, a mutation and a subscription."""

from __future__ import annotations

import json

import pytest

from tests.codegen import schemas
from tests.codegen.applications import Application, generate
from tests.codegen.test_rest_runs import EVERY_ROW

pytestmark = pytest.mark.toolchain

STORY = """
import json
from starlette.testclient import TestClient
from app.main import app

token = {"Authorization": "Bearer test"}
with TestClient(app, headers=token) as api:
    def ask(query, **variables):
        return api.post("/graphql", json={"query": query, "variables": variables}).json()

    with api.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"]) as socket:
        socket.send_json({"type": "connection_init", "payload": token})
        assert socket.receive_json()["type"] == "connection_ack"
        query = "subscription { orderChanged { kind row { total user { email } } } }"
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query}})
        users = [
            ask("mutation($i: UserCreateInput!) { createUser(input: $i) { id } }", i={"email": f"{n}@example.com"})
            for n in range(3)
        ]
        user = users[0]["data"]["createUser"]["id"]
        order = ask(
            "mutation($i: OrderCreateInput!) { createOrder(input: $i) { id status total } }",
            i={"user_id": user, "total": "19.90", "status": "SENT_BACK"},
        )
        told = socket.receive_json()
    key = order["data"]["createOrder"]["id"]
    print(json.dumps({
        "order": order,
        "told": told["payload"],
        "page": ask("{ users(first: 2, orderBy: [email_DESC]) { nodes { email orders { total status user { email } } } "
                    "pageInfo { hasNextPage endCursor } totalCount } }"),
        "filtered": ask('{ orders(filter: {status: {eq: SENT_BACK}, total: {gte: "19.90"}}) { totalCount } }'),
        "updated": ask("mutation($id: UUID!) { updateOrder(id: $id, input: {total: \\"5\\"}) { total } }", id=key),
        "deleted": ask("mutation($id: UUID!) { deleteOrder(id: $id) { total } }", id=key),
        "gone": ask("query($id: UUID!) { order(id: $id) { total } }", id=key),
        "wrong": ask('{ user(id: "x") { email } }'),
    }))
"""


def made(request: pytest.FixtureRequest, at: pytest.TempPathFactory, which: str) -> Application:
    pytest.importorskip("ariadne")
    body = {"tables": getattr(schemas, f"{which}_TABLES"), "include_subscriptions": True}
    return generate(at.mktemp("graphql"), getattr(schemas, which), "/codegen/graphql", body)


@pytest.mark.parametrize("which", ["SHOP", "HOSTILE"])
def test_its_own_tests_pass(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, which: str
) -> None:
    made(request, tmp_path_factory, which).run("-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_a_query_with_relations_a_mutation_and_a_subscription(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    application = made(request, tmp_path_factory, "SHOP")
    told = json.loads(application.run("-c", STORY).splitlines()[-1])
    assert told["order"]["data"]["createOrder"]["total"] == "19.90"
    assert told["told"] == {
        "data": {"orderChanged": {"kind": "CREATED", "row": {"total": "19.90", "user": {"email": "0@example.com"}}}}
    }
    page = told["page"]["data"]["users"]
    assert [user["email"] for user in page["nodes"]] == ["2@example.com", "1@example.com"]
    assert page["pageInfo"]["hasNextPage"] is True
    assert page["totalCount"] == 3
    assert told["filtered"]["data"]["orders"]["totalCount"] == 1
    assert told["updated"]["data"]["updateOrder"]["total"] == "5.00"
    assert told["deleted"]["data"]["deleteOrder"]["total"] == "5.00"
    assert told["gone"]["data"]["order"] is None
    assert "is no UUID" in told["wrong"]["errors"][0]["message"]


EVERY_STORY = """
import json, sys
from starlette.testclient import TestClient
from app.main import app

row, fields = json.loads(sys.argv[1]), " ".join(json.loads(sys.argv[2]))
api = TestClient(app, headers={"Authorization": "Bearer test"})

def ask(query, **variables):
    return api.post("/graphql", json={"query": query, "variables": variables}).json()

made = ask("mutation($i: EveryTypeCreateInput!) { createEveryType(input: $i) { id %s } }" % fields, i=row)
key = made["data"]["createEveryType"]["id"] if made.get("data") else None
print(json.dumps({"made": made, "read": ask("query($id: BigInt!) { everyType(id: $id) { id %s } }" % fields, id=key),
                  "boss": ask('mutation { createEmployee(input: {id: 1, name: "a"}) { id } }'),
                  "report": ask('mutation { createEmployee(input: {id: 2, name: "b", boss_id: 1}) '
                                '{ boss { name employees_by_boss { name boss { name } } } }  }')}))
"""


def test_a_row_of_every_type_and_a_table_that_refers_to_itself(tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("ariadne")
    body = {"tables": ["every_type", "employees"]}
    application = generate(tmp_path_factory.mktemp("graphql"), schemas.HOSTILE, "/codegen/graphql", body)
    # As GraphQL has them: 64 bits as text, an enum's values as names, ISO moments and durations.
    own = {"3": str(-(2**63)), "14": "9999-12-31T23:59:59+00:00", "20": "VERY_HAPPY"}
    row = EVERY_ROW | {f"{place}{number}": value for number, value in own.items() for place in "tn"}
    row |= {f"a{number}": [value, None] for number, value in own.items()}
    names = json.dumps([*row, "twice"])
    told = json.loads(application.run("-c", EVERY_STORY, json.dumps(row), names).splitlines()[-1])
    made = told["made"]["data"]["createEveryType"]
    whole = {**row, "id": made["id"], "twice": -10}
    assert made == whole
    assert told["read"]["data"]["everyType"] == whole
    assert told["report"]["data"]["createEmployee"]["boss"] == {
        "name": "a", "employees_by_boss": [{"name": "b", "boss": {"name": "a"}}],
    }  # fmt: skip
