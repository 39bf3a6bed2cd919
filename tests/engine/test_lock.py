"""SQL that tries to leave its database: refused by the dialect, and under it by the engine's own lock."""

from __future__ import annotations

import re

import pytest

from helios_magic.engine.face import Limits
from helios_magic.engine.limits import Guard, Watch
from helios_magic.errors import ApiError

from .conftest import DATABASE

ATTACKS = [
    "COPY t TO '{folder}/stolen.csv'",
    "COPY t FROM '/etc/passwd'",
    "ATTACH '{folder}/other.duckdb' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH main",
    "USE memory",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv('{folder}/x.csv')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_parquet('{folder}/x.parquet')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/*')",
    "SELECT path FROM duckdb_databases()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('t')",
    "PRAGMA database_list",
    "PRAGMA memory_limit='1TB'",
    "SET memory_limit = '1TB'",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "EXPORT DATABASE '{folder}/out'",
    "CALL pragma_version()",
    "SELECT * FROM _helios.loads",
    "DELETE FROM _helios.foreign_keys",
    "SELECT * FROM memory.main.t",
    "CREATE TABLE main.t2 (id int)",
    "SET VARIABLE a = 1",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_refused_and_say_nothing_of_the_store(run, rows, store, attack):
    run("CREATE TABLE t (id int)")
    folder = store.data_path / DATABASE
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(ApiError) as caught:
        run(attack.format(folder=folder))
    assert caught.value.status == 400
    told = (caught.value.message + str(caught.value.hint)).replace(attack.format(folder=folder), "")
    assert re.search(r"nd_[0-9a-z]{16}", told) is None
    assert sorted(path.name for path in folder.iterdir()) == before
    assert rows("SELECT count(*) FROM t") == [(0,)]


UNDER_THE_DIALECT = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "COPY (SELECT 1) TO '/tmp/stolen_by_a_test.csv'",
    "ATTACH '/tmp/stolen_by_a_test.duckdb' AS other",
    "SET enable_external_access = true",
    "SET GLOBAL memory_limit = '1TB'",
    "SET lock_configuration = false",
    "SET allowed_directories = ['/']",
    "SET temp_directory = '/tmp'",
    "SET integer_division = false",
    "SET TimeZone = 'Europe/Berlin'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "EXPORT DATABASE '/tmp/stolen_by_a_test'",
    "SELECT * FROM frame_of_a_caller",
]


@pytest.mark.parametrize("attack", UNDER_THE_DIALECT)
def test_the_lock_holds_where_the_dialect_would_fail(engine, run, attack):
    """DuckDB itself refuses these on the engine's cursors; `frame_of_a_caller` is a Python variable here."""
    import duckdb

    frame_of_a_caller = [1]
    run("SELECT 1")
    held = engine.database(DATABASE)
    with Guard(Limits(), Watch()) as guard, held.resolve("main", guard) as branch:
        cursor = held.cursor(branch)
        try:
            with pytest.raises(duckdb.Error):
                cursor.execute(attack).fetchall()
        finally:
            cursor.close()
    assert frame_of_a_caller == [1]


def test_the_settings_reach_every_cursor(engine, run):
    run("SELECT 1")
    held = engine.database(DATABASE)
    settings = {
        "integer_division": True,
        "TimeZone": "UTC",
        "enable_external_access": False,
        "lock_configuration": True,
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        "python_enable_replacements": False,
    }
    with Guard(Limits(), Watch()) as guard, held.resolve("main", guard) as branch:
        for _ in range(2):
            cursor = held.cursor(branch)
            for name, value in settings.items():
                assert cursor.execute(f"SELECT current_setting('{name}')").fetchone() == (value,)
            cursor.close()
