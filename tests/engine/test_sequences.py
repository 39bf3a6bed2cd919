"""Sequences: one counter for all branches, never rolled back, never repeated after a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pytest

from helios_magic.engine import open_engine
from helios_magic.engine.face import BatchStopped, Limits, Statement
from helios_magic.errors import ApiError

from .conftest import DATABASE


@pytest.fixture
def on(engine):
    """Rows of a query on any branch."""

    def fetch(branch, query, params=()):
        table = engine.execute(DATABASE, branch, Statement(query, params), Limits()).table
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True)) if table is not None else []

    return fetch


@pytest.fixture
def state(run):
    """The SQLSTATE and the words that a statement is refused with."""

    def refused(query):
        with pytest.raises(ApiError) as caught:
            run(query)
        return caught.value.details["sqlstate"], caught.value.message

    return refused


def ids(rows):
    return [row[0] for row in rows]


# Drawing -----------------------------------------------------------------------------------------------------------


def test_every_way_to_insert_draws_once_a_row(run, rows):
    run("CREATE TABLE t (id serial PRIMARY KEY, v text)")
    assert rows("INSERT INTO t (v) VALUES ('a'), ('b') RETURNING id, v") == [(1, "a"), (2, "b")]
    assert rows("INSERT INTO t VALUES (DEFAULT, 'c') RETURNING id") == [(3,)]
    assert rows("INSERT INTO t DEFAULT VALUES RETURNING id") == [(4,)]
    assert rows("INSERT INTO t (v) SELECT v FROM t WHERE v < 'c' ORDER BY v DESC RETURNING id, v") == [
        (5, "b"),
        (6, "a"),
    ]
    run("UPDATE t SET id = DEFAULT WHERE id = 1")
    assert rows("SELECT max(id) FROM t") == [(7,)]


def test_numbers_are_not_given_back(run, rows, engine, state):
    run("CREATE TABLE t (id serial PRIMARY KEY, v int CHECK (v > 0))")
    assert state("INSERT INTO t (v) VALUES (1), (-1)")[0] == "23514"
    statements = [Statement("INSERT INTO t (v) VALUES (1)"), Statement("SELECT 1 / 0")]
    with pytest.raises(ApiError):
        engine.batch(DATABASE, "main", statements, Limits(), transaction=True)
    assert rows("SELECT count(*) FROM t") == [(0,)]
    assert rows("INSERT INTO t (v) VALUES (1) RETURNING id") == [(4,)]


@pytest.mark.parametrize(
    "source",
    [
        "SELECT v FROM source ORDER BY v",
        "SELECT v FROM source WHERE v % 3 > 0 ORDER BY v LIMIT 150000",
        "SELECT max(v) AS v FROM source GROUP BY v / 2 ORDER BY v",
    ],
)
def test_many_rows_are_numbered_in_their_order(run, rows, source):
    run("CREATE TABLE source (v int)")
    run("INSERT INTO source SELECT g FROM generate_series(1, 300000) AS g")
    run("CREATE TABLE t (id bigserial, v int)")
    run(f"INSERT INTO t (v) {source}")
    (count, distinct, low, high) = rows("SELECT count(*), count(DISTINCT id), min(id), max(id) FROM t")[0]
    assert (distinct, low, high) == (count, 1, count)
    assert rows("SELECT count(*) FROM (SELECT v, lag(v) OVER (ORDER BY id) AS w FROM t) AS o WHERE w > v") == [(0,)]


def test_many_values_are_numbered_in_their_order(run, rows):
    run("CREATE TABLE t (id serial, v int)")
    run("INSERT INTO t (v) VALUES " + ", ".join(f"({n})" for n in range(1, 9001)))
    assert rows("SELECT count(*) FROM t WHERE id <> v") == [(0,)]


def test_loaded_rows_are_numbered_in_their_order(run, rows, engine):
    run("CREATE TABLE t (id bigserial PRIMARY KEY, v int)")
    loaded = pa.table({"v": pa.array(range(1, 200_001), pa.int32())})
    assert engine.load(DATABASE, "main", "t", loaded, "append", Limits()) == 200_000
    assert rows("SELECT count(*), sum(CASE WHEN id = v THEN 0 ELSE 1 END) FROM t") == [(200_000, 0)]


def test_an_explicit_nextval_is_in_order_too(run, rows):
    run("CREATE SEQUENCE s INCREMENT 5 START 10")
    run("CREATE TABLE source (v int)")
    run("INSERT INTO source SELECT g FROM generate_series(0, 199999) AS g")
    run("CREATE TABLE t (id bigint, v int)")
    run("INSERT INTO t SELECT nextval('s'), v FROM source")
    assert rows("SELECT count(*) FROM t WHERE id <> 10 + 5 * v") == [(0,)]


def test_a_sequence_counts_down_ends_and_cycles(run, rows, state):
    run("CREATE SEQUENCE down AS smallint INCREMENT BY -1 MINVALUE -2")
    assert ids(rows("SELECT nextval('down') FROM generate_series(1, 2)")) == [-1, -2]
    assert state("SELECT nextval('down')") == ("2200H", 'nextval: reached minimum value of sequence "down" (-2)')
    run("CREATE SEQUENCE up MAXVALUE 3")
    assert state("SELECT nextval('up') FROM generate_series(1, 4)")[0] == "2200H"
    run("CREATE SEQUENCE round MINVALUE 2 MAXVALUE 4 START WITH 3 CYCLE")
    assert ids(rows("SELECT nextval('round') FROM generate_series(1, 6)")) == [3, 4, 2, 3, 4, 2]
    run("CREATE TABLE t (id smallserial)")
    run("SELECT setval('t_id_seq', 32767)")
    assert state("INSERT INTO t DEFAULT VALUES") == (
        "2200H",
        'nextval: reached maximum value of sequence "t_id_seq" (32767)',
    )


# Branches ----------------------------------------------------------------------------------------------------------


def test_branches_draw_from_one_counter(run, rows, engine, on):
    run("CREATE TABLE t (id serial PRIMARY KEY, v text)")
    run("INSERT INTO t (v) VALUES ('base')")
    engine.fork(DATABASE, "x", "main", Limits())
    assert on("x", "INSERT INTO t (v) VALUES ('x') RETURNING id") == [(2,)]
    assert rows("INSERT INTO t (v) VALUES ('main') RETURNING id") == [(3,)]
    on("x", "SELECT setval('t_id_seq', 100)")
    assert rows("INSERT INTO t (v) VALUES ('main') RETURNING id") == [(101,)]
    on("x", "DROP TABLE t")
    assert rows("INSERT INTO t (v) VALUES ('main') RETURNING id") == [(102,)]


def test_a_sequence_made_anew_begins_anew(run, rows, engine, on):
    statement = "CREATE SEQUENCE s"
    engine.fork(DATABASE, "x", "main", Limits())
    run(statement)
    on("x", statement)
    assert rows("SELECT nextval('s') FROM generate_series(1, 3)")[-1] == (3,)
    assert on("x", "SELECT nextval('s')") == [(1,)]
    run("DROP SEQUENCE s")
    run(statement)
    assert rows("SELECT nextval('s')") == [(1,)]
    engine.fork(DATABASE, "y", "main", Limits())
    assert on("y", "SELECT nextval('s')") == [(2,)]


# currval, lastval, setval ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transaction", [True, False])
def test_a_batch_remembers_what_it_drew(run, engine, transaction):
    run("CREATE TABLE t (id serial, v int)")
    queries = ["INSERT INTO t (v) VALUES (1), (2)", "SELECT currval('t_id_seq') AS c, lastval() AS l"]
    outcomes = engine.batch(DATABASE, "main", [Statement(q) for q in queries], Limits(), transaction=transaction)
    assert outcomes[1].table.to_pylist() == [{"c": 2, "l": 2}]
    with pytest.raises((ApiError, BatchStopped)):
        engine.batch(DATABASE, "main", [Statement("SELECT lastval()")], Limits(), transaction=transaction)


def test_nothing_drawn_yet_is_55000(run, state):
    run("CREATE SEQUENCE s")
    run("SELECT nextval('s')")
    assert state("SELECT currval('s')") == ("55000", 'currval of sequence "s" is not yet defined in this session')
    assert state("SELECT lastval()") == ("55000", "lastval is not yet defined in this session")


def test_what_was_drawn_is_not_asked_for_among_many_rows(run, rows, state):
    run("CREATE SEQUENCE s")
    run("CREATE TABLE t (id bigint DEFAULT nextval('s'), last bigint)")
    assert rows("SELECT nextval('s'), currval('s'), lastval()") == [(1, 1, 1)]
    values = "(nextval('s'), currval('s')), (nextval('s'), lastval())"
    assert rows(f"INSERT INTO t VALUES {values} RETURNING *") == [(2, 2), (3, 3)]
    assert state("SELECT nextval('s'), currval('s') FROM t")[0] == "0A000"
    assert state("INSERT INTO t (last) SELECT lastval() FROM t")[0] == "0A000"
    assert state("CREATE TABLE g (a int, b int GENERATED ALWAYS AS (nextval('s')) STORED)")[0] == "42P17"


def test_a_plan_names_the_sequence(run, engine):
    run("CREATE TABLE t (id serial, v int)")
    statement = Statement("INSERT INTO t (v) SELECT 1 FROM t")
    text = engine.explain(DATABASE, "main", statement, Limits(), analyze=False).text
    assert "nextval('t_id_seq'::regclass)" in text
    assert "sq_" not in text
    assert "connection" not in text


def test_setval_says_where_to_go_on(run, rows, state):
    run("CREATE TABLE t (id serial PRIMARY KEY, v int)")
    run("INSERT INTO t (id, v) VALUES (7, 1)")
    assert rows("SELECT setval('t_id_seq', (SELECT max(id) FROM t))") == [(7,)]
    assert rows("INSERT INTO t (v) VALUES (1) RETURNING id") == [(8,)]
    assert rows("SELECT setval(pg_get_serial_sequence('t', 'id'), $1, false)", [20]) == [(20,)]
    assert rows("INSERT INTO t (v) VALUES (1) RETURNING id") == [(20,)]
    assert rows("SELECT setval('t_id_seq', NULL)") == [(None,)]
    assert rows("SELECT setval('t_id_seq', 30), currval('t_id_seq'::regclass)") == [(30, 30)]
    assert state("SELECT setval('t_id_seq', 0)") == (
        "22003",
        'setval: value 0 is out of bounds for sequence "t_id_seq" (1..2147483647)',
    )
    run("ALTER SEQUENCE t_id_seq RESTART WITH 50")
    assert rows("INSERT INTO t (v) VALUES (1) RETURNING id") == [(50,)]


def test_names_are_looked_up_as_regclass_does(run, rows, state):
    run('CREATE SEQUENCE "Odd one"')
    run("CREATE SCHEMA other")
    run("CREATE SEQUENCE other.s START 9")
    assert rows("SELECT nextval('\"Odd one\"'), nextval('OTHER.S')") == [(1, 9)]
    run("CREATE TABLE t (n bigint DEFAULT nextval('other.s'), v int)")
    assert rows("INSERT INTO t (v) VALUES (1) RETURNING n") == [(10,)]
    assert state("SELECT nextval('nothing.s')")[0] == "42P01"
    assert state("SELECT nextval('t')")[0] == "42809"


# What depends on what ----------------------------------------------------------------------------------------------


def test_a_sequence_that_a_default_draws_from_is_kept(run, rows, state):
    run("CREATE SEQUENCE s")
    run("CREATE TABLE t (k text DEFAULT 'K-' || nextval('s'), v int)")
    assert state("DROP SEQUENCE s")[0] == "2BP01"
    run("DROP SEQUENCE s CASCADE")
    assert rows("INSERT INTO t (v) VALUES (1) RETURNING k") == [(None,)]
    run("CREATE TABLE i (id int GENERATED ALWAYS AS IDENTITY)")
    assert state("DROP SEQUENCE i_id_seq CASCADE")[0] == "2BP01"


def test_a_serial_column_takes_its_sequence_along(run, rows, state):
    run("CREATE TABLE t (id serial, n bigserial, v int)")
    run("ALTER TABLE t RENAME TO u")
    run("ALTER TABLE u RENAME COLUMN id TO key")
    assert rows("INSERT INTO u (v) VALUES (1) RETURNING key, n") == [(1, 1)]
    run("ALTER TABLE u DROP COLUMN n")
    assert state("SELECT nextval('t_n_seq')")[0] == "42P01"
    run("DROP TABLE u")
    assert state("SELECT nextval('t_id_seq')")[0] == "42P01"


def test_defaults_read_like_postgresql(run, rows, engine):
    run("CREATE TABLE t (id serial, g int GENERATED BY DEFAULT AS IDENTITY (START WITH 5 INCREMENT BY 2))")
    assert rows("SELECT column_default, is_identity FROM information_schema.columns ORDER BY ordinal_position") == [
        ("nextval('t_id_seq'::regclass)", "NO"),
        (None, "YES"),
    ]
    assert rows("SELECT sequence_name, data_type, maximum_value FROM information_schema.sequences") == [
        ("t_id_seq", "integer", "2147483647")
    ]
    assert rows("INSERT INTO t DEFAULT VALUES RETURNING *") == [(1, 5)]
    assert rows("INSERT INTO t DEFAULT VALUES RETURNING *") == [(2, 7)]


# Closing and crashing ----------------------------------------------------------------------------------------------


def test_a_clean_restart_leaves_no_gap(run, rows, engine, store):
    run("CREATE TABLE t (id serial, v int)")
    assert rows("INSERT INTO t (v) VALUES (1), (2) RETURNING id") == [(1,), (2,)]
    engine.close()
    again = open_engine(store)
    try:
        outcome = again.execute(DATABASE, "main", Statement("INSERT INTO t (v) VALUES (1) RETURNING id"), Limits())
        assert outcome.table.to_pylist() == [{"id": 3}]
    finally:
        again.close()


WRITER = """
import sys, threading
from pathlib import Path
from helios_magic.engine import open_engine
from helios_magic.engine.face import Limits, Statement
from helios_magic.store import Store

