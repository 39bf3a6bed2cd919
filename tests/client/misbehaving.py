"""A real HTTP server that answers as it is told: statuses, headers, broken connections."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CUT = "cut"
"""In the place of an answer: close the connection without one."""


@dataclass
class Answer:
    """One answer; `body` as bytes, or as an object that becomes JSON."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    url: str
    seen: list[Seen]
    answers: list[Answer | str]


def success(data: Any, **meta: Any) -> Answer:
    """The envelope of the reference."""
    return Answer(200, {"success": True, "data": data, "meta": meta})


def failure(status: int, code: str, message: str = "no", headers: dict[str, str] | None = None) -> Answer:
    error = {"code": code, "message": message, "details": {}}
    meta = {"request_id": "req_0123456789ab", "duration_ms": 1, "timestamp": "2025-12-16T00:00:00Z"}
    return Answer(status, {"success": False, "error": error, "meta": meta}, headers or {})


@contextmanager
def serving(*answers: Answer | str) -> Iterator[Server]:
    """A server that gives these answers, one a request, the last one again and again."""
    server = Server("", [], list(answers))
    lock = threading.Lock()

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.read_body()
            with lock:
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.seen.append(Seen(self.command, self.path, headers, body))
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            if isinstance(answer, str):
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            kind = "text/html" if isinstance(answer.body, bytes) else "application/json"
            self.send_response(answer.status)
            for name, value in {"content-type": kind, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def read_body(self) -> bytes:
            if self.headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
