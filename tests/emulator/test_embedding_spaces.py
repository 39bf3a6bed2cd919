"""The space of what SQL writes into a column of vectors: recorded, carried along, and never mixed with another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.calling import Answered, Api, an_api

HASHED = "hashing-v1 (1536)"


@pytest.fixture(scope="module")
def opened() -> Iterator[Api]:
    opened = an_api()
    yield opened
    opened.local.close()


@pytest.fixture
def api(opened: Api, no_weights: Path) -> Api:
    """Texts in d, nothing in e, both with a column of vectors."""
    run(opened, "DROP TABLE IF EXISTS d, e, made")
    for name in ("d", "e"):
        assert run(opened, f"CREATE TABLE {name} (id int PRIMARY KEY, t text, v vector(1536))").status == 200
    run(opened, "INSERT INTO d (id, t) VALUES (1, 'how to log in'), (2, 'a zip archive')")
    return opened


def run(api: Api, query: str, *params: Any) -> Answered:
    return api("POST", "/sql", {"query": query, "params": list(params)}, database="default")


def space(api: Api, table: str, column: str = "v") -> str | None:
    order = {"table": table, "embedding_column": column, "query": "log in"}
    meta = api("POST", "/vectors/search", order, database="default").body["meta"]
    return meta["embedding_space"] if meta["embedding_space_recorded"] else None


def other(api: Api, table: str) -> None:
    """Vectors that are said to be of another model."""
    from helios_magic.engine.face import Limits
    from helios_magic.models.spaces import Space

    identity = api.local.store.databases.named("default")
    assert identity is not None
    api.local.engine.record_space(identity.id, "main", table, "v", Space("another", 1536), Limits())


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("d", "UPDATE d SET v = helios_embed('hashing-v1', t) WHERE id = 1"),
        ("d", "UPDATE d AS x SET (t, v) = ('new', helios_embed('openai/text-embedding-3-small', x.t)::vector)"),
        ("e", "INSERT INTO e VALUES (1, 'a', helios_embed('hashing-v1', 'a'))"),
        ("e", "INSERT INTO e (v, id) SELECT helios_embed('hashing-v1', t), id FROM d"),
        ("e", ("WITH made AS (SELECT id, helios_embed('hashing-v1', t) AS x FROM d) "
              "INSERT INTO e (id, v) SELECT id, x FROM made")),
        ("e", "INSERT INTO e SELECT id, t, helios_embed('hashing-v1', t) FROM d UNION ALL SELECT 9, 'x', NULL"),
        ("d", "INSERT INTO d (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET v = helios_embed('hashing-v1', d.t)"),
        ("d", ("MERGE INTO d USING d AS s ON d.id = s.id WHEN MATCHED THEN UPDATE SET v = "
              "helios_embed('hashing-v1', s.t)")),
        ("made", "CREATE TABLE made AS SELECT id, helios_embed('hashing-v1', t) AS v FROM d"),
    ],
)  # fmt: skip
def test_what_helios_embed_writes_is_recorded(api: Api, table: str, statement: str) -> None:
    done = run(api, statement)
    assert done.status == 200, done.body
    assert space(api, table) == HASHED


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("e", "INSERT INTO e SELECT * FROM d"),
        ("e", "INSERT INTO e (id, v) SELECT x.id, x.v FROM d AS x"),
        ("made", "CREATE TABLE made AS SELECT * FROM d"),
        ("made", "CREATE TABLE made AS SELECT id, v FROM d"),
    ],
)
def test_a_copied_column_keeps_its_space(api: Api, table: str, statement: str) -> None:
    run(api, "UPDATE d SET v = helios_embed('hashing-v1', t)")
    done = run(api, statement)
    assert done.status == 200, done.body
    assert space(api, table) == HASHED


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE e SET v = helios_embed('hashing-v1', t) WHERE id = 7",
        "INSERT INTO e VALUES (1, 'a', helios_embed('hashing-v1', 'a'))",
        "INSERT INTO e SELECT * FROM d",
        "UPDATE e SET v = d.v FROM d WHERE d.id = e.id",
        "MERGE INTO e USING d ON d.id = e.id WHEN NOT MATCHED THEN INSERT (id, v) VALUES (d.id, d.v)",
    ],
)
@pytest.mark.parametrize("recorded", [True, False])
def test_spaces_are_not_mixed(api: Api, statement: str, recorded: bool) -> None:
    run(api, "UPDATE d SET v = helios_embed('hashing-v1', t)")
    if recorded:
        other(api, "e")
    run(api, "INSERT INTO e VALUES (7, 'other', $1)", [1.0] * 1536)
    refused = run(api, statement)
    assert refused.code == (400, "QUERY_ERROR"), refused.body
    assert refused.error["details"]["sqlstate"] == "22000"
    before = "of another (1536)" if recorded else "of a model that nobody recorded"
    assert f"the vectors in “v” of “e” are {before}, not of {HASHED}" in refused.error["message"]
    assert run(api, "SELECT count(*) AS n FROM e").data["rows"] == [[1]]
    # The mends: all at once, or after emptying it.
    run(api, "UPDATE e SET v = NULL")
    assert run(api, statement).status == 200
    assert space(api, "e") == HASHED


def test_embedding_all_rows_anew_changes_the_space(api: Api) -> None:
    other(api, "e")
    run(api, "INSERT INTO e VALUES (7, 'other', $1)", [1.0] * 1536)
    assert run(api, "UPDATE e SET v = helios_embed('hashing-v1', t)").status == 200
    assert space(api, "e") == HASHED


def test_a_question_that_is_only_compared_says_nothing_of_the_column(api: Api) -> None:
    other(api, "e")
    run(api, "INSERT INTO e VALUES (7, 'other', $1)", [1.0] * 1536)
    done = run(api, "UPDATE e SET t = 'near' WHERE v <=> helios_embed('hashing-v1', 'x') < 3")
    assert done.status == 200, done.body
    run(api, "UPDATE d SET t = 'far', v = CASE WHEN v <=> helios_embed('hashing-v1', 'x') < 3 THEN v END")
    assert space(api, "d") is None
