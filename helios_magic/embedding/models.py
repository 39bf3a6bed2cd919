"""The models that can be asked: their names, their lengths, and which of them truly runs.

A model of OpenAI's without a provider is stood in for by the best local one, its vectors lengthened by zeros: lengths
and cosines are kept, and the answer is labelled.  With a provider its failures are errors, and nothing stands in.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helios_magic.embedding import weights
from helios_magic.errors import ValidationError
from helios_magic.models.embedding import HASHING, LOCAL, MINILM, OPENAI, canonical, further, lengths
from helios_magic.models.spaces import Embedder, Space
from helios_magic.settings import resolve

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from helios_magic.embedding.minilm import MiniLM

#: No space is longer: pgvector's own limit.
_LONGEST = 16_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What a model's name comes to here: the space of its vectors, and whether another model stands in."""

    asked: str
    space: Space
    emulated: bool

    @property
    def semantic(self) -> bool:
        """Whether texts that mean the same are near; hashing only knows the words."""
        return self.space.model != HASHING


@dataclass(frozen=True, slots=True)
class Embedded:
    """`vectors` is float32 (n, dimensions); `truncated` counts texts longer than the model reads, where it tells."""

    vectors: NDArray[np.float32]
    truncated: int | None


class Models:
    """The local models and the provider of the settings.  Thread-safe; what is installed or set later is found."""

    def choose(self, name: str) -> Choice:
        """Raises `ValidationError` for an unknown name, and for MiniLM by its own name where it is not installed."""
        name = canonical(name)
        provided = _Remote.of_settings().models
        if name in LOCAL:
            if name == MINILM and weights.installed() is None:
                raise _not_installed(name)
            return Choice(name, Space(name, LOCAL[name]), emulated=False)
        if name in provided:
            return Choice(name, Space(name, provided[name]), emulated=False)
        if name not in OPENAI:
            raise _unknown(name)
        stand_in = MINILM if weights.installed() is not None else HASHING
        return Choice(name, Space(stand_in, OPENAI[name]), emulated=True)

    def default(self, dimensions: int) -> Space:
        """The provider's model of that length, or the local one that fits; see `models.spaces`."""
        provided = [name for name, length in _Remote.of_settings().models.items() if length == dimensions]
        if provided:
            return Space(provided[0], dimensions)
        if dimensions > LOCAL[MINILM] and weights.installed() is not None:
            return Space(MINILM, dimensions)
        # Vectors of 384 are of MiniLM, or of no model that hashing could be compared with.
        if dimensions == LOCAL[MINILM]:
            return self.choose(MINILM).space
        if dimensions >= LOCAL[HASHING]:
            return Space(HASHING, dimensions)
        least = LOCAL[MINILM] if weights.installed() is not None else LOCAL[HASHING]
        raise ValidationError(
            f"no model here gives vectors of {dimensions} dimensions",
            hint=f"Search with a vector, or name the model that made the column; lengths from {least} on can be made.",
            details={"field": "query", "expected": f"a column of {least} dimensions or more", "got": dimensions},
        )

    def embedder(self, space: Space) -> Embedder:
        return lambda texts: self.embed(space, texts).vectors

    def embed(self, space: Space, texts: Sequence[str]) -> Embedded:
        """The texts in a space.

        Raises `ValidationError` for a model that is unknown, not installed, not configured, or of another length, and
        `ServerError` where the provider fails.
        """
        remote = _Remote.of_settings()
        if space.model in remote.models:
            _check_length(space, remote.models[space.model], exactly=True)
            return Embedded(remote.embed(texts, space), None)
        if space.model in OPENAI:
            raise ValidationError(
                f"vectors of {space.model} are made by its provider, and none is set",
                hint="Set embedding_url and embedding_key, or embed the column anew with a local model.",
                details={
                    "field": "model",
                    "expected": "a provider in the settings",
                    "got": "none",
                    "model": space.model,
                },
            )
        if space.model not in LOCAL:
            raise _unknown(space.model)
        _check_length(space, LOCAL[space.model], exactly=False)
        if space.model == MINILM:
            vectors, truncated = _loaded().embed(texts)
            return Embedded(_lengthened(vectors, space.dimensions), truncated)
        from helios_magic.embedding import hashing

        return Embedded(_lengthened(hashing.embed(texts), space.dimensions), 0)

    def space(self, name: str) -> Space:
        """The space of what `named` gives.  Raises as `choose`."""
        return self.choose(name).space

    def named(self, name: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts by a model's name, as `POST /vectors/embed` gives them.  Raises as `choose` and `embed`."""
        return self.embed(self.space(name), texts).vectors


@functools.lru_cache(maxsize=1)
def _minilm(place: Path) -> MiniLM:
    """The weights once in a process, whoever asks."""
    from helios_magic.embedding.minilm import MiniLM

    return MiniLM(place)


def _loaded() -> MiniLM:
    place = weights.installed()
    if place is None:
        raise _not_installed(MINILM)
    return _minilm(place)


def _unknown(name: str) -> ValidationError:
    known = list(lengths())
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return ValidationError(
        f"no embedding model is named “{name[:80]}”",
        hint=f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}.",
        details={"field": "model", "expected": f"one of {', '.join(known)}", "got": name[:80]},
    )


@dataclass(frozen=True, slots=True)
class _Remote:
    """The provider that the settings name: no model without a base URL."""

    url: str
    named: Mapping[str, int]

    @classmethod
    def of_settings(cls) -> _Remote:
        return cls(resolve("embedding_url") or "", further())

    @property
    def models(self) -> dict[str, int]:
        """What it gives, by name; the settings' own first, so that they are chosen where only a length is given."""
        return {**self.named, **{name: OPENAI[name] for name in OPENAI if name not in self.named}} if self.url else {}

    def embed(self, texts: Sequence[str], space: Space) -> NDArray[np.float32]:
        from helios_magic.embedding.provider import Provider

        # OpenAI's models are known there without the prefix, those of the settings as they stand there.
        name = space.model if space.model in self.named else space.model.removeprefix("openai/")
        return Provider(self.url, resolve("embedding_key")).embed(texts, name, space.dimensions)


def _lengthened(vectors: NDArray[np.float32], dimensions: int) -> NDArray[np.float32]:
    """Zeros at the end change no cosine, no distance and no inner product."""
    import numpy as np

    missing = dimensions - vectors.shape[1]
    return np.pad(vectors, ((0, 0), (0, missing))) if missing else vectors


def _check_length(space: Space, own: int, *, exactly: bool) -> None:
    if space.dimensions == own or (not exactly and own < space.dimensions <= _LONGEST):
        return
    expected = f"{own}" if exactly else f"{own} to {_LONGEST}"
    raise ValidationError(
        f"{space.model} gives vectors of {own} dimensions, not {space.dimensions}",
        hint=f"A column for it is vector({own}).",
        details={"field": "dimensions", "expected": expected, "got": space.dimensions},
    )


def _not_installed(name: str) -> ValidationError:
    return ValidationError(
        f"the weights of {name} are not installed",
        hint=f"{weights.INSTALL} fetches them once ({weights.SIZE / 1e6:.0f} MB).",
        details={"field": "model", "expected": "a model that is installed", "got": name, "reason": "not_installed"},
    )
