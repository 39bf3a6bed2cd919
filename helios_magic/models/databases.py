"""API reference, "Database Endpoints"; decisions.md, "Databases"."""

from __future__ import annotations

from typing import Literal

from helios_magic.models.base import Request, Response, Timestamp

Tier = Literal["free", "developer", "team", "enterprise"]
DatabaseStatus = Literal["provisioning", "active", "deleting"]


class DatabaseRequest(Request):
    """`POST /databases`"""

    name: str
    tier: Tier
    region: str = "us-east-1"


class Endpoints(Response):
    """Where the database answers.  A wire protocol that is not served is null."""

    rest: str
    postgresql: str | None = None
    mysql: str | None = None
    mongodb: str | None = None
    redis: str | None = None


class Database(Response):
    id: str
    name: str
    tier: Tier
    region: str
    status: DatabaseStatus
    endpoints: Endpoints
    created_at: Timestamp


class DatabaseDetails(Database):
    """`GET /databases/{id}`: the object, and what it holds now."""

    storage_bytes: int
    branches: int
    tables: int


class DatabaseList(Response):
    databases: list[Database]
    total: int


class DatabaseDeleted(Response):
    id: str
    name: str
    deleted: bool
