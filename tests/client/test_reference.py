"""The reference's own examples, sent by a server that knows nothing of ours, are read by the client."""

from __future__ import annotations

import json
from typing import Any

import pytest

from helios_magic.client import Client, transports
from helios_magic.client.addresses import Address
from helios_magic.errors import ServerError, UsageError
from helios_magic.models.endpoints import ENDPOINTS
from tests.client.misbehaving import Seen, serving, success

TOKEN = "hdb_live_xxxxxxxxxxxx"


def ask(data: Any, call: Any, **meta: Any) -> tuple[Any, Seen]:
    with (
        serving(success(data, **meta)) as server,
        Client(transports.http(server.url), token=TOKEN, database="my-app-db") as client,
    ):
        answer = call(client)
    assert len(server.seen) == 1
    return answer, server.seen[0]


def test_every_endpoint_has_a_method() -> None:
    missing = [endpoint.name for endpoint in ENDPOINTS if not callable(getattr(Client, endpoint.name, None))]
    assert not missing


def test_select() -> None:
    data = {
        "columns": ["id", "name", "email", "status"],
        "rows": [
            ["usr_001", "Alice", "alice@example.com", "active"],
            ["usr_002", "Bob", "bob@example.com", "active"],
        ],
        "row_count": 2,
    }
    query = "SELECT * FROM users WHERE status = $1 LIMIT $2"
    result, seen = ask(data, lambda client: client.sql(query, ["active", 10]), duration_ms=5, rows_examined=1000)
    assert result.to_pandas()["name"].tolist() == ["Alice", "Bob"]
    assert (result.row_count, result.rows_examined, result.duration_ms) == (2, 1000, 5)
    assert (seen.method, seen.path) == ("POST", "/db/my-app-db/api/v1/sql")
    assert json.loads(seen.body)["query"] == query
    assert json.loads(seen.body)["params"] == ["active", 10]
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.headers["content-type"] == "application/json"


def test_insert_returning() -> None:
    data = {
        "affected_rows": 1,
        "returning": [{"id": "usr_003", "name": "Charlie", "email": "charlie@example.com"}],
    }
    result, _ = ask(data, lambda client: client.sql("INSERT …"))
    assert result.affected_rows == 1
    assert result.to_pandas().to_dict("records") == data["returning"]


def test_tables() -> None:
    data = {
        "tables": [
            {
                "name": "users",
                "columns": [
                    {"name": "id", "type": "uuid", "nullable": False, "primary_key": True},
                    {"name": "email", "type": "text", "nullable": False, "unique": True},
                    {"name": "created_at", "type": "timestamptz", "nullable": False},
                ],
                "indexes": ["users_pkey", "users_email_key"],
                "row_count_estimate": 10000,
            }
        ]
    }
    answer, seen = ask(data, lambda client: client.tables())
    (table,) = answer.tables
    assert (table.name, table.row_count_estimate, table.foreign_keys) == ("users", 10000, [])
    assert [(column.primary_key, column.unique) for column in table.columns] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert seen.path == "/db/my-app-db/api/v1/schema/tables?branch=main"


def test_signup_and_login() -> None:
    data: dict[str, Any] = {"user_id": "usr_xxxxxxxxxxxx", "email": "user@example.com", "verification_sent": True}
    answer, seen = ask(data, lambda client: client.signup("user@example.com", "secure-password-123"))
    assert answer.verification_sent is True
    assert json.loads(seen.body) == {"email": "user@example.com", "password": "secure-password-123"}
    data = {
        "token": TOKEN,
        "token_type": "bearer",
        "expires_at": "2025-12-23T00:00:00Z",
        "user": {"id": "usr_xxxxxxxxxxxx", "email": "user@example.com"},
    }
    answer, seen = ask(data, lambda client: client.login("user@example.com", "secure-password-123"))
    assert answer.token.reveal() == TOKEN
    assert TOKEN not in repr(answer)
    assert answer.expires_at.isoformat() == "2025-12-23T00:00:00+00:00"


def test_create_database_and_branch() -> None:
    data: dict[str, Any] = {
        "id": "db_xxxxxxxxxxxx",
        "name": "my-app-db",
        "tier": "free",
        "region": "us-east-1",
        "status": "provisioning",
        "endpoints": {
            "postgresql": "my-app-db.heliosdb.io:5432",
            "mysql": "my-app-db.heliosdb.io:3306",
            "mongodb": "my-app-db.heliosdb.io:27017",
            "redis": "my-app-db.heliosdb.io:6379",
            "rest": "https://my-app-db.heliosdb.io/api/v1",
        },
        "created_at": "2025-12-16T00:00:00Z",
    }
    answer, seen = ask(data, lambda client: client.create_database("my-app-db", "free", "us-east-1"))
    assert answer.endpoints.redis == "my-app-db.heliosdb.io:6379"
    assert json.loads(seen.body) == {"name": "my-app-db", "tier": "free", "region": "us-east-1"}
    data = {
        "id": "br_xxxxxxxxxxxx",
        "name": "feature/user-auth",
        "parent": "main",
        "created_at": "2025-12-16T00:00:00Z",
        "creation_time_us": 555,
    }
    answer, seen = ask(data, lambda client: client.create_branch("feature/user-auth", "main"))
    assert answer.creation_time_us == 555
    assert json.loads(seen.body) == {"name": "feature/user-auth", "from": "main"}


def test_usage() -> None:
    data = {
        "period": "current_month",
        "storage_bytes": 52428800,
        "queries_executed": 45678,
        "compute_seconds": 3600,
        "api_calls": 12345,
        "branches_active": 3,
    }
    answer, _ = ask(data, lambda client: client.usage())
    assert (answer.storage_bytes, answer.limits) == (52428800, {})


def test_data_of_another_shape_is_named() -> None:
    with pytest.raises(ServerError, match=r"data of another shape: .*storage_bytes"):
        ask({"period": "current_month", "storage_bytes": "much"}, lambda client: client.usage())


@pytest.mark.parametrize(
    ("url", "control", "data"),
    [
        ("https://api.heliosdb.io", "https://api.heliosdb.io/v1", "https://shop.heliosdb.io/api/v1"),
        ("https://api.heliosdb.io/v1", "https://api.heliosdb.io/v1", "https://shop.heliosdb.io/api/v1"),
        ("https://shop.heliosdb.io", "https://api.heliosdb.io/v1", "https://shop.heliosdb.io/api/v1"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765/v1", "http://127.0.0.1:8765/db/shop/api/v1"),
        ("http://host/prefix/", "http://host/prefix/v1", "http://host/prefix/db/shop/api/v1"),
        (
            "https://heliosdb.io.evil.com",
            "https://heliosdb.io.evil.com/v1",
            "https://heliosdb.io.evil.com/db/shop/api/v1",
        ),
    ],
)
def test_addresses(url: str, control: str, data: str) -> None:
    address = Address.of(url)
    assert (address.control(), address.data("shop")) == (control, data)


@pytest.mark.parametrize("url", ["ftp://x", "http://", "shop", "https://user:secret@host"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Address.of(url)
    assert "secret" not in str(caught.value)
