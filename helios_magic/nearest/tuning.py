"""How many lists a query must look at: measured on the vectors themselves, against the exact answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from helios_magic.nearest.lists import Check, Lists
from helios_magic.nearest.metrics import Metric, best, score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECALL = 0.98
"""What is promised; the probes are chosen for more, because questions are not rows."""
_AIM = 0.99
_QUERIES, _NEAREST = 96, 10
_DRIFT = 0.5
"""How far a trial question is from a row, as a share of the row's length."""
_ROUNDING = 1e-6
"""The same two vectors, added up in another order."""
_CHUNK = 65_536
_SEED = 20_260_102


@dataclass(frozen=True, slots=True)
class Tuned:
    """Per metric the probes for ten rows, and the recall that was measured with them."""

    base: Mapping[Metric, int]
    recall: Mapping[Metric, float]
    most: int = 200
    """Above so many rows the exact way is as fast."""

    def probes(self, metric: Metric, wanted: int, passing: int, total: int) -> int:
        """The probes for `wanted` rows where `passing` of `total` rows may be found: more for more, more for rarer."""
        factor = max(1.0, (wanted / _NEAREST) ** 0.5) * max(1.0, total / max(1, passing))
        return int(self.base[metric] * factor + 0.5)


def tune(vectors: NDArray[np.float32], norms: NDArray[np.float32], lists: Lists, check: Check) -> Tuned:
    """Double the probes until the recall of ten rows is reached, for each metric."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    picked = vectors[random.choice(len(vectors), min(_QUERIES, len(vectors)), replace=False)]
    lengths = np.sqrt(np.vecdot(picked, picked))[:, None] / np.sqrt(vectors.shape[1])
    queries = (picked + _DRIFT * lengths * random.standard_normal(picked.shape)).astype(np.float32)
    chosen: dict[Metric, int] = {}
    reached: dict[Metric, float] = {}
    for metric in get_args(Metric):
        truth = _exact(vectors, norms, queries, metric, check)
        probes, recall = 1, 0.0
        while True:
            check()
            recall = _recall(vectors, norms, lists, queries, truth, metric, probes)
            if recall >= _AIM or probes >= len(lists.centres):
                break
            probes = min(len(lists.centres), max(probes + 1, int(probes * 1.4)))
        chosen[metric], reached[metric] = probes, recall
    return Tuned(chosen, reached)


def _exact(
    vectors: NDArray[np.float32], norms: NDArray[np.float32], queries: NDArray[np.float32], metric: Metric, check: Check
) -> list[NDArray[np.float32]]:
    """The ten best scores of each query, piece by piece."""
    import numpy as np

    found: list[NDArray[np.float32]] = [np.empty(0, dtype=np.float32) for _ in queries]
    for begin in range(0, len(vectors), _CHUNK):
        piece, lengths = vectors[begin : begin + _CHUNK], norms[begin : begin + _CHUNK]
        for number, query in enumerate(queries):
            check()
            scores = score(piece, lengths, query, metric)
            kept = np.concatenate([found[number], scores[best(scores, _NEAREST)]])
            found[number] = -np.sort(-kept)[:_NEAREST]
    return found


def _recall(
    vectors: NDArray[np.float32],
    norms: NDArray[np.float32],
    lists: Lists,
    queries: NDArray[np.float32],
    truth: list[NDArray[np.float32]],
    metric: Metric,
    probes: int,
) -> float:
    """The share of the exact answers that so many probes find; equal scores are equal answers."""
    import numpy as np

    shares = []
    for query, exact in zip(queries, truth, strict=True):
        if not len(exact):
            continue
        _, scores = lists.scores(vectors, norms, query, metric, probes)
        top = scores[best(scores, len(exact))]
        least = exact[-1] - _ROUNDING * max(1.0, abs(exact[-1]))
        shares.append(float((top >= least).sum()) / len(exact))
    return float(np.mean(shares)) if shares else 1.0
