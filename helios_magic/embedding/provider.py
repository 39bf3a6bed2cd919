"""Any service with OpenAI's embeddings endpoint: `POST {base URL}/embeddings`.

A failure is an error that says what the provider said, never another model's vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt

from helios_magic.errors import ServerError
from helios_magic.settings import Secret

#: Texts of one request; providers take at most 2,048, and a smaller answer comes sooner.
BATCH = 256
_PATIENCE = httpx.Timeout(60.0, connect=10.0)
_SHOWN = 200


class Provider:
    """A base URL such as `https://api.openai.com/v1`, and its key.  Thread-safe."""

    def __init__(self, url: str, key: Secret | None) -> None:
        self._url = url.rstrip("/")
        self._key = key

    def __repr__(self) -> str:
        return f"<Provider {self._url}>"

    def embed(self, texts: Sequence[str], model: str, dimensions: int) -> npt.NDArray[np.float32]:
        """float32 of shape (n, dimensions), as the provider answers them.  Raises `ServerError` (`reason` provider)."""
        headers = {} if self._key is None else {"Authorization": f"Bearer {self._key.reveal()}"}
        parts = [np.empty((0, dimensions), np.float32)]
        with httpx.Client(timeout=_PATIENCE, headers=headers) as client:
            for start in range(0, len(texts), BATCH):
                batch = list(texts[start : start + BATCH])
                parts.append(self._vectors(self._ask(client, batch, model), len(batch), dimensions))
        return np.concatenate(parts)

    def _ask(self, client: httpx.Client, texts: list[str], model: str) -> Any:
        try:
            answer = client.post(
                f"{self._url}/embeddings", json={"model": model, "input": texts, "encoding_format": "float"}
            )
        except httpx.TimeoutException:
            raise self._failed("did not answer in time", "Try again, or with fewer texts.") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise self._failed(
                f"cannot be reached: {type(error).__name__}", "Check the setting embedding_url."
            ) from None
        if answer.status_code in (401, 403):
            # What it says may quote a part of the key.
            raise self._failed(f"refused the key ({answer.status_code})", "Check the setting embedding_key.")
        if answer.status_code != 200:
            said = _message(answer)
            raise self._failed(f"answered {answer.status_code}{f': {self._clean(said)}' if said else ''}")
        try:
            return answer.json()
        except ValueError:
            raise self._failed("answered something that is no JSON", "Check the setting embedding_url.") from None

    def _vectors(self, body: Any, count: int, dimensions: int) -> npt.NDArray[np.float32]:
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

    def _clean(self, said: str) -> str:
        key = None if self._key is None else self._key.reveal()
        return said.replace(key, "…") if key else said


def _message(answer: httpx.Response) -> str:
    """What the provider said of its refusal, on one line."""
    try:
        body = answer.json()
        error = body.get("error", body) if isinstance(body, dict) else body
        said = error.get("message", "") if isinstance(error, dict) else error
    except ValueError:
        said = ""
    return " ".join(str(said).split())[:_SHOWN]
