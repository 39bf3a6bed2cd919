"""A provider of embeddings with OpenAI's API, on this machine: real HTTP, vectors made of the texts' lengths."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

DIMENSIONS = {"text-embedding-3-small": 1536, "nomic-embed-text": 768, "openrouter/tiny": 4}


def vector(text: str, dimensions: int) -> list[float]:
    return [float(len(text)), *([0.25] * (dimensions - 1))]


class FakeProvider:
    """`answer` replaces what is answered: (status, body)."""

    key = "sk-test-Zk3vT9"

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: tuple[int, Any] | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append({"path": self.path, "key": self.headers.get("Authorization"), **body})
                status, answer = outer.answer or (200, _embeddings(body))
                raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _embeddings(body: dict[str, Any]) -> dict[str, Any]:
    length = DIMENSIONS[body["model"]]
    rows = [{"index": at, "embedding": vector(text, length)} for at, text in enumerate(body["input"])]
    # In another order, as the contract of theirs allows.
    return {"object": "list", "model": body["model"], "data": rows[::-1]}
