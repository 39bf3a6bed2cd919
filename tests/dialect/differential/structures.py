"""Tables: columns that make their values, constraints, indexes, enums, ALTER and TRUNCATE."""

from __future__ import annotations

from collections.abc import Iterator

from tests.dialect.differential.grammar import Writer
from tests.dialect.differential.servers import Statement
from tests.dialect.differential.writes import Step, scene

T = ("SELECT * FROM t",)


def word(w: Writer) -> str:
    return w.one("'a'", "'b'", "'A'", "'x'", "'longer'", "NULL")


def digit(w: Writer) -> str:
    return w.one("1", "2", "3", "5", "NULL")


@scene("SERIAL", T)
def serial(w: Writer) -> Iterator[Statement | Step]:
    yield f"CREATE TABLE t (id {w.one('serial', 'bigserial', 'smallserial')}{w.one('', ' PRIMARY KEY')}, s text)"
    for _ in range(6):
        yield w.one(
            "INSERT INTO t (s) VALUES ('a') RETURNING id", "INSERT INTO t (s) VALUES ('b'), ('c') RETURNING *",
            "INSERT INTO t VALUES (DEFAULT, 'd')", "INSERT INTO t VALUES (100, 'e')",
            "SELECT nextval('t_id_seq')", "SELECT setval('t_id_seq', 40)", "SELECT setval('t_id_seq', 60, false)",
            "INSERT INTO t DEFAULT VALUES RETURNING id",
            "SELECT pg_get_serial_sequence('t', 'id')",
            "TRUNCATE t RESTART IDENTITY", "INSERT INTO t (s) SELECT 'x' || g FROM generate_series(1, 3) g",
            "SELECT last_value FROM t_id_seq",
            seldom=("INSERT INTO t VALUES (NULL, 'n')",),
        )  # fmt: skip


@scene("IDENTITY", T)
def identity(w: Writer) -> Iterator[Statement | Step]:
    options = w.one("", "", " (START WITH 10)", " (START WITH 5 INCREMENT BY 5)", " (INCREMENT BY -1)")
    kind, always = w.one("int", "bigint"), w.one("ALWAYS", "BY DEFAULT")
    yield f"CREATE TABLE t (id {kind} GENERATED {always} AS IDENTITY{options}{w.one('', ' PRIMARY KEY')}, s text)"
    given = (
        f"INSERT INTO t (id, s) VALUES ({w.number(150, 190)}, 'b')", "INSERT INTO t (id, s) SELECT 7, 'h'",
        "UPDATE t SET id = 99 WHERE s = 'a'",
    )  # fmt: skip
    # What a column that is GENERATED ALWAYS refuses is drawn seldom for it.
    taken, refused = ((), given) if always == "ALWAYS" else (given, ())
    for _ in range(8):
        yield w.one(
            "INSERT INTO t (s) VALUES ('a') RETURNING id", "INSERT INTO t (id, s) VALUES (DEFAULT, 'd')",
            f"INSERT INTO t (id, s) OVERRIDING SYSTEM VALUE VALUES ({w.number(60, 140)}, 'c') RETURNING *",
            "INSERT INTO t (s) VALUES ('e'), ('f')", "UPDATE t SET id = DEFAULT WHERE s = 'e'", *taken,
            "INSERT INTO t (id, s) OVERRIDING USER VALUE VALUES (80, 'g') RETURNING id", "TRUNCATE t RESTART IDENTITY",
            "ALTER TABLE t ALTER id RESTART WITH 500",
            seldom=(
                "ALTER TABLE t ALTER COLUMN id DROP IDENTITY", "ALTER TABLE t ALTER id SET GENERATED ALWAYS",
                "INSERT INTO t (id, s) VALUES (50, 'b')", *refused,
            ),
        )  # fmt: skip


