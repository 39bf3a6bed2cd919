"""Hostile text, and much of it: an answer or a clear error, soon; what takes long can be stopped."""

from __future__ import annotations

import time

import pytest

import helios_magic
from helios_magic.engine.dialect import prepare
from helios_magic.errors import HeliosError, QueryError, QueryTimeoutError
from helios_magic.schema import Column, Schema, Table
from tests.dialect.bad_input import HOSTILE, one_megabyte

#: Many times what it takes, for machines that do much else; `tests.bench.dialect` measures.
_SECONDS = 20.0


@pytest.fixture(scope="module")
def session():
    session = helios_magic.connect(":memory:")
    session.run("CREATE TABLE numbers (id int PRIMARY KEY, name text)")
    session.run(
        "CREATE TABLE kinds (a int, b text, c varchar(4), d date, e numeric(10,2), f float8, g bool, h jsonb, "
        "i numeric, j uuid, k timestamptz, l int8, n serial)"
    )
    yield session
    session.close()


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_or_a_clear_error(session, name: str) -> None:
    make, expected = HOSTILE[name]
    query = make()
    message = ""
    began = time.perf_counter()
    try:
        found = session.run(query).table.column(0)[0].as_py()
    except HeliosError as error:
        found, message = error.details.get("sqlstate", type(error).__name__), error.message
    assert len(message) < 500
    assert time.perf_counter() - began < _SECONDS
    assert found == expected


def test_literals_are_joined_across_lines_only(session) -> None:
    assert session.run("SELECT 'a'\n  'b'").table.column(0)[0].as_py() == "ab"
    with pytest.raises(QueryError) as refused:
        session.run("SELECT 'a' 'b'")
    assert (refused.value.details["sqlstate"], refused.value.details["position"]) == ("42601", 12)


def test_as_many_parameters_as_the_protocol_has(session) -> None:
    with pytest.raises(HeliosError, match="65535"):
        session.run("SELECT 1", list(range(65_536)))
    few = session.run(f"SELECT {', '.join(f'${n}::int' for n in range(1, 501))}", list(range(500)))
    assert few.table.column(499)[0].as_py() == 499


# Long lists


_PROBE = (
    "SELECT count(*) FROM "
    "(SELECT i, i * 3000000000 AS b, i / 4.0 AS n, 'k' || i AS s FROM generate_series(1, 300) i) t "
)
_THREES = [3 * i for i in range(2000)]
_NAMES = [f"'k{i}'" for i in _THREES]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (f"i IN ({', '.join(map(str, _THREES))})", 100),
        (f"NOT i + 1 NOT IN ({', '.join(map(str, _THREES))})", 100),
        (f"b IN ({', '.join(str(i * 1_000_000_000) for i in _THREES)})", 300),
        ("n IN (\n" + ",\n".join(str(-i) for i in _THREES) + "\n)", 0),
        (f"-n IN ({', '.join(str(-i) for i in _THREES)})", 25),
        (f"s IN ({', '.join(_NAMES)}) AND i > 150", 50),
        ("s = 'x' AND " + " OR ".join(f"i = {i}" for i in _THREES) + " AND i < 5", 100),
        ("i BETWEEN 1 AND i <> 3 AND " + " AND ".join(f"i <> {i}" for i in _THREES), "42883"),
        ("i > 150 AND " + " AND ".join(f"i != {i}" for i in _THREES) + " OR i = 3", 101),
        (" OR ".join(f'"i" = {i}' for i in _THREES) + ' OR "I" = 3', "42703"),
        (f"s <> 'in ({', '.join(map(str, _THREES))})'", 300),
        (f"i IN ({', '.join(map(str, _THREES))}, 'x')", "22P02"),
        (f"s IN ({', '.join(map(str, _THREES))})", "42883"),
    ],
)
def test_a_long_list_is_what_its_members_are(session, condition: str, expected: int | str) -> None:
    found: object
    try:
        found = session.run(_PROBE + "WHERE " + condition).table.column(0)[0].as_py()
    except QueryError as error:
        found = error.details["sqlstate"]
    assert found == expected


# Many rows of literals


def _rows(count: int) -> list[str]:
    rows = []
    for i in range(count):
        values = [
            i, f"'x''{i} é {{}}'", f"'a{i % 10}'", f"'2026-01-{1 + i % 28:02}'", f"{i}.55", f"-{i}.25",
            ["true", "FALSE"][i % 2], f'\'{{"b": {i}, "a": 1}}\'', f"{i}.125", f"'00000000-0000-0000-0000-{i:012}'",
            f"'2026-01-01 00:00:{i % 60:02}+02'", f"{i}00000000",
        ]  # fmt: skip
        if i % 7 == 3:
            values = [i, *["NULL"] * 11]
        rows.append(f"({', '.join(map(str, values))})")
    return rows


_KINDS = "INSERT INTO kinds (a, b, c, d, e, f, g, h, i, j, k, l) VALUES "
_READ = "SELECT a, b, c, d, e, f, g, h::text, i::numeric(20,3)::text, j, k, l FROM kinds ORDER BY a"


