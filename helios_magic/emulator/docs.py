"""`GET /docs`: the OpenAPI document as one page to read; no script, no request to anywhere."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from helios_magic.emulator import dialect
from helios_magic.models.openapi import NOT_BUILT, document
from helios_magic.models.seam import ARROW_STREAM, JSON

_EXAMPLES: dict[str, Any] = {
    "signup": {"email": "user@example.com", "password": "secure-password-123"},
    "login": {"email": "user@example.com", "password": "secure-password-123"},
    "create_database": {"name": "my-app-db", "tier": "free", "region": "us-east-1"},
    "sql": {"query": "SELECT * FROM users WHERE status = $1 LIMIT $2", "params": ["active", 10]},
    "batch": {
        "statements": [
            {"query": "INSERT INTO orders (user_id, total) VALUES ($1, $2) RETURNING id", "params": ["usr_001", 99.99]},
            {"query": "UPDATE users SET last_order_at = now() WHERE id = $1", "params": ["usr_001"]},
        ]
    },
    "explain": {"query": "SELECT * FROM orders WHERE user_id = $1", "params": ["usr_001"], "analyze": True},
    "create_branch": {"name": "feature/user-auth", "from": "main"},
    "merge_branch": {"source": "feature/user-auth", "target": "main", "strategy": "fast-forward"},
}

_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}


def page(server: str, unbuilt: Collection[str] = ()) -> str:
    """The page for the server at an address, as HTML; `unbuilt` names the endpoints that answer 501 there."""
    described = document(server, unbuilt)
    return "".join(_page(described))


@cache
def _style() -> str:
    return resources.files("helios_magic.emulator").joinpath("docs.css").read_text("utf-8")


def _page(described: Mapping[str, Any]) -> Iterator[str]:
    info, tags, server = described["info"], described["tags"], described["servers"][0]["url"]
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(info['title'])}</title><style>{_style()}</style></head><body>"
    yield f"<header><div><h1>{escape(info['title'])} <small>helios-magic {escape(info['version'])}</small></h1>"
    yield f"<p>{_text(info['description'])}</p><p>This server: <code>{escape(server)}</code>. "
    yield 'The same for programs: <a href="/openapi.json">openapi.json</a>.</p><nav aria-label="Families">'
    for tag in tags:
        yield f'<a href="#{escape(tag["name"])}">{escape(tag["description"])}</a>'
    yield '<a href="#dialect">SQL</a><a href="#models">Models</a></nav></div></header><main>'
    for tag in tags:
        yield f'<h2 id="{escape(tag["name"])}">{escape(tag["description"])}</h2>'
        for path, verb, operation in _operations(described):
            if tag["name"] in operation["tags"]:
                yield from _operation(path, verb, operation, described)
    yield from dialect.section()
    yield '<h2 id="models">Models</h2>'
    for name, schema in sorted(described["components"]["schemas"].items()):
        yield f'<section class="model" id="model-{escape(name)}"><h3>{escape(name)}</h3>'
        if schema.get("description"):
            yield f"<p>{_text(schema['description'])}</p>"
        yield from _fields(schema)
        yield "</section>"
    yield "<footer>Made from the models that check the requests.</footer></main></body></html>"


def _operations(described: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in described["paths"].items():
        for verb, operation in item.items():
            yield path, verb.upper(), operation


def _built(operation: Mapping[str, Any]) -> bool:
    return NOT_BUILT not in operation.get("description", "")


def _operation(path: str, verb: str, operation: Mapping[str, Any], described: Mapping[str, Any]) -> Iterator[str]:
    yield f'<details id="{escape(operation["operationId"])}"><summary><b class="verb {verb}">{verb}</b>'
    coming = "" if _built(operation) else '<i class="coming">not built yet</i>'
    yield f"<code>{escape(path)}</code>{coming}<span>{escape(operation['summary'])}</span></summary>"
    yield '<div class="inside">'
    for note in _notes(operation):
        yield f'<span class="note">{escape(note)}</span>'
    if operation.get("parameters"):
        rows = ((each["name"], each["in"], each["schema"], each["description"]) for each in operation["parameters"])
        yield "<h3>Parameters</h3>"
        yield _table(
            ("name", "in", "type", ""), ((name, where, _type(kind), _text(text)) for name, where, kind, text in rows)
        )
    body = operation.get("requestBody", {}).get("content", {})
    for media_type, content in body.items():
        yield f"<h3>Request body, {escape(media_type)}</h3><p>{_type(content['schema'])}</p>"
        yield from _fields(_resolved(content["schema"], described))
    yield f"<h3>Try it</h3><pre>{escape(_curl(path, verb, operation, described['servers'][0]['url']))}</pre>"
    status, answer = next(iter(operation["responses"].items()))
    schema = answer["content"][JSON]["schema"]["properties"]["data"]
    yield f"<h3>Answer, {escape(status)}: <code>data</code></h3><p>{_type(schema)}</p>"
    yield from _fields(_resolved(schema, described))
    yield "</div></details>"


def _notes(operation: Mapping[str, Any]) -> Iterator[str]:
    if operation.get("security") == []:
        yield "needs no token"
    if "description" in operation:
        yield operation["description"].rstrip(".").lower()
    if ARROW_STREAM in next(iter(operation["responses"].values()))["content"]:
        yield f"answers {ARROW_STREAM} when asked to"


def _curl(path: str, verb: str, operation: Mapping[str, Any], server: str) -> str:
    lines = [f"curl -X {verb} {server}{path}"]
    if operation.get("security") != []:
        lines.append('-H "Authorization: Bearer $HELIOS_TOKEN"')
    for media_type in operation.get("requestBody", {}).get("content", {}):
        lines.append(f'-H "Content-Type: {media_type}"')
        if media_type == ARROW_STREAM:
            lines.append("--data-binary @rows.arrow")
        elif operation["operationId"] in _EXAMPLES:
            lines.append(f"-d '{json.dumps(_EXAMPLES[operation['operationId']])}'")
    return " \\\n  ".join(lines)


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    if "properties" not in schema:
        return
    required = schema.get("required", ())
    yield _table(
        ("field", "type", ""),
        ((name, _type(kind), _remarks(kind, needed=name in required)) for name, kind in schema["properties"].items()),
    )


def _resolved(schema: Mapping[str, Any], described: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, or the model that it refers to."""
    if "$ref" not in schema:
        return schema
    model: Mapping[str, Any] = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return model


def _remarks(schema: Mapping[str, Any], *, needed: bool) -> str:
    parts = [] if needed else ["may be left out"]
    if "default" in schema:
        parts[:] = [f"default {json.dumps(schema['default'])}"]
    parts += [words.format(schema[key]) for key, words in _BOUNDS.items() if key in schema]
    remark = escape(", ".join(parts))
    description = _text(schema.get("description", ""))
    return f"{description} {remark}".strip()


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in words, models linked."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#model-{escape(name)}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(json.dumps(schema['const']))}</code>"
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"array of {_type(items)}" if items else "array"
    return escape(str(schema.get("type", "any value")))


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; the first cell of a row is a name, the others are HTML already."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(
        f"<tr><td><code>{escape(name)}</code></td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for name, *cells in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _text(text: str) -> str:
    """Prose with `code` in backticks; an empty line parts paragraphs."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    parts = escape("\n\n".join(paragraphs)).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
