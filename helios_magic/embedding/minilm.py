"""all-MiniLM-L6-v2 in numpy: a BERT of six layers, its tokens averaged and brought to length 1.

The weights are mapped, not read: a process that embeds nothing pays nothing, several share one copy.  Texts are never
padded: the tokens of many texts lie one after the other in a batch, and attention runs over those of equal length.
"""

from __future__ import annotations

import json
import mmap
import threading
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from helios_magic.embedding.wordpiece import WordPiece

Floats = npt.NDArray[np.float32]

DIMENSIONS = 384
#: Tokens that the model was trained to read; the rest of a text is not seen.
LONGEST = 256
_LAYERS, _HEADS, _EPSILON = 6, 12, np.float32(1e-12)
#: Tokens of one batch: enough for BLAS to be at its best, few enough for the caches.
_BATCH_TOKENS = 2048


class MiniLM:
    """Texts in, float32 of shape (n, 384) and length 1 out.  Thread-safe; one batch runs at a time."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds `model.safetensors` and `vocab.txt`."""
        self._words = WordPiece.read(folder / "vocab.txt", LONGEST)
        weights = read_safetensors(folder / "model.safetensors")
        self._embeddings = _Embeddings(weights)
        self._layers = [_Layer(weights, f"encoder.layer.{number}.") for number in range(_LAYERS)]
        self._lock = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> Floats:
        return self.embed(texts)[0]

    def embed(self, texts: Sequence[str]) -> tuple[Floats, int]:
        """The vectors, and how many texts were longer than the model reads."""
        tokens, cut = zip(*map(self._words.ids, texts), strict=True) if texts else ((), ())
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        for batch in _batches([len(each) for each in tokens]):
            # BLAS uses every core for one batch; two at once would only take turns, and twice the memory.
            with self._lock:
                vectors[batch] = self._run([tokens[at] for at in batch])
        return vectors, sum(cut)

    def _run(self, tokens: Sequence[list[int]]) -> Floats:
        """The vectors of texts that are sorted by their number of tokens."""
        lengths = np.array([len(each) for each in tokens])
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        hidden = self._embeddings(np.concatenate(tokens), np.concatenate([np.arange(n) for n in lengths]))
        groups = [(length, len(list(same))) for length, same in groupby(lengths)]
        for layer in self._layers:
            hidden = layer(hidden, groups)
        # A text's direction is that of its tokens' sum: the length goes to 1 anyway.
        sums: Floats = np.add.reduceat(hidden, starts)
        sums /= np.linalg.norm(sums, axis=1, keepdims=True)
        return sums


class _Embeddings:
    """Token and position to the first hidden state."""

    def __init__(self, weights: dict[str, Floats]) -> None:
        self._words = weights["embeddings.word_embeddings.weight"]
        # Every text is of the first of two kinds; its vector belongs to each position.
        kind = weights["embeddings.token_type_embeddings.weight"][0]
        self._positions = weights["embeddings.position_embeddings.weight"] + kind
        self._norm = _norm(weights, "embeddings.LayerNorm")

    def __call__(self, ids: npt.NDArray[Any], positions: npt.NDArray[Any]) -> Floats:
        return _normalized(self._words[ids] + self._positions[positions], *self._norm)


class _Layer:
    """Attention, then two dense layers; each adds to what it was given, and the sum is normalized."""

    def __init__(self, weights: dict[str, Floats], prefix: str) -> None:
        self._attend = _joined(
            [_dense(weights, f"{prefix}attention.self.{name}") for name in ("query", "key", "value")]
        )
        self._gather = _dense(weights, f"{prefix}attention.output.dense")
        self._gather_norm = _norm(weights, f"{prefix}attention.output.LayerNorm")
        self._widen = _dense(weights, f"{prefix}intermediate.dense")
        self._narrow = _dense(weights, f"{prefix}output.dense")
        self._norm = _norm(weights, f"{prefix}output.LayerNorm")

    def __call__(self, hidden: Floats, groups: Sequence[tuple[int, int]]) -> Floats:
        attended = _attention(_linear(hidden, *self._attend), groups)
        hidden = _normalized(_linear(attended, *self._gather) + hidden, *self._gather_norm)
        return _normalized(_linear(_gelu(_linear(hidden, *self._widen)), *self._narrow) + hidden, *self._norm)


def _attention(joined: Floats, groups: Sequence[tuple[int, int]]) -> Floats:
    """`joined` is (tokens, 3 × 384): query, key and value; `groups` are (length, how many texts), in order."""
    attended = np.empty((len(joined), DIMENSIONS), np.float32)
    size = DIMENSIONS // _HEADS
    start = 0
    for length, texts in groups:
        end = start + length * texts
        parts = joined[start:end].reshape(texts, length, 3, _HEADS, size).transpose(2, 0, 3, 1, 4)
        query, key, value = parts
        scores = query @ key.transpose(0, 1, 3, 2)
        scores *= np.float32(size**-0.5)
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        attended[start:end] = (scores @ value).transpose(0, 2, 1, 3).reshape(-1, DIMENSIONS)
        start = end
    return attended


def _linear(values: Floats, weight: Floats, bias: Floats) -> Floats:
    out: Floats = values @ weight
    out += bias
    return out


def _normalized(values: Floats, weight: Floats, bias: Floats) -> Floats:
    values -= values.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", values, values)[:, None] / np.float32(values.shape[1])
    values /= np.sqrt(variance + _EPSILON)
    values *= weight
    values += bias
    return values


def _gelu(x: Floats) -> Floats:
    """x/2 · (1 + erf(x/√2)), in place; erf after Abramowitz and Stegun 7.1.26, within 1.5e-7."""
    scaled = np.abs(x)
    scaled *= np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * scaled)
    series = np.full_like(t, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series *= t
        series += np.float32(coefficient)
    series *= t
    np.square(scaled, out=scaled)
    np.negative(scaled, out=scaled)
    series *= np.exp(scaled, out=scaled)
    # `series` is 1 - erf(|x|/√2).
    x += np.abs(x) * (1 - series)
    x *= np.float32(0.5)
    return x


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """The texts' places sorted by length, cut into batches of at most `_BATCH_TOKENS` tokens."""
    batches: list[list[int]] = []
    room = 0
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not batches or lengths[at] > room:
            batches.append([])
            room = _BATCH_TOKENS
        batches[-1].append(at)
        room -= lengths[at]
    return batches


def read_safetensors(path: Path) -> dict[str, Floats]:
    """The float32 tensors of a file by name, mapped read-only.

    The format: eight bytes with the length of a JSON header, the header (name → dtype, shape, offsets), the numbers.
    """
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    size = int.from_bytes(mapped[:8], "little")
    header = json.loads(mapped[8 : 8 + size])
    tensors: dict[str, Floats] = {}
    for name, about in header.items():
        if name != "__metadata__" and about["dtype"] == "F32":
            begin, end = about["data_offsets"]
            numbers = np.frombuffer(mapped, "<f4", (end - begin) // 4, 8 + size + begin)
            tensors[name] = numbers.reshape(about["shape"])
    return tensors


def _dense(weights: dict[str, Floats], name: str) -> tuple[Floats, Floats]:
    return weights[f"{name}.weight"].T, weights[f"{name}.bias"]


def _norm(weights: dict[str, Floats], name: str) -> tuple[Floats, Floats]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _joined(dense: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Several layers over one input as one."""
    return np.concatenate([w for w, _ in dense], axis=1), np.concatenate([b for _, b in dense])