def test_many_rows_are_what_few_at_a_time_are(session) -> None:
    rows = _rows(400)
    assert session.run(_KINDS + ",\n".join(rows)).affected_rows == 400
    together = session.run(_READ).table
    drawn = session.run("SELECT n - min(n) OVER () = a FROM kinds").table.column(0)
    assert drawn.to_pylist() == [True] * 400
    session.run("DELETE FROM kinds")
    for begin in range(0, 400, 20):
        session.run(_KINDS + ",".join(rows[begin : begin + 20]))
    assert together.equals(session.run(_READ).table)
    session.run("DELETE FROM kinds")


@pytest.mark.parametrize(
    ("row", "sqlstate", "at"),
    [
        (f"(300, 'x', 'y', '2026-13-01'{', NULL' * 8})", "22008", "'2026-13-01'"),
        (f"('abc', 'x', 'y', NULL{', NULL' * 8})", "22P02", "'abc'"),
        (f"(300, 'x', 'y', NULL, NULL, NULL, 1{', NULL' * 5})", "42804", "1"),
        (f"(300, 'x', 'too long'{', NULL' * 9})", "22001", None),
        (f"(3000000000, 'x', 'y'{', NULL' * 9})", "22003", None),
        (f"(300, 'x', 'y'{', NULL' * 8})", "42601", None),
        (f"(300, 'x', nothing{', NULL' * 9})", "42703", "nothing"),
    ],
)
def test_an_error_in_one_of_many_rows_is_placed(session, row: str, sqlstate: str, at: str | None) -> None:
    rows = _rows(400)
    rows[300] = row
    query = _KINDS + ",\n".join(rows)
    with pytest.raises(QueryError) as refused:
        session.run(query)
    assert refused.value.details["sqlstate"] == sqlstate
    if at is not None:
        begin = query.index(row) + row.index(at)
        details = refused.value.details
        assert (details["position"], details["line"]) == (begin + 1, 301)
    assert session.run("SELECT count(*) FROM kinds").table.column(0)[0].as_py() == 0


_EXPRESSIONS = {
    "b": [
        "'a' || 'b{i}'", "'a''{i}' || {i} || 'c'", "('x' || '{i}') || upper('x')", "CAST('é {i}' AS text)", "{i}::text",
        "now()::date::text", "current_date || ' {i}'", "'{{}}{i}'::text || '\n'", "('[{i}]')::jsonb ->> 0",
        "lower('X{i}')", "'{i}'::jsonb || '[2]'", "round({i} / 7, 2)", "({i} - 5 * 3)::text",
    ],
    "c": ["'abcdef{i}'::varchar(4)"],
    "d": ["'2026-01-05'::date + {i}", "CAST('2026-01-0{digit}' AS date)", "date '2026-01-0{digit}'"],
    "e": ["{i} * 2", "'{i}.005'::numeric(10, 2)", "-{i}.125 / 3", "({i} + 1) % 4"],
    "f": ["'{i}.5'::float8", "{i} / 4", "sqrt({i}.0)"],
    "g": ["'{i}' > '5'", "{i} > 200", "'t'::bool"],
    "h": ["'{{\"b\":{i}, \"a\": [1 ,2]}}'::jsonb", "jsonb_build_object('k', {i})"],
    "i": ["{i}0000000000 + 1", "'{i}'::int8", "{i} / 7.0"],
    "j": ["'00000000-0000-0000-0000-00000000000{digit}'::uuid"],
    "k": ["'2026-01-01 00:00:0{digit}+02'::timestamptz", "'2026-01-01 12:00'::timestamp + interval '{i} minutes'"],
    "l": ["'{i}'::int", "- {i}"],
}  # fmt: skip


@pytest.mark.parametrize(
    "column", [key if key == "c" else pytest.param(key, marks=pytest.mark.long) for key in _EXPRESSIONS]
)
def test_many_rows_of_an_expression_are_what_few_at_a_time_are(session, column: str) -> None:
    for expression in _EXPRESSIONS[column]:
        rows = [f"({i}, {expression.format(i=i, digit=i % 9 + 1)}, {' ' * 130}'f')" for i in range(120)]
        insert = f"INSERT INTO kinds (a, {column}, {'g' if column != 'g' else 'b'}) VALUES "
        answers = []
        for step in (120, 30):
            try:
                for begin in range(0, 120, step):
                    session.run(insert + ", ".join(rows[begin : begin + step]))
                answers.append(session.run(_READ).table.to_pylist())
            except QueryError as error:
                answers.append(error.details["sqlstate"])
            session.run("DELETE FROM kinds")
        assert answers[0] == answers[1], expression


