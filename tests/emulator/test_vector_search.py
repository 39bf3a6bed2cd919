"""`POST /vectors/search` (API reference, "Vector/AI Endpoints"; decisions.md, "Vectors"), as raw JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.calling import Answered, Api, an_api

ROWS = [
    (1, "logging in with a token", "en", "[1,0,0]"),
    (2, "sign in by password", "en", "[0.8,0.6,0]"),
    (3, "Anmeldung", "de", "[0,1,0]"),
    (4, "nothing of the kind", "en", "[-1,0,0]"),
    (5, "not embedded yet", "en", None),
    (6, "empty", "en", "[0,0,0]"),
]


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    api = an_api()
    api.sql("CREATE TABLE documents (id int PRIMARY KEY, title text, lang text, embedding vector(3))")
    for row in ROWS:
        assert api.sql("INSERT INTO documents VALUES ($1, $2, $3, $4)", *row).status == 200
    api.sql("CREATE TABLE plain (id int, title text, similarity float8, v vector(2))")
    yield api
    api.local.close()


def search(api: Api, **body: Any) -> Answered:
    order = {"table": "documents", "embedding_column": "embedding", **body}
    return api("POST", "/vectors/search", order, database="default")


def test_the_nearest_rows_with_their_similarity(api: Api) -> None:
    answer = search(api, vector=[1, 0, 0], limit=2)
    assert answer.status == 200
    assert answer.data == {
        "results": [
            {"id": 1, "title": "logging in with a token", "lang": "en", "similarity": 1.0},
            {"id": 2, "title": "sign in by password", "lang": "en", "similarity": 0.8},
        ]
    }
    assert answer.body["meta"]["index"] == "exact"


def test_rows_without_a_direction_have_no_cosine(api: Api) -> None:
    assert [row["id"] for row in search(api, vector=[1, 0, 0]).data["results"]] == [1, 2, 3, 4]
    assert search(api, vector=[0, 0, 0], metric="l2", limit=1).data["results"][0]["id"] == 6


def test_metrics(api: Api) -> None:
    by_l2 = search(api, vector=[0, 1, 0], metric="l2", limit=1, columns=["id"]).data["results"]
    assert by_l2 == [{"id": 3, "similarity": 1.0}]
    by_product = search(api, vector=[2, 0, 0], metric="inner_product", limit=2, columns=["id"]).data["results"]
    assert by_product == [{"id": 1, "similarity": 2.0}, {"id": 2, "similarity": 1.6}]


def test_the_threshold_is_applied_as_asked(api: Api) -> None:
    assert [row["id"] for row in search(api, vector=[1, 0, 0], threshold=0.7).data["results"]] == [1, 2]
    none = search(api, vector=[0, 0, 1], threshold=0.7)
    assert none.data == {"results": []}
    assert none.body["meta"]["best_similarity"] == 0.0


def test_a_filter_comes_before_the_search(api: Api) -> None:
    german = {"column": "lang", "op": "=", "value": "de"}
    assert search(api, vector=[-1, 0, 0], filter=german, columns=["id"]).data["results"] == [
        {"id": 3, "similarity": 0.0}
    ]
    both = {"or": [german, {"column": "title", "op": "ilike", "value": "%PASSWORD%"}]}
    assert [row["id"] for row in search(api, vector=[1, 0, 0], filter=both).data["results"]] == [2, 3]


def test_the_embedding_comes_back_only_when_it_is_named(api: Api) -> None:
    answer = search(api, vector=[1, 0, 0], limit=1, columns=["embedding", "id"])
    assert answer.data["results"] == [{"embedding": [1.0, 0.0, 0.0], "id": 1, "similarity": 1.0}]


def test_without_columns_the_similarities_are_left(api: Api) -> None:
    """Found by schemathesis: it was a 500."""
    whole = search(api, vector=[1, 0, 0]).data["results"]
    bare = search(api, vector=[1, 0, 0], columns=[]).data["results"]
    assert bare == [{"similarity": each["similarity"]} for each in whole]
    assert bare


def test_each_branch_has_its_own_rows(api: Api) -> None:
    api("POST", "/branches", {"name": "there"}, database="default")
    gone = {"query": "DELETE FROM documents WHERE id = 1", "branch": "there"}
    assert api("POST", "/sql", gone, database="default").status == 200
    assert [row["id"] for row in search(api, vector=[1, 0, 0], limit=1, branch="there").data["results"]] == [2]
    assert [row["id"] for row in search(api, vector=[1, 0, 0], limit=1).data["results"]] == [1]


@pytest.mark.parametrize(
    ("body", "status", "code", "told", "details"),
    [
        ({"vector": [1, 0]}, 400, "VALIDATION_ERROR", "has 3", {"expected": 3, "got": 2}),
        ({"vector": [0, 0, 0]}, 400, "VALIDATION_ERROR", "no direction", {"field": "vector"}),
        ({"vector": [1e39, 0, 0]}, 400, "VALIDATION_ERROR", "not finite", {"field": "vector"}),
        ({"vector": [1, 0, "x"]}, 400, "VALIDATION_ERROR", "", {}),
        ({"vector": [1, 0, 0], "limit": 0}, 400, "VALIDATION_ERROR", "limit", {}),
        ({"vector": [1, 0, 0], "limit": 1_000_000}, 400, "VALIDATION_ERROR", "limit", {}),
        ({"vector": [1, 0, 0], "metric": "hamming"}, 400, "VALIDATION_ERROR", "metric", {}),
        ({"vector": [1, 0, 0], "filter": {"lang": "de"}}, 400, "VALIDATION_ERROR", "“filter”", {"field": "filter"}),
        ({"vector": [1, 0, 0], "columns": ["titel"]}, 404, "NOT_FOUND", "no column “titel”", {"column": "titel"}),
        ({"vector": [1, 0, 0], "branch": "nowhere"}, 404, "NOT_FOUND", "nowhere", {"branch": "nowhere"}),
        ({"query": "   "}, 400, "VALIDATION_ERROR", "the query is empty", {"field": "query"}),
        ({}, 400, "VALIDATION_ERROR", "one of the two, not neither", {"got": "neither"}),
        ({"query": "a", "vector": [1, 0, 0]}, 400, "VALIDATION_ERROR", "not both", {"got": "both"}),
        ({"query": "who?"}, 400, "VALIDATION_ERROR", "no model here gives vectors of 3 dimensions", {"got": 3}),
        ({"vector": [1, 0, 0], "mode": "hybrid"}, 400, "VALIDATION_ERROR", "needs “query”", {"field": "query"}),
        ({"vector": [1], "table": "document"}, 404, "NOT_FOUND", "no table “document”", {"table": "document"}),
        ({"vector": [1], "embedding_column": "e"}, 404, "NOT_FOUND", "no column “e”", {"column": "e"}),
        ({"vector": [1], "embedding_column": "title"}, 400, "VALIDATION_ERROR", "not vector(n)", {"got": "text"}),
        ({"vector": [1, 2], "table": "plain", "embedding_column": "v"}, 400, "VALIDATION_ERROR", "of its own", {}),
        (
            {"vector": [1, 0, 0], "filter": {"column": "nope", "value": 1}},
            400, "QUERY_ERROR", 'column "nope" does not exist', {"sqlstate": "42703"},
        ),
    ],
)  # fmt: skip
def test_bad_input(api: Api, body: Any, status: int, code: str, told: str, details: Any) -> None:
    answer = search(api, **body)
    assert answer.code == (status, code), answer.body
    assert told in answer.error["message"]
    assert details.items() <= answer.error["details"].items()