@scene("generated columns", T)
def generated(w: Writer) -> Iterator[Statement | Step]:
    kind = w.one("STORED", "STORED", "VIRTUAL", "")
    made = w.one(
        f"g int GENERATED ALWAYS AS (a * b) {kind}",
        f"g text GENERATED ALWAYS AS (lower(s) || '-' || a) {kind}",
        f"g numeric(10,2) GENERATED ALWAYS AS (a / 3.0) {kind}",
        f"g bool GENERATED ALWAYS AS (a > b) {kind}",
    )
    yield f"CREATE TABLE t (id int PRIMARY KEY, a int, b int DEFAULT 2, s text DEFAULT 'Q', {made})"
    # PostgreSQL itself cannot drop the expression of a virtual column.
    stored = "ALTER TABLE t ALTER g DROP EXPRESSION" if kind == "STORED" else "SELECT max(g) FROM t"
    for _ in range(8):
        key = w.number(1, 99)
        yield w.one(
            f"INSERT INTO t (id, a) VALUES ({key}, 5) RETURNING *", f"INSERT INTO t VALUES ({key}, 1, 2, 'X')",
            f"INSERT INTO t (id, a, g) VALUES ({key}, 1, DEFAULT) RETURNING g",
            "UPDATE t SET a = a + 1 RETURNING g", "UPDATE t SET g = DEFAULT",
            "SELECT g, a FROM t WHERE g IS NOT NULL", f"INSERT INTO t (id, a, b) VALUES ({key}, NULL, 3)",
            "SELECT id, g FROM t ORDER BY g, id", "UPDATE t SET b = 4, s = 'R' WHERE a > 1",
            f"INSERT INTO t (id, a) VALUES ({key}, 4) ON CONFLICT (id) DO UPDATE SET a = excluded.a RETURNING g",
            seldom=(
                f"INSERT INTO t (id, a, g) VALUES ({key}, 1, NULL)", "UPDATE t SET g = NULL",
                "ALTER TABLE t DROP COLUMN a", "ALTER TABLE t ADD COLUMN h int GENERATED ALWAYS AS (b + 1) STORED",
                stored, "ALTER TABLE t RENAME a TO a2",
            ),
        )  # fmt: skip


@scene("CHECK constraints", T)
def checks(w: Writer) -> Iterator[Statement | Step]:
    check = w.one(
        "CHECK (a > 0)",
        "CHECK (a BETWEEN 1 AND 10)",
        "CONSTRAINT small CHECK (a < 10)",
        "CHECK (a > 0 OR s = 'any')",
        "CHECK (length(s) < 4)",
        "CHECK (a IN (1, 2, 3))",
        "CHECK (s ~ '^[a-z]+$')",
    )
    whole = w.one("", ", CHECK (a < b)", ", CONSTRAINT ab CHECK (a <> b)", ", CHECK (a IS NOT NULL OR s IS NOT NULL)")
    yield f"CREATE TABLE t (a int {check}, b int, s text{whole})"
    yield "INSERT INTO t VALUES (1, 4, 'abc'), (2, 3, 'x')"
    for _ in range(8):
        yield w.one(
            f"INSERT INTO t VALUES ({w.number(1, 3)}, {w.number(4, 9)}, {w.one(repr('abc'), repr('x'), 'NULL')})",
            "INSERT INTO t VALUES (NULL, 5, 'q')", f"UPDATE t SET a = {w.number(1, 3)} WHERE b > 3",
            "UPDATE t SET s = 'ab' RETURNING s, a", "ALTER TABLE t ADD CHECK (a > -100)",
            "ALTER TABLE t DROP CONSTRAINT IF EXISTS more", "ALTER TABLE t DROP CONSTRAINT IF EXISTS ab",
            "DELETE FROM t WHERE b > 7", f"ALTER TABLE t ADD CHECK (b < {w.number(10, 99)})",
            "SELECT conname, contype, convalidated FROM pg_constraint WHERE conrelid = 't'::regclass ORDER BY 1",
            seldom=(
                f"INSERT INTO t VALUES ({w.number(-2, 12)}, {w.number(0, 9)}, {word(w)})",
                f"UPDATE t SET a = {w.number(-1, 11)}", "UPDATE t SET s = 'ABCDE'", "INSERT INTO t (a) VALUES (NULL)",
                f"ALTER TABLE t ADD CONSTRAINT more CHECK (b {w.one('>', '<')} 5)",
                "ALTER TABLE t DROP CONSTRAINT t_a_check", "INSERT INTO t VALUES (3, 7, 'abc'), (-5, 7, 'abc')",
            ),
        )  # fmt: skip
    if w.random.random() < 0.3:
        yield "ALTER TABLE t ADD CONSTRAINT nv CHECK (b > 3) NOT VALID"
        yield "INSERT INTO t VALUES (1, 2, 'x')"
        yield "ALTER TABLE t VALIDATE CONSTRAINT nv"


