"""The service: `dispatch(Call) -> Reply`, every request's way through the house.

request id → draining → route → who → which database → limits → built? → body → quota → the family's function → envelope
→ counters.
"""

from __future__ import annotations

import difflib
import logging
import re
import threading
import time
from typing import Any

from helios_magic.delivery import Courier
from helios_magic.embedding.models import Models
from helios_magic.emulator import (
    accounts,
    bodies,
    branches,
    code,
    databases,
    design,
    metrics,
    sql,
    tables,
    tokens,
    vector_search,
    vectors,
    webhooks,
)
from helios_magic.emulator.metering import Metering, Visit
from helios_magic.emulator.passwords import Passwords
from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.emulator.routing import route
from helios_magic.engine.face import Engine
from helios_magic.errors import (
    ApiError,
    ForbiddenError,
    NotBuiltError,
    NotFoundError,
    QueryError,
    ServerError,
    StoreError,
)
from helios_magic.models.endpoints import ENDPOINTS, Endpoint
from helios_magic.models.envelope import ErrorBody, Failure, Meta, Success
from helios_magic.models.seam import Call, Reply
from helios_magic.store import DatabaseRecord, Store, full_disk

logger = logging.getLogger("helios_magic.emulator")

ANSWERERS: dict[str, Answerer] = {
    **accounts.ENDPOINTS,
    **databases.ENDPOINTS,
    **sql.ENDPOINTS,
    **branches.ENDPOINTS,
    **tables.ENDPOINTS,
    **design.ENDPOINTS,
    **code.ENDPOINTS,
    **vectors.ENDPOINTS,
    **vector_search.ENDPOINTS,
    **webhooks.ENDPOINTS,
    **metrics.ENDPOINTS,
}

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_OWN_ID = re.compile(r"req_[0-9a-z]{12,124}")


