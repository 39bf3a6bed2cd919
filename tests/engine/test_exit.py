"""A process that ends without closing its engine ends quietly, with everything on disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from helios_magic.engine.engine import open_engine
from helios_magic.engine.face import Limits, Statement
from helios_magic.store import Store

FORGETFUL = """
import ctypes, pathlib, sys
from helios_magic.engine.engine import open_engine
from helios_magic.engine.face import Limits, Statement
from helios_magic.store import Store

store = Store.open(pathlib.Path(sys.argv[1]))
engine = open_engine(store)
ctypes.pythonapi.Py_IncRef(ctypes.py_object(engine))  # held to the very end, as a notebook's shell holds it
engine.create("db_test")
for query in ("CREATE TABLE t (v int)", "INSERT INTO t VALUES (7)", "SELECT v FROM t LIMIT 1", "SELECT v FROM t"):
    engine.execute("db_test", "main", Statement(query), Limits())
"""


def test_an_engine_that_nobody_closed_is_let_go_of_at_the_end(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FORGETFUL, str(tmp_path / "store")], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert not list((tmp_path / "store").rglob("*.wal"))
    store = Store.open(tmp_path / "store")
    engine = open_engine(store)
    outcome = engine.execute("db_test", "main", Statement("SELECT v FROM t"), Limits())
    engine.close()
    store.close()
    assert outcome.table is not None
    assert outcome.table.column(0).to_pylist() == [7]
