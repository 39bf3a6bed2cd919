"""API reference, "Codegen Endpoints"; decisions.md, "Codegen"."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta, field

from helios_magic.models.base import JsonObject, Request, Response
from helios_magic.models.sql import BranchName

Operation = Literal["create", "read", "update", "delete", "list"]
TableNames = Annotated[list[str], Meta(min_length=1)]


class File(Response):
    path: str
    content: str


class RestRequest(Request):
    """`POST /codegen/rest`"""

    tables: TableNames
    operations: list[Operation] = field(default_factory=lambda: list(get_args(Operation)))
    authentication: Literal["bearer", "none"] = "bearer"
    branch: BranchName = "main"


class RestCode(Response):
    openapi: JsonObject
    endpoints: list[JsonObject]
    files: list[File]


class GraphqlRequest(Request):
    """`POST /codegen/graphql`"""

    tables: TableNames
    include_mutations: bool = True
    include_subscriptions: bool = False
    branch: BranchName = "main"


class GraphqlCode(Response):
    schema: str
    files: list[File]


class TypesRequest(Request):
    """`POST /codegen/types`; the answer is `{"<language>": source}`."""

    tables: TableNames
    language: str
    style: str | None = None
    branch: BranchName = "main"
