"""Bodies and query parameters against the models, with words a caller can act on.

Every refusal's `details` name `field`, `expected` and `got` (decisions.md, "Envelope and errors").
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import msgspec

from helios_magic.errors import ValidationError
from helios_magic.models.endpoints import ENDPOINTS, Endpoint, QueryParameter
from helios_magic.models.seam import ARROW_STREAM, JSON

if TYPE_CHECKING:
    import pyarrow as pa

MAX_JSON_BYTES = 32 * 2**20
#: What a caller who is not known may send: an address and a password.
MAX_ANONYMOUS_BYTES = 2**20
#: Arrays and objects in a body; each takes some twenty times its three bytes once it is read.
_MOST_CONTAINERS = 1_000_000
#: Bulk loads: a stream is spooled to a file and mapped, so it may be larger than what memory should hold.
MAX_ARROW_BYTES = 2 * 2**30

_MESSAGE = re.compile(r"(?P<problem>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
_FIELD = re.compile(r"Object (?P<what>contains unknown|missing required) field `(?P<name>[^`]*)`")
_EXPECTED = re.compile(r"Expected (?P<expected>.*?)(?:, got `(?P<got>[^`]*)`)?", re.DOTALL)
_WORDS = {"str": "string", "int": "integer", "bool": "boolean", "float": "number"}
_SHOWN = 80


def too_large(limit: int) -> ValidationError:
    """The refusal of a body of more than `limit` bytes."""
    return ValidationError(
        f"the body is larger than {limit // 2**20} MiB",
        hint="Send it in parts; POST /tables/{name}/rows takes large loads as an Arrow stream.",
        details={"field": "body", "expected": f"at most {limit} bytes", "got": "more"},
        status=413,
    )


def read_body(endpoint: Endpoint, body: bytes | pa.Buffer | pa.Table, headers: Mapping[str, str]) -> Any:
    """The endpoint's model, its Arrow table, or None where it takes no body."""
    if endpoint.arrow_body:
        return _read_arrow(body, headers)
    if endpoint.request is None:
        return None
    if not isinstance(body, bytes):
        raise _wrong_media_type(JSON, ARROW_STREAM)
    content_type = headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if content_type != JSON and not content_type.endswith("+json"):
        raise _wrong_media_type(JSON, content_type)
    if len(body) > MAX_JSON_BYTES:
        raise too_large(MAX_JSON_BYTES)
    return _read_json(endpoint.name, endpoint.request, body)


def read_query(endpoint: Endpoint, query: Mapping[str, str]) -> dict[str, Any]:
    """The endpoint's query parameters, defaults filled in."""
    known = {parameter.name: parameter for parameter in endpoint.query}
    for name in query:
        if name not in known:
            raise _unknown_field(name, known)
    return {name: _parameter(parameter, query.get(name, parameter.default)) for name, parameter in known.items()}


def _parameter(parameter: QueryParameter, text: str | None) -> Any:
    if text is None:
        return None
    if parameter.integer:
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise _refused(parameter.name, "an integer of 0 or more", text)
        return int(text)
    if parameter.values and text not in parameter.values:
        raise _refused(parameter.name, f"one of {', '.join(parameter.values)}", text)
    if not text:
        raise _refused(parameter.name, "a value", "an empty one")
    return text


def _read_arrow(body: bytes | pa.Buffer | pa.Table, headers: Mapping[str, str]) -> pa.Table:
    import pyarrow as pa

    from helios_magic.models.arrowstream import read_stream

    if isinstance(body, pa.Table):
        return body
    content_type = headers.get("content-type", ARROW_STREAM).partition(";")[0].strip().lower()
    if content_type != ARROW_STREAM:
        raise _wrong_media_type(ARROW_STREAM, content_type)
    try:
        table, _ = read_stream(body)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ValidationError(
            "the body is not an Arrow IPC stream",
            hint="pyarrow.ipc.new_stream writes one.",
            details={"field": "body", "expected": ARROW_STREAM, "got": str(error)[:_SHOWN]},
        ) from None
    return table


def _read_json(name: str, model: type[Any], body: bytes) -> Any:
    if not body:
        raise ValidationError(
            "this request needs a JSON body", details={"field": "body", "expected": "object", "got": "nothing"}
        )
    if len(body) > _MOST_CONTAINERS and body.count(b"[") + body.count(b"{") > _MOST_CONTAINERS:
        raise ValidationError(
            "the JSON has too many arrays and objects",
            hint="Send it in parts; POST /tables/{name}/rows takes large loads as an Arrow stream.",
            details={"field": "body", "expected": f"at most {_MOST_CONTAINERS}", "got": "more"},
        )
    try:
        return _DECODERS[name].decode(body)
    except msgspec.ValidationError as error:
        raise _explained(model, body, str(error)) from None
    except RecursionError:
        raise ValidationError(
            "the JSON is nested too deeply", details={"field": "body", "expected": "fewer levels", "got": "too many"}
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValidationError(
            f"the body is not JSON: {error}", details={"field": "body", "expected": "JSON", "got": str(error)}
        ) from None


_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    endpoint.name: msgspec.json.Decoder(endpoint.request) for endpoint in ENDPOINTS if endpoint.request is not None
}


