"""Keep-alive load on an HTTP server, from a process of its own: one request, sent again as soon as it is answered.

Reads one JSON order a line (`port`, `request` in latin-1, `connections`, `seconds`), answers one JSON line: `answered`,
`failed`, `seconds`, `p50_ms`, `p99_ms`, `bytes` of the last answer.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any, cast

import uvloop

_LENGTH, _CHUNKED, _LAST = b"content-length:", b"transfer-encoding: chunked", b"0\r\n\r\n"


@dataclass
class Tally:
    """What all connections of one order saw."""

    until: float
    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0
    size: int = 0


class Connection(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends again until the time is over."""

    def __init__(self, request: bytes, tally: Tally, done: asyncio.Future[None]) -> None:
        self._request, self._tally, self._done = request, tally, done
        self._buffer = bytearray()
        self._end: int | None = None
        self._chunked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def connection_lost(self, problem: Exception | None) -> None:
        if not self._done.done():
            self._tally.failed += 1
            self._done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._end is None and not self._chunked:
            self._read_head()
        if self._chunked:
            whole = self._buffer.endswith(_LAST)
        else:
            whole = self._end is not None and len(self._buffer) >= self._end
        if whole:
            self._answered()

    def _read_head(self) -> None:
        head, end, _ = bytes(self._buffer).partition(b"\r\n\r\n")
        if not end:
            return
        lower = head.lower()
        self._chunked = _CHUNKED in lower
        if not self._chunked:
            length = lower.partition(_LENGTH)[2].partition(b"\r\n")[0]
            self._end = len(head) + 4 + int(length)

    def _answered(self) -> None:
        now = time.perf_counter()
        if self._buffer.startswith(b"HTTP/1.1 200"):
            self._tally.milliseconds.append((now - self._sent) * 1e3)
        else:
            self._tally.failed += 1
        self._tally.size = len(self._buffer)
        if now < self._tally.until:
            self._send()
        else:
            self._done.set_result(None)
            self._transport.close()

    def _send(self) -> None:
        self._buffer.clear()
        self._end, self._chunked = None, False
        self._sent = time.perf_counter()
        self._transport.write(self._request)


async def carry_out(order: dict[str, Any]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    tally = Tally(began + order["seconds"])
    request = order["request"].encode("latin-1")
    ends = [loop.create_future() for _ in range(order["connections"])]
    for end in ends:
        await loop.create_connection(lambda end=end: Connection(request, tally, end), "127.0.0.1", order["port"])
    await asyncio.gather(*ends)
    took = sorted(tally.milliseconds) or [0.0]
    return {
        "answered": len(tally.milliseconds),
        "failed": tally.failed,
        "seconds": time.perf_counter() - began,
        "p50_ms": took[len(took) // 2],
        "p99_ms": took[len(took) * 99 // 100],
        "bytes": tally.size,
    }


class Load:
    """The load process, from the benchmark's side."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.bench.load"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, port: int, request: bytes, connections: int, seconds: float) -> dict[str, Any]:
        """Send the request over this many connections for some seconds; what `carry_out` answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"port": port, "request": request.decode("latin-1"), "connections": connections, "seconds": seconds}
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answered: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answered

    def close(self) -> None:
        self._process.communicate()


def main() -> None:
    uvloop.install()
    for line in sys.stdin:
        print(json.dumps(asyncio.run(carry_out(json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
