"""The HTTP transport: time limits, and what may be tried again.

What may be repeated (service.md, "Client"): a request that never reached the server, and one the server refused with
429, always; a request that may have been carried out only where doing it twice is the same as once: GET, DELETE, and a
body with an `Idempotency-Key`.  A POST that was sent is never repeated: even a SELECT may draw from a sequence.
"""

from __future__ import annotations

import email.utils
import os
import random
import ssl
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from helios_magic.client.addresses import Address

TRIES = 4
BACKOFF_SECONDS = 0.25
LONGEST_BACKOFF_SECONDS = 8.0
LONGEST_RETRY_AFTER_SECONDS = 60.0
NOTICE_FROM_SECONDS = 2.0
CONNECT_SECONDS, WRITE_SECONDS, POOL_SECONDS = 3.0, 10.0, 5.0

#: Receives one line when a wait is long enough to wonder about.
Notice = Callable[[str], None]

REPEATED = "helios_repeated"
"""The key of `httpx.Response.extensions` that is true when an earlier try may have reached the server."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_CUT_SHORT = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
_LIMITED = 429
_PASSING = frozenset({502, 503, 504})


def timeouts(read: float) -> dict[str, float]:
    """httpx's `timeout` extension; `read` is how long the server may think, in seconds."""
    return {"connect": CONNECT_SECONDS, "read": read, "write": WRITE_SECONDS, "pool": POOL_SECONDS}


class Transport(httpx.BaseTransport):
    """What the client needs of a transport: httpx's one method, and where the server is."""

    address: Address


class Http(Transport):
    """Requests to the server at `url`, repeated where that is safe, at most 4 tries with full jitter.

    `verify` is httpx's: False or the path of a certificate for a self-signed local server.  `notice` is told in one
    line when a wait is longer than 2 s, `connect_tries` are those for a server that cannot be reached.  Raises httpx's
    own errors when the last try fails.
    """

    def __init__(
        self,
        url: str,
        *,
        verify: bool | str = True,
        notice: Notice | None = None,
        connect_tries: int = TRIES,
        sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.address = Address.of(url)
        self._verify = verify
        self._notice = notice
        self._connect_tries = connect_tries
        self._sleep = sleep
        self._jitter = jitter
        self._process = os.getpid()
        self._connections = self._open()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if os.getpid() != self._process:
            # After a fork the sockets belong to the parent; answers would be mixed up.
            self._process, self._connections = os.getpid(), self._open()
        repeatable = request.method in {"GET", "DELETE"} or "idempotency-key" in request.headers
        maybe_done = False
        for number in range(1, TRIES + 1):
            last = number == TRIES
            try:
                response = self._connections.handle_request(request)
                # Read here: an answer that breaks off half way is a read error too.
                response.read()
            except _NEVER_SENT:
                if last or number >= self._connect_tries:
                    raise
                self._pause(number, None, request)
                continue
            except _CUT_SHORT:
                if last or not repeatable:
                    raise
                maybe_done = True
                self._pause(number, None, request)
                continue
            status = response.status_code
            again = status == _LIMITED or (repeatable and status in _PASSING)
            wait = _retry_after(response)
            if last or not again or (wait or 0) > LONGEST_RETRY_AFTER_SECONDS:
                response.extensions[REPEATED] = maybe_done
                return response
            maybe_done = maybe_done or status != _LIMITED
            response.close()
            self._pause(number, wait, request, status)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        self._connections.close()

    def _pause(self, number: int, wait: float | None, request: httpx.Request, status: int | None = None) -> None:
        if wait is None:
            wait = self._jitter() * min(LONGEST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2**number)
        if self._notice is not None and wait > NOTICE_FROM_SECONDS:
            host, then = request.url.host, f"Trying again in {wait:.0f} seconds."
            if status == _LIMITED:
                then = f"Going on by itself in {wait:.0f} seconds."
            self._notice(f"{_cause(host, status)}. {then}")
        self._sleep(wait)

    def _open(self) -> httpx.HTTPTransport:
        verify: bool | ssl.SSLContext
        if self.address.base.startswith("http:"):
            # Certificates that are not needed take 20 ms to be read.
            return httpx.HTTPTransport(verify=False, proxy=_proxy(self.address), retries=0)
        verify = ssl.create_default_context(cafile=self._verify) if isinstance(self._verify, str) else self._verify
        return httpx.HTTPTransport(verify=verify, proxy=_proxy(self.address), retries=0)


def _cause(host: str, status: int | None) -> str:
    if status == _LIMITED:
        return f"What {host} allows in a minute is used up"
    return f"{host} cannot be reached" if status is None else f"{host} answered {status}"


def _retry_after(response: httpx.Response) -> float | None:
    """`Retry-After` in seconds: a number, or a date."""
    value = response.headers.get("retry-after")
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _proxy(address: Address) -> str | None:
    """The proxy that the environment names for this server; never for this machine."""
    host = httpx.URL(address.base).host
    if host in {"localhost", "127.0.0.1", "::1"} or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(address.base.partition(":")[0])