def _explained(model: type[Any], body: bytes, message: str) -> ValidationError:
    match = _MESSAGE.fullmatch(message)
    problem, path = (match["problem"], match["path"] or "") if match else (message, "")
    field = _FIELD.fullmatch(problem)
    if field is not None:
        name, where = field["name"], path.removeprefix(".")
        if field["what"] == "contains unknown":
            return _unknown_field(name, _fields_at(model, path), where)
        full = f"{where}.{name}" if where else name
        return ValidationError(
            f"the field “{full}” is missing", details={"field": full, "expected": "a value", "got": "nothing"}
        )
    got = _value_at(body, path)
    expected = _EXPECTED.fullmatch(problem)
    if expected is not None:
        wanted = _WORDS_IN.sub(lambda word: _WORDS.get(word[1], word[1]), expected["expected"])
        seen = _WORDS.get(expected["got"] or "", expected["got"]) or _shown(got)
        return _refused(path.removeprefix(".") or "body", wanted, seen)
    if problem.startswith("Invalid enum value"):
        choices = _choices_at(model, path)
        return _refused(path.removeprefix("."), f"one of {', '.join(choices)}", _shown(got), choices)
    return _refused(path.removeprefix(".") or "body", problem, _shown(got))


_WORDS_IN = re.compile(r"`([^`]*)`")


def _refused(field: str, expected: str, got: str, choices: list[str] | None = None) -> ValidationError:
    near = difflib.get_close_matches(got, choices or [], n=1)
    return ValidationError(
        f"“{field}” should be {_article(expected)}, and is {got}",
        hint=f"Did you mean {near[0]}?" if near else None,
        details={"field": field, "expected": expected, "got": got},
    )


def _article(expected: str) -> str:
    first = expected.partition(" ")[0]
    if first in {"array", "object", "integer"}:
        return f"an {expected}"
    return f"a {expected}" if first in {"string", "boolean", "number"} else expected


def _unknown_field(name: str, known: Mapping[str, Any] | list[str], where: str = "") -> ValidationError:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    full = f"{where}.{name}" if where else name
    hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}." if names else "It takes none."
    return ValidationError(
        f"there is no field “{full}” here", hint=hint, details={"field": full, "expected": names, "got": name}
    )


def _wrong_media_type(expected: str, got: str) -> ValidationError:
    return ValidationError(
        f"the body's Content-Type is {got}",
        hint=f"Send Content-Type: {expected}.",
        details={"field": "Content-Type", "expected": expected, "got": got},
        status=415,
    )


def _steps(path: str) -> list[str | int]:
    """`.statements[1].query` → `["statements", 1, "query"]`."""
    return [int(part[1:-1]) if part.startswith("[") else part for part in re.findall(r"\[\d+\]|[^.\[\]]+", path)]


def _value_at(body: bytes, path: str) -> Any:
    try:
        value = msgspec.json.decode(body)
        for step in _steps(path):
            value = value[step]
    except (msgspec.MsgspecError, LookupError, TypeError, RecursionError, UnicodeDecodeError):
        return None
    return value


def _shown(value: Any) -> str:
    if isinstance(value, str) and len(value) <= _SHOWN:
        return value
    if isinstance(value, str):
        return "a long string"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    return "an object" if isinstance(value, dict) else msgspec.json.encode(value).decode()[:_SHOWN]


def _model_at(model: Any, path: str) -> Any:
    """The type at a path inside a model: through fields, list items, and what an alternative has of either."""
    for step in _steps(path):
        if isinstance(step, int):
            model = next(iter(get_args(_bare(model))), Any)
        else:
            fields = {field.encode_name: field.type for field in msgspec.structs.fields(_struct(model))}
            model = fields[step]
    return _bare(model)


def _bare(model: Any) -> Any:
    return get_args(model)[0] if hasattr(model, "__metadata__") else model


def _alternatives(model: Any) -> list[Any]:
    """The types of a union, or the type itself."""
    bare = _bare(model)
    return [_bare(each) for each in get_args(bare)] if get_origin(bare) in (Union, UnionType) else [bare]


def _struct(model: Any) -> Any:
    return next(each for each in _alternatives(model) if isinstance(each, type) and issubclass(each, msgspec.Struct))


def _fields_at(model: Any, path: str) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(_struct(_model_at(model, path)))]


def _choices_at(model: Any, path: str) -> list[str]:
    alternatives = _alternatives(_model_at(model, path))
    return [str(choice) for each in alternatives if get_origin(each) is Literal for choice in get_args(each)]
