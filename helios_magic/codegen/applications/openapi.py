"""The description of a generated REST API, OpenAPI 3.1; the running application makes the same of itself."""

from __future__ import annotations

from typing import Any

from helios_magic.codegen.applications.rest import Api, Router
from helios_magic.codegen.languages.emitting import Member, Model, Named
from helios_magic.codegen.shapes import Field

Json = dict[str, Any]
_LIMITS = {"int2": 2**15, "int4": 2**31}
_TYPES: dict[str, Json] = {
    "bool": {"type": "boolean"},
    # A description's limits are doubles, which miss those of 64 bits.
    "int8": {"type": "integer", "format": "int64"},
    "float4": {"type": "number"},
    "float8": {"type": "number"},
    "text": {"type": "string"},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "timestamp": {"type": "string", "format": "date-time"},
    "timestamptz": {"type": "string", "format": "date-time"},
    "interval": {"type": "string", "description": "An ISO 8601 duration."},
    "bytea": {"type": "string", "pattern": r"^\\x([0-9a-f]{2})*$"},
    "json": {},
}
_SUMMARIES = {
    "list": "Rows by filter, in order, page by page.",
    "create": "A new row, as the database completed it.",
    "read": "One row by its key.",
    "update": "Change what the body names; the rest stays.",
    "delete": "Take one row away.",
}
_PROBLEMS = {
    "400": "The body cannot be read",
    "404": "There is no such row",
    "409": "Another row stands against it: a duplicate, or a reference",
    "422": "The request does not fit the table",
    "503": "The database cannot be reached",
}
_UNAUTHORISED = {"401": "No valid bearer token"}
_EQUAL, _ORDERED = ("eq", "ne", "in"), ("lt", "lte", "gt", "gte")
_FILTERS = {
    "bool": _EQUAL, "uuid": _EQUAL, "enum": _EQUAL, "text": (*_EQUAL, *_ORDERED, "like"),
    **dict.fromkeys(("bytea", "json", "vector", "interval"), ()),
}  # fmt: skip
_PAGING = ("limit", "offset", "order", "expand")


