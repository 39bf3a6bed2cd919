"""The curl commands of the reference, but for search, design and code, verbatim, against a real server.

Only `--connect-to`, `-k`, the token and the id are put in.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from typing import Any

import pytest

from tests.contract.reading import REFERENCE, examples, missing_fields
from tests.contract.serving import Served

EXAMPLES = examples()
#: In the order that makes each possible: a database before its tables, tables before queries, deletion last.
SEQUENCE = (
    "POST /auth/signup",
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /databases",
    "GET /databases",
    "GET /databases/{id}",
    "POST /sql",
    "POST /sql/batch",
    "POST /sql/explain",
    "POST /vectors/embed",
    "POST /branches",
    "GET /branches",
    "POST /branches/merge",
    "DELETE /branches/{name}",
    "GET /schema/tables",
    "GET /metrics/usage",
    "GET /metrics/performance",
    "DELETE /databases/{id}",
    "POST /webhooks",
    "POST /auth/logout",
)
CREATED = {"POST /auth/signup", "POST /databases", "POST /branches", "POST /webhooks"}
#: What a local server tells differently, and truly (decisions.md, "Databases"): these protocols are not served.
NOT_SERVED = {
    f"$.data.endpoints.{protocol}: string shown, null answered"
    for protocol in ("postgresql", "mysql", "mongodb", "redis")
}
SETUP = (
    """CREATE TABLE users (id text PRIMARY KEY, name text NOT NULL, email text UNIQUE, status text,
                           created_at timestamptz NOT NULL DEFAULT now(), last_order_at timestamptz)""",
    """INSERT INTO users (id, name, email, status) VALUES
       ('usr_001', 'Alice', 'alice@example.com', 'active'), ('usr_002', 'Bob', 'bob@example.com', 'active')""",
    "CREATE TABLE orders (id serial PRIMARY KEY, user_id text REFERENCES users (id), total numeric(10,2))",
)
INSERT = """
INSERT INTO users (id, name, email) VALUES ('usr_003', 'Charlie', 'charlie@example.com') RETURNING id, name, email
"""

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


class Shell:
    """Runs commands of the reference as a reader would paste them."""

    def __init__(self, server: Served) -> None:
        self.server = server
        self.token = ""
        self.database_id = ""

    def run(self, command: str) -> tuple[int, dict[str, Any]]:
        pasted = command.replace(" \\ -", " \\\n -")
        pasted = pasted.replace("hdb_live_xxxxxxxxxxxx", self.token).replace("db_xxxxxxxxxxxx", self.database_id)
        pasted = pasted.replace(
            "curl ", f"curl -sk -w '\\n%{{http_code}}' --connect-to ::127.0.0.1:{self.server.port} ", 1
        )
        done = subprocess.run(
            ["bash", "-c", pasted],
            env={**os.environ, "HELIOS_TOKEN": self.token},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)

    def sql(self, query: str) -> tuple[int, dict[str, Any]]:
        body = shlex.quote(json.dumps({"query": query}))
        return self.run(EXAMPLES["POST /sql"].command.partition("-d ")[0] + f"-d {body}")


@pytest.fixture(scope="module")
def answers(server: Served) -> dict[str, tuple[int, dict[str, Any]]]:
    """Status and body of each command of the sequence."""
    shell = Shell(server)
    answered = {}
    for endpoint in SEQUENCE:
        answered[endpoint] = status, body = shell.run(EXAMPLES[endpoint].command)
        assert body["success"], (endpoint, status, body)
        if endpoint in {"POST /auth/login", "POST /auth/refresh"}:
            shell.token = body["data"]["token"]
        if endpoint == "POST /databases":
            shell.database_id = body["data"]["id"]
            for query in SETUP:
                assert shell.sql(query)[0] == 200
        if endpoint == "POST /sql":
            answered["INSERT"] = shell.sql(INSERT)
    return answered


def test_the_reference_was_read_whole() -> None:
    assert len(EXAMPLES) == 25  # and one more, the header's example, stands under no heading of its own
    assert REFERENCE.count("curl -X") == 26
    assert set(SEQUENCE) <= set(EXAMPLES)
    assert len(EXAMPLES["POST /sql"].answers) == 2


@pytest.mark.parametrize("endpoint", SEQUENCE)
def test_the_command_is_answered_with_every_field_shown(
    answers: dict[str, tuple[int, dict[str, Any]]], endpoint: str
) -> None:
    status, body = answers[endpoint]
    assert status == (201 if endpoint in CREATED else 200)
    assert set(body) == {"success", "data", "meta"}
    for shown in EXAMPLES[endpoint].answers[:1]:
        assert not set(missing_fields(shown, body)) - NOT_SERVED


def test_what_the_reference_does_not_show_follows_the_decisions(answers: dict[str, tuple[int, dict[str, Any]]]) -> None:
    login = EXAMPLES["POST /auth/login"].answers[0]
    assert not missing_fields(login, answers["POST /auth/refresh"][1])
    assert answers["POST /auth/logout"][1]["data"] == {"revoked": True}
    listed = answers["GET /databases"][1]["data"]
    assert listed["total"] == 1
    assert listed["databases"][0]["status"] == "active"
    assert listed["databases"][0]["endpoints"]["rest"] == "https://my-app-db.heliosdb.io/api/v1"
    assert {"storage_bytes", "branches", "tables"} <= answers["GET /databases/{id}"][1]["data"].keys()
    batch = answers["POST /sql/batch"][1]["data"]
    assert batch["committed"] is True
    assert [result["affected_rows"] for result in batch["results"]] == [1, 1]
    assert answers["POST /sql/explain"][1]["data"]["analyze"] is True
    webhook = answers["POST /webhooks"][1]["data"]
    assert webhook == {
        "id": webhook["id"], "url": "https://your-app.com/webhooks/helios",
        "events": ["database.created", "branch.merged", "query.slow"], "active": True,
        "created_at": webhook["created_at"],
    }  # fmt: skip
    deleted = answers["DELETE /databases/{id}"][1]["data"]
    assert (deleted["name"], deleted["deleted"]) == ("my-app-db", True)


def test_branches_follow_reference_and_decisions(answers: dict[str, tuple[int, dict[str, Any]]]) -> None:
    created = answers["POST /branches"][1]["data"]
    assert (created["name"], created["parent"]) == ("feature/user-auth", "main")
    assert 0 < created["creation_time_us"] < 1_000_000
    listed = answers["GET /branches"][1]["data"]
    assert listed["total"] == 2
    feature = next(branch for branch in listed["branches"] if branch["name"] == "feature/user-auth")
    assert feature == {
        "id": created["id"], "name": "feature/user-auth", "parent": "main", "created_at": created["created_at"],
        "is_default": False, "status": feature["status"], "ahead": 0, "behind": 0, "tables": 2,
        "storage_bytes": 0,
    }  # fmt: skip
    merged = answers["POST /branches/merge"][1]["data"]
    assert (merged["source"], merged["target"], merged["strategy"]) == ("feature/user-auth", "main", "fast-forward")
    assert merged["merged"] is True
    assert merged["conflicts"] == []
    assert {"fast_forward", "changes", "merge_time_us"} <= merged.keys()
    assert answers["DELETE /branches/{name}"][1]["data"] == {"name": "feature/user-auth", "deleted": True}


def test_the_second_sql_answer_is_that_of_an_insert(answers: dict[str, tuple[int, dict[str, Any]]]) -> None:
    shown = EXAMPLES["POST /sql"].answers[1]
    status, body = answers["INSERT"]
    assert status == 200
    assert not missing_fields(shown, body)
    assert body["data"]["affected_rows"] == 1
