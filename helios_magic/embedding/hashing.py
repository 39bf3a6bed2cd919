"""Texts as hashed words and parts of words: a keyword matcher, deterministic and without a model.

A text that says the same in other words is not near: what embeds like this is labelled `semantic: false`.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

DIMENSIONS = 1536
_WORD = re.compile(r"\w+")
#: A word weighs as much as all of its parts together, so that a shared stem is near and the same word nearer.
_GRAM = 3
_SEED = 0x68656C69


def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """float32 of shape (n, 1536), each of length 1; a repeated word counts by the root of how often it stands there."""
    vectors = np.zeros((len(texts), DIMENSIONS), np.float64)
    for vector, text in zip(vectors, texts, strict=True):
        plain = unicodedata.normalize("NFKC", text).casefold()
        # A text of signs alone is a word of signs.
        words = Counter(_WORD.findall(plain) or [plain])
        for word, times in words.items():
            places, weights = _features(word)
            np.add.at(vector, places, weights * times**0.5)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    # Nothing was hashed, or what was cancelled itself out.
    vectors[norms[:, 0] == 0, 0] = 1.0
    norms[norms == 0] = 1.0
    vectors /= norms
    return vectors.astype(np.float32)


@lru_cache(maxsize=65_536)
def _features(word: str) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Where a word adds what; the sign is hashed too, so that collisions cancel out on average."""
    parts = list(_parts(word))
    hashes = [zlib.crc32(part.encode("utf-8", "surrogatepass"), _SEED) for part in (word, *parts)]
    signs = np.array([1.0 if number >> 31 else -1.0 for number in hashes])
    signs[1:] *= len(parts) ** -0.5 if parts else 1.0
    return np.array([number % DIMENSIONS for number in hashes], np.intp), signs


def _parts(word: str) -> Iterator[str]:
    framed = f"<{word}>"
    if len(framed) > _GRAM:
        for at in range(len(framed) - _GRAM + 1):
            yield f"#{framed[at : at + _GRAM]}"
