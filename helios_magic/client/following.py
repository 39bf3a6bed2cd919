"""HTTP to a server that may be replaced by another one at another port: the shared local server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from helios_magic.client.addresses import Address
from helios_magic.client.connection import Http, Notice, Transport
from helios_magic.models.handover import HEADER, take
from helios_magic.models.seam import ARROW_STREAM

HANDED_OVER = "helios_handed_over"
"""The key of `httpx.Response.extensions` under which an answer's body lies that came by a file."""

_GONE = (httpx.ConnectError, httpx.ConnectTimeout)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a server is: its URL, whether it has ended since, and the folder of answers handed over, if it has one."""

    url: str
    ended: Callable[[], bool]
    handover: Path | None = None


class Following(Transport):
    """A transport to wherever the server is now.

    `where` finds it, started if need be.

    A request that reached no server is sent again to the one that `where` finds.  One that was cut off is not: it may
    have been carried out, and its error says so; the next request finds the new server.
    """

    def __init__(self, where: Callable[[], Whereabouts], *, notice: Notice | None = None) -> None:
        self._where, self._notice = where, notice
        self._lock = threading.Lock()
        self._to(where())
        # What the client writes addresses with; the port of the present server is put in when a request leaves.
        self.address: Address = self._http.address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        http = self._http
        try:
            if self._at.ended():
                raise httpx.ConnectError("the server has ended")
            return self._ask(http, request)
        except _GONE:
            self._follow(http)
            return self._ask(self._http, request)

    def close(self) -> None:
        self._http.close()

    def _to(self, at: Whereabouts) -> None:
        self._at = at
        self._http = Http(at.url, notice=self._notice, connect_tries=1)

    def _ask(self, http: Http, request: httpx.Request) -> httpx.Response:
        folder = self._at.handover
        if folder is not None and ARROW_STREAM in request.headers.get("accept", ""):
            request.headers[HEADER] = "1"
        response = http.handle_request(_addressed(request, http))
        name = response.headers.get(HEADER)
        if folder is not None and name is not None:
            response.extensions[HANDED_OVER] = take(folder, name)
        return response

    def _follow(self, gone: Http) -> None:
        with self._lock:
            if self._http is not gone:
                return  # another thread has found it
            before, at = self._at, self._where()
            self._to(at)
            if at.url != before.url and self._notice is not None:
                self._notice("The local server was gone; another was started. What it had answered is kept.")
        gone.close()


def _addressed(request: httpx.Request, http: Http) -> httpx.Request:
    wanted = httpx.URL(http.address.base)
    if request.url.port != wanted.port:
        request.url = request.url.copy_with(port=wanted.port)
        request.headers["host"] = f"{request.url.host}:{wanted.port}"
    return request