@scene("lengths", T)
def lengths(w: Writer) -> Iterator[Statement | Step]:
    yield "CREATE TABLE t (v varchar(3), c char(3), n numeric(4,1), x varchar, i smallint)"
    yield "INSERT INTO t VALUES ('a', 'b', 1, 'c', 2)"
    for _ in range(7):
        column, value = w.one(
            (
                w.one("v", "c", "x"),
                w.one("'abc'", "'ab   '", "''", "NULL", "'é€a'", "'abcd'::varchar(3)", "'a '", seldom=("'abcd'",)),
            ),
            w.one(
                ("n", "999.94"), ("n", "-1.25"), ("i", "2.5"), ("i", "'7'"), ("v", "12"),
                seldom=(("n", "999.95"), ("i", "32768")),
            ),
        )  # fmt: skip
        yield w.one(
            f"INSERT INTO t ({column}) VALUES ({value})",
            f"INSERT INTO t ({column}) VALUES ({value}) RETURNING {column}, {column}::text",
            f"UPDATE t SET {column} = {value}",
        )
    yield w.one(
        "ALTER TABLE t ALTER v TYPE varchar(2)",
        "ALTER TABLE t ALTER v TYPE varchar(10)",
        "ALTER TABLE t ALTER COLUMN v TYPE text",
        "ALTER TABLE t ALTER v TYPE varchar(2) USING left(v, 2)",
    )
    yield "SELECT v, length(v), c, length(c), c || '|', v = c FROM t"


@scene("unique indexes", T)
def unique(w: Writer) -> Iterator[Statement | Step]:
    yield "CREATE TABLE t (id int PRIMARY KEY, a int, s text, gone boolean DEFAULT false)"
    yield "INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, NULL, 'c')"
    partial = w.one("", "", " WHERE NOT gone", " WHERE a > 1", " WHERE s IS NOT NULL")
    on = w.one(
        "(a)",
        "(s)",
        "(a, s)",
        "(lower(s))",
        "(a DESC NULLS LAST)",
        "(a) NULLS NOT DISTINCT",
        "(a) INCLUDE (s)",
        "USING btree (a)",
    )
    tag = ("partial unique indexes",) if partial else ()
    yield (f"CREATE UNIQUE INDEX {w.one('ix', 'IF NOT EXISTS ix', 'CONCURRENTLY ix')} ON t {on}{partial}", tag)
    for _ in range(8):
        key = w.number(4, 80)
        target = on if on in ("(a)", "(s)", "(a, s)", "(lower(s))") else "(a)"
        update = f" ON CONFLICT {target}{partial} DO UPDATE SET gone = true"
        conflict = w.one("", "", " ON CONFLICT DO NOTHING", update)
        yield (
            w.one(
                f"INSERT INTO t VALUES ({key}, {w.number(4, 99)}, 'w{key}', {w.one('true', 'false')}){conflict}",
                f"UPDATE t SET a = {w.number(1, 30)} WHERE id = {w.number(1, 3)}",
                "UPDATE t SET gone = true WHERE id = 1", "UPDATE t SET s = upper(s)",
                "DELETE FROM t WHERE id = 2", f"UPDATE t SET id = {key} WHERE id = 3",
                f"INSERT INTO t VALUES ({key}, {digit(w)}, {word(w)}, {w.one('true', 'false')}) ON CONFLICT DO NOTHING",
                seldom=(
                    f"INSERT INTO t VALUES ({key}, {digit(w)}, {word(w)}, {w.one('true', 'false')}){conflict}",
                    f"UPDATE t SET a = {w.number(1, 3)} WHERE id = {w.number(1, 3)}", "UPDATE t SET gone = false",
                ),
            ),
            tag,
        )  # fmt: skip
    yield w.one(
        "DROP INDEX ix", "DROP INDEX IF EXISTS nope", "ALTER INDEX ix RENAME TO iy", "REINDEX TABLE t",
        "CREATE INDEX ON t (s)", "CREATE UNIQUE INDEX iz ON t (id, gone)",
        seldom=("DROP INDEX nope", "CREATE UNIQUE INDEX ix ON t (s)", "CREATE UNIQUE INDEX iz ON t (gone)"),
    )  # fmt: skip
    yield ("INSERT INTO t VALUES (90, 1, 'a', false)", tag)


