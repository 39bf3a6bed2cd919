"""What a family's function is handed, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helios_magic.delivery import Courier
from helios_magic.emulator.passwords import Passwords
from helios_magic.engine.face import Engine
from helios_magic.models.endpoints import Endpoint
from helios_magic.models.seam import Call
from helios_magic.store import Account, DatabaseRecord, Store, Token

if TYPE_CHECKING:
    import pyarrow as pa

    from helios_magic.embedding.models import Models
    from helios_magic.emulator.metering import Metering


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms below, which families bring requests to."""

    store: Store
    engine: Engine
    passwords: Passwords
    courier: Courier
    metering: Metering
    models: Models


@dataclass(slots=True)
class Request:
    """A call after routing, authentication and validation.

    `path` and `query` hold decoded parameters, `query` with its defaults; `body` is the endpoint's model, or the
    Arrow table of an endpoint that takes one.
    """

    call: Call
    endpoint: Endpoint
    path: Mapping[str, str]
    token: Token | None = None
    record: DatabaseRecord | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    began: float = 0.0
    """When the call entered the service, by `time.perf_counter`."""

    @property
    def account(self) -> Account:
        if self.token is None:
            raise LookupError(f"{self.endpoint.name} is open to everyone and has no account")
        return self.token.account

    @property
    def database(self) -> DatabaseRecord:
        if self.record is None:
            raise LookupError(f"{self.endpoint.name} belongs to the control plane and has no database")
        return self.record


@dataclass(slots=True)
class Answer:
    """`data` of the endpoint's response model; `table` in the place of its rows, `complete` to make data with them."""

    data: Any
    rows_examined: int | None = None
    table: pa.Table | None = None
    complete: Callable[[], Any] | None = None
    undisturbed: Callable[[], bool] | None = None
    """Whether the same request would now be answered the same way and wait for nobody, where that can be told."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """What else is said in `meta`, by the names of `models.envelope.Meta`."""


#: A function of a family: one endpoint.  Failures are raised, the tree of `helios_magic.errors`.
Answerer = Callable[[Rooms, Request], Answer]
