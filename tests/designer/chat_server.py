"""A server that speaks OpenAI's chat protocol, and says what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Says:
    """One answer: the message's content, or what goes wrong."""

    content: str | None = None
    refusal: str | None = None
    status: int = 200
    finish: str = "stop"
    raw: bytes | None = None
    wait: float = 0.0


@dataclass
class ChatServer:
    """`heard` are the bodies and authorisations of the requests, in order."""

    url: str = ""
    answers: list[Says] = field(default_factory=list)
    heard: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving() -> Iterator[ChatServer]:
    """A server on a free port of this machine, until the block ends."""
    state = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.heard.append((body, self.headers.get("Authorization", "")))
            assert self.path == "/v1/chat/completions"
            says = state.answers.pop(0)
            state.ended.wait(says.wait)
            message = {"role": "assistant", "content": says.content, "refusal": says.refusal}
            choice = {"index": 0, "message": message, "finish_reason": says.finish}
            sent = says.raw or json.dumps({"object": "chat.completion", "choices": [choice]}).encode()
            try:
                self.send_response(says.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)
            except OSError:
                time.sleep(0)  # whoever asked has gone

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield state
    finally:
        state.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
