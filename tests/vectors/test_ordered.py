"""ORDER BY a distance LIMIT k: the kept vectors answer as the whole table does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import helios_magic
from helios_magic.engine.vectors.ordered import ordered
from helios_magic.session import Session

D, ROWS = 4, 50_500


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("SELECT id FROM d ORDER BY v <=> $1 LIMIT 5", "cosine"),
        (
            "SELECT *, v <-> '[1]' AS x FROM s.d AS t WHERE n < 3 OR n > 5 ORDER BY t.v <-> '[1]'::vector(1) LIMIT $2",
            "l2",
        ),
        ("select id from d order by v <#> $1::vector limit 5;", "inner_product"),
    ],
)
def test_what_is_recognised(query: str, kind: str) -> None:
    asked = ordered(query)
    assert asked is not None
    assert asked.metric == kind


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM d ORDER BY id LIMIT 5",
        "SELECT id FROM d ORDER BY v <=> $1",
        "SELECT id FROM d ORDER BY v <=> $1 DESC LIMIT 5",
        "SELECT id FROM d ORDER BY v <=> $1, id LIMIT 5",
        "SELECT id FROM d ORDER BY v <=> $1 LIMIT 5 OFFSET 2",
        "SELECT DISTINCT id FROM d ORDER BY v <=> $1 LIMIT 5",
        "SELECT row_number() OVER () FROM d ORDER BY v <=> $1 LIMIT 5",
        "SELECT unnest(a) FROM d ORDER BY v <=> $1 LIMIT 5",
        "SELECT id FROM d WHERE id IN (SELECT 1) ORDER BY v <=> $1 LIMIT 5",
        "SELECT id FROM d WHERE random() < 0.5 ORDER BY v <=> $1 LIMIT 5",
        "SELECT id FROM d JOIN e USING (id) ORDER BY v <=> $1 LIMIT 5",
        "SELECT id FROM d ORDER BY v <+> $1 LIMIT 5",
        "SELECT id FROM d, e ORDER BY v <=> $1 LIMIT 5",
    ],
)
def test_what_runs_as_it_stands(query: str) -> None:
    assert ordered(query) is None


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    opened = helios_magic.connect(":memory:")
    vectors = np.random.default_rng(3).standard_normal((ROWS, D)).astype(np.float32)
    rows = pa.table(
        {
            "id": pa.array(np.arange(ROWS), pa.int32()),
            "n": pa.array(np.arange(ROWS) % 1000, pa.int32()),
            "v": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), D),
        }
    )
    opened.sql(f"CREATE TABLE d (id int PRIMARY KEY, n int, v vector({D}))")
    opened.client.load("d", rows)
    yield opened
    opened.close()


@pytest.mark.parametrize("sign", ["<=>", "<->", "<#>"])
@pytest.mark.parametrize("where", ["", "WHERE n = 7 OR n = 9", "WHERE n < $2"])
def test_the_same_rows(session: Session, sign: str, where: str) -> None:
    query = [0.3, -1.2, 0.5, 0.1]
    params: list[Any] = [query, 3] if "$2" in where else [query]
    text = f"SELECT *, v {sign} $1 AS x FROM d {where} ORDER BY v {sign} $1 LIMIT 10"
    # One key more, and every row is looked at.
    whole = text.replace(" LIMIT", ", id LIMIT")
    quick, slow = session.sql(text, params), session.sql(whole, params)
    assert list(quick.columns) == ["id", "n", "v", "x"]
    assert quick.x.tolist() == pytest.approx(slow.x.tolist())
    assert quick.id.tolist() == slow.id.tolist()


def test_it_is_current(session: Session) -> None:
    text = "SELECT id FROM d ORDER BY v <-> '[9,9,9,9]' LIMIT 1"
    session.sql("INSERT INTO d VALUES (-1, 0, '[9,9,9,9]')")
    assert session.sql(text).id.tolist() == [-1]
    session.sql("DELETE FROM d WHERE id = -1")
    assert session.sql(text).id.tolist() != [-1]
    with pytest.raises(helios_magic.HeliosError, match="different vector dimensions 4 and 2"):
        session.sql("SELECT id FROM d ORDER BY v <-> '[9,9]' LIMIT 1")
