"""HTTP to a server that may be replaced by another one at another port: the shared local server."""

from __future__ import annotations

import threading
from collections.abc import Callable

import httpx

from helios_magic.client.addresses import Address
from helios_magic.client.connection import Http, Notice, Transport

#: Whether a server has ended.
Ended = Callable[[], bool]

_GONE = (httpx.ConnectError, httpx.ConnectTimeout)


class Following(Transport):
    """A transport to wherever the server is now.

    `where` finds it, started if need be, and answers its URL and a function that says whether it has ended since.

    A request that reached no server is sent again to the one that `where` finds.  One that was cut off is not: it may
    have been carried out, and its error says so; the next request finds the new server.
    """

    def __init__(self, where: Callable[[], tuple[str, Ended]], *, notice: Notice | None = None) -> None:
        self._where, self._notice = where, notice
        self._lock = threading.Lock()
        self._url, self._ended = where()
        self._http = self._to(self._url)
        # What the client writes addresses with; the port of the present server is put in when a request leaves.
        self.address: Address = self._http.address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        http = self._http
        try:
            if self._ended():
                raise httpx.ConnectError("the server has ended")
            return http.handle_request(_addressed(request, http))
        except _GONE:
            self._follow(http)
            return self._http.handle_request(_addressed(request, self._http))

    def close(self) -> None:
        self._http.close()

    def _to(self, url: str) -> Http:
        return Http(url, notice=self._notice, connect_tries=1)

    def _follow(self, gone: Http) -> None:
        with self._lock:
            if self._http is not gone:
                return  # another thread has found it
            url, self._ended = self._where()
            if url != self._url and self._notice is not None:
                self._notice("The local server was gone; another was started. What it had answered is kept.")
            self._url, self._http = url, self._to(url)
        gone.close()


def _addressed(request: httpx.Request, http: Http) -> httpx.Request:
    wanted = httpx.URL(http.address.base)
    if request.url.port != wanted.port:
        request.url = request.url.copy_with(port=wanted.port)
        request.headers["host"] = f"{request.url.host}:{wanted.port}"
    return request
