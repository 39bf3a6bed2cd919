"""What was acknowledged is there after kill -9 and after SIGTERM, for real."""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.contract.serving import Served, serving

SQL = "/db/default/api/v1/sql"
WRITERS = 8


class Writer(threading.Thread):
    """Inserts one row after the other on its own connection and remembers which were acknowledged."""

    def __init__(self, server: Served, number: int) -> None:
        super().__init__()
        self.server, self.number = server, number
        self.acknowledged: list[int] = []
        self.refused: list[str] = []

    def run(self) -> None:
        connection = self.server.connect()
        headers = {"Authorization": f"Bearer {self.server.token}", "Content-Type": "application/json"}
        try:
            for step in range(1_000_000):
                value = self.number * 1_000_000 + step
                query = {"query": "INSERT INTO log VALUES ($1, $2)", "params": [value, "x" * 200]}
                connection.request("POST", SQL, json.dumps(query), headers)
                answer = connection.getresponse()
                body = json.loads(answer.read())
                if not body["success"]:
                    self.refused.append(body["error"]["details"].get("reason", body["error"]["message"]))
                    break
                self.acknowledged.append(value)
        except (OSError, http.client.HTTPException):
            pass  # the server is gone
        finally:
            connection.close()


def write_until(server: Served, seconds: float, end: signal.Signals) -> tuple[set[int], list[str]]:
    """Eight writers; the signal comes while they write.  What was acknowledged, and how others were refused."""
    writers = [Writer(server, number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(seconds)
    assert all(writer.is_alive() for writer in writers)
    server.process.send_signal(end)
    for writer in writers:
        writer.join(30)
    server.process.communicate(timeout=15)
    acknowledged = {value for writer in writers for value in writer.acknowledged}
    return acknowledged, [reason for writer in writers for reason in writer.refused]


def rows(server: Served) -> set[int]:
    return {value for (value,) in server.sql("SELECT v FROM log")["rows"]}


def test_kill_9_under_eight_writers_loses_no_acknowledged_write(tmp_path: Path) -> None:
    expected: set[int] = set()
    for round_ in range(2):
        with serving("--store", str(tmp_path)) as server:
            if round_ == 0:
                server.sql("CREATE TABLE log (v int8 PRIMARY KEY, filler text)")
            else:
                assert expected <= rows(server)
                server.sql("DELETE FROM log")
            expected, _ = write_until(server, 1.2, signal.SIGKILL)
            assert server.process.returncode == -signal.SIGKILL
            assert len(expected) > 50
    with serving("--store", str(tmp_path)) as server:
        found = rows(server)
        assert expected <= found
        assert len(found - expected) <= WRITERS  # written, and killed before the answer went out


@pytest.mark.parametrize("end", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_a_stop_under_eight_writers_is_clean(tmp_path: Path, end: signal.Signals) -> None:
    with serving("--store", str(tmp_path)) as server:
        server.sql("CREATE TABLE log (v int8 PRIMARY KEY, filler text)")
        began = time.monotonic()
        acknowledged, refused = write_until(server, 0.7, end)
        assert time.monotonic() - began < 10
        assert server.process.returncode == 0
        assert set(refused) <= {"draining"}
    with serving("--store", str(tmp_path)) as server:
        assert rows(server) == acknowledged


def test_a_stop_ends_a_long_statement_within_ten_seconds(tmp_path: Path) -> None:
    with serving("--store", str(tmp_path)) as server:
        answers: list[bytes] = []
        slow = {
            "query": "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b",
            "timeout": 600_000,
        }
        thread = threading.Thread(target=lambda: answers.append(server.ask("POST", SQL, slow)[2]))
        thread.start()
        time.sleep(0.3)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 10
        thread.join(5)
        assert json.loads(answers[0])["error"]["details"]["reason"] == "cancelled"