@scene("named constraints", T)
def named(w: Writer) -> Iterator[Statement | Step]:
    table, given = w.one(
        ("(a int CONSTRAINT pk PRIMARY KEY, b int CONSTRAINT uq UNIQUE, s text CONSTRAINT nn NOT NULL)", "pk uq nn"),
        ("(a int, b int, s text, CONSTRAINT pk PRIMARY KEY (a), CONSTRAINT uq UNIQUE (b, s))", "pk uq"),
        ("(a int, b int, s text)", ""),
        ("(a int PRIMARY KEY, b int UNIQUE, s text, UNIQUE (b, s))", "t_pkey t_b_key t_b_s_key"),
    )  # fmt: skip
    yield f"CREATE TABLE t {table}"
    names = given.split()
    for number in range(8):
        name, new = w.one(*names) if names else "nope", f"c{number}"
        row = w.one(f"{number}, {number + 20}, 's{number}'", f"{number}, {number + 20}, 'x'")
        made = w.one("UNIQUE (b)", "UNIQUE (a, b)", "CHECK (a > -5)", "UNIQUE (b, s)", "CHECK (b > 0 OR s IS NULL)")
        step = w.one(
            f"INSERT INTO t VALUES ({row})", f"INSERT INTO t VALUES ({row}) ON CONFLICT DO NOTHING",
            f"ALTER TABLE t ADD CONSTRAINT {new} {made}", "ALTER TABLE t ADD UNIQUE (s, a)",
            "ALTER TABLE t DROP CONSTRAINT IF EXISTS nope", f"UPDATE t SET b = {w.number(5, 50)} WHERE a = {number}",
            f"ALTER TABLE t DROP CONSTRAINT {name}" if names else "SELECT count(*) FROM t",
            f"ALTER TABLE t RENAME CONSTRAINT {name} TO {new}" if names else "SELECT * FROM t ORDER BY s",
            "SELECT conname, contype FROM pg_constraint WHERE conrelid = 't'::regclass AND contype <> 'n' ORDER BY 1",
            seldom=(
                f"INSERT INTO t VALUES ({w.number(1, 5)}, {w.number(1, 5)}, {word(w)})", "ALTER TABLE t ADD UNIQUE (s)",
                "ALTER TABLE t DROP CONSTRAINT nope", "ALTER TABLE t ADD PRIMARY KEY (a)",
                "ALTER TABLE t ADD CONSTRAINT self FOREIGN KEY (b) REFERENCES t (a)",
                "ALTER TABLE t DROP CONSTRAINT t_pkey", f"UPDATE t SET b = {w.number(1, 5)}",
            ),
        )  # fmt: skip
        yield step
        if "ADD CONSTRAINT" in step or "RENAME CONSTRAINT" in step:
            names.append(new if "self" not in step else "self")
        if step.endswith(f"DROP CONSTRAINT {name}") or "RENAME CONSTRAINT" in step:
            names = [each for each in names if each != name]


@scene("enums", T)
def enums(w: Writer) -> Iterator[Statement | Step]:
    yield "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')"
    more = w.one("", " DEFAULT 'ok'", " NOT NULL", ", ms mood[]", " PRIMARY KEY")
    yield f"CREATE TABLE t (id int, m mood{more})"
    for _ in range(7):
        yield w.one(
            "INSERT INTO t (id, m) VALUES (1, 'sad'), (2, 'happy')", "INSERT INTO t (id) VALUES (3)",
            "SELECT id, m FROM t ORDER BY m DESC, id",
            "SELECT m, count(*) FROM t GROUP BY m ORDER BY m", "SELECT max(m), min(m) FROM t",
            "ALTER TYPE mood ADD VALUE 'great'", "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok'",
            "ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok'",
            "SELECT enum_range(NULL::mood)", "SELECT id FROM t WHERE m > 'ok'", "SELECT m::text || '!' FROM t",
            "UPDATE t SET m = 'ok' WHERE id = 1 RETURNING m", "SELECT id FROM t WHERE m IN ('ok', 'sad')",
            "SELECT m = 'ok', m::text FROM t", "SELECT 'ok'::mood < 'happy'::mood",
            "SELECT enum_first(NULL::mood), enum_last(NULL::mood)",
            "SELECT id FROM t WHERE m = ANY ('{ok,happy}'::mood[])", "DELETE FROM t WHERE m = 'happy'",
            seldom=(
                "INSERT INTO t (id, m) VALUES (4, 'nope')", "DROP TYPE mood", "CREATE TYPE mood AS ENUM ('a')",
                "INSERT INTO t (id, m) VALUES (5, 'great')", "ALTER TABLE t ALTER m TYPE text",
                "ALTER TYPE mood RENAME TO feeling", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
                "SELECT id FROM t WHERE m > 'sad'",
            ),
        )  # fmt: skip


