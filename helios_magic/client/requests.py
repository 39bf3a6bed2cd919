"""One request from the endpoint table to a typed answer: address, token, time limit, replay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import msgspec

from helios_magic.client.answers import Answer, AnswerMeta, read_answer
from helios_magic.client.auth import Credentials, SignedIn
from helios_magic.client.budget import RateLimit, rate_limit
from helios_magic.client.connection import REPEATED, Transport, timeouts
from helios_magic.client.failures import connection_failed
from helios_magic.client.transports import ROWS
from helios_magic.errors import ApiError, AuthenticationError, TokenExpiredError
from helios_magic.models.arrowstream import write_stream
from helios_magic.models.endpoints import BY_NAME, Endpoint
from helios_magic.models.seam import ARROW_STREAM, JSON, encode_json
from helios_magic.models.sql import DEFAULT_TIMEOUT_MS

if TYPE_CHECKING:
    import pyarrow as pa

#: How much longer than a query's own limit the answer is waited for, so that the server's word comes first.
GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask of an endpoint.  Its repr shows no body: a body may hold a password."""

    endpoint: Endpoint
    names: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes | None
    rows: pa.Table | None
    database: str
    read_seconds: float
    key: str | None = None
    gone: msgspec.Struct | None = None
    as_json: bool = False

    def __repr__(self) -> str:
        return f"Question({self.endpoint.method} {self.endpoint.path})"


class Requests:
    """Sends questions over a transport with one shared token."""

    def __init__(self, transport: Transport, credentials: Credentials, database: str) -> None:
        self.transport = transport
        self.credentials = credentials
        self.database = database
        self.limit: RateLimit | None = None
        self._plain_urls: dict[str, httpx.URL] = {}

    def ask(
        self,
        name: str,
        *,
        names: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: msgspec.Struct | None = None,
        rows: pa.Table | None = None,
        timeout_ms: int = DEFAULT_TIMEOUT_MS,
        key: str | None = None,
        gone: msgspec.Struct | None = None,
        as_json: bool = False,
    ) -> Answer:
        """The answer of the endpoint `name`.  Raises the error tree; never repeats what the server may have done.

        `gone` is the answer of a DELETE whose first try may have been carried out and whose second met a 404.
        With `as_json` rows are asked for as JSON values, from a server that could send Arrow too.
        """
        question = Question(
            endpoint=BY_NAME[name],
            names=names or {},
            query={key: str(value) for key, value in (query or {}).items() if value is not None},
            body=None if body is None else encode_json(body),
            rows=rows,
            database=self.database,
            read_seconds=timeout_ms / 1000 + GRACE_SECONDS,
            key=key,
            gone=gone,
            as_json=as_json,
        )
        # It may hold a password, and a verbose traceback prints the variables of every frame.
        body = None
        generation = self.credentials.current()[1]
        try:
            return self._send(question)
        except TokenExpiredError:
            if not question.endpoint.authenticated:
                raise
        self.credentials.renew(generation, self._refresh)
        return self._send(question)

    def _refresh(self) -> SignedIn:
        question = Question(BY_NAME["refresh"], {}, {}, None, None, self.database, 30.0)
        try:
            return SignedIn.of(self._send(question).data)
        except AuthenticationError:
            raise TokenExpiredError(
                "Your sign-in has ended, and the server does not renew it.",
                hint="Sign in again, or give a new token: connect(…, token=…).",
            ) from None

    def _send(self, question: Question) -> Answer:
        request = self._request(question)
        try:
            response = self.transport.handle_request(request)
            response.request = request
            self.limit = rate_limit(response.headers)
            if question.gone is not None and response.status_code == 404 and response.extensions.get(REPEATED):
                return Answer(question.gone, AnswerMeta(request_id=response.headers.get("x-request-id")))
            return read_answer(response, question.endpoint.response)
        except httpx.TransportError as problem:
            raise connection_failed(problem, request, question.read_seconds) from None
        except KeyboardInterrupt as interrupt:
            # A new one: the frames below hold headers, and a verbose traceback would print the token among them.
            raise KeyboardInterrupt(*interrupt.args) from None
        except ApiError as error:
            # The frames below are of no use to the reader of a refusal.
            raise error.with_traceback(None) from None

    def _request(self, question: Question) -> httpx.Request:
        endpoint = question.endpoint
        url = self._url(question)
        headers = {
            "host": url.netloc.decode("ascii"),
            "user-agent": "helios-magic",
            "accept": f"{ARROW_STREAM}, {JSON}" if endpoint.arrow_answer and not question.as_json else JSON,
        }
        extensions: dict[str, Any] = {"timeout": timeouts(question.read_seconds)}
        # With a stream httpx takes the headers as they are; finding them out from a body takes it 20 µs.
        stream: httpx.SyncByteStream
        if question.rows is not None:
            headers["content-type"] = ARROW_STREAM
            headers["transfer-encoding"] = "chunked"
            extensions[ROWS] = question.rows
            stream = _RowsBody(question.rows)
        else:
            body = question.body or b""
            if question.body is not None:
                headers["content-type"] = JSON
            if body or endpoint.method == "POST":
                headers["content-length"] = str(len(body))
            stream = httpx.ByteStream(body)
        if question.key is not None:
            headers["idempotency-key"] = question.key
        token = self.credentials.current()[0]
        if token is not None:
            headers["authorization"] = f"Bearer {token.reveal()}"
        return httpx.Request(endpoint.method, url, headers=headers, stream=stream, extensions=extensions)

    def _url(self, question: Question) -> httpx.URL:
        """The whole address; the plain ones are parsed once (httpx takes 50 µs for it, a tenth of a small query)."""
        endpoint = question.endpoint
        plain = not question.names and not question.query
        known = self._plain_urls.get(endpoint.name) if plain else None
        if known is not None:
            return known
        address = self.transport.address.of_endpoint(endpoint, dict(question.names), question.database)
        url = httpx.URL(f"{address}?{urlencode(question.query)}" if question.query else address)
        if plain:
            self._plain_urls[endpoint.name] = url
        return url


class _RowsBody(httpx.SyncByteStream):
    """Rows to load as an IPC stream, encoded when a transport reads it, and again when it sends it again."""

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[bytes]:
        buffer = memoryview(write_stream(self._rows))
        for start in range(0, len(buffer), _PIECE):
            yield bytes(buffer[start : start + _PIECE])


_PIECE = 1 << 20
