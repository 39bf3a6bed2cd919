"""The OpenAPI 3.1 document, made from the endpoint table and the models; nothing in it is written twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

import msgspec

from helios_magic.models.endpoints import ENDPOINTS, Endpoint, QueryParameter
from helios_magic.models.envelope import ErrorBody, Meta
from helios_magic.models.seam import ARROW_STREAM, JSON
from helios_magic.version import __version__

_REF = "#/components/schemas/{name}"
_PREFIX = {"control": "/v1", "data": "/db/{database}/api/v1"}
_PARAMETERS = {
    "database": "The database's name.",
    "id": "The resource's id.",
    "delivery": "The delivery's id.",
    "name": "The name, percent-encoded (`feature%2Fuser-auth`).",
}
_TITLES = {
    "accounts": "Accounts and tokens",
    "databases": "Databases",
    "sql": "SQL",
    "branches": "Branches",
    "tables": "Tables and bulk loading",
    "design": "Schema design",
    "vectors": "Vectors",
    "code": "Code generation",
    "metrics": "Metrics",
    "webhooks": "Webhooks",
    "service": "The service itself",
}
_REFUSALS = {
    "400": "The request is wrong (VALIDATION_ERROR), or its SQL (QUERY_ERROR).",
    "401": "No token, an unknown one (AUTH_REQUIRED), or one that ended (AUTH_EXPIRED).",
    "402": "The plan's limit is reached (QUOTA_EXCEEDED).",
    "403": "Not for this account (FORBIDDEN).",
    "404": "No such resource for this account (NOT_FOUND).",
    "405": "The path takes other methods, which `Allow` names (VALIDATION_ERROR).",
    "409": "What is there stands against it (ALREADY_EXISTS, MERGE_CONFLICT, NOT_FAST_FORWARD, HAS_CHILDREN).",
    "413": "The body is too large (VALIDATION_ERROR).",
    "415": "The body has another Content-Type than the endpoint reads (VALIDATION_ERROR).",
    "429": "Too many requests this minute (RATE_LIMITED).",
    "500": "The server failed (SERVER_ERROR).",
    "501": "The endpoint is not built here yet (NOT_IMPLEMENTED).",
    "503": "The server is stopping (SERVER_ERROR, reason `draining`).",
}
NOT_BUILT = "Not built here yet: it answers 501."
_DESCRIPTION = """\
Every answer has the envelope `{success, data | error, meta}`.

Addressed by path on this server as below; and by host name as in the reference: `https://api.heliosdb.io/v1/…` for
accounts, databases and webhooks, `https://{database}.heliosdb.io/api/v1/…` for all else."""


def document(server: str, unbuilt: Collection[str] = ()) -> dict[str, Any]:
    """The document; `server` is the address it is read from, `unbuilt` names the endpoints that answer 501 there."""
    paths, schemas = _described(frozenset(unbuilt))
    return {
        "openapi": "3.1.0",
        "info": {"title": "HeliosDB REST API", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": server}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": title} for name, title in _TITLES.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "hdb_live_…"}},
            "schemas": {**schemas, "Failure": _FAILURE},
            "headers": _HEADERS,
            "responses": {status: _refusal(status, text) for status, text in _REFUSALS.items()},
        },
    }


@cache
def _described(unbuilt: frozenset[str]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The paths and the models' schemas: fifty milliseconds of work, the same for every reader."""
    models = {endpoint.response for endpoint in ENDPOINTS if isinstance(endpoint.response, type)}
    requests = {endpoint.request for endpoint in ENDPOINTS if endpoint.request is not None}
    named = sorted((models | requests | {Meta, ErrorBody}) - {dict}, key=lambda model: model.__name__)
    _, schemas = msgspec.json.schema_components(named, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        path = paths.setdefault(_PREFIX[endpoint.plane] + endpoint.path, {})
        path[endpoint.method.lower()] = _operation(endpoint, built=endpoint.name not in unbuilt)
    paths["/health"] = {"get": _health()}
    return paths, schemas


def _operation(endpoint: Endpoint, *, built: bool) -> dict[str, Any]:
    path = _PREFIX[endpoint.plane] + endpoint.path
    parameters = [_path_parameter(name) for name in re.findall(r"{(\w+)}", path)]
    parameters += [_query_parameter(parameter) for parameter in endpoint.query]
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.family],
        "summary": endpoint.summary,
        "responses": {
            str(endpoint.status): _answer(endpoint),
            **{status: _refused(status) for status in _REFUSALS if status != "501" or not built},
        },
    }
    notes = ["Added to the reference."] if endpoint.added else []
    if not built:
        notes.append(NOT_BUILT)
    if notes:
        operation["description"] = " ".join(notes)
    if endpoint.name in {"signup", "login"}:
        operation["security"] = []
    if endpoint.request is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": _schema(endpoint.request)}}}
    if endpoint.arrow_body:
        stream = {"schema": {"type": "string", "format": "binary", "contentMediaType": ARROW_STREAM}}
        operation["requestBody"] = {
            "required": True,
            "description": "An Arrow IPC stream, at most 2 GiB.",
            "content": {ARROW_STREAM: stream},
        }
        parameters.append(_IDEMPOTENCY_KEY)
    if parameters:
        operation["parameters"] = parameters
    return operation