@scene("ALTER TABLE", T)
def alters(w: Writer) -> Iterator[Statement | Step]:
    yield "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL DEFAULT 1, s text, n numeric(6,2), d date)"
    yield w.one(
        "CREATE INDEX t_s ON t (s)",
        "CREATE TABLE c (t_id int REFERENCES t)",
        "CREATE VIEW v AS SELECT id FROM t",
        "CREATE UNIQUE INDEX t_u ON t (s)",
    )
    yield "INSERT INTO t VALUES (1, 2, 'x', 1.5, '2024-01-01'), (2, 3, '7', NULL, NULL)"
    for _ in range(7):
        yield w.one(
            "ALTER TABLE t ADD COLUMN b int", "ALTER TABLE t ADD COLUMN IF NOT EXISTS b int DEFAULT 5",
            "ALTER TABLE t ADD b text NOT NULL DEFAULT 'q'", "ALTER TABLE t DROP COLUMN s",
            "ALTER TABLE t DROP COLUMN IF EXISTS nope", "ALTER TABLE t RENAME COLUMN s TO label",
            "ALTER TABLE t RENAME a TO b", "ALTER TABLE t ALTER COLUMN a TYPE bigint",
            "ALTER TABLE t ALTER a TYPE text USING a::text || 'x'", "ALTER TABLE t ALTER s SET NOT NULL",
            "ALTER TABLE t ALTER a DROP NOT NULL", "ALTER TABLE t ALTER a SET DEFAULT 9",
            "ALTER TABLE t ALTER a DROP DEFAULT",
            "ALTER TABLE t ADD COLUMN x int, ADD COLUMN y int DEFAULT 2, DROP COLUMN d",
            "ALTER TABLE t ADD COLUMN u int UNIQUE", "ALTER TABLE t ADD z int CHECK (z > 0)",
            "ALTER TABLE t ADD COLUMN k int REFERENCES t (id)", "ALTER TABLE t ALTER n TYPE numeric(8,3)",
            "ALTER TABLE t ALTER n TYPE int", "ALTER TABLE IF EXISTS nope ADD x int",
            "ALTER TABLE t ALTER d TYPE timestamp", "ALTER TABLE t ALTER s TYPE int USING length(s)",
            "ALTER TABLE t ADD c serial",
            "ALTER TABLE t ADD stamp timestamptz DEFAULT '2024-01-01'",
            "ALTER TABLE t ALTER s TYPE varchar(3), ALTER a SET DEFAULT 4",
            "ALTER TABLE ONLY t ADD CONSTRAINT ua UNIQUE (a)", "ALTER TABLE t ALTER a TYPE smallint",
            f"INSERT INTO t (id) VALUES ({w.number(10, 99)})", "UPDATE t SET n = 2",
            "UPDATE t SET s = s, a = 3 WHERE id = 1 RETURNING *",
            seldom=(
                "ALTER TABLE t RENAME TO t2", "ALTER TABLE nope ADD x int", "ALTER TABLE t ADD COLUMN a int",
                "ALTER TABLE t DROP COLUMN nope", "ALTER TABLE t DROP COLUMN id", "ALTER TABLE t2 RENAME TO t",
                "ALTER TABLE t DROP COLUMN id CASCADE", "INSERT INTO t (id, s) VALUES (11, 'x')",
                "ALTER TABLE t ALTER COLUMN a ADD GENERATED BY DEFAULT AS IDENTITY", "ALTER TABLE t ALTER s TYPE int",
            ),
        )  # fmt: skip


@scene("TRUNCATE", ("SELECT * FROM t", "SELECT * FROM c"))
def truncates(w: Writer) -> Iterator[Statement | Step]:
    yield "CREATE TABLE t (id serial PRIMARY KEY, s text)"
    yield "CREATE TABLE c (id int GENERATED ALWAYS AS IDENTITY, t_id int REFERENCES t)"
    yield "INSERT INTO t (s) VALUES ('a'), ('b')"
    for _ in range(6):
        yield w.one(
            "TRUNCATE TABLE c", "TRUNCATE t CASCADE", "TRUNCATE t, c", "TRUNCATE t, c RESTART IDENTITY",
            "TRUNCATE t RESTART IDENTITY CASCADE", "TRUNCATE c CONTINUE IDENTITY", "TRUNCATE ONLY c",
            "INSERT INTO t (s) VALUES ('c') RETURNING id", "TRUNCATE public.c",
            "INSERT INTO c (t_id) SELECT max(id) FROM t RETURNING id",
            seldom=("TRUNCATE t", "TRUNCATE nope", "TRUNCATE t RESTRICT"),
        )  # fmt: skip
