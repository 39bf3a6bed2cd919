"""The numpy model against torch's answers and the library's tokens, stored beside these tests (`reference`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helios_magic.embedding.minilm import LONGEST, MiniLM
from helios_magic.embedding.wordpiece import WordPiece
from tests.embedding.reference import stored


def test_tokens_equal_the_librarys(weights_folder: Path) -> None:
    words = WordPiece.read(weights_folder / "vocab.txt", LONGEST)
    texts, ids, _ = stored()
    assert max(map(len, texts)) == 10_000
    different = [text[:60] for text, expected in zip(texts, ids, strict=True) if words.ids(text)[0] != expected]
    assert not different


def test_vectors_equal_torchs(minilm: MiniLM) -> None:
    texts, _, expected = stored()
    assert np.abs(minilm(texts) - expected).max() < 1e-6


def test_a_text_alone_is_the_text_among_others(minilm: MiniLM) -> None:
    texts, _, _ = stored()
    together = minilm(texts[:40])
    assert max(np.abs(minilm([text])[0] - row).max() for text, row in zip(texts[:40], together, strict=True)) < 1e-6


def test_shape_length_and_what_was_cut(minilm: MiniLM) -> None:
    vectors, cut = minilm.embed(["short", "long " * 1000, ""])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert vectors.flags.c_contiguous
    assert cut == 1
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-6
    assert minilm([]).shape == (0, 384)


@pytest.mark.parametrize(
    ("asked", "meant", "other"),
    [
        ("reads a compressed archive", "Open a zip file and extract its members", "Sort a list in place"),
        ("how do I log in", "User authentication guide", "Recipes with apples"),
        ("the car would not start", "an automobile with a dead battery", "a bird in a tree"),
    ],
)
def test_what_means_the_same_is_near(minilm: MiniLM, asked: str, meant: str, other: str) -> None:
    question, near, far = minilm([asked, meant, other])
    assert question @ near > question @ far + 0.15
