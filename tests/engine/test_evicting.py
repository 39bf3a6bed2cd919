"""What DuckDB notes of files that are gone does not pile up, and nothing else changes."""

from __future__ import annotations

import gc
from pathlib import Path

import duckdb

import helios_magic
from helios_magic.engine.evicting import EVERY, forget_gone_blocks
from helios_magic.engine.instance import Instance


def notes(connection: duckdb.DuckDBPyConnection) -> int:
    (size,) = connection.execute("SELECT sum(approximate_size) FROM duckdb_eviction_queues()").fetchone() or (0,)
    return int(size)


def test_notes_on_files_that_are_gone_go_and_the_limit_stays(tmp_path: Path) -> None:
    with duckdb.connect(config={"memory_limit": "1GiB"}) as connection:
        limit = connection.execute("SELECT current_setting('memory_limit')").fetchone()
        connection.execute(f"ATTACH '{tmp_path}/kept.duckdb' AS kept")
        connection.execute("CREATE TABLE kept.t AS SELECT i, md5(i::text) AS x FROM generate_series(1, 10000) AS g(i)")
        for number in range(30):
            connection.execute(f"ATTACH '{tmp_path}/{number}.duckdb' AS gone")
            connection.execute("CREATE TABLE gone.t AS FROM kept.t; CHECKPOINT gone; SELECT max(x) FROM gone.t")
            connection.execute("DETACH gone")
        before = notes(connection)
        reader = connection.cursor().execute("SELECT i FROM kept.t")
        assert reader.fetchone() == (1,)
        forget_gone_blocks(connection, 2**30)
        assert notes(connection) < before / 4
        assert len(reader.fetchall()) == 9999
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == limit
        assert connection.execute("SELECT count(DISTINCT x) FROM kept.t").fetchone() == (10000,)


def test_branches_that_come_and_go_leave_no_notes(tmp_path: Path) -> None:
    session = helios_magic.connect(tmp_path)
    session.run("CREATE TABLE t AS SELECT i, md5(i::text) AS x FROM generate_series(1, 2000) AS g(i)")
    (instance,) = [each for each in gc.get_objects() if isinstance(each, Instance) and each.opened]
    most = last = 0
    for number in range(2 * EVERY):  # the files are let go of a little later than their branches
        session.create_branch(f"b{number}")
        session.run("UPDATE t SET x = $1 WHERE i = 1", [str(number)], branch=f"b{number}")
        session.delete_branch(f"b{number}")
        cursor = instance.cursor(instance.attachments[0], "nothing")
        last = notes(cursor)
        instance.give_back(instance.attachments[0], cursor, "nothing", reuse=True)
        if last < most / 2:
            break
        most = max(most, last)
    assert last < most / 2
    assert number >= EVERY - 1
    assert session.run("SELECT count(*) FROM t").table.column(0)[0].as_py() == 2000
    session.close()
