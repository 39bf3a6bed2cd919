"""`POST /vectors/embed` (API reference, "Vector/AI Endpoints"; decisions.md, "Vectors")."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.embedding.provider import FakeProvider, vector
from tests.emulator.calling import Answered, Api

#: As the reference writes it.
REFERENCE = {"texts": ["Hello world", "How are you?"], "model": "openai/text-embedding-3-small"}


def ask(api: Api, **body: Any) -> Answered:
    return api("POST", "/vectors/embed", body, database="default")


def test_the_references_example_without_weights(shared: Api, no_weights: Path) -> None:
    answered = ask(shared, **REFERENCE)
    assert answered.status == 200
    assert answered.data.keys() == {"embeddings", "model", "dimensions"}
    assert (answered.data["model"], answered.data["dimensions"]) == ("openai/text-embedding-3-small", 1536)
    assert [len(row) for row in answered.data["embeddings"]] == [1536, 1536]
    meta = answered.body["meta"]
    told = {name: meta[name] for name in ("embedded_by", "emulated", "semantic", "embedding_space", "truncated_texts")}
    assert told == {
        "embedded_by": "hashing-v1",
        "emulated": True,
        "semantic": False,
        "embedding_space": "hashing-v1 (1536)",
        "truncated_texts": 0,
    }


def test_the_references_example_with_weights(shared: Api, weights_folder: Path) -> None:
    answered = ask(shared, **REFERENCE)
    assert (answered.data["model"], answered.data["dimensions"]) == ("openai/text-embedding-3-small", 1536)
    meta = answered.body["meta"]
    assert (meta["embedded_by"], meta["emulated"], meta["semantic"]) == ("all-MiniLM-L6-v2", True, True)
    assert meta["embedding_space"] == "all-MiniLM-L6-v2 (1536)"
    own = ask(shared, texts=REFERENCE["texts"], model="all-MiniLM-L6-v2")
    assert own.data["dimensions"] == 384
    assert own.body["meta"]["emulated"] is False
    long, short = np.array(answered.data["embeddings"]), np.array(own.data["embeddings"])
    assert np.array_equal(long[:, :384], short)
    assert not long[:, 384:].any()
    assert np.abs(np.linalg.norm(short, axis=1) - 1).max() < 1e-6


def test_a_text_longer_than_the_model_reads_is_told(shared: Api, weights_folder: Path) -> None:
    answered = ask(shared, texts=["short", "long " * 500], model="all-MiniLM-L6-v2")
    assert answered.body["meta"]["truncated_texts"] == 1


@pytest.mark.parametrize(
    ("model", "dimensions"),
    [
        ("openai/text-embedding-3-small", 1536),
        ("openai/text-embedding-3-large", 3072),
        ("openai/text-embedding-ada-002", 1536),
        ("hashing-v1", 1536),
    ],
)
def test_each_model_keeps_its_dimensions(shared: Api, no_weights: Path, model: str, dimensions: int) -> None:
    answered = ask(shared, texts=["a"], model=model)
    assert (answered.data["model"], answered.data["dimensions"]) == (model, dimensions)
    assert len(answered.data["embeddings"][0]) == dimensions


def test_2048_texts_in_order(shared: Api, no_weights: Path) -> None:
    rows = ask(shared, texts=[f"text {at % 3}" for at in range(2048)]).data["embeddings"]
    assert len(rows) == 2048
    assert rows[0] == rows[2046]
    assert rows[0] != rows[2047]


@pytest.mark.parametrize(
    ("body", "field", "expected", "got"),
    [
        ({"texts": ["a"], "model": "openai/text-embedding-3-smal"}, "model", "one of openai/", "openai/text-embedding"),
        ({"texts": []}, "texts", "length >= 1", "0"),
        ({"texts": ["a"] * 2049}, "texts", "length <= 2048", "2049"),
        ({"texts": ["a", ""]}, "texts[1]", "a text that is not empty", "an empty one"),
        ({"texts": [" \n"]}, "texts[0]", "a text that is not empty", "blanks only"),
        ({"texts": ["a\0b"]}, "texts[0]", "a text without NUL", "NUL at character 2"),
        ({"texts": "a"}, "texts", "array", "string"),
        ({"texts": [1]}, "texts[0]", "string", "integer"),
        ({"texts": ["a"], "model": 3}, "model", "string", "integer"),
        ({"model": "hashing-v1"}, "texts", "", "nothing"),
        ({"texts": ["a"], "modle": "x"}, "modle", "model", ""),
    ],
)
def test_bad_input_names_expected_and_got(
    shared: Api,
    no_weights: Path,
    body: dict[str, Any],
    field: str,
    expected: str,
    got: str,
) -> None:
    refused = ask(shared, **body)
    assert refused.code == (400, "VALIDATION_ERROR")
    details = refused.error["details"]
    assert details["field"] == field
    assert expected in f"{details['expected']}"
    assert got in f"{details['got']}"


def test_an_unknown_model_names_the_nearest(shared: Api) -> None:
    refused = ask(shared, texts=["a"], model="text-embedding-3-small")
    assert refused.error["details"]["hint"] == "Did you mean openai/text-embedding-3-small?"


def test_the_local_model_by_its_name_is_not_replaced(shared: Api, no_weights: Path) -> None:
    refused = ask(shared, texts=["a"], model="all-MiniLM-L6-v2")
    assert refused.code == (400, "VALIDATION_ERROR")
    assert refused.error["message"] == "the weights of all-MiniLM-L6-v2 are not installed"
    assert refused.error["details"]["hint"].startswith("helios embeddings install fetches them")


def test_a_provider_answers_and_nothing_stands_in_when_it_fails(shared: Api, provider: FakeProvider) -> None:
    answered = ask(shared, **REFERENCE)
    assert answered.data["embeddings"] == [vector(text, 1536) for text in REFERENCE["texts"]]
    meta = answered.body["meta"]
    assert (meta["embedded_by"], meta["emulated"], meta["semantic"]) == (REFERENCE["model"], False, True)
    assert ask(shared, texts=["a"], model="nomic-embed-text").data["dimensions"] == 768
    provider.answer = (503, {"error": {"message": f"down, {provider.key}"}})
    failed = ask(shared, **REFERENCE)
    assert failed.code == (500, "SERVER_ERROR")
    assert failed.error["details"]["reason"] == "provider"
    assert "answered 503: down" in failed.error["message"]
    assert provider.key not in str(failed.body)