store = Store.open(Path(sys.argv[1]))
engine = open_engine(store)
if not store.branches.list("db_test"):
    engine.create("db_test")
    engine.execute("db_test", "main", Statement("CREATE TABLE t (id bigserial, v int)"), Limits())
    engine.fork("db_test", "x", "main", Limits())

def work(branch, rows):
    query = f"INSERT INTO t (v) SELECT g FROM generate_series(1, {rows}) AS g RETURNING id"
    while True:
        table = engine.execute("db_test", branch, Statement(query), Limits()).table
        sys.stdout.write(" ".join(map(str, table.column(0).to_pylist())) + "\\n")
        sys.stdout.flush()

for branch, rows in (("main", 1), ("main", 3), ("x", 1), ("x", 40)):
    threading.Thread(target=work, args=(branch, rows), daemon=True).start()
threading.Event().wait()
"""


@pytest.mark.long
def test_kill_9_never_repeats_a_number(tmp_path):
    seen: list[int] = []
    for _ in range(3):
        command = [sys.executable, "-c", WRITER, str(tmp_path / "store")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        first = process.stdout.readline()
        time.sleep(0.4)
        os.kill(process.pid, signal.SIGKILL)
        lines = [first, *process.stdout.readlines()]
        process.wait()
        process.stdout.close()
        seen += [int(number) for line in lines if line.endswith("\n") for number in line.split()]
    assert len(seen) > 100
    assert len(set(seen)) == len(seen)


def test_threads_never_draw_the_same(run, engine):
    run("CREATE TABLE t (id serial PRIMARY KEY, v int)")
    run("CREATE SEQUENCE s")
    for branch in ("x", "y"):
        engine.fork(DATABASE, branch, "main", Limits())
    begin = threading.Barrier(4)

    def draw(branch):
        begin.wait()
        drawn = []
        for _ in range(40):
            query = "INSERT INTO t (v) VALUES (1), (2), (3) RETURNING id" if branch else "SELECT nextval('s') AS id"
            table = engine.execute(DATABASE, branch or "main", Statement(query), Limits()).table
            drawn += table.column("id").to_pylist()
        return drawn

    with ThreadPoolExecutor(4) as pool:
        one, two, three, four = pool.map(draw, ["x", "y", "main", ""])
    assert sorted([*one, *two, *three]) == list(range(1, 361))
    assert four == list(range(1, 41))


# Files of format 1 -------------------------------------------------------------------------------------------------

FORMAT_1 = """
CREATE SCHEMA public;
CREATE SCHEMA _helios;
CREATE TABLE _helios.columns(table_schema VARCHAR, table_name VARCHAR, column_name VARCHAR, type VARCHAR,
    identity VARCHAR, generated VARCHAR);
