"""HTTP on top of the service: a request becomes a `Call`, a `Reply` becomes a response.

Everything HTTP stays in here: hosts and paths, media types, streaming, and a client that goes away.
"""

from __future__ import annotations

import asyncio
import logging
import mmap
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from helios_magic.emulator.addressing import LOOPBACK, host_name, locate, read_query_string
from helios_magic.emulator.bodies import MAX_JSON_BYTES, too_large
from helios_magic.emulator.lanes import Lanes, Place
from helios_magic.emulator.lately import Lately
from helios_magic.emulator.service import Service
from helios_magic.emulator.shared import PREFIX, Shared
from helios_magic.emulator.slices import Slices
from helios_magic.emulator.threads import Threads, Work
from helios_magic.errors import ApiError, ServerError, ValidationError
from helios_magic.models.arrowstream import stream_pieces, write_stream
from helios_magic.models.handover import HEADER
from helios_magic.models.seam import ARROW_STREAM, JSON, Call, Reply, encode_json
from helios_magic.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

logger = logging.getLogger("helios_magic.emulator")

#: A request that is not answered after this many seconds takes long, and is watched for its client going away.
_WATCH_AFTER = 0.01
_ASK_AGAIN = 0.05
#: A statement that reads and still runs after this many seconds makes way for the others.
_MAKE_WAY_AFTER = 0.5
#: How long the last threads have to end, in seconds; what was stopped before has answered by then.
_END_SECONDS = 2.0
#: Bodies above this are written to a file and mapped instead of held in memory.
_IN_MEMORY = 16 * 2**20

#: Arrow answers up to here go out whole; piece by piece costs a change of threads each.
_AT_ONCE = 2**20

#: No page of another origin may frame, sniff or fetch from an answer.
_SAFE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_READABLE = {
    **_SAFE,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
}


def build_app(
    service: Service, *, spool: Path | None = None, hosts: Collection[str] = (), shared: Shared | None = None
) -> ASGIApp:
    """The ASGI application.

    `spool` is the folder for large bodies on their way in (the system's temporary one by default), `hosts` are names
    this server goes by beside the known ones, `shared` answers what processes of this machine ask.
    """
    return _Entry(service, spool, hosts, shared)


