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


class _Server:
    """One server that is followed: its transport, its port, and where it is."""

    def __init__(self, at: Whereabouts, notice: Notice | None) -> None:
        self.at = at
        self.http = Http(at.url, notice=notice, connect_tries=1)
        self.port = httpx.URL(at.url).port

    def ask(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.ConnectError where the server has ended, before anything is sent."""
        if self.at.ended():
            raise httpx.ConnectError("the server has ended")
        if request.url.port != self.port:
            request.url = request.url.copy_with(port=self.port)
            request.headers["host"] = f"{request.url.host}:{self.port}"
        folder = self.at.handover
        if folder is not None and ARROW_STREAM in request.headers.get("accept", ""):
            request.headers[HEADER] = "1"
        response = self.http.handle_request(request)
        name = response.headers.get(HEADER)
        if folder is not None and name is not None:
            response.extensions[HANDED_OVER] = take(folder, name)
        return response


class Following(Transport):
    """A transport to the server that `where` finds, and to the next one once that has gone.

    A request that reached no server is sent again to the one that `where` finds.  One that was cut off is not: it may
    have been carried out, and its error says so; the next request finds the new server.
    """

    def __init__(self, first: Whereabouts, where: Callable[[], Whereabouts], *, notice: Notice | None = None) -> None:
        self._where, self._notice = where, notice
        self._lock = threading.Lock()
        self._server = _Server(first, notice)
        # What the client writes addresses with; the port of the present server is put in when a request leaves.
        self.address: Address = self._server.http.address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        server = self._server
        try:
            return server.ask(request)
        except _GONE:
            return self._after(server).ask(request)

    def close(self) -> None:
        self._server.http.close()

    def _after(self, gone: _Server) -> _Server:
        """The server that there is now."""
        with self._lock:
            if self._server is not gone:
                return self._server  # another thread has found it
            at = self._where()
            if at.url != gone.at.url and self._notice is not None:
                self._notice("The local server was gone; another was started. What it had answered is kept.")
            self._server = _Server(at, self._notice)
        gone.http.close()
        return self._server
