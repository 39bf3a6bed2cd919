"""Ctrl-C: a real process with a long statement gets a real signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.client.served import serve

SCRIPT = """
import sys, time, os
import helios_magic
from helios_magic.errors import HeliosError

target = sys.argv[1]
session = helios_magic.connect(target, token=os.environ.get("TOKEN"))
session.sql("CREATE TABLE t (id int4 PRIMARY KEY)")
session.sql("SELECT 1")
for query in sys.argv[2:]:
    print("running", flush=True)
    try:
        session.sql(query, timeout=60)
    except KeyboardInterrupt as interrupt:
        print("interrupted", interrupt, flush=True)
    began = time.perf_counter()
    session.sql("INSERT INTO t SELECT count(*) FROM t")
    print("answers", session.sql("SELECT count(*) AS n FROM t")["n"][0], time.perf_counter() - began, flush=True)
session.close()
print("closed", flush=True)
"""
LONG_READ = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a.a + b.b < 0"
LONG_WRITE = (
    "INSERT INTO t SELECT (a.a + b.b)::int4 FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b "
    "WHERE a.a + b.b < 0"
)


def interrupt_each(target: str, token: str | None = None) -> list[tuple[float, str]]:
    """Seconds from signal to KeyboardInterrupt for a long read and a long write, and what it said."""
    environment = {**os.environ, "TOKEN": token} if token else {**os.environ}
    command = [sys.executable, "-c", SCRIPT, target, LONG_READ, LONG_WRITE]
    took = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            for number in (1, 2):
                assert process.stdout.readline() == "running\n"
                time.sleep(0.4)
                sent = time.perf_counter()
                process.send_signal(signal.SIGINT)
                said = process.stdout.readline()
                took.append((time.perf_counter() - sent, said.strip()))
                word, rows, seconds = process.stdout.readline().split()
                assert (word, int(rows)) == ("answers", number)
                assert float(seconds) < 10
            assert process.stdout.readline() == "closed\n"
            assert process.wait(10) == 0
        finally:
            process.kill()
    return took


def check(took: list[tuple[float, str]]) -> None:
    for seconds, said in took:
        assert said.startswith("interrupted")
        assert seconds < 5, took


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_ctrl_c_in_process() -> None:
    took = interrupt_each(":memory:")
    check(took)
    assert [said for _, said in took] == ["interrupted The statement was stopped."] * 2


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_ctrl_c_over_http() -> None:
    with serve() as server:
        check(interrupt_each(server.url, server.token))