def _answer(endpoint: Endpoint) -> dict[str, Any]:
    content: dict[str, Any] = {JSON: {"schema": _envelope(_schema(endpoint.response))}}
    if endpoint.arrow_answer:
        content[ARROW_STREAM] = {"schema": {"type": "string", "format": "binary", "contentMediaType": ARROW_STREAM}}
    headers = {**_REQUEST_ID, **_LIMITS} if endpoint.authenticated else _REQUEST_ID
    return {"description": endpoint.summary, "headers": headers, "content": content}


def _health() -> dict[str, Any]:
    version = {"type": "object", "properties": {"version": {"type": "string"}}, "required": ["version"]}
    return {
        "operationId": "health",
        "tags": ["service"],
        "summary": "Whether the server answers.",
        "security": [],
        "responses": {
            "200": {
                "description": "It does.",
                "headers": _REQUEST_ID,
                "content": {JSON: {"schema": _envelope(version)}},
            },
            **{status: _refused(status) for status in ("400", "405", "500", "503")},
        },
    }


def _schema(model: Any) -> dict[str, Any]:
    schema: dict[str, Any] = msgspec.json.schema_components([model], ref_template=_REF)[0][0]
    return schema


def _envelope(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"success": {"const": True}, "data": data, "meta": {"$ref": _REF.format(name="Meta")}},
        "required": ["success", "data", "meta"],
    }


def _refusal(status: str, description: str) -> dict[str, Any]:
    content = {JSON: {"schema": {"$ref": _REF.format(name="Failure")}}}
    headers = {**_REQUEST_ID, **_LIMITS, **(_RETRY_AFTER if status == "429" else {})}
    return {"description": description, "headers": headers, "content": content}


def _refused(status: str) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/{status}"}


def _path_parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": _PARAMETERS[name], "schema": schema}


def _query_parameter(parameter: QueryParameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer", "minimum": 0} if parameter.integer else {"type": "string"}
    if parameter.values:
        schema["enum"] = list(parameter.values)
    if parameter.default is not None:
        schema["default"] = int(parameter.default) if parameter.integer else parameter.default
    return {"name": parameter.name, "in": "query", "description": parameter.description, "schema": schema}


_HEADERS = {
    "RequestId": {"description": "The request's id, or your own.", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "Requests or queries a minute, whichever of this request's two budgets is nearer to its end; "
        "absent where there is no account or no limit, as the two below.",
        "schema": {"type": "integer"},
    },
    "RateLimitRemaining": {"description": "How many are left of it.", "schema": {"type": "integer"}},
    "RateLimitReset": {
        "description": "When the next one is given back, in Unix seconds.",
        "schema": {"type": "integer"},
    },
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
_LIMITS = {
    "X-RateLimit-Limit": {"$ref": "#/components/headers/RateLimit"},
    "X-RateLimit-Remaining": {"$ref": "#/components/headers/RateLimitRemaining"},
    "X-RateLimit-Reset": {"$ref": "#/components/headers/RateLimitReset"},
}
_RETRY_AFTER = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
_REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A load that comes again with the same key adds nothing and answers the same count.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_FAILURE = {
    "type": "object",
    "properties": {
        "success": {"const": False},
        "error": {"$ref": _REF.format(name="ErrorBody")},
        "meta": {"$ref": _REF.format(name="Meta")},
    },
    "required": ["success", "error", "meta"],
}