class Service:
    """HeliosDB's endpoints over a store, an engine and a courier.  Thread-safe; owns none of them."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        courier: Courier,
        metering: Metering,
        models: Models,
        passwords: Passwords | None = None,
    ) -> None:
        self._rooms = Rooms(store, engine, passwords or Passwords(), courier, metering, models)
        self._draining = False
        self._calls: dict[int, Call] = {}
        self._used_at = time.monotonic()
        self._idle = threading.Condition()
        self._finish_what_a_crash_left()

    @property
    def unbuilt(self) -> frozenset[str]:
        """The endpoints of the contract that answer 501."""
        return frozenset(endpoint.name for endpoint in ENDPOINTS if endpoint.name not in ANSWERERS)

    def dispatch(self, call: Call) -> Reply:
        """Answer one call; never raises."""
        began = time.perf_counter()
        request_id, echoed = self.request_ids(call)
        visit = Visit()
        try:
            self._enter(call)
            try:
                endpoint, answer = self._answer(call, began, visit)
            finally:
                self._leave(call)
        except ApiError as error:
            if error.details.get("reason") == "internal":
                cause = error.details.get("cause")
                logger.error("request %s: %s: %s", request_id, error.message, cause)  # noqa: TRY400 - where is no news
            reply = self._refusal(error, request_id, began)
        except Exception as error:
            reply = self._refusal(_as_api_error(error, request_id), request_id, began)
        else:
            reply = self._reply(endpoint, answer, request_id, began)
        reply.headers.update(visit.headers)
        reply.headers["X-Request-Id"] = echoed
        self._rooms.metering.count(visit, reply)
        return reply

    def body_limit(self, call: Call) -> int:
        """How many bytes of body this call may bring; few for a caller who is not known."""
        announced = call.headers.get("content-length", "0" if "transfer-encoding" not in call.headers else "")
        if announced.isdecimal() and int(announced) <= bodies.MAX_ANONYMOUS_BYTES:
            return bodies.MAX_ANONYMOUS_BYTES
        try:
            endpoint, _ = route(call.method, call.path, call.plane)
            if endpoint.authenticated:
                tokens.authenticate(self._rooms.store, call.headers)
                return bodies.MAX_ARROW_BYTES if endpoint.arrow_body else bodies.MAX_JSON_BYTES
        except (ApiError, StoreError):
            pass  # `dispatch` says what is wrong
        return bodies.MAX_ANONYMOUS_BYTES

    def refuse(self, error: ApiError, call: Call | None = None) -> Reply:
        """The envelope for what never became a call: an unknown host, a body that is too large."""
        began = time.perf_counter()
        request_id, echoed = self.request_ids(call)
        visit = Visit()
        if call is not None and call.path:
            try:
                self._rooms.metering.admit_stray(visit, call)
            except ApiError as limited:
                error = limited
            except StoreError:
                error = _draining()
        reply = self._refusal(error, request_id, began)
        reply.headers.update(visit.headers)
        reply.headers["X-Request-Id"] = echoed
        return reply

    def answer(self, data: Any, call: Call) -> Reply:
        """The envelope around something that is no endpoint (`/health`)."""
        if self._draining:
            return self.refuse(_draining(), call)
        request_id, echoed = self.request_ids(call)
        meta = self._meta(request_id, time.perf_counter())
        return Reply(200, Success(data=data, meta=meta), {"X-Request-Id": echoed})

    @property
    def running(self) -> int:
        """How many calls are being answered."""
        return len(self._calls)

    @property
    def idle_seconds(self) -> float:
        """How long ago the last call ended."""
        return 0.0 if self._calls else time.monotonic() - self._used_at

    def drain(self, timeout: float | None = None) -> bool:
        """Refuse new calls from now on and wait for those that run; whether all ended within `timeout` seconds."""
        with self._idle:
            self._draining = True
            return self._idle.wait_for(lambda: not self._calls, timeout)

    def close(self) -> None:
        """Write the counters down; before the engine and the store are closed."""
        self._rooms.metering.close()

    def cancel_running(self) -> None:
        """Stop the statements that still run; their callers are told, and nothing of them was acknowledged."""
        with self._idle:
            calls = list(self._calls.values())
        for call in calls:
            call.cancellation.cancel()

    def _enter(self, call: Call) -> None:
        with self._idle:
            if self._draining:
                raise _draining()
            self._calls[id(call)] = call

    def _leave(self, call: Call) -> None:
        with self._idle:
            del self._calls[id(call)]
            self._used_at = time.monotonic()
            if not self._calls:
                self._idle.notify_all()

    def _answer(self, call: Call, began: float, visit: Visit) -> tuple[Endpoint, Answer]:
        try:
            request = self._addressed(call, began)
        except ApiError:
            self._rooms.metering.admit_stray(visit, call)
            raise
        self._rooms.metering.admit(visit, request)
        endpoint = request.endpoint
        answerer = ANSWERERS.get(endpoint.name)
        if answerer is None:
            raise NotBuiltError(
                f"{endpoint.method} {endpoint.path} is not built here yet", details={"endpoint": endpoint.name}
            )
        request.query = bodies.read_query(endpoint, call.query)
        request.body = bodies.read_body(endpoint, call.body, call.headers)
        with self._rooms.metering.held(request):
            visit.run = True
            return endpoint, answerer(self._rooms, request)

    def _addressed(self, call: Call, began: float) -> Request:
        """The call with its endpoint, its account and its database."""
        endpoint, path = route(call.method, call.path, call.plane)
        request = Request(call, endpoint, path, began=began)
        if endpoint.authenticated:
            request.token = tokens.authenticate(self._rooms.store, call.headers)
        if endpoint.plane == "data":
            request.record = self._database(request)
        return request

    def _database(self, request: Request) -> DatabaseRecord:
        name = request.call.database or ""
        record = self._rooms.store.databases.named(name)
        if record is None or record.status == "deleting":
            own = [each.name for each in self._rooms.store.databases.of_account(request.account.id)]
            near = difflib.get_close_matches(name, own, n=1)
            hint = f"Did you mean {near[0]}?" if near else "GET /v1/databases lists yours."
            raise NotFoundError(f"no database is named “{name}”", hint=hint, details={"database": name})
        if record.account_id != request.account.id:
            raise ForbiddenError(f"the database “{name}” belongs to another account", details={"database": name})
        return record

    def _reply(self, endpoint: Endpoint, answer: Answer, request_id: str, began: float) -> Reply:
        meta = self._meta(request_id, began, answer.rows_examined, **answer.meta)
        complete = None
        if answer.complete is not None:
            make = answer.complete
            complete = lambda: Success(data=make(), meta=meta)  # noqa: E731 - closes over two names, no more
        envelope = Success(data=answer.data, meta=meta)
        return Reply(endpoint.status, envelope, {}, answer.table, complete, answer.undisturbed)

    def _refusal(self, error: ApiError, request_id: str, began: float) -> Reply:
        body = error.to_body()
        envelope = Failure(
            error=ErrorBody(code=body["code"], message=body["message"], details=body["details"]),
            meta=self._meta(request_id, began),
        )
        return Reply(error.status, envelope, dict(error.headers))

    def _meta(self, request_id: str, began: float, rows_examined: int | None = None, **also: Any) -> Meta:
        duration = round((time.perf_counter() - began) * 1000, 3)
        now = self._rooms.store.clock()
        return Meta(request_id=request_id, duration_ms=duration, timestamp=now, rows_examined=rows_examined, **also)

    def request_ids(self, call: Call | None) -> tuple[str, str]:
        """The request's own id, and what `X-Request-Id` says: the caller's, where it is a sane one."""
        theirs = call.headers.get("x-request-id") if call is not None else None
        if theirs and _OWN_ID.fullmatch(theirs):
            return theirs, theirs
        ours = self._rooms.store.ids("req")
        return ours, theirs if theirs and _SANE_ID.fullmatch(theirs) else ours

    def _finish_what_a_crash_left(self) -> None:
        """Creations that were never acknowledged are undone, deletions that were begun come to their end."""
        store, engine = self._rooms.store, self._rooms.engine
        for record in store.databases.unfinished():
            engine.drop(record.id)
            store.databases.remove(record.id)
        store.accounts.forget_tokens_expired_before(store.clock() - tokens.REMEMBERED)


def _draining() -> ServerError:
    return ServerError(
        "the server is stopping", hint="Try again in a few seconds.", details={"reason": "draining"}, status=503
    )


def _as_api_error(error: Exception, request_id: str) -> ApiError:
    if isinstance(error, StoreError):
        return _draining()
    if isinstance(error, MemoryError):
        return QueryError(
            "the answer does not fit into memory", hint="Ask for fewer rows.", details={"reason": "memory"}
        )
    full = full_disk(error)
    if full is not None:
        return full
    logger.error("request %s failed", request_id, exc_info=error)
    return ServerError(
        "the server failed; this is a bug", hint=f"Its log tells more under {request_id}.", details={"reason": "bug"}
    )
