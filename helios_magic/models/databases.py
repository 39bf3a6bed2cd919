"""API reference, "Database Endpoints"; decisions.md, "Databases"."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from helios_magic.models.base import Request, Response, Timestamp

Tier = Literal["free", "developer", "team", "enterprise"]
DatabaseStatus = Literal["provisioning", "active", "deleting"]
NAME_PATTERN = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
#: Names that addresses need for themselves.
RESERVED_NAMES = frozenset({"api"})
DEFAULT_REGION = "us-east-1"
REGIONS = (
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "me-central-1",
    "af-south-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "ap-northeast-2",
)


class DatabaseRequest(Request):
    """`POST /databases`"""

    # The service checks names and regions itself: its words are better than a pattern's.
    name: Annotated[str, Meta(extra_json_schema={"pattern": f"^{NAME_PATTERN}$"})]
    tier: Tier
    region: Annotated[str, Meta(extra_json_schema={"enum": list(REGIONS)})] = DEFAULT_REGION


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