class _Entry:
    """The application: no framework's routes, for paths and methods are the contract's, refusals have its envelope."""

    def __init__(
        self, service: Service, spool: Path | None, hosts: Collection[str], shared: Shared | None = None
    ) -> None:
        self._service, self._spool, self._hosts, self._shared = service, spool, hosts, shared
        self._threads = Threads("helios-worker")
        self._lanes, self._lately, self._slices = Lanes(), Lately(), Slices()
        self._pages: dict[str, Callable[[Call], Response]] = {
            "/health": self._health,
            "/openapi.json": self._openapi,
            "/docs": self._docs,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        call = Call(scope["method"], "", "control", headers=headers)
        try:
            response = await self._respond(call, scope, receive)
        except _ClientGone:
            return
        except ApiError as error:
            response = _json(self._service.refuse(error, call))
        except Exception:
            logger.exception("a request failed outside the service")
            response = _json(self._service.refuse(ServerError("the server failed; this is a bug"), call))
        await response(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._threads.close(_END_SECONDS)
        await send({"type": "lifespan.shutdown.complete"})

    async def _respond(self, call: Call, scope: Scope, receive: Receive) -> Response:
        sent = [value for name, value in scope["headers"] if name == b"host"]
        host = host_name(call.headers.get("host", "") if len(sent) == 1 else "", self._hosts)
        raw_path = scope["raw_path"].decode("latin-1")
        call.base_url = f"{scope['scheme']}://{call.headers['host'].strip().lower()}"
        if raw_path in self._pages:
            if call.method not in {"GET", "HEAD"}:
                raise ValidationError(f"{raw_path} does not take {call.method}", status=405, headers={"Allow": "GET"})
            return self._pages[raw_path](call)
        if self._shared is not None and raw_path.startswith(PREFIX) and host in LOOPBACK:
            call.query = read_query_string(scope["query_string"].decode("latin-1"))
            return _json(self._service.answer(self._shared.answer(self._service, call, raw_path), call))
        target = locate(host, raw_path)
        call.plane, call.database, call.path, call.by_host = target.plane, target.database, target.path, target.by_host
        call.query = read_query_string(scope["query_string"].decode("latin-1"))
        call.body = await self._read_body(call, receive)
        return await self._run(call, receive)

    async def _read_body(self, call: Call, receive: Receive) -> bytes | pa.Buffer:
        limit = self._service.body_limit(call)
        announced = call.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            raise too_large(limit)
        body, more = await _chunk(receive)
        if not more and len(body) <= limit:
            return body
        # JSON stays in memory; only a bulk load may grow so large that it goes through a file.
        with tempfile.SpooledTemporaryFile(
            _IN_MEMORY if limit > MAX_JSON_BYTES else limit, dir=None if self._spool is None else str(self._spool)
        ) as file:
            size = file.write(body)
            while more and size <= limit:
                body, more = await _chunk(receive)
                size += file.write(body)
            if size > limit:
                raise too_large(limit)
            if limit <= MAX_JSON_BYTES or size <= _IN_MEMORY:
                file.seek(0)
                return file.read()
            import pyarrow as pa

            file.flush()
            return pa.py_buffer(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))

    async def _run(self, call: Call, receive: Receive) -> Response:
        """Answer at once what takes a moment, else in a worker thread; a client that goes away stops its statement."""
        at_once = partial(self._lately.again, call)
        if at_once():
            return await self._slices.run(partial(self._answer, call))
        with await self._lanes.enter(hash(call.headers.get("authorization")), at_once) as place:
            if not place.needed:
                return await self._slices.run(partial(self._answer, call))
            loop = asyncio.get_running_loop()
            # Others may wait with the same call: they are let go as soon as one was answered in a moment.
            known = partial(loop.call_soon_threadsafe, self._lanes.hurry)
            kept: list[pa.Table] = []
            work = self._threads.run(lambda: self._answer(call, known, kept), kept.clear)
            watch = _Watch(work, call, place, receive)
            try:
                return await work.done
            except asyncio.CancelledError:
                call.cancellation.cancel()
                raise
            finally:
                watch.end()

    def _answer(
        self, call: Call, known: Callable[[], object] = lambda: None, kept: list[pa.Table] | None = None
    ) -> Response:
        """Answer it; what is `kept` takes milliseconds to be freed, for which nobody need wait."""
        began = time.perf_counter()
        reply = self._service.dispatch(call)
        if self._lately.note(call, reply, time.perf_counter() - began):
            known()
        if reply.table is None or not call.wants_arrow:
            return _json(reply)
        envelope, headers = encode_json(reply.envelope), {**_SAFE, **reply.headers}
        handover = self._shared.handover if self._shared is not None and HEADER in call.headers else None
        name = handover.put(reply.table, envelope) if handover is not None else None
        if name is not None:
            if kept is not None:
                kept.append(reply.table)
            return Response(b"", reply.status, {**headers, HEADER: name}, media_type=ARROW_STREAM)
        if reply.table.nbytes <= _AT_ONCE:
            body = write_stream(reply.table, envelope).to_pybytes()
            return Response(body, reply.status, headers, media_type=ARROW_STREAM)
        pieces: Iterator[bytes] = stream_pieces(reply.table, envelope)
        return StreamingResponse(iterate_in_threadpool(pieces), reply.status, headers, media_type=ARROW_STREAM)

    def _health(self, call: Call) -> Response:
        return _json(self._service.answer({"version": __version__}, call))

    def _openapi(self, call: Call) -> Response:
        from helios_magic.models.openapi import document

        return Response(
            encode_json(document(call.base_url, self._service.unbuilt)),
            headers=self._page(_SAFE, call),
            media_type=JSON,
        )

    def _docs(self, call: Call) -> Response:
        from helios_magic.emulator.docs import page

        return Response(
            page(call.base_url, self._service.unbuilt), headers=self._page(_READABLE, call), media_type="text/html"
        )

    def _page(self, headers: Mapping[str, str], call: Call) -> dict[str, str]:
        return {**headers, "X-Request-Id": self._service.request_ids(call)[1]}


class _ClientGone(Exception):  # noqa: N818 - nobody is left to be told of an error
    """The client left before its request was whole."""


async def _chunk(receive: Receive) -> tuple[bytes, bool]:
    """The next part of a body, and whether more follows."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _ClientGone
    return message.get("body", b""), message.get("more_body", False)


class _Watch:
    """What becomes of a request that takes long: it leaves its place to the next, makes way, ends with its client."""

    def __init__(self, work: Work[Response], call: Call, place: Place, receive: Receive) -> None:
        self._work, self._call, self._place, self._receive = work, call, place, receive
        self._watching: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_WATCH_AFTER, self._begin)

    def end(self) -> None:
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def _begin(self) -> None:
        if not self._work.done.done():
            self._place.takes_long()
            self._watching = asyncio.ensure_future(self._until_the_client_goes())
            self._timer = asyncio.get_running_loop().call_later(_MAKE_WAY_AFTER, self._make_way)

    def _make_way(self) -> None:
        if self._call.cancellation.only_reads:
            self._work.make_way()

    async def _until_the_client_goes(self) -> None:
        await self._receive()
        done = self._work.done
        while not done.done():  # an interrupt that meets no running statement is lost, so it is asked for again
            self._call.cancellation.cancel()
            await asyncio.sleep(_ASK_AGAIN)


def _json(reply: Reply) -> Response:
    return Response(reply.json(), reply.status, {**_SAFE, **reply.headers}, media_type=JSON)
