"""`helios_embed(model, text)` in SQL, beside the endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.embedding.provider import FakeProvider
from tests.emulator.calling import Answered, Api


def sql(api: Api, query: str, *params: Any) -> Answered:
    return api("POST", "/sql", {"query": query, "params": list(params)}, database="default")


def test_it_gives_what_the_endpoint_gives(api: Api, no_weights: Path) -> None:
    texts = ["how to log in", "User authentication guide"]
    by_endpoint = api("POST", "/vectors/embed", {"texts": texts}, database="default").data["embeddings"]
    asked = sql(
        api, "SELECT helios_embed('openai/text-embedding-3-small', t) AS e FROM unnest($1::text[]) AS u(t)", texts
    )
    assert asked.data["types"] == ["vector(1536)"]
    got = [row[0] for row in asked.data["rows"]]
    assert np.abs(np.array(got) - np.array(by_endpoint)).max() < 1e-8


def test_a_column_is_embedded_where_there_is_text(api: Api, no_weights: Path) -> None:
    sql(api, "CREATE TABLE d (id int PRIMARY KEY, t text, e vector(1536))")
    sql(api, "INSERT INTO d (id, t) SELECT i, CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN ' ' ELSE 'text ' || i END "
             "FROM generate_series(1, 5000) AS g(i)")  # fmt: skip
    assert sql(api, "UPDATE d SET e = helios_embed('hashing-v1', t)").data["affected_rows"] == 5000
    assert sql(api, "SELECT count(*) AS n, count(e) AS v FROM d").data["rows"] == [[5000, 2500]]
    assert sql(api, "SELECT bool_and((t IS NULL OR t = ' ') = (e IS NULL)) AS same FROM d").data["rows"] == [[True]]


@pytest.mark.parametrize(
    ("call", "state", "said"),
    [
        ("helios_embed('hashing', 'x')", "22023", 'no embedding model is named "hashing"'),
        ("helios_embed('x')", "42883", "helios_embed(unknown) does not exist"),
        ("helios_embed(t, 'x')", "22023", "the model of helios_embed is a constant"),
        ("helios_embed('all-MiniLM-L6-v2', t)", "22023", "the weights of all-MiniLM-L6-v2 are not installed"),
    ],
)
def test_what_cannot_be_embedded_is_told(shared: Api, no_weights: Path, call: str, state: str, said: str) -> None:
    refused = sql(shared, f"SELECT {call} FROM (SELECT 'a'::text AS t) AS s")
    assert refused.code == (400, "QUERY_ERROR")
    assert refused.error["details"]["sqlstate"] == state
    assert said in refused.error["message"]


def test_a_provider_that_fails_stops_the_statement(shared: Api, provider: FakeProvider) -> None:
    assert sql(shared, "SELECT helios_embed('openrouter/tiny', 'abc') AS e").data["rows"] == [[[3.0, 0.25, 0.25, 0.25]]]
    provider.answer = (500, {"error": f"broken {provider.key}"})
    refused = sql(shared, "SELECT helios_embed('openrouter/tiny', 'other') AS e")
    assert "answered 500: broken …" in refused.error["message"]
    assert provider.key not in str(refused.body)
