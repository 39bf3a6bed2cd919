"""A schema with a column of every type, its rows, and the plain expressions of each type over it."""

from __future__ import annotations

from random import Random

SETUP = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    (
        "CREATE TABLE t (id int PRIMARY KEY, i2 smallint, i4 int, i8 bigint, n numeric(12,3), q numeric, f4 real, "
        "f8 double precision, b boolean, s text, v varchar(12), c char(4), d date, ts timestamp, tz timestamptz, "
        "tm time, iv interval, j jsonb, js json, ia int[], ta text[], u uuid, by bytea, m mood)"
    ),
    'CREATE TABLE u (id int PRIMARY KEY, t_id int REFERENCES t (id), p numeric(10,2), w text, k int, "Mixed Case" int)',
)

LEAVES: dict[str, tuple[str, ...]] = {
    "int": ("i4", "i2", "id", "1", "2", "-3", "0", "7", "i4"),
    "big": ("i8", "i8", "3000000000", "id::bigint"),
    "num": ("n", "n", "q", "1.5", "2.25", "-0.005", "10.0"),
    "flt": ("f8", "f8", "1.5::float8", "-2.5::float8", "0.1::float8"),
    "real": ("f4", "1.25::real"),
    "text": ("s", "s", "v", "'abc'", "'A b'", "''", "s"),
    "bool": ("b", "b", "true", "(i4 > 2)", "(s IS NULL)", "(n < 10)"),
    "date": ("d", "d", "date '2024-02-29'", "date '2023-12-31'"),
    "ts": ("ts", "ts", "timestamp '2024-03-31 10:20:30.5'", "timestamp '2024-01-31 00:00:00'"),
    "tz": ("tz", "tz", "timestamptz '2024-06-30 22:00:00+02'"),
    "time": ("tm", "time '10:20:30'", "time '23:59:59.5'"),
    "ival": ("iv", "iv", "interval '1 day'", "interval '1 month 2 days'", "interval '-3 hours 30 minutes'"),
    "json": ("j", "j", """'{"a": 1, "b": [1, 2], "c": {"d": "x"}}'::jsonb""", "'[1, 2, 3]'::jsonb"),
    "ints": ("ia", "ia", "ARRAY[1, 2, 3]", "'{4,5}'::int[]"),
    "texts": ("ta", "ta", "ARRAY['x', 'y']", "'{a,b}'::text[]"),
    "uuid": ("u", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid"),
    "bytes": ("by", "'\\x0aff'::bytea"),
    "mood": ("m", "'ok'::mood"),
    "small": ("0", "1", "2", "3", "5"),
    "positive": ("1", "2", "3", "4"),
    "part": ("'month'", "'day'", "'year'", "'hour'", "'quarter'", "'week'"),
    "field": ("year", "month", "day", "dow", "doy", "isodow", "week", "isoyear", "quarter", "epoch", "decade"),
    "clock": ("hour", "minute", "second", "epoch", "milliseconds"),
    "key": ("'a'", "'b'", "'zz'"),
    "order": ("", " DESC", " NULLS FIRST", " NULLS LAST", " DESC NULLS LAST", " DESC NULLS FIRST", " ASC"),
    "compare": ("<", ">", "=", "<>", "<=", ">=", "!="),
}

_TEXTS = ("", "a", "B", "abc", "Zed", "x_y", "50%", "a b", "it''s", "é", "ABC abc", "  pad ", "10", "foo-bar-baz")
_DOCUMENTS = (
    '{"a": 1, "b": [1, 2]}', '{"b": "x", "a": null}', "[1, 2, 3]", '{"a": {"b": {"c": true}}}', "5", '"str"',
    '{"a": 2.50, "tags": ["x", "y"]}', "[]", "{}", "null", '[{"a": 1}, {"a": 2}]', '{"n": 12345678901234567890}',
)  # fmt: skip


def rows(random: Random, count: int = 24) -> tuple[str, ...]:
    """The statements that fill the schema, from a seed."""
    lines = [f"({number}, {', '.join(_row(random))})" for number in range(1, count + 1)]
    links = [
        f"({number}, {random.choice(['NULL', *map(str, range(1, count + 1))])}, {random.randint(-500, 500) / 8:.2f}, "
        f"'{random.choice('abcdef')}', {random.choice(['NULL', '1', '2', '3', '40'])}, {random.randint(0, 9)})"
        for number in range(1, count + 6)
    ]
    return (f"INSERT INTO t VALUES {', '.join(lines)}", f"INSERT INTO u VALUES {', '.join(links)}")


def _row(random: Random) -> list[str]:
    def items(values: str) -> str:
        return "'{" + ",".join(random.choice(values) for _ in range(random.randint(0, 3))) + "}'"

    stamp = f"2024-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}"
    clock = f"{random.randint(0, 23):02d}:{random.randint(0, 59):02d}:{random.choice(['00', '30', '59.25'])}"
    interval = random.choice(["1 day", "1 month", "2 years 3 days", "-4 hours", "1 day 02:03:04.5", "90 minutes"])
    values = [
        random.randint(-300, 300),
        random.randint(-20, 20),
        random.randint(-(10**12), 10**12),
        f"{random.randint(-99999, 99999) / 100:.3f}",
        random.choice(["1.5", "-2", "0.001", "100.25"]),
        random.choice(["0.5", "-1.25", "3", "100.125"]),
        repr(round(random.uniform(-100, 100), random.choice([0, 1, 3]))),
        random.choice(["true", "false"]),
        *(f"'{value}'" for value in (random.choice(_TEXTS), random.choice(("p", "qq", "R", "10")))),
        f"'{random.choice(('ab', 'cd  ', 'x'))}'",
        f"'{random.choice(['2023', '2024'])}{stamp[4:]}'",
        f"'{stamp} {clock}'",
        f"'{stamp} {clock}{random.choice(['+00', '+02', '-05'])}'",
        f"'{clock}'",
        f"'{interval}'",
        f"'{random.choice(_DOCUMENTS)}'",
        f"'{random.choice(_DOCUMENTS)}'",
        items("01234"),
        items("xyzab"),
        f"'{random.getrandbits(128):032x}'",
        f"'\\x{random.getrandbits(24):06x}'",
        f"'{random.choice(('sad', 'ok', 'happy'))}'",
    ]
    return [str(value) if random.random() > 0.15 else "NULL" for value in values]
