"""One attempt: an HTTP POST to an address that was looked at first.

The standard library's HTTP does here what is wanted by doing little: it knows no proxies and follows no redirects.
The receiver's answer is read as far as its status; its body never.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from helios_magic.delivery.addresses import Address, Destination, Guard, RefusedError

#: Seconds from resolving the name to the receiver's status, all together.
TIMEOUT = 15.0

#: A host and a port → the addresses a name has; raises OSError.
Resolve = Callable[[str, int], list[Address]]


def resolve(host: str, port: int) -> list[Address]:
    """The system's answer, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A link-local address comes with its zone, which the guard needs not know to refuse it.
    return list(dict.fromkeys(ipaddress.ip_address(str(sockaddr[0])) for *_, sockaddr in found))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: the status answered, or the error that came before one."""

    status_code: int | None
    error: str | None
    duration_ms: float

    @property
    def delivered(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def gone(self) -> bool:
        """The receiver wants nothing any more."""
        return self.status_code == 410


class Sender:
    """Sends to what `guard` lets through.  Thread-safe."""

    def __init__(
        self,
        guard: Guard,
        *,
        timeout: float = TIMEOUT,
        resolved: Resolve = resolve,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._guard, self._timeout, self._resolved, self._tls = guard, timeout, resolved, tls

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """POST once; never raises for anything that the receiver or the network did."""
        began = time.monotonic()
        status, error = None, None
        try:
            status = self._post(Destination.of(url), body, headers, began + self._timeout)
        except RefusedError as refused:
            error = f"not sent: {refused}"
        except (OSError, http.client.HTTPException) as failed:
            error = _told(failed, self._timeout)
        else:
            if 300 <= status < 400:
                error = f"answered {status}: redirects are not followed"
            elif not 200 <= status < 300:
                error = f"answered {status}"
        return Outcome(status, error, round((time.monotonic() - began) * 1000, 3))

    def _post(self, destination: Destination, body: bytes, headers: Mapping[str, str], deadline: float) -> int:
        self._guard.check(destination)
        # Resolved once: what is checked is what is connected to.
        addresses = self._addresses(destination, deadline)
        for address in addresses:
            self._guard.check_address(destination, address)
        link = self._connect(destination, addresses, deadline)
        try:
            connection = http.client.HTTPConnection(destination.host, destination.port)
            connection.sock = _Timed(link, deadline)
            connection.request(
                "POST", destination.target, body, {**headers, "Host": destination.host_header, "Connection": "close"}
            )
            return connection.getresponse().status
        finally:
            link.close()

    def _addresses(self, destination: Destination, deadline: float) -> list[Address]:
        """What the name stands for; the system's resolver knows no deadline, so it is left behind at ours."""
        found: queue.SimpleQueue[list[Address] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                found.put(self._resolved(destination.host, destination.port))
            except OSError as error:
                found.put(error)
            except ValueError:  # a name that IDNA cannot encode
                found.put(socket.gaierror("no such name"))

        threading.Thread(target=ask, name="helios-resolving", daemon=True).start()
        try:
            answer = found.get(timeout=_left(deadline))
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(answer, OSError):
            raise answer
        return answer

    def _connect(self, destination: Destination, addresses: list[Address], deadline: float) -> socket.socket:
        failed: OSError = ConnectionError("the name has no address")
        for nth, address in enumerate(addresses):
            try:
                # One that swallows packets leaves time for the next.
                seconds = _left(deadline) / (len(addresses) - nth)
                link = socket.create_connection((str(address), destination.port), seconds)
            except OSError as error:
                failed = error
                continue
            if destination.scheme == "http":
                return link
            try:
                link.settimeout(_left(deadline))
                return self._tls().wrap_socket(link, server_hostname=destination.host.removesuffix("."))
            except BaseException:
                link.close()
                raise
        raise failed


class _Timed:
    """A connected socket with one deadline over all of its reads and writes, as `http.client` uses sockets."""

    def __init__(self, link: socket.socket, deadline: float) -> None:
        self._link, self._deadline = link, deadline

    def sendall(self, data: bytes) -> None:
        self._link.settimeout(_left(self._deadline))
        self._link.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._link, self._deadline))

    def close(self) -> None:
        """The attempt closes the socket itself, whatever happened."""


class _Reader(io.RawIOBase):
    def __init__(self, link: socket.socket, deadline: float) -> None:
        super().__init__()
        self._link, self._deadline = link, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._link.settimeout(_left(self._deadline))
        return self._link.recv_into(buffer)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _told(failed: Exception, timeout: float) -> str:
    if isinstance(failed, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(failed, socket.gaierror):
        return "its name is not known"
    if isinstance(failed, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted: {failed.verify_message}"
    if isinstance(failed, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(failed, http.client.HTTPException):
        return "what it answered is no HTTP"
    return f"the connection failed: {getattr(failed, 'strerror', None) or type(failed).__name__}"
