"""How many lists a query must look at: measured on the vectors themselves, against the exact answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from helios_magic.nearest.lists import Check, Lists, Reach
from helios_magic.nearest.metrics import Metric, best, score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECALL = 0.98
"""What is promised; the probes are chosen for more, because questions are not rows."""
_AIM = 0.99
_QUERIES, _NEAREST = 96, 10
_WITHINS = (0.02, 0.05, 0.1, 0.2, 0.4)
_WIDER = 2
"""How many times as many lists a query may look at where it leaves out the farther ones."""
_WORTH = 0.25
"""Where a larger share of the rows would have to be looked at, looking at all of them is as fast."""
_DRIFT = 0.5
"""How far a trial question is from a row, as a share of the row's length."""
_ROUNDING = 1e-6
"""The same two vectors, added up in another order."""
_CHUNK = 65_536
_SEED = 20_260_102


@dataclass(frozen=True, slots=True)
class Tuned:
    """Per metric how far to look for ten rows, and the recall that was measured so."""

    base: Mapping[Metric, Reach]
    recall: Mapping[Metric, float]
    most: int = 200
    """Above so many rows the exact way is as fast."""

    def reach(self, metric: Metric, wanted: int, passing: int, total: int) -> Reach:
        """How far for `wanted` rows where `passing` of `total` may be found: farther for more, and for rarer."""
        factor = max(1.0, (wanted / _NEAREST) ** 0.5) * max(1.0, total / max(1, passing))
        return self.base[metric].times(factor)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Questions with their exact answers, put to lists of vectors (n, d)."""

    vectors: NDArray[np.float32]
    norms: NDArray[np.float32]
    lists: Lists
    metric: Metric
    queries: NDArray[np.float32]
    truth: list[NDArray[np.float32]]

    def of(self, reach: Reach) -> tuple[float, float]:
        """The share of the exact answers that is found, and how many rows were looked at; equal scores are equal."""
        import numpy as np

        shares, looked = [], 0
        for query, exact in zip(self.queries, self.truth, strict=True):
            if not len(exact):
                continue
            _, scores = self.lists.scores(self.vectors, self.norms, query, self.metric, reach, _NEAREST)
            looked += len(scores)
            top = scores[best(scores, len(exact))]
            least = exact[-1] - _ROUNDING * max(1.0, abs(exact[-1]))
            shares.append(float((top >= least).sum()) / len(exact))
        return (float(np.mean(shares)), looked) if shares else (1.0, 0)


def tune(vectors: NDArray[np.float32], norms: NDArray[np.float32], lists: Lists, check: Check) -> Tuned:
    """For each metric the reach that finds ten rows with the recall aimed at and looks at the fewest rows."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    picked = vectors[random.choice(len(vectors), min(_QUERIES, len(vectors)), replace=False)]
    lengths = np.sqrt(np.vecdot(picked, picked))[:, None] / np.sqrt(vectors.shape[1])
    queries = (picked + _DRIFT * lengths * random.standard_normal(picked.shape)).astype(np.float32)
    chosen: dict[Metric, Reach] = {}
    reached: dict[Metric, float] = {}
    for metric in get_args(Metric):
        truth = _exact(vectors, norms, queries, metric, check)
        chosen[metric], reached[metric] = _least(_Trial(vectors, norms, lists, metric, queries, truth), check)
    return Tuned(chosen, reached)


def _least(trial: _Trial, check: Check) -> tuple[Reach, float]:
    """The reach that has the recall aimed at and looks at the fewest rows; all lists, where few would not do."""
    most, probes = len(trial.lists.centres), 1
    bearable = _WORTH * len(trial.vectors) * len(trial.queries)
    fitting: list[tuple[float, Reach, float]] = []
    while True:
        check()
        recall, looked = trial.of(Reach(probes))
        if recall >= _AIM:
            fitting.append((looked, Reach(probes), recall))
        if fitting or looked > bearable or probes >= most:
            break
        probes = min(most, max(probes + 1, int(probes * 1.4)))
    for within in _WITHINS:
        check()
        bounded = Reach(min(most, _WIDER * probes), within)
        recall, looked = trial.of(bounded)
        if recall >= _AIM:
            fitting.append((looked, bounded, recall))
            break
    looked, reach, recall = min(fitting, key=lambda each: each[0], default=(0.0, Reach(most), 1.0))
    return (reach, recall) if looked <= bearable else (Reach(most), 1.0)


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
