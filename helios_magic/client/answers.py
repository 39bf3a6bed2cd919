"""From a response to typed data, or to the error it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_origin

import httpx
import msgspec
from msgspec import UNSET, UnsetType, inspect

from helios_magic.client.following import HANDED_OVER
from helios_magic.client.transports import REPLY
from helios_magic.errors import ApiError, ConnectionFailedError, HeliosError, ServerError
from helios_magic.models.arrowmap import read_map
from helios_magic.models.arrowstream import read_stream
from helios_magic.models.envelope import Failure
from helios_magic.models.seam import ARROW_STREAM, Reply

if TYPE_CHECKING:
    import pyarrow as pa


class AnswerMeta(msgspec.Struct, kw_only=True):
    """The envelope's `meta`, as far as a server filled it: the reference's own examples leave parts out."""

    request_id: str | None = None
    duration_ms: float | None = None
    rows_examined: int | None = None
    generator: str | None = None
    embedded_by: str | None = None
    emulated: bool | None = None
    semantic: bool | None = None
    embedding_space: str | None = None
    embedding_space_recorded: bool | None = None
    truncated_texts: int | None = None
    index: str | None = None
    best_similarity: float | None = None


class _Envelope(msgspec.Struct):
    success: bool
    data: msgspec.Raw | UnsetType = UNSET
    error: dict[str, Any] | UnsetType = UNSET
    meta: AnswerMeta = msgspec.field(default_factory=AnswerMeta)


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: `data` in the type asked for, the envelope's `meta`, and the rows of an Arrow answer."""

    data: Any
    meta: AnswerMeta
    table: pa.Table | None = None


def read_answer(response: httpx.Response, kind: Any) -> Answer:
    """The answer, its data as `kind`.  Raises the error that the envelope carries, or says that there is none."""
    reply = response.extensions.get(REPLY)
    if isinstance(reply, Reply):
        return _from_reply(reply, kind)
    try:
        body: bytes = response.read()
    finally:
        response.close()
    table = None
    if response.headers.get("content-type", "").startswith(ARROW_STREAM):
        table, envelope = _read_arrow(response, response.extensions.get(HANDED_OVER, body))
        body = envelope or b""
    try:
        read = _ENVELOPE.decode(body)
    except msgspec.DecodeError:
        raise _no_envelope(response) from None
    request_id = read.meta.request_id or response.headers.get("x-request-id")
    if not read.success:
        error = read.error if isinstance(read.error, dict) else {}
        raise ApiError.from_body(response.status_code, error, request_id=request_id, headers=_about_refusal(response))
    return Answer(_typed(read.data, kind, response), read.meta, table)


def _from_reply(reply: Reply, kind: Any) -> Answer:
    envelope = reply.envelope
    if isinstance(envelope, Failure):
        # To plain values: over HTTP the details would be JSON.
        body = msgspec.to_builtins(envelope.error)
        raise ApiError.from_body(reply.status, body, request_id=envelope.meta.request_id, headers=reply.headers)
    meta = envelope.meta
    known = AnswerMeta(**{name: getattr(meta, name) for name in AnswerMeta.__struct_fields__})
    data = envelope.data
    if not isinstance(data, get_origin(kind) or kind):
        data = msgspec.convert(data, kind)
    return Answer(data, known, reply.table)


def _read_arrow(response: httpx.Response, body: bytes | memoryview) -> tuple[pa.Table, bytes | None]:
    import pyarrow as pa

    try:
        return read_map(body) if isinstance(body, memoryview) else read_stream(body)
    except pa.ArrowInvalid as problem:
        raise ServerError(
            f"{response.request.url.host} answered with an Arrow stream that cannot be read: {problem}",
            status=response.status_code,
        ) from None


def _typed(data: msgspec.Raw | UnsetType, kind: Any, response: httpx.Response) -> Any:
    raw = b"null" if data is UNSET else data
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError:
        pass
    try:
        return msgspec.convert(_filled(msgspec.json.decode(raw), inspect.type_info(kind)), kind)
    except msgspec.ValidationError as problem:
        path = response.request.url.path
        raise ServerError(
            f"{response.request.url.host} answered {path} with data of another shape: {problem}.",
            status=response.status_code,
        ) from None


def _filled(data: Any, kind: inspect.Type) -> Any:
    """The data with what the reference's own examples leave out: flags are false, lists empty, the rest unknown."""
    if isinstance(kind, inspect.StructType) and isinstance(data, dict):
        fields = {field.encode_name: field for field in kind.fields}
        known = {name: _filled(value, fields[name].type) for name, value in data.items() if name in fields}
        missing = {name: _left_out(name, field) for name, field in fields.items() if name not in data}
        return known | {name: value for name, value in missing.items() if value is not UNSET}
    if isinstance(kind, inspect.ListType) and isinstance(data, list):
        return [_filled(item, kind.item_type) for item in data]
    if isinstance(kind, inspect.UnionType):
        return next((_filled(data, part) for part in kind.types if isinstance(part, inspect.StructType)), data)
    return data


def _left_out(name: str, field: inspect.Field) -> Any:
    kind = field.type
    if not field.required:
        return UNSET
    if isinstance(kind, inspect.UnionType) and kind.includes_none:
        return None
    by_kind = {inspect.BoolType: False, inspect.ListType: [], inspect.DictType: {}}
    by_name = {"schema": "public", "kind": "table"}
    return by_kind.get(type(kind), by_name.get(name, UNSET))


def _about_refusal(response: httpx.Response) -> dict[str, str]:
    wanted = ("retry-after", "allow", "www-authenticate")
    return {name: response.headers[name] for name in wanted if name in response.headers}


def _no_envelope(response: httpx.Response) -> HeliosError:
    """Someone else answered: a proxy, a sign-in page, another server."""
    text = response.text.strip()
    first = text.splitlines()[0][:120] if text else "an empty body"
    status, host = response.status_code, response.request.url.host
    message = f"{host} answered {status} without HeliosDB's envelope: “{first}”"
    details = {"status": status, "first_line": first}
    if status >= 500:
        return ServerError(message, hint="A proxy may have answered in its place.", details=details, status=status)
    return ConnectionFailedError(
        message, hint="Check the address: another server or a proxy answers there.", details=details
    )


_ENVELOPE = msgspec.json.Decoder(_Envelope)
