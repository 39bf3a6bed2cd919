"""What a server answers to the processes of its own machine: who it is, and a wish that it end.

Below `/_local`, outside the contract: only with the token of the store's owner, and only to loopback.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from helios_magic.emulator.handover import Handover
from helios_magic.emulator.service import Service
from helios_magic.emulator.tokens import bearer
from helios_magic.errors import AuthenticationError, ConflictError, NotFoundError, ValidationError
from helios_magic.models.seam import Call
from helios_magic.version import __version__

PREFIX = "/_local/"
#: How often a server looks whether it may stay.
_LOOK_SECONDS = 1.0


@dataclass(slots=True)
class Shared:
    """A server that other processes found by its record.

    `stays` is asked now and then whether it may stay: false once its record is no longer its own.  Without a request
    for `idle_seconds` it leaves too; None: it never does.
    """

    instance: str
    api: int
    token: str = field(repr=False)
    stays: Callable[[], bool] = lambda: True
    idle_seconds: float | None = None
    handover: Handover | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    def answer(self, service: Service, call: Call, path: str) -> dict[str, Any]:
        """The data of `/_local/health` or `/_local/stop`.  Raises the envelope's errors."""
        if not hmac.compare_digest(bearer(call.headers).encode(), self.token.encode()):
            raise AuthenticationError("this is not the token of the store's owner", hint="helios status --token")
        known = {"health": "GET", "stop": "POST"}
        name = path.removeprefix(PREFIX)
        if name not in known:
            raise NotFoundError(f"no such path: {path}", details={"path": path})
        if call.method != known[name]:
            raise ValidationError(f"{path} does not take {call.method}", status=405, headers={"Allow": known[name]})
        return self._health(service) if name == "health" else self._stop(service, call)

    def ends(self, service: Service) -> bool:
        """Whether it is time to leave."""
        if not self.stays():
            return True
        return self.idle_seconds is not None and not service.running and service.idle_seconds > self.idle_seconds

    def _health(self, service: Service) -> dict[str, Any]:
        return {
            "instance": self.instance,
            "version": __version__,
            "api": self.api,
            "running": service.running,
            "idle_seconds": round(service.idle_seconds, 3),
        }

    def _stop(self, service: Service, call: Call) -> dict[str, Any]:
        if _is_past(call.query.get("before", "")):
            raise ConflictError(
                "whoever asked for this does not wait for it any more", hint="Ask again.", details={"reason": "late"}
            )
        if service.running and call.query.get("force") != "1":
            raise ConflictError(
                f"{service.running} requests are running", hint="Wait, or say force=1.", details={"reason": "busy"}
            )
        self.stop.set()
        return {"instance": self.instance, "stopping": True}


def _is_past(moment: str) -> bool:
    """Whether a moment, in seconds since 1970 by this machine's clock, is over; an empty one never is."""
    try:
        return bool(moment) and time.time() > float(moment)
    except ValueError:
        raise ValidationError("`before` is no moment", details={"field": "before", "got": moment}) from None


def watch(shared: Shared, service: Service, leave: Callable[[], None]) -> None:
    """Wait in a thread of its own for the moment to leave, then say so, once."""
    while not shared.stop.wait(_LOOK_SECONDS):
        if shared.handover is not None:
            shared.handover.sweep()
        if shared.ends(service):
            break
    leave()
