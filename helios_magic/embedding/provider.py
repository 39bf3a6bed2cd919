"""Any service with OpenAI's embeddings endpoint: `POST {base URL}/embeddings`.

A failure is an error that says what the provider said, never another model's vectors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from helios_magic.errors import ServerError
from helios_magic.providers.asking import NoAnswerError, asking
from helios_magic.settings import Secret

#: Texts of one request; providers take at most 2,048, and a smaller answer comes sooner.
BATCH = 256
_LARGEST = 64_000_000
"""Bytes of the largest answer that is read: BATCH vectors of 8,192 numbers."""


class Provider:
    """A base URL such as `https://api.openai.com/v1`, and its key.  Thread-safe."""

    def __init__(self, url: str, key: Secret | None) -> None:
        self._url, self._key = url, key

    def __repr__(self) -> str:
        return f"<Provider {self._url}>"

    def embed(self, texts: Sequence[str], model: str, dimensions: int) -> npt.NDArray[np.float32]:
        """float32 of shape (n, dimensions), as the provider answers them.  Raises `ServerError` (`reason` provider)."""
        parts = [np.empty((0, dimensions), np.float32)]
        try:
            with asking(self._url, "embeddings", self._key, largest=_LARGEST) as ask:
                for start in range(0, len(texts), BATCH):
                    batch = list(texts[start : start + BATCH])
                    read = ask({"model": model, "input": batch, "encoding_format": "float"})
                    parts.append(self._vectors(read, len(batch), dimensions))
        except NoAnswerError as error:
            raise self._failed(
                error.what, f"Check the setting embedding_{error.setting}." if error.setting else None
            ) from None
        return np.concatenate(parts)

    def _vectors(self, read: bytes, count: int, dimensions: int) -> npt.NDArray[np.float32]:
        try:
            body = json.loads(read)
        except (ValueError, RecursionError):
            raise self._failed("answered something that is no JSON", "Check the setting embedding_url.") from None
        try:
            rows = sorted(body["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (KeyError, TypeError, ValueError):
            raise self._failed("answered no list of embeddings", "Check the setting embedding_url.") from None
        if [row["index"] for row in rows] != list(range(count)):
            raise self._failed(f"answered {len(rows)} embeddings for {count} texts")
        if vectors.shape != (count, dimensions):
            got = vectors.shape[1] if vectors.ndim == 2 else "several"
            raise self._failed(
                f"gave vectors of {got} dimensions, not {dimensions}", "Correct the setting embedding_models."
            )
        if not np.isfinite(vectors).all():
            raise self._failed("gave vectors with NaN or Infinity in them")
        return vectors

    def _failed(self, what: str, hint: str | None = None) -> ServerError:
        return ServerError(f"the embedding provider {self._url} {what}", hint=hint, details={"reason": "provider"})
