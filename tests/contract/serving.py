"""A real `helios serve`, and curl against it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Served:
    """A running server: where it answers, its process, the owner's token."""

    url: str
    process: subprocess.Popen[str]
    store: Path
    token: str

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def connect(self) -> http.client.HTTPConnection:
        if self.url.startswith("https"):
            return http.client.HTTPSConnection(
                "127.0.0.1", self.port, context=ssl._create_unverified_context(), timeout=60
            )
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, token: str | None = ""
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """One request on a connection of its own: status, headers, body."""
        connection = self.connect()
        sent = {"Content-Type": "application/json"}
        if token is not None:
            sent["Authorization"] = f"Bearer {token or self.token}"
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, raw, {**sent, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def sql(self, query: str, *params: Any) -> dict[str, Any]:
        _, _, body = self.ask("POST", "/db/default/api/v1/sql", {"query": query, "params": list(params)})
        answered = json.loads(body)
        assert answered["success"], answered
        return answered["data"]

    def stop(self, *, with_signal: int = signal.SIGTERM, timeout: float = 15) -> int:
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        self.process.communicate(timeout=timeout)
        return self.process.returncode


@contextlib.contextmanager
def serving(
    *arguments: str, environment: Mapping[str, str] | None = None, before: Callable[[], None] | None = None
) -> Iterator[Served]:
    """`helios serve --port 0 --json` with these arguments, until the block ends.

    Of the variables of this process it has none that is HeliosDB's own, but those in `environment`; `before` runs in
    the new process first.
    """
    command = [sys.executable, "-m", "helios_magic", "serve", "--port", "0", "--json", *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HELIOS_")}
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**inherited, **(environment or {})},
        preexec_fn=before,  # noqa: PLW1509 - one system call, before any thread of ours
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise AssertionError(process.communicate()[1])
    facts = json.loads(line)
    assert facts["pid"] == process.pid
    served = Served(facts["url"], process, Path(facts["store"]), Path(facts["token_file"]).read_text().strip())
    try:
        yield served
    finally:
        if process.poll() is None:
            served.stop()
        else:
            process.communicate()
