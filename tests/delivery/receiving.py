"""A tiny receiver of webhooks, on loopback."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """What came, and what is answered: `answers` one after the other, then `status`."""

    url: str = ""
    status: int = 200
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event = field(default_factory=threading.Event)
    held: bool = False
    requests: list[Received] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].split("/")[0])

    def types(self) -> list[str]:
        return [each.event["type"] for each in self.requests]

    def wait(self, count: int, seconds: float = 10) -> list[Received]:
        """The requests once there are so many."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.requests) >= count, seconds), self.types()
            return list(self.requests)


@contextlib.contextmanager
def receiving(tls: ssl.SSLContext | None = None, port: int = 0, **answering: Any) -> Iterator[Receiver]:
    """A receiver at a free port until the block ends."""
    receiver = Receiver(**answering)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with receiver.came:
                receiver.requests.append(
                    Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                )
                status = receiver.answers.pop(0) if receiver.answers else receiver.status
                receiver.came.notify_all()
            if receiver.held:
                receiver.hold.wait(20)
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Answering)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


def until(true: Callable[[], Any], seconds: float = 10) -> Any:
    """What the function says once it is true."""
    give_up = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < give_up, "it never came true"
        time.sleep(0.01)
    return found