@pytest.mark.parametrize(
    ("column", "good", "bad", "sqlstate", "message"),
    [
        ("j", "'00000000-0000-0000-0000-00000000000{}'::uuid", "'zz'::uuid", "22P02",
         'invalid input syntax for type uuid: "zz"'),
        ("d", "'2026-01-0{}'::date", "'2026-13-01'::date", "22008",
         'date/time field value out of range: "2026-13-01"'),
        ("a", "'{}'::int", "'x'::int", "22P02", 'invalid input syntax for type integer: "x"'),
        ("c", "'a' || '{}'", "'abc' || 'de'", "22001", "value too long for type character varying(4)"),
        ("a", "10 / {}", "10 / 0", "22012", "division by zero"),
    ],
)  # fmt: skip
def test_an_error_in_an_expression_of_many_rows_is_postgresqls(
    session, column: str, good: str, bad: str, sqlstate: str, message: str
) -> None:
    rows = [f"({good.format(1 + i % 2)}, {' ' * 130}'f')" for i in range(120)]
    rows[100] = rows[100].replace(good.format(1), bad)
    with pytest.raises(QueryError) as refused:
        session.run(f"INSERT INTO kinds ({column}, b) VALUES {', '.join(rows)}")
    assert (refused.value.details["sqlstate"], refused.value.message) == (sqlstate, message)


def test_what_is_drawn_anew_in_every_row_differs_in_every_row(session) -> None:
    rows = ", ".join(f"({i}, gen_random_uuid(), {' ' * 40}'x')" for i in range(400))
    session.run("INSERT INTO kinds (a, j, b) VALUES " + rows)
    assert session.run("SELECT count(DISTINCT j) FROM kinds").table.column(0)[0].as_py() == 400
    session.run("DELETE FROM kinds")


@pytest.mark.parametrize("value", ["'{i}' || ' b'", "now()::text", "CAST('the name of {i}' AS text)"])
def test_a_megabyte_with_an_expression_in_each_row_is_inserted(session, value: str) -> None:
    listed: list[str] = []
    while len(listed) < 22_000:
        listed.append(f"({len(listed)}, {value.format(i=len(listed))}{' ' * 20})")
    began = time.perf_counter()
    assert session.run("INSERT INTO numbers VALUES " + ", ".join(listed)).affected_rows == 22_000
    assert time.perf_counter() - began < _SECONDS
    session.run("DELETE FROM numbers")


def test_a_select_list_has_an_end(session) -> None:
    found = session.run(f"SELECT {', '.join(map(str, range(1664)))}").table
    assert (found.num_columns, found.column(1663)[0].as_py()) == (1664, 1663)
    with pytest.raises(QueryError) as refused:
        session.run(f"SELECT {', '.join(map(str, range(10_000)))}")
    assert refused.value.details["sqlstate"] == "54011"


def test_a_tail_after_many_rows_is_read(session) -> None:
    rows = ", ".join(f"({i % 900}, 'name {i}, which is long enough to be seen')" for i in range(1000))
    query = f"INSERT INTO numbers VALUES {rows} ON CONFLICT (id) DO NOTHING RETURNING id"
    assert session.run(query).table.num_rows == 900
    with pytest.raises(QueryError) as refused:
        session.run(f"INSERT INTO numbers VALUES {rows} RETURNING nothing")
    assert refused.value.details["sqlstate"] == "42703"
    assert refused.value.details["position"] == len(f"INSERT INTO numbers VALUES {rows} RETURNING ") + 1
    session.run("DELETE FROM numbers")


def test_a_megabyte_is_inserted(session) -> None:
    began = time.perf_counter()
    assert session.run(one_megabyte()).affected_rows == 26_000
    assert time.perf_counter() - began < _SECONDS
    last = session.run("SELECT count(*), max(name) FROM numbers WHERE id > 25998").table
    assert [column[0].as_py() for column in last.columns] == [1, "the name of number 25999, it's long"]
    session.run("DELETE FROM numbers")


# Stopping


def test_the_time_limit_holds_while_a_statement_is_read(session) -> None:
    rows = ", ".join(f"({i}, 'name ' || {i})" for i in range(60_000))
    began = time.perf_counter()
    with pytest.raises(QueryTimeoutError):
        session.run(f"INSERT INTO numbers VALUES {rows}", timeout=0.02)
    assert time.perf_counter() - began < _SECONDS
    assert session.run("SELECT count(*) FROM numbers").table.column(0)[0].as_py() == 0


class _Stopped(Exception):  # noqa: N818
    pass


@pytest.mark.parametrize(
    "query",
    [
        one_megabyte(),
        "INSERT INTO numbers VALUES " + ", ".join(f"({i}, 'a' || {i})" for i in range(3000)),
        "SELECT " + " + ".join(["id"] * 600) + " FROM numbers",
        "SELECT 1 WHERE 1 IN (" + ", ".join(map(str, range(3000))) + ")",
    ],
)
def test_a_stop_is_asked_for_all_the_way(query: str) -> None:
    """However late the wish comes, it is heard: stopped at its first, second, … check, preparing ends there."""
    schema = Schema((Table("numbers", (Column("id", "int4"), Column("name", "text"))),))
    asked = 0

    def count() -> None:
        nonlocal asked
        asked += 1

    prepare(query, schema, count)
    assert asked > 5
    for stop_at in {1, 2, asked // 2, asked - 1, asked}:
        left = stop_at

        def stop() -> None:
            nonlocal left
            left -= 1
            if not left:
                raise _Stopped

        with pytest.raises(_Stopped):
            prepare(query, schema, stop)
