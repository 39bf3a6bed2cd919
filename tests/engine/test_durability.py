from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from helios_magic.engine.engine import open_engine
from helios_magic.engine.face import Limits, Statement
from helios_magic.store import Store

WRITER = """
import sys, threading
from pathlib import Path
from helios_magic.engine.engine import open_engine
from helios_magic.engine.face import Limits, Statement
from helios_magic.store import Store

store = Store.open(Path(sys.argv[1]))
engine = open_engine(store)
engine.create("db_test")
run = lambda q, p=(): engine.execute("db_test", "main", Statement(q, p), Limits())
run("CREATE TABLE t (worker int, n int)")

def work(worker):
    n = 0
    while True:
        run("INSERT INTO t VALUES ($1, $2)", [worker, n])
        sys.stdout.write(f"{worker} {n}\\n")
        sys.stdout.flush()
        n += 1

for worker in range(4):
    threading.Thread(target=work, args=(worker,), daemon=True).start()
threading.Event().wait()
"""


def counted(store: Store) -> dict[int, int]:
    engine = open_engine(store)
    try:
        query = "SELECT worker, count(*) AS n FROM t GROUP BY worker"
        table = engine.execute("db_test", "main", Statement(query), Limits()).table
        return {row["worker"]: row["n"] for row in table.to_pylist()}
    finally:
        engine.close()


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "store")], stdout=subprocess.PIPE, text=True
    )
    first = process.stdout.readline()
    time.sleep(1.0)
    os.kill(process.pid, signal.SIGKILL)
    lines = [first, *process.stdout.readlines()]
    process.wait()
    process.stdout.close()
    acknowledged: dict[int, int] = {}
    for line in lines:
        if line.endswith("\n"):
            worker, n = line.split()
            acknowledged[int(worker)] = int(n) + 1
    assert sum(acknowledged.values()) > 20
    store = Store.open(tmp_path / "store")
    try:
        there = counted(store)
    finally:
        store.close()
    for worker, n in acknowledged.items():
        assert there[worker] >= n
        assert there[worker] <= n + 1  # committed, and killed before it could say so


def test_a_clean_close_leaves_no_log(engine, run, store):
    run("CREATE TABLE t (i int)")
    run("INSERT INTO t VALUES (1)")
    engine.close()
    names = [path.suffix for path in (store.data_path / "db_test").iterdir()]
    assert names == [".duckdb"]


def test_rows_are_there_after_a_reopen(engine, run, store):
    run("CREATE TABLE t (i int)")
    run("INSERT INTO t VALUES (1)")
    engine.close()
    again = open_engine(store)
    try:
        outcome = again.execute("db_test", "main", Statement("SELECT i FROM t"), Limits())
        assert outcome.table.to_pylist() == [{"i": 1}]
    finally:
        again.close()


def test_files_of_unfinished_requests_are_removed_at_the_start(engine, store):
    engine.close()
    orphan = store.data_path / "db_test" / "nd_nobody.duckdb"
    orphan.write_bytes(b"half a file")
    again = open_engine(store)
    try:
        assert not orphan.exists()
        assert again.execute("db_test", "main", Statement("SELECT 1"), Limits()).table.num_rows == 1
    finally:
        again.close()
