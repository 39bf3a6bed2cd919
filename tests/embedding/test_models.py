"""Which model answers a name or a length, with and without weights and a provider."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helios_magic.embedding import hashing
from helios_magic.embedding.models import Models
from helios_magic.errors import ServerError, UsageError, ValidationError
from helios_magic.models.spaces import Space
from tests.embedding.provider import FakeProvider, vector

SMALL = "openai/text-embedding-3-small"


def test_hashing_is_deterministic_and_of_length_one() -> None:
    texts = ["User authentication guide", "guide authentication user", "!!!", "日本語", "x"]
    once, again = hashing.embed(texts), hashing.embed(texts)
    assert once.shape == (5, 1536)
    assert once.dtype == np.float32
    assert np.array_equal(once, again)
    assert np.allclose(np.linalg.norm(once, axis=1), 1, atol=1e-6)
    # For ever: vectors that are stored today are searched tomorrow.
    assert [int(at) for at in np.flatnonzero(once[4])] == [531]


def test_hashing_finds_words_and_their_parts_not_meaning() -> None:
    question, same, stem, other = hashing.embed(
        ["authenticate users", "users authenticate", "user authentication", "logging in"]
    )
    assert question @ same > 0.999
    assert 0.2 < question @ stem < 0.9
    assert abs(question @ other) < 0.2


def test_without_weights_hashing_stands_in(no_weights: Path) -> None:
    choice = Models().choose(SMALL)
    assert (choice.space, choice.emulated, choice.semantic) == (Space("hashing-v1", 1536), True, False)
    assert Models().default(1536) == Space("hashing-v1", 1536)
    assert Models().embedder(Space("hashing-v1", 3072))(["a"]).shape == (1, 3072)


def test_with_weights_minilm_stands_in(weights_folder: Path) -> None:
    models = Models()
    choice = models.choose(SMALL)
    assert (choice.space, choice.emulated, choice.semantic) == (Space("all-MiniLM-L6-v2", 1536), True, True)
    assert models.default(384) == Space("all-MiniLM-L6-v2", 384)
    short, long = (models.embedder(Space("all-MiniLM-L6-v2", length))(["a", "b"]) for length in (384, 1536))
    assert np.array_equal(long[:, :384], short)
    assert not long[:, 384:].any()


@pytest.mark.parametrize(("length", "said"), [(3, "1536 on"), (383, "1536 on"), (1000, "1536 on")])
def test_lengths_that_no_model_has(no_weights: Path, length: int, said: str) -> None:
    with pytest.raises(ValidationError, match=f"no model here gives vectors of {length} dimensions") as refused:
        Models().default(length)
    assert said in str(refused.value.hint)


def test_384_without_weights_is_not_hashed(no_weights: Path) -> None:
    with pytest.raises(ValidationError, match="not installed") as refused:
        Models().default(384)
    assert "helios embeddings install" in str(refused.value.hint)


def test_the_provider_is_asked_by_its_own_names(provider: FakeProvider) -> None:
    models = Models()
    choice = models.choose(SMALL)
    assert (choice.space, choice.emulated) == (Space(SMALL, 1536), False)
    made = models.embed(choice.space, ["one", "three"]).vectors
    assert made.tolist() == [vector("one", 1536), vector("three", 1536)]
    models.embed(models.choose("openrouter/tiny").space, ["x"])
    assert [(each["model"], each["path"]) for each in provider.asked] == [
        ("text-embedding-3-small", "/v1/embeddings"),
        ("openrouter/tiny", "/v1/embeddings"),
    ]
    assert {each["key"] for each in provider.asked} == {f"Bearer {provider.key}"}
    assert models.default(768) == Space("nomic-embed-text", 768)


def test_many_texts_go_in_parts_and_stay_in_order(provider: FakeProvider) -> None:
    texts = ["x" * (1 + at % 7) for at in range(600)]
    made = Models().embed(Space("openrouter/tiny", 4), texts).vectors
    assert made[:, 0].tolist() == [len(text) for text in texts]
    assert [len(each["input"]) for each in provider.asked] == [256, 256, 88]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {"error": {"message": "Incorrect API key provided: sk-test-Zk3vT9"}}), "refused the key (401)"),
        ((429, {"error": {"message": "Rate limit for sk-test-Zk3vT9"}}), "answered 429: Rate limit for …"),
        ((500, b"<html>"), "answered 500"),
        ((200, b"<html>"), "no JSON"),
        ((200, {"object": "list"}), "no list of embeddings"),
        ((200, {"data": []}), "0 embeddings for 1 texts"),
        ((200, {"data": [{"index": 0, "embedding": [1, 2]}]}), "vectors of 2 dimensions, not 4"),
        ((200, b'{"data": [{"index": 0, "embedding": [1, 2, 3, NaN]}]}'), "NaN"),
    ],
)
def test_a_failing_provider_is_an_error_without_its_key(
    provider: FakeProvider, answer: tuple[int, object], said: str
) -> None:
    provider.answer = answer
    with pytest.raises(ServerError) as failed:
        Models().embed(Space("openrouter/tiny", 4), ["x"])
    assert said in failed.value.message
    assert failed.value.details["reason"] == "provider"
    assert provider.key not in f"{failed.value!r} {failed.value} {failed.value.details}"


def test_a_provider_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_EMBEDDING_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(ServerError, match="cannot be reached"):
        Models().embed(Models().choose(SMALL).space, ["x"])


def test_vectors_of_a_provider_that_is_gone_are_named(no_weights: Path) -> None:
    with pytest.raises(ValidationError, match="made by its provider, and none is set"):
        Models().embed(Space(SMALL, 1536), ["x"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HELIOS_EMBEDDING_URL", "https://me:secret@example.com/v1"),
        ("HELIOS_EMBEDDING_URL", "example.com"),
        ("HELIOS_EMBEDDING_MODELS", "nomic"),
        ("HELIOS_EMBEDDING_MODELS", "a=0"),
    ],
)
def test_settings_that_cannot_be_understood(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=name):
        Models().choose(SMALL)
