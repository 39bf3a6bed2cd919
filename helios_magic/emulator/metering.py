"""What the service does about limits, at one place: admit a request, hold its quota, count it when it is answered."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helios_magic.emulator import tokens
from helios_magic.emulator.counting import Counting, Note
from helios_magic.emulator.limits import RateLimits
from helios_magic.emulator.quotas import Quotas
from helios_magic.emulator.thresholds import Thresholds
from helios_magic.errors import AuthenticationError
from helios_magic.models.envelope import Success
from helios_magic.models.seam import Call, Reply
from helios_magic.models.sql import BatchRequest, ExplainRequest, SqlRequest, SqlResult
from helios_magic.models.vectors import VectorSearchRequest
from helios_magic.sqltext import without_literals
from helios_magic.store import DatabaseRecord, SlowRecord, Told

if TYPE_CHECKING:
    from helios_magic.emulator.request import Request
    from helios_magic.engine.face import Engine
    from helios_magic.store import Store


@dataclass(slots=True)
class Visit:
    """A call on its way: what is known for its answer and for the counters, however it ends.

    `request` is set once it was admitted, `run` once its family was asked, `headers` go into the answer.
    """

    request: Request | None = None
    run: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class Metering:
    """Limits, quotas and counters of one service.  Thread-safe; `close` writes the counters down."""

    def __init__(self, store: Store, engine: Engine, *, enforced: bool = False, slow_seconds: float = 1.0) -> None:
        self._store, self._slow_seconds = store, slow_seconds
        self.quotas = Quotas(store, engine, enforced=enforced)
        self._limits = RateLimits(store.clock, enforced=enforced)
        self._thresholds = Thresholds(store, self.quotas)
        self._counting = Counting(store.metrics, self._thresholds.look)

    def admit(self, visit: Visit, request: Request) -> None:
        """Count the request against its account's minute.  Raises `RateLimitedError`."""
        if request.token is not None:
            account = request.token.account.id
            record, query = request.record, request.endpoint.counts_as_query
            tier = record.tier if record is not None else self.quotas.tier_of(account)
            visit.headers.update(self._limits.admit(account, tier, query=query))
        visit.request = request

    def admit_stray(self, visit: Visit, call: Call) -> None:
        """As `admit`, for a call that leads nowhere: whoever is known pays for mistakes too."""
        try:
            account = tokens.authenticate(self._store, call.headers).account.id
        except AuthenticationError:
            return
        visit.headers.update(self._limits.admit(account, self.quotas.tier_of(account), query=False))

    def held(self, request: Request) -> AbstractContextManager[object]:
        """The quota that the request needs.  Entering raises `QuotaExceededError`."""
        return self.quotas.held(request)

    def count(self, visit: Visit, reply: Reply) -> None:
        """Count an answered request of a known account."""
        request = visit.request
        if request is None or request.token is None:
            return
        failed, record = reply.status >= 400, request.record
        if not failed and _may_grow(request, reply):
            self._thresholds.changed(request.token.account.id, None if record is None else record.id)
        if record is None:
            self._counting.wake()
            return
        meta, query = reply.envelope.meta, request.endpoint.counts_as_query
        seconds = meta.duration_ms / 1e3
        self._counting.note(Note(record.id, meta.timestamp, seconds, visit.run, query, failed))
        if query and visit.run and seconds >= self._slow_seconds:
            slow = _slow(request.body, record, reply)
            self._counting.note_slow(slow, _told(slow, record))

    def flush(self) -> None:
        """Write down all that was counted so far."""
        self._counting.flush()

    def close(self) -> None:
        self._counting.close()


def _may_grow(request: Request, reply: Reply) -> bool:
    """Whether more may be kept after the request than before; a SELECT that calls a writing function is let pass."""
    endpoint = request.endpoint
    if endpoint.name == "sql":
        data = reply.envelope.data if isinstance(reply.envelope, Success) else None
        return isinstance(data, SqlResult) and data.command != "SELECT"
    return endpoint.method != "GET" and (not endpoint.counts_as_query or endpoint.name == "batch")


def _slow(body: Any, record: DatabaseRecord, reply: Reply) -> SlowRecord:
    meta = reply.envelope.meta
    return SlowRecord(
        record.id, meta.timestamp, _text(body), meta.duration_ms, body.branch, meta.rows_examined, meta.request_id
    )


def _told(slow: SlowRecord, record: DatabaseRecord) -> Told:
    data = {
        "query": slow.query,
        "duration_ms": slow.duration_ms,
        "branch": slow.branch,
        "rows_examined": slow.rows_examined,
        "request_id": slow.request_id,
        "at": slow.at,
        "database": record.name,
        "database_id": record.id,
    }
    return Told("query.slow", record.account_id, data)


def _text(body: Any) -> str:
    """What was asked, without any value of it."""
    if isinstance(body, SqlRequest | ExplainRequest):
        explained = "EXPLAIN " if isinstance(body, ExplainRequest) else ""
        return explained + without_literals(body.query)
    if isinstance(body, BatchRequest):
        return without_literals(";\n".join(each.query for each in body.statements))
    if isinstance(body, VectorSearchRequest):
        return f"search {body.table} by {body.embedding_column}"
    raise TypeError(f"{type(body).__name__} is no query")
