"""Requests per second of `helios serve`, beside datasette and roapi, on the same 100,000 rows.

    pip install '.[test,bench]' && python -m tests.bench.throughput

Goals: a LIMIT 10 query at least 1.5 times datasette's and no less than roapi's; 1,000 rows of JSON no slower than
roapi's; with 1, 16 and 64 keep-alive connections from a process of its own.  The servers take turns, so that a busy
machine slows all alike; a figure is the median of its turns.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus

import duckdb
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

import helios_magic
from tests.bench.load import Load
from tests.bench.sql_cells import FIVE_COLUMNS

ROWS = 100_000
QUERIES = {"LIMIT 10": "SELECT * FROM big LIMIT 10", "1,000 rows": "SELECT * FROM big LIMIT 1000"}
CONNECTIONS = (1, 16, 64)


@dataclass(frozen=True, slots=True)
class Server:
    """One of the servers compared: where it answers, and the requests that ask it each query."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    requests: dict[str, bytes]

    def cpu_seconds(self) -> float:
        of = psutil.Process(self.process.pid)
        return sum(sum(each.cpu_times()[:2]) for each in (of, *of.children(recursive=True)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def post(path: str, body: bytes, headers: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode("latin-1") + body


@contextlib.contextmanager
def started(command: list[str], port: int, folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server's process, from its first answer on."""
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment})
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        else:
            raise RuntimeError(f"{command[0]} does not answer: {(folder / f'{port}.log').read_text()}")
        yield process
    finally:
        process.terminate()
        process.wait(15)


@contextlib.contextmanager
def helios(table: pa.Table, folder: Path) -> Iterator[Server]:
    store, port = folder / "store", free_port()
    with helios_magic.connect(str(store)) as session:
        session.load(table, "big", mode="create")
    command = [sys.executable, "-m", "helios_magic", "serve", "--port", str(port), "--store", str(store)]
    with started(command, port, folder) as process:
        headers = f"Authorization: Bearer {(store / 'token').read_text().strip()}\r\nContent-Type: application/json\r\n"
        requests = {
            name: post("/db/default/api/v1/sql", json.dumps({"query": query}).encode(), headers)
            for name, query in QUERIES.items()
        }
        yield Server("helios", port, process, requests)


@contextlib.contextmanager
def datasette(table: pa.Table, folder: Path) -> Iterator[Server]:
    path, port = folder / "big.db", free_port()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE big (id INTEGER PRIMARY KEY, bucket INTEGER, score REAL, name TEXT, at TEXT)")
    columns = [column.to_pylist() for column in table.columns[:4]]
    columns.append(table.column("at").cast(pa.string()).to_pylist())
    database.executemany("INSERT INTO big VALUES (?, ?, ?, ?, ?)", zip(*columns, strict=True))
    database.commit()
    database.close()
    command = [program("datasette"), "serve", "--port", str(port), "--immutable", str(path)]
    with started(command, port, folder) as process:
        requests = {
            name: f"GET /big.json?_shape=arrays&sql={quote_plus(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
            for name, query in QUERIES.items()
        }
        yield Server("datasette", port, process, requests)


@contextlib.contextmanager
def roapi(table: pa.Table, folder: Path) -> Iterator[Server]:
    path, port = folder / "big.parquet", free_port()
    pq.write_table(table, path)
    command = [program("roapi"), "--addr-http", f"127.0.0.1:{port}", "--table", f"big={path}"]
    with started(command, port, folder) as process:
        requests = {name: post("/api/sql", query.encode()) for name, query in QUERIES.items()}
        yield Server("roapi", port, process, requests)


def program(name: str) -> str:
    """A command of the `bench` extra: of `--programs`, beside this Python, or on the path."""
    places = [os.environ.get("BENCH_PROGRAMS", ""), str(Path(sys.executable).parent), os.environ["PATH"]]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise SystemExit(f"{name} is not installed: pip install '.[bench]'")
    return found


def compare(servers: list[Server], query: str, connections: int, rounds: int, seconds: float, load: Load) -> None:
    rates: dict[str, list[float]] = {server.name: [] for server in servers}
    slowest: dict[str, list[float]] = {server.name: [] for server in servers}
    cpu: dict[str, list[float]] = {server.name: [] for server in servers}
    for turn in range(-1, rounds):
        for server in servers:
            before = server.cpu_seconds()
            seen = load.order(server.port, server.requests[query], connections, seconds if turn >= 0 else seconds / 2)
            if seen["failed"] or not seen["answered"]:
                raise SystemExit(f"{server.name} failed {seen['failed']} requests of {query}")
            if turn >= 0:
                rates[server.name].append(seen["answered"] / seen["seconds"])
                slowest[server.name].append(seen["p99_ms"])
                cpu[server.name].append((server.cpu_seconds() - before) * 1e3 / seen["answered"])
    ours = rates["helios"]
    for name, rate in rates.items():
        times = statistics.median(mine / other for mine, other in zip(ours, rate, strict=True))
        beside = "" if name == "helios" else f"   helios is {times:.2f} times that"
        print(
            f"{query:>10}, {connections:>2} connections  {name:<9} {statistics.median(rate):7.0f} requests/s, "
            f"p99 {statistics.median(slowest[name]):6.1f} ms, {statistics.median(cpu[name]):5.2f} ms of CPU{beside}",
            flush=True,
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--seconds", type=float, default=1.0, help="of each server's turn")
    arguments.add_argument("--connections", type=int, nargs="*", default=CONNECTIONS)
    arguments.add_argument("--query", choices=list(QUERIES), nargs="*", default=list(QUERIES))
    arguments.add_argument("--programs", help="the folder of datasette and roapi, where it is another")
    chosen = arguments.parse_args()
    if chosen.programs:
        os.environ["BENCH_PROGRAMS"] = chosen.programs
    folder = Path(tempfile.mkdtemp())
    table = duckdb.connect().sql(FIVE_COLUMNS.format(rows=ROWS)).to_arrow_table()
    load = Load()
    try:
        with helios(table, folder) as first, datasette(table, folder) as second, roapi(table, folder) as third:
            for query in chosen.query:
                for connections in chosen.connections:
                    compare([first, second, third], query, connections, chosen.rounds, chosen.seconds, load)
            print(f"load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    finally:
        load.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
