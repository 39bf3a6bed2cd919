"""A DuckDB that many branches' files came to and went from is opened anew, and nobody notices."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import helios_magic
from helios_magic.engine.instance import WORN, Instance


def test_branches_that_come_and_go_wear_no_instance_out(tmp_path: Path) -> None:
    session = helios_magic.connect(tmp_path)
    session.run("CREATE TABLE t (id int PRIMARY KEY, x text)")
    session.run("INSERT INTO t VALUES (1, 'kept')")
    session.create_branch("kept")
    instances = [each for each in gc.get_objects() if isinstance(each, Instance)]
    made = 0
    while not any(each.worn for each in instances):
        session.create_branch(f"b{made}")
        session.run("UPDATE t SET x = $1", [str(made)], branch=f"b{made}")
        session.delete_branch(f"b{made}")
        made += 1
        assert made < 3 * WORN, "no instance is ever worn out"
    ends = time.monotonic() + 30
    while any(each.worn for each in instances):
        assert session.run("SELECT x FROM t").table.column(0).to_pylist() == ["kept"]
        assert time.monotonic() < ends, "it is never opened anew"
    assert session.run("UPDATE t SET x = 'later' RETURNING x", branch="kept").table.column(0).to_pylist() == ["later"]
    assert session.run("SELECT x FROM t").table.column(0).to_pylist() == ["kept"]
    session.close()
