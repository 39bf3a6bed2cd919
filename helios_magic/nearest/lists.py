"""Inverted lists: vectors gathered around centres, so that a query looks at the nearest lists only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.nearest.metrics import Metric, best, scored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROUNDS = 6
_SAMPLES_PER_LIST = 32
_PER_ROOT, _MOST_LISTS = 4, 4096
"""Lists per square root of the rows.  Short lists cost little to look at, and their centres little beside them."""
_ENOUGH = 4
"""How many rows for each wanted one are looked at, however near the first list is."""
_CHUNK = 16_384
_SAMPLE = 1000
_SEED = 20_260_101

#: Told between two steps of a build; raises to give it up.
Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a query looks: at the `probes` nearest lists, of these at those hardly farther than the nearest.

    A centre may be `within` times farther (in squares, from the nearest's distance and the lists' own width); without
    a bound a query in the midst of one list would look at as many as one that lies between several.
    """

    probes: int
    within: float = math.inf

    def times(self, factor: float) -> Reach:
        """Farther by a factor."""
        return Reach(int(self.probes * factor + 0.5), self.within * factor)


@dataclass(frozen=True, slots=True)
class Lists:
    """`order` brings vectors into the order of their lists; list i is then at `starts[i]:starts[i + 1]`."""

    centres: NDArray[np.float32]
    halves: NDArray[np.float32]
    """Half the square of each centre's length."""
    starts: NDArray[np.intp]
    length: float
    """The rows' mean length."""
    width: float
    """The mean square of a row's distance from its centre."""

    def probed(self, query: NDArray[np.float32], metric: Metric, reach: Reach, wanted: int) -> list[tuple[int, int]]:
        """Where the nearest lists begin and end, those that adjoin put together.

        Near is meant by L2 throughout: the centre of a mixed list is short, and an angle would not see that.  A query
        whose length means nothing is given the rows' own.
        """
        import numpy as np

        if metric != "l2":
            query = query * np.float32(self.length / max(float(np.sqrt(np.vecdot(query, query))), 1e-30))
        # Half the square of the query's length less half the square of its distance.
        nearness = np.vecdot(self.centres, query) - self.halves
        chosen = best(nearness, reach.probes)
        if math.isfinite(reach.within):
            half = float(np.vecdot(query, query)) / 2
            least = half - float(nearness[chosen[0]])
            near = nearness[chosen] >= half - least - reach.within * (least + self.width / 2)
            sizes = np.cumsum(self.starts[chosen + 1] - self.starts[chosen])
            chosen = chosen[: max(int(near.sum()), int(np.searchsorted(sizes, _ENOUGH * wanted)) + 1)]
        chosen = np.sort(chosen)
        spans: list[tuple[int, int]] = []
        for begin, end in zip(self.starts[chosen].tolist(), self.starts[chosen + 1].tolist(), strict=True):
            if spans and spans[-1][1] == begin:
                spans[-1] = (spans[-1][0], end)
            elif end > begin:
                spans.append((begin, end))
        return spans

    def scores(
        self,
        vectors: NDArray[np.float32],
        norms: NDArray[np.float32],
        query: NDArray[np.float32],
        metric: Metric,
        reach: Reach,
        wanted: int,
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """The places in the nearest lists of `vectors` (n, d), which stand in the lists' order, and their scores."""
        import numpy as np

        spans = self.probed(query, metric, reach, wanted)
        products = np.empty(sum(end - begin for begin, end in spans), dtype=np.float32)
        places = np.empty(len(products), dtype=np.intp)
        lengths = np.empty(len(products), dtype=np.float32)
        at = 0
        for begin, end in spans:
            until = at + end - begin
            np.vecdot(vectors[begin:end], query, out=products[at:until])
            lengths[at:until] = norms[begin:end]
            places[at:until] = np.arange(begin, end)
            at = until
        return places, scored(products, lengths, query, metric, lambda few: vectors[places[few]])


def build(vectors: NDArray[np.float32], check: Check) -> tuple[Lists, NDArray[np.intp]]:
    """Lists of vectors (n, d), and the order that puts these into them."""
    import numpy as np

    count = min(_MOST_LISTS, max(1, int(_PER_ROOT * math.sqrt(len(vectors)))))
    centres = _centres(vectors, count, check)
    members = _assign(vectors, centres, check)
    order = np.argsort(members, kind="stable")
    starts = np.searchsorted(members[order], np.arange(count + 1))
    halves = np.vecdot(centres, centres) / 2
    some = slice(None, None, max(1, len(vectors) // _SAMPLE))
    length = float(np.sqrt(np.vecdot(vectors[some], vectors[some])).mean())
    apart = vectors[some] - centres[members[some]]
    return Lists(centres, halves, starts, length, float(np.vecdot(apart, apart).mean())), order


def _centres(vectors: NDArray[np.float32], count: int, check: Check) -> NDArray[np.float32]:
    """k-means on a sample (Lloyd); a centre that has lost all its vectors takes one of the largest's."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    sample = vectors[np.sort(random.choice(len(vectors), min(len(vectors), count * _SAMPLES_PER_LIST), replace=False))]
    centres = sample[random.choice(len(sample), count, replace=False)].copy()
    for _ in range(_ROUNDS):
        members = _assign(sample, centres, check)
        sizes = np.bincount(members, minlength=count)
        order = np.argsort(members, kind="stable")
        filled = np.flatnonzero(sizes)
        begins = np.concatenate([[0], np.cumsum(sizes[filled])[:-1]])
        centres[filled] = np.add.reduceat(sample[order], begins, axis=0) / sizes[filled, None]
        empty = np.flatnonzero(sizes == 0)
        if len(empty):
            crowded = np.flatnonzero(members == int(np.argmax(sizes)))
            centres[empty] = sample[random.choice(crowded, len(empty))]
    return centres


def _assign(vectors: NDArray[np.float32], centres: NDArray[np.float32], check: Check) -> NDArray[np.intp]:
    """The nearest centre of each vector, by L2."""
    import numpy as np

    half = np.vecdot(centres, centres) / 2
    members = np.empty(len(vectors), dtype=np.intp)
    for begin in range(0, len(vectors), _CHUNK):
        check()
        products = vectors[begin : begin + _CHUNK] @ centres.T
        products -= half
        members[begin : begin + _CHUNK] = products.argmax(axis=1)
    return members
