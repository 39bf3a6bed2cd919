"""Inverted lists: vectors gathered around centres, so that a query looks at the nearest lists only."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.nearest.metrics import Metric, scored

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
#: Begins and ends.
Spans = list[tuple[int, int]]


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
    starts: list[int]
    length: float
    """The rows' mean length."""
    width: float
    """The mean square of a row's distance from its centre."""

    def probed(self, query: NDArray[np.float32], metric: Metric, reach: Reach, wanted: int) -> Spans:
        """Where the nearest lists begin and end, those that adjoin put together.

        Near is meant by L2 throughout: the centre of a mixed list is short, and an angle would not see that.  A query
        whose length means nothing is given the rows' own.
        """
        import numpy as np

        square = float(np.vecdot(query, query))
        # Half the square of the query's length less half the square of its distance.
        nearness = np.vecdot(self.centres, query)
        if metric != "l2":
            nearness *= np.float32(self.length / max(math.sqrt(square), 1e-30))
            square = self.length**2
        nearness -= self.halves
        few = min(reach.probes, len(nearness))
        nearest = np.argpartition(nearness, len(nearness) - few)[len(nearness) - few :]
        # A handful: what is left to do costs less in Python's numbers than as arrays.
        by_nearness = sorted(zip(nearness[nearest].tolist(), nearest.tolist(), strict=True), reverse=True)
        chosen = sorted(self._within(by_nearness, square, reach.within, wanted))
        spans: Spans = []
        for each in chosen:
            begin, end = self.starts[each], self.starts[each + 1]
            if spans and spans[-1][1] == begin:
                spans[-1] = (spans[-1][0], end)
            elif end > begin:
                spans.append((begin, end))
        return spans

    def _within(self, lists: list[tuple[float, int]], square: float, within: float, wanted: int) -> Iterator[int]:
        """Of lists with their nearness, nearest first, those that are hardly farther than the first, and enough."""
        least = square / 2 - lists[0][0]
        bound = square / 2 - least - within * (least + self.width / 2)
        rows = 0
        for nearness, each in lists:
            if nearness < bound and rows >= _ENOUGH * wanted:
                return
            rows += self.starts[each + 1] - self.starts[each]
            yield each

    def scores(
        self,
        vectors: NDArray[np.float32],
        norms: NDArray[np.float32],
        query: NDArray[np.float32],
        metric: Metric,
        reach: Reach,
        wanted: int,
    ) -> tuple[Spans, NDArray[np.float32]]:
        """The rows in the nearest lists of `vectors` (n, d), which stand in the lists' order, and their scores."""
        import numpy as np

        spans = self.probed(query, metric, reach, wanted)
        if not spans:
            return spans, np.empty(0, dtype=np.float32)
        products = np.concatenate([np.vecdot(vectors[begin:end], query) for begin, end in spans])
        lengths = np.concatenate([norms[begin:end] for begin, end in spans])
        return spans, scored(products, lengths, query, metric, lambda few: vectors[places(spans)[few]])


def places(spans: Spans) -> NDArray[np.intp]:
    """Where the rows of the spans stand."""
    import numpy as np

    return np.concatenate([np.arange(begin, end) for begin, end in spans] or [np.empty(0, dtype=np.intp)])


def places_of(spans: Spans, numbers: list[int]) -> list[int]:
    """Where a few of the rows of the spans stand, by their numbers among all of them."""
    firsts = [0, *itertools.accumulate(end - begin for begin, end in spans)]
    found = []
    for number in numbers:
        span = bisect.bisect_right(firsts, number) - 1
        found.append(spans[span][0] + number - firsts[span])
    return found


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
    return Lists(centres, halves, starts.tolist(), length, float(np.vecdot(apart, apart).mean())), order


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