CREATE TABLE _helios.foreign_keys(name VARCHAR, table_schema VARCHAR, table_name VARCHAR, columns VARCHAR[],
    ref_schema VARCHAR, ref_table VARCHAR, ref_columns VARCHAR[], on_delete VARCHAR, on_update VARCHAR,
    "deferrable" BOOLEAN, deferred BOOLEAN);
CREATE TABLE _helios.constraints(table_schema VARCHAR, table_name VARCHAR, name VARCHAR, kind VARCHAR,
    columns VARCHAR[], definition VARCHAR);
CREATE TABLE _helios.indexes(table_schema VARCHAR, table_name VARCHAR, name VARCHAR, columns VARCHAR[],
    is_unique BOOLEAN, definition VARCHAR);
CREATE TABLE _helios.loads(key VARCHAR, table_name VARCHAR, mode VARCHAR, inserted BIGINT, "at" TIMESTAMPTZ);
CREATE SEQUENCE "public"."e_id_seq";
CREATE TABLE "public"."e" ("id" INTEGER DEFAULT nextval('"public"."e_id_seq"') NOT NULL, "v" VARCHAR,
    PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "ei" ON "public"."e" ("v");
INSERT INTO _helios.columns VALUES ('public', 'e', 'id', 'int4', NULL, NULL), ('public', 'e', 'v', 'text', NULL, NULL);
INSERT INTO _helios.constraints VALUES ('public', 'e', 'e_pkey', 'p', ['id'], NULL);
INSERT INTO _helios.indexes VALUES ('public', 'e', 'ei', ['v'], true, 'CREATE UNIQUE INDEX ei ON public.e (v)');
INSERT INTO public.e (v) VALUES ('a'), ('b');
CREATE SEQUENCE "public"."s" INCREMENT BY 2 START WITH 5;
CREATE TABLE "public"."k" ("k" VARCHAR DEFAULT ('K-' || CAST(nextval('public."s"') AS VARCHAR)), "v" INTEGER);
INSERT INTO public.k (v) VALUES (1);
CREATE SEQUENCE "public"."never" INCREMENT BY -1 MINVALUE -9;
CREATE VIEW "public"."w" ("n") AS SELECT nextval('public."s"') AS "n";
INSERT INTO _helios.columns VALUES ('public', 'w', 'n', 'int8', NULL, NULL);
INSERT INTO _helios.constraints VALUES ('public', 'w', 'w', 'v', [], 'SELECT nextval(''public."s"'') AS "n"');
"""


@pytest.fixture
def old(store):
    """A store with a database in the file of the first version."""
    path = store.data_path / DATABASE / "nd_old.duckdb"
    path.parent.mkdir(parents=True)
    connection = duckdb.connect(path)
    connection.execute(FORMAT_1)
    connection.close()
    store.branches.add_database(DATABASE, "nd_old", f"{DATABASE}/nd_old.duckdb")
    store.branches.upgraded("nd_old", 1)
    return store


def test_a_file_of_format_1_goes_on_where_it_was(old):
    engine = open_engine(old)

    def rows(query, branch="main"):
        table = engine.execute(DATABASE, branch, Statement(query), Limits()).table
        return [tuple(row.values()) for row in table.to_pylist()]

    try:
        engine.fork(DATABASE, "x", "main", Limits())
        assert rows("INSERT INTO e (v) VALUES ('c') RETURNING id") == [(3,)]
        assert rows("INSERT INTO e (v) VALUES ('c') RETURNING id", "x") == [(4,)]
        assert rows("INSERT INTO k (v) VALUES (2) RETURNING k") == [("K-7",)]
        assert rows("SELECT n FROM w", "x") == [(9,)]
        assert rows("SELECT nextval('never')") == [(-1,)]
        owners = {sequence.name: sequence.owner for sequence in engine.describe(DATABASE, "x").sequences}
        assert owners == {"e_id_seq": "e.id", "never": None, "s": None}
        assert rows("SELECT v FROM e ORDER BY id") == [("a",), ("b",), ("c",)]
        ours = {table.name: table.id for table in engine.describe(DATABASE, "main").tables}
        assert ours == {table.name: table.id for table in engine.describe(DATABASE, "x").tables}
        assert ours["e"] is not None
        engine.execute(DATABASE, "main", Statement("DROP TABLE e"), Limits())
    finally:
        engine.close()
    assert {node.format for node in old.branches.nodes(DATABASE).values()} == {4}


def test_a_file_that_cannot_be_brought_up_to_date_stays_as_it_was(old):
    path = old.data_path / DATABASE / "nd_old.duckdb"
    connection = duckdb.connect(path)
    connection.execute("DROP TABLE _helios.constraints")
    connection.close()
    engine = open_engine(old)
    try:
        for _ in range(2):
            with pytest.raises(ApiError, match="format"):
                engine.execute(DATABASE, "main", Statement("SELECT 1"), Limits())
    finally:
        engine.close()
    assert old.branches.head(DATABASE, "main").format == 1
    connection = duckdb.connect(path)
    assert connection.execute("SELECT count(*) FROM public.e").fetchall() == [(2,)]
    connection.close()
