"""The seam between transports and the service: `dispatch(Call) -> Reply`.

No HTTP object crosses it.  The HTTP application makes a `Call` from a request; the in-process transport makes one
from a client's request; both hand it to the same `dispatch`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from helios_magic.models.endpoints import Plane
from helios_magic.models.envelope import Failure, Success

if TYPE_CHECKING:
    import pyarrow as pa

ARROW_STREAM = "application/vnd.apache.arrow.stream"
JSON = "application/json"


class Cancellation:
    """A caller's wish to stop, handed down to whatever runs.

    `cancel` may come before, during or after the work, from any thread.  Work registers how it is stopped with
    `on_cancel`; a wish that came earlier is acted on at once, so none is lost.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._stop: Callable[[], None] | None = None
        self.only_reads = False
        """Said by the work: it is a statement that reads, and nobody waits for its end but its caller."""

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        """Ask for the stop; calling again asks again."""
        with self._lock:
            self._cancelled = True
            stop = self._stop
        if stop is not None:
            stop()

    def on_cancel(self, stop: Callable[[], None] | None) -> None:
        """Register how the running work is stopped; None when it has ended."""
        with self._lock:
            self._stop = stop
            cancelled = self._cancelled
        if stop is not None and cancelled:
            stop()


@dataclass(slots=True)
class Call:
    """One request to the service.

    `path` is relative to the plane and still percent-encoded (a branch name may hold an encoded slash);
    `database` is the name on the data plane, None on the control plane.  `headers` are lower-case.
    `body` is JSON or an Arrow stream as bytes (a buffer where it is a mapped file), or an Arrow table that never
    needed to be bytes.
    `base_url` is the address the caller reached, for answers that tell addresses.
    """

    method: str
    path: str
    plane: Plane
    database: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | pa.Buffer | pa.Table = b""
    base_url: str = ""
    by_host: bool = False
    """Whether the caller addressed the plane by host name (`my-app-db.heliosdb.io`) rather than by path."""
    cancellation: Cancellation = field(default_factory=Cancellation)

    @property
    def wants_arrow(self) -> bool:
        return ARROW_STREAM in self.headers.get("accept", "")


@dataclass(slots=True)
class Reply:
    """One answer: the envelope, and for an Arrow answer the table beside it.

    With a `table` the envelope's `data` leaves the rows out; they are encoded only if someone reads the JSON.
    """

    status: int
    envelope: Success | Failure
    headers: dict[str, str] = field(default_factory=dict)
    table: pa.Table | None = None
    complete: Callable[[], Success | Failure] | None = None
    """Makes the envelope with its rows, where `table` stands for them."""
    undisturbed: Callable[[], bool] | None = None
    """Whether the same call would now be answered the same way and wait for nobody, where that can be told."""

    def json(self) -> bytes:
        """The envelope as the reference shows it, rows included."""
        return encode_json(self.complete() if self.complete is not None else self.envelope)


class Dispatch(Protocol):
    """The service's one method.  It never raises: every failure is a `Reply` with the envelope."""

    def __call__(self, call: Call, /) -> Reply: ...


def encode_json(value: Any) -> bytes:
    return _ENCODER.encode(value)


_ENCODER = msgspec.json.Encoder(decimal_format="string")
