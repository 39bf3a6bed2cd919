"""`helios serve`: an open local HeliosDB behind uvicorn, until a signal ends it."""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import functools
import gc
import ipaddress
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from helios_magic.emulator.app import build_app
from helios_magic.emulator.certificates import self_signed
from helios_magic.emulator.local import Local
from helios_magic.emulator.service import Service
from helios_magic.emulator.shared import Shared, watch
from helios_magic.errors import UsageError, ValidationError
from helios_magic.models.seam import JSON

#: Seconds that running statements have to end by themselves, and then the answers to go out; together below ten.
_GRACE = 3.0
_SHUTDOWN = 7
#: A process that has not ended by then says what its threads do and is gone: what it acknowledged is on the disk.
_AT_LATEST = 12
_LAST_PORT = 65_535
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and with which certificate (key and certificate may be one file)."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None


def certify(address: Address, local: Local) -> Address:
    """The address with the store's self-signed certificate."""
    path = self_signed(local.store_path, local.store.clock())
    return Address(address.host, address.port, path, path)


def listen(address: Address) -> socket.socket:
    """The bound socket.  Raises `UsageError` where the address is taken, forbidden or unknown."""
    where = f"{address.host}:{address.port}"
    if not 0 <= address.port <= _LAST_PORT:  # getaddrinfo would take it modulo 65536
        raise UsageError(f"{address.port} is no port", hint=f"A port is 0 (any free one) to {_LAST_PORT}.")
    try:
        family, kind, protocol, _, name = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(name)
        except BaseException:
            bound.close()
            raise
    except socket.gaierror:
        raise UsageError(
            f"this machine does not know the address {address.host}", hint="Try --host 127.0.0.1."
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"{where} is in use by another program",
                hint="Stop that program, or choose another port; --port 0 takes any free one.",
            ) from None
        raise UsageError(f"cannot listen on {where}: {error.strerror}", hint="Try --port 0.") from None
    return bound


def exposed(listener: socket.socket) -> bool:
    """Whether other machines may reach it."""
    return not ipaddress.ip_address(str(listener.getsockname()[0])).is_loopback


def run(
    local: Local,
    address: Address,
    listener: socket.socket,
    announce: Callable[[str], None],
    shared: Shared | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then end what runs and close `local`, within fifteen seconds.

    `announce` gets the URL once it answers.  A `shared` server also ends when it is asked to or is not needed.
    """
    with listener:
        app = build_app(local.service, spool=local.store_path, hosts=_own_names(address), shared=shared)
        config = uvicorn.Config(
            app,
            http=_protocol(local.service),
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=_SHUTDOWN,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.key,
        )
        try:
            config.load()
        except (ssl.SSLError, OSError) as error:
            raise UsageError(
                f"the certificate cannot be used: {error.strerror or error}",
                hint="--tls-cert and --tls-key name PEM files that belong together.",
            ) from None
        scheme = "https" if address.certificate else "http"
        url = _url(scheme, address.host, listener.getsockname()[1])
        server = _Server(config, local, lambda: announce(url))
        if shared is not None:
            leave = functools.partial(server.handle_exit, signal.SIGTERM, None)
            threading.Thread(target=watch, args=(shared, local.service, leave), daemon=True).start()
        # What is loaded by now stays: no collection need look at it again.
        gc.collect()
        gc.freeze()
        with _signals_to(server.handle_exit):
            server.run(sockets=[listener])
            local.close()
            faulthandler.cancel_dump_traceback_later()
        gc.unfreeze()  # or modules are found unfreed at the end


def _protocol(service: Service) -> type[HttpToolsProtocol]:
    """uvicorn's HTTP, but that what is no HTTP at all is told so in the envelope too."""

    class Protocol(HttpToolsProtocol):
        def send_400_response(self, msg: str) -> None:
            reply = service.refuse(ValidationError("this is no HTTP request", details={"field": "request"}))
            body = reply.json()
            head = f"HTTP/1.1 400 Bad Request\r\nContent-Type: {JSON}\r\nContent-Length: {len(body)}\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
            self.transport.write(f"{head}Connection: close\r\n\r\n".encode("latin-1") + body)
            self.transport.close()

    return Protocol


class _Server(uvicorn.Server):
    """uvicorn, but that a signal also winds the service down, and ends here instead of killing the process."""

    def __init__(self, config: uvicorn.Config, local: Local, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._local, self._announce = local, announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        first = not self.should_exit
        super().handle_exit(sig, frame)
        if first:
            faulthandler.dump_traceback_later(_AT_LATEST, exit=True)
            threading.Thread(target=self._wind_down, name="helios-wind-down", daemon=True).start()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal again when it is done, before the store is closed.
        yield

    def _wind_down(self) -> None:
        if not self._local.service.drain(_GRACE):
            self._local.service.cancel_running()


@contextlib.contextmanager
def _signals_to(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """SIGTERM and Ctrl-C go to `handle` inside the block."""
    caught = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(each, handle) for each in caught]
    try:
        yield
    finally:
        for each, previous in zip(caught, before, strict=True):
            signal.signal(each, previous)


def _own_names(address: Address) -> frozenset[str]:
    """An address that was asked for by name is a name this server goes by; a wildcard is none."""
    if address.host in _WILDCARDS:
        return frozenset()
    return frozenset({f"[{address.host}]" if ":" in address.host else address.host.lower()})


def _url(scheme: str, host: str, port: int) -> str:
    host = _WILDCARDS.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
