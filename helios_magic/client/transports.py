"""How a request travels: straight into the service in this process, or over HTTP.

Both are httpx transports with an `address`, so that the client above does not know which one it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pyarrow as pa

from helios_magic.client.addresses import Address
from helios_magic.client.connection import Http, Notice, Transport
from helios_magic.client.waiting import Workers
from helios_magic.models.arrowstream import write_stream
from helios_magic.models.seam import ARROW_STREAM, Call, Dispatch, Reply, encode_json

REPLY = "helios_reply"
"""The key of `httpx.Response.extensions` under which an in-process answer is found, never serialised."""
ROWS = "helios_rows"
"""The key of `httpx.Request.extensions` for rows to load, as a pyarrow.Table."""

_PATH = re.compile(r"(?:/db/(?P<database>[^/]+)/api)?/v1(?P<path>/.*)")


def in_process(dispatch: Dispatch) -> InProcess:
    """A transport into a service in this process.

    The service runs in a worker thread.  A KeyboardInterrupt in the waiting thread cancels the statement, waits
    until it has stopped, and is raised again; the transport stays usable.
    """
    return InProcess(dispatch)


def http(url: str, *, verify: bool | str = True, notice: Notice | None = None, **timing: Any) -> Http:
    """A transport to a server; see `connection.Http`."""
    return Http(url, verify=verify, notice=notice, **timing)


class InProcess(Transport):
    """`in_process(dispatch)`"""

    address = Address("http://in-process")

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch
        self._workers = Workers()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        call = _call(request)
        try:
            reply = self._workers.run(lambda: self._dispatch(call), call.cancellation.cancel)
        except KeyboardInterrupt as interrupt:
            # A new one: the frames below hold the request, and a verbose traceback would print them.
            raise KeyboardInterrupt(*interrupt.args) from None
        arrow = reply.table is not None
        headers = {"content-type": ARROW_STREAM if arrow else "application/json", **reply.headers}
        return httpx.Response(reply.status, headers=headers, stream=_LateBody(reply), extensions={REPLY: reply})

    def close(self) -> None:
        self._workers.close()


class _Headers(dict[str, str]):
    """A call's headers; the token does not show when a traceback or a log prints them."""

    def __repr__(self) -> str:
        return repr({name: "…" if name == "authorization" else value for name, value in self.items()})


class _LateBody(httpx.SyncByteStream):
    """An in-process answer's body, encoded only if someone reads it."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        reply = self._reply
        if reply.table is None:
            yield reply.json()
        else:
            yield write_stream(reply.table, encode_json(reply.envelope)).to_pybytes()


def _call(request: httpx.Request) -> Call:
    target, _, query = request.url.raw_path.decode("ascii").partition("?")
    match = _PATH.fullmatch(target)
    path, database = (match["path"], match["database"]) if match else (target, None)
    rows = request.extensions.get(ROWS)
    return Call(
        method=request.method,
        path=path,
        plane="control" if database is None else "data",
        database=database,
        query=dict(parse_qsl(query, keep_blank_values=True)) if query else {},
        # As items: a mapping would be asked for each name, and every time all headers be gone through.
        headers=_Headers(request.headers.items()),
        body=rows if isinstance(rows, pa.Table) else request.read(),
    )