def document(api: Api) -> Json:
    """The whole description."""
    paths: dict[str, Json] = {}
    for router in api.routers:
        for endpoint in router.endpoints():
            operation = _operation(api, router, endpoint["operation"])
            paths.setdefault(endpoint["path"], {})[endpoint["method"].lower()] = operation
    schemas: Json = {"Problem": _problem()}
    for enum in api.named.enums.values():
        schemas[enum.name] = {"type": "string", "enum": list(enum.enum.labels)}
    for router in api.routers:
        schemas |= _schemas(api.named, router)
    described: Json = {
        "openapi": "3.1.0",
        "info": {"title": f"{api.place.database} API", "version": "1.0.0"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    if api.bearer:
        described["components"]["securitySchemes"] = {"HTTPBearer": {"type": "http", "scheme": "bearer"}}
    return described


def _operation(api: Api, router: Router, operation: str) -> Json:
    model, shape = router.model, router.shape
    row = _ref(f"{model.name}Expanded" if model.links and operation in ("list", "read") else model.name)
    made: Json = {
        "operationId": f"{operation}_{router.module}",
        "tags": [shape.label],
        "summary": _SUMMARIES[operation],
        "responses": {code: _content(_ref("Problem"), text) for code, text in _refusals(api).items()},
    }
    parameters = []
    if operation in ("read", "update", "delete"):
        parameters += [_in_path(api.named, model.member(column)) for column in shape.key]
    if operation == "list":
        parameters += _list_parameters(api.named, model)
        page = {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": row},
                **{name: {"type": "integer"} for name in ("total", "limit", "offset")},
            },
            "required": ["items", "total", "limit", "offset"],
        }
        made["responses"]["200"] = _content(page, "One page")
    elif operation == "delete":
        made["responses"]["204"] = {"description": "It is gone"}
    else:
        made["responses"]["201" if operation == "create" else "200"] = _content(row, "The row")
    if operation == "read" and model.links:
        parameters.append(_expand(model))
    if operation in ("create", "update"):
        body = _ref(f"{model.name}{operation.capitalize()}")
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if parameters:
        made["parameters"] = parameters
    if api.bearer:
        made["security"] = [{"HTTPBearer": []}]
    return made


def _refusals(api: Api) -> dict[str, str]:
    return dict(sorted((_PROBLEMS | (_UNAUTHORISED if api.bearer else {})).items()))


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(schema: Json, description: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _in_path(named: Named, member: Member) -> Json:
    return {"name": member.name, "in": "path", "required": True, "schema": _scalar(named, member.field)}


def _in_query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _expand(model: Model) -> Json:
    choices = [link.relation.name for link in model.links]
    return _in_query("expand", {"type": "array", "items": {"enum": choices, "type": "string"}, "default": []})


def _list_parameters(named: Named, model: Model) -> list[Json]:
    found = [
        _in_query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
        _in_query("offset", {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0}),
    ]
    for member in model.members:
        found += [_in_query(*each) for each in _filters(named, member.field)]
    sortable = [m.field.column for m in model.members if not m.field.depth and m.field.kind not in ("json", "vector")]
    if sortable:
        choices = sortable + [f"-{name}" for name in sortable]
        found.append(_in_query("order", {"type": "array", "items": {"enum": choices, "type": "string"}, "default": []}))
    return [*found, _expand(model)] if model.links else found


def _filters(named: Named, field: Field) -> list[tuple[str, Json]]:
    operators = () if field.depth else _FILTERS.get(field.kind, (*_EQUAL, *_ORDERED))
    found: list[tuple[str, Json]] = []
    for operator in operators:
        plain = operator == "eq" and field.column not in _PAGING
        schema = {"type": "string"} if operator == "like" else _scalar(named, field)
        if operator == "in":
            schema = {"type": "array", "items": schema}
        found.append((field.column if plain else f"{field.column}[{operator}]", schema))
    return [*found, (f"{field.column}[null]", {"type": "boolean"})] if field.nullable else found


def _schemas(named: Named, router: Router) -> Json:
    model = router.model
    every = {m.field.column: _property(named, m.field) for m in model.members}
    required = [m.field.column for m in model.members if not m.field.nullable]
    made: Json = {model.name: _object(every, required)}
    if model.links and {"list", "read"} & set(router.operations):
        links = {
            link.relation.name: {"type": "array", "items": _ref(link.target)}
            if link.relation.many
            else {"anyOf": [_ref(link.target), {"type": "null"}]}
            for link in model.links
        }
        made[f"{model.name}Expanded"] = _object(every | links, required)
    written = [m.field for m in model.members if not m.field.computed]
    if "create" in router.operations:
        properties = {field.column: every[field.column] for field in written}
        must = [field.column for field in written if not field.may_be_left_out]
        made[f"{model.name}Create"] = _object(properties, must) | {"additionalProperties": False}
    if "update" in router.operations:
        properties = {field.column: every[field.column] for field in written if not field.key}
        made[f"{model.name}Update"] = _object(properties, []) | {"additionalProperties": False}
    return made


def _object(properties: Json, required: list[str]) -> Json:
    made: Json = {"type": "object", "properties": properties}
    return made | ({"required": required} if required else {})


def _property(named: Named, field: Field) -> Json:
    schema = _scalar(named, field)
    for _ in range(field.depth):
        schema = {"type": "array", "items": {"anyOf": [schema, {"type": "null"}]} if schema else {}}
    return {"anyOf": [schema, {"type": "null"}]} if field.nullable and schema else schema


def _scalar(named: Named, field: Field) -> Json:
    if field.enum is not None:
        return _ref(named.enums[field.enum.name].name)
    if field.kind in _LIMITS:
        limit = _LIMITS[field.kind]
        return {"type": "integer", "minimum": -limit, "maximum": limit - 1}
    if field.kind == "numeric":
        return {"anyOf": [{"type": "number"}, {"type": "string"}]}
    if field.kind == "vector":
        size = {"minItems": field.modifiers[0], "maxItems": field.modifiers[0]} if field.modifiers else {}
        return {"type": "array", "items": {"type": "number"}} | size
    schema = _TYPES[field.kind]
    return schema | {"maxLength": field.modifiers[0]} if field.kind == "text" and field.modifiers else schema


def _problem() -> Json:
    return _object(
        {"detail": {"type": "string"}, "errors": {"type": "array", "items": {"type": "string"}, "default": []}},
        ["detail"],
    )
