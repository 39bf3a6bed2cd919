"""Statements by which an account tries to leave its database: none does, and none is told of what is outside."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.contract.serving import Served

#: Known to be in the files that are aimed at, or in the owner's database, or in DuckDB's answers about itself.
TREASURES = ("root:x:", "the owner's treasure", "hdb_live_", "SQLite format", "nd_", "/data/", "scratch")
FILES = [
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_text('{store}/token')", "SELECT * FROM read_blob('{store}/helios.sqlite3')",
    "SELECT * FROM '{store}/token'", "SELECT * FROM '/etc/passwd'", 'SELECT * FROM "/etc/passwd"',
    'SELECT * FROM "{store}/helios.sqlite3"', "SELECT * FROM read_parquet('/etc/passwd')",
    "SELECT * FROM parquet_metadata('/etc/passwd')", "SELECT * FROM parquet_schema('x')",
    "SELECT * FROM read_json('/etc/passwd')", "SELECT * FROM read_json_auto('/etc/passwd')",
    "SELECT * FROM read_ndjson('/etc/passwd')", "SELECT * FROM read_json_objects('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM glob('{store}/**')", "SELECT * FROM read_duckdb('x')",
    "SELECT * FROM arrow_scan(1, 2, 3)", "SELECT * FROM pandas_scan(1)", "SELECT * FROM python_map_function(1)",
    "SELECT * FROM sqlite_scan('{store}/helios.sqlite3', 'tokens')", "SELECT * FROM postgres_scan('', '', '')",
    "COPY mine FROM '/etc/passwd'", "COPY mine TO '/tmp/stolen_by_eve'", "COPY (SELECT 1) TO '/tmp/stolen_by_eve'",
    "COPY mine FROM PROGRAM 'id'", "COPY mine TO PROGRAM 'sh'", "COPY FROM DATABASE memory TO other",
    "EXPORT DATABASE '/tmp/stolen_by_eve'", "IMPORT DATABASE '/tmp'", "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_read_binary_file('/etc/passwd')", "SELECT pg_ls_dir('/')", "SELECT pg_stat_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')", "SELECT lo_export(1, '/tmp/stolen_by_eve')",
    "INSERT INTO mine SELECT 1 FROM read_text('/etc/passwd')", "WITH a AS (TABLE '/etc/passwd') SELECT * FROM a",
    "CREATE TABLE stolen AS SELECT * FROM read_csv('/etc/passwd')",
    "CREATE VIEW stolen AS SELECT * FROM read_text('/etc/passwd')",
    "EXPLAIN ANALYZE SELECT * FROM read_text('/etc/passwd')", "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT getenv('HOME')", "SELECT write_log('x')", "SELECT * FROM read_text(ARRAY['/etc/passwd'])",
    "DELETE FROM mine USING read_csv('/etc/passwd') AS x", "SELECT * FROM st_read('/etc/passwd')",
    "SELECT * FROM read_xlsx('/etc/passwd')", "FROM '/etc/passwd'", "FROM read_text('/etc/passwd')",
    "PIVOT '/etc/passwd' ON a", "SUMMARIZE '/etc/passwd'", "DESCRIBE '/etc/passwd'",
]  # fmt: skip
DATABASES = [
    "ATTACH '{store}/helios.sqlite3' AS s (TYPE sqlite)", "ATTACH '/tmp/stolen_by_eve' AS s", "ATTACH ':memory:' AS s",
    "ATTACH 'postgres://x' AS s (TYPE postgres)", "DETACH memory", "DETACH DATABASE system", "USE system", "USE temp",
    "SELECT * FROM treasure", "SELECT * FROM default.public.treasure", 'SELECT * FROM "default".treasure',
    "SELECT * FROM memory.main.treasure", "SELECT * FROM system.main.duckdb_tables", "SELECT * FROM temp.main.t",
    "INSERT INTO default.public.treasure VALUES (2, 'eve')", "DROP DATABASE \"default\"", "CREATE DATABASE s",
    "CREATE TABLE system.main.t (a int)", "CREATE TABLE memory.main.t (a int)",
    "ALTER DATABASE default RENAME TO s",
    "SELECT * FROM duckdb_databases()", "SELECT * FROM duckdb_tables()", "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_temporary_files()", "SELECT * FROM duckdb_logs()", "SELECT * FROM pragma_database_list",
    "SELECT * FROM pragma_storage_info('treasure')", "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('treasure')", "SELECT * FROM _helios.foreign_keys", "DELETE FROM _helios.loads",
    "SELECT * FROM dblink('dbname=default', 'SELECT 1') AS t (a int)",
    "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw", "SET search_path = 'memory.main'",
    "SET search_path TO \"default\".public", "SET schema = 'system.main'", "SHOW DATABASES", "SHOW ALL TABLES",
]  # fmt: skip
SETTINGS = [
    "SET enable_external_access = true", "SET GLOBAL enable_external_access = true", "SET lock_configuration = false",
    "RESET lock_configuration", "SET allowed_directories = ['/']", "SET allowed_configs = ['threads']",
    "SET memory_limit = '1TB'", "SET operator_memory_limit = '1TB'", "RESET operator_memory_limit",
    "SET max_temp_directory_size = '1TB'", "SET temp_directory = '/tmp'", "SET threads = 999", "SET VARIABLE a = 1",
    "SET profiling_output = '/tmp/stolen_by_eve'", "SET log_query_path = '/tmp/stolen_by_eve'",
    "SET enable_profiling = 'json'", "SET home_directory = '/tmp'", "SET secret_directory = '/tmp'",
    "SET python_enable_replacements = true", "PRAGMA memory_limit = '1TB'", "PRAGMA enable_profiling",
    "PRAGMA profiling_output = '/tmp/stolen_by_eve'", "PRAGMA database_list", "PRAGMA version",
    "SELECT * FROM duckdb_settings()", "SELECT set_config('memory_limit', '1TB', false)",
    "ALTER SYSTEM SET work_mem = '1TB'", "CREATE SECRET s (TYPE s3)", "CREATE PERSISTENT SECRET s (TYPE http)",
    "DROP SECRET s", "CALL enable_logging()", "CALL enable_profiling()", "CALL force_checkpoint()", "FORCE CHECKPOINT",
    "CHECKPOINT", "VACUUM", "KILL 1", "SELECT pg_terminate_backend(1)", "SELECT pg_reload_conf()",
]  # fmt: skip
EXTENSIONS = [
    "INSTALL httpfs", "LOAD httpfs", "FORCE INSTALL httpfs", "INSTALL x FROM 'http://127.0.0.1/'",
    "LOAD '/tmp/x.duckdb_extension'", "UPDATE EXTENSIONS", "CREATE EXTENSION plpython3u",
    "SELECT * FROM read_csv('https://127.0.0.1/x')", "SELECT * FROM 's3://bucket/x'", "DO $$ BEGIN END $$",
    "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/lib/libc.so.6', 'system'",
    "CREATE MACRO f() AS TABLE SELECT * FROM read_text('/etc/passwd')",
    "CREATE TRIGGER t AFTER INSERT ON mine EXECUTE FUNCTION f()", "LISTEN x", "PREPARE p AS SELECT 1",
    "EXECUTE p", "DEALLOCATE p", "DECLARE c CURSOR FOR SELECT 1",
]  # fmt: skip
ATTEMPTS = [*FILES, *DATABASES, *SETTINGS, *EXTENSIONS]


def asked(server: Served, token: str, query: str, database: str = "eves", **more: object) -> tuple[int, str]:
    body = {"query": query.replace("{store}", str(server.store)), **more}
    status, _, answer = server.ask("POST", f"/db/{database}/api/v1/sql", body, token=token)
    return status, answer.decode()


@pytest.mark.parametrize("query", ATTEMPTS)
def test_no_statement_reaches_out(server: Served, eve: str, query: str) -> None:
    status, text = asked(server, eve, query)
    assert status == 400, text
    told = json.loads(text)["error"]
    sent = query.replace("{store}", str(server.store))
    assert not [treasure for treasure in TREASURES if treasure in str(told) and treasure not in sent], text
    assert json.loads(text)["error"]["code"] in {"QUERY_ERROR", "VALIDATION_ERROR"}


def test_nothing_of_it_left_a_trace(server: Served, eve: str) -> None:
    assert not Path("/tmp/stolen_by_eve").exists()
    assert server.sql("SELECT * FROM treasure")["rows"] == [[1, "the owner's treasure"]]
    status, text = asked(server, eve, "SELECT count(*) FROM mine")
    assert (status, json.loads(text)["data"]["rows"]) == (200, [[0]])


@pytest.mark.parametrize("database", ["default", "DEFAULT", "default ", "eves/../default", "nowhere"])
def test_another_account_s_database_is_out_of_reach(server: Served, eve: str, database: str) -> None:
    status, text = asked(server, eve, "SELECT * FROM treasure", quote(database, safe=""))
    assert status in {403, 404}
    assert "owner's treasure" not in text
    assert asked(server, eve, "SELECT * FROM treasure", branch="default/main")[0] == 404


def test_parameters_are_never_pasted(server: Served, eve: str) -> None:
    injection = "1'; DROP TABLE mine; --"
    status, text = asked(server, eve, "SELECT $1::text AS t", params=[injection])
    assert (status, json.loads(text)["data"]["rows"]) == (200, [[injection]])
    assert asked(server, eve, "SELECT * FROM mine")[0] == 200
