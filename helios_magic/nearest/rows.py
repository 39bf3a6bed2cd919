"""The vectors of one table at one moment: a base that several versions share, and what has come and gone since.

The base never changes once it is there: rows that went are marked in `alive`, rows that came stand in a tail, which is
looked through row by row.  A version with other rows is a new `Rows` that shares the arrays of the old one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from helios_magic.nearest import lists as inverted
from helios_magic.nearest.metrics import Metric, best, score
from helios_magic.nearest.tuning import Tuned, tune

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXACT_UP_TO = 50_000
"""Rows up to which looking at all of them takes no longer than a few milliseconds."""
_FEW = 20_000
_SHARE = 0.05
"""A filter that leaves less than this, or few rows, is answered from those rows, all of them."""
_LONG_TAIL = 0.1
"""How much may have come or gone, as a share of the base, before the lists are worth making anew."""


@dataclass(frozen=True, slots=True)
class Base:
    """Vectors (n, d) with their lengths; with `lists` they stand in the order of these."""

    vectors: NDArray[np.float32]
    norms: NDArray[np.float32]
    lists: inverted.Lists | None = None
    tuned: Tuned | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Row numbers, best first, and their scores; how they were found."""

    ids: NDArray[np.int64]
    scores: NDArray[np.float32]
    how: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Vectors by row number.  `ids` belong to the base's rows; `alive` is None while all of them are there."""

    base: Base
    ids: NDArray[np.int64]
    alive: NDArray[np.bool_] | None
    tail: Base
    tail_ids: NDArray[np.int64]

    @classmethod
    def of(cls, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> Rows:
        """All rows of a table: ids (n,), vectors (n, d)."""
        return cls(_base(vectors), ids, None, _base(vectors[:0]), ids[:0])

    def __len__(self) -> int:
        return self.living + len(self.tail_ids)

    @property
    def living(self) -> int:
        """How many rows of the base are there still."""
        return len(self.ids) if self.alive is None else int(self.alive.sum())

    @property
    def bytes(self) -> int:
        """What the vectors take."""
        return self.base.vectors.nbytes + self.tail.vectors.nbytes

    @property
    def wants_lists(self) -> bool:
        """Whether lists, or new ones, are worth making."""
        if len(self) <= EXACT_UP_TO:
            return False
        changed = len(self.tail_ids) + len(self.ids) - self.living
        return self.base.lists is None or changed > max(EXACT_UP_TO // 5, _LONG_TAIL * len(self.ids))

    def all_ids(self) -> NDArray[np.int64]:
        """The numbers of all rows, ascending."""
        import numpy as np

        kept = self.ids if self.alive is None else self.ids[self.alive]
        return np.sort(np.concatenate([kept, self.tail_ids]))

    def now(self, present: NDArray[np.int64], came: NDArray[np.int64], vectors: NDArray[np.float32]) -> Rows:
        """The version that has the rows `present` (ascending); `came` of them, with `vectors`, are new."""
        import numpy as np

        alive = _among(self.ids, present)
        stay = _among(self.tail_ids, present)
        tail_vectors = np.concatenate([self.tail.vectors[stay], vectors])
        return replace(
            self,
            alive=None if alive.all() else alive,
            tail=_base(tail_vectors),
            tail_ids=np.concatenate([self.tail_ids[stay], came]),
        )

    def again(self, pieces: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]) -> Rows:
        """The version that has exactly these rows, whatever their numbers were before.

        The base is kept where most of its rows still are what they were: other versions share it.
        """
        import numpy as np

        order = np.argsort(self.ids, kind="stable")
        ascending = self.ids[order]
        alive = np.zeros(len(self.ids), dtype=np.bool_)
        ids: list[NDArray[np.int64]] = []
        vectors: list[NDArray[np.float32]] = []
        for numbers, given in pieces:
            same = np.zeros(len(numbers), dtype=np.bool_)
            if len(ascending):
                places = order[np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)]
                same = (self.ids[places] == numbers) & (self.base.vectors[places] == given).all(axis=1)
                alive[places[same]] = True
            ids.append(numbers[~same])
            vectors.append(given[~same])
        new_ids = np.concatenate([self.ids[:0], *ids])
        new_vectors = np.concatenate([self.base.vectors[:0], *vectors])
        if len(new_ids) <= _LONG_TAIL * alive.sum():
            return replace(self, alive=None if alive.all() else alive, tail=_base(new_vectors), tail_ids=new_ids)
        kept_ids, kept = self.ids[alive], self.base.vectors[alive]
        return Rows.of(np.concatenate([kept_ids, new_ids]), np.concatenate([kept, new_vectors]))

    def on(self, listed: Rows) -> Rows:
        """These rows on the base of `listed`, which has those of an older version with the same base."""
        import numpy as np

        present = self.all_ids()
        come = ~_among(self.tail_ids, np.sort(np.concatenate([listed.ids, listed.tail_ids])))
        return listed.now(present, self.tail_ids[come], self.tail.vectors[come])

    def has_all(self, ids: NDArray[np.int64]) -> bool:
        """Whether all these rows are here."""
        return bool(_among(ids, self.all_ids()).all())

    def listed(self, check: inverted.Check) -> Rows:
        """The same rows in lists of their own, with the reach that each metric needs.  Takes seconds to minutes."""
        import numpy as np

        kept = slice(None) if self.alive is None else self.alive
        ids = np.concatenate([self.ids[kept], self.tail_ids])
        vectors = np.concatenate([self.base.vectors[kept], self.tail.vectors])
        lists, order = inverted.build(vectors, check)
        base = _base(vectors[order])
        tuned = tune(base.vectors, base.norms, lists, check)
        empty = _base(vectors[:0])
        return Rows(replace(base, lists=lists, tuned=tuned), ids[order], None, empty, ids[:0])

    def search(
        self, query: NDArray[np.float32], metric: Metric, wanted: int, allowed: NDArray[np.int64] | None = None
    ) -> Found:
        """The `wanted` rows nearest to a query (d,); of `allowed` (ascending) only, where it is given."""
        import numpy as np

        lists, tuned = self.base.lists, self.base.tuned
        passing = self.alive
        if allowed is not None:
            if lists is None or len(allowed) <= max(_FEW, _SHARE * len(self)):
                return self._exactly(query, metric, wanted, allowed)
            mask = _among(self.ids, allowed)
            passing = mask if passing is None else mask & passing
        if lists is None or tuned is None or wanted > tuned.most:
            return self._exactly(query, metric, wanted, allowed)
        reach = tuned.reach(metric, wanted, len(self) if allowed is None else len(allowed), len(self))
        if reach.probes >= len(lists.centres) // 2:
            return self._exactly(query, metric, wanted, allowed)
        spans, scores = lists.scores(self.base.vectors, self.base.norms, query, metric, reach, wanted)
        if passing is not None:
            scores[~passing[inverted.places(spans)]] = -np.inf
        at = best(scores, wanted)
        if len(at) < wanted:
            # What passes is rare around here.
            return self._exactly(query, metric, wanted, allowed)
        how = f"ivf (lists {len(lists.centres)}, probes {reach.probes}, recall {tuned.recall[metric]:.3f})"
        return self._with_tail(
            self.ids[inverted.places_of(spans, at.tolist())], scores[at], query, metric, wanted, allowed, how
        )

    def _exactly(
        self, query: NDArray[np.float32], metric: Metric, wanted: int, allowed: NDArray[np.int64] | None
    ) -> Found:
        import numpy as np

        passing = self.alive
        if allowed is not None:
            mask = _among(self.ids, allowed)
            passing = mask if passing is None else mask & passing
        if passing is not None and passing.sum() < len(self.ids) // 2:
            places = np.flatnonzero(passing)
            scores = score(self.base.vectors[places], self.base.norms[places], query, metric)
        else:
            places = np.arange(len(self.ids))
            scores = score(self.base.vectors, self.base.norms, query, metric)
            if passing is not None:
                scores[~passing] = -np.inf
        at = best(scores, wanted)
        return self._with_tail(self.ids[places[at]], scores[at], query, metric, wanted, allowed, "exact")

    def _with_tail(
        self,
        ids: NDArray[np.int64],
        scores: NDArray[np.float32],
        query: NDArray[np.float32],
        metric: Metric,
        wanted: int,
        allowed: NDArray[np.int64] | None,
        how: str,
    ) -> Found:
        """The base's best and the tail's together; rows that are equally near in the order of their numbers."""
        import numpy as np

        if len(self.tail_ids):
            late = score(self.tail.vectors, self.tail.norms, query, metric)
            if allowed is not None:
                late[~_among(self.tail_ids, allowed)] = -np.inf
            at = best(late, wanted)
            ids, scores = np.concatenate([ids, self.tail_ids[at]]), np.concatenate([scores, late[at]])
        order = np.lexsort((ids, -scores))[:wanted]
        return Found(ids[order], scores[order], how)


def _base(vectors: NDArray[np.float32]) -> Base:
    import numpy as np

    return Base(vectors, np.sqrt(np.vecdot(vectors, vectors)))


def _among(ids: NDArray[np.int64], present: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of `ids` are in `present` (ascending): by a table of bits where the numbers lie close together."""
    import numpy as np

    if not len(ids) or not len(present):
        return np.zeros(len(ids), dtype=np.bool_)
    low, high = int(present[0]), int(present[-1])
    if high - low < 16 * (len(ids) + len(present)):
        marks = np.zeros(high - low + 1, dtype=np.bool_)
        marks[present - low] = True
        inside = (ids >= low) & (ids <= high)
        found = np.zeros(len(ids), dtype=np.bool_)
        found[inside] = marks[ids[inside] - low]
        return found
    at = np.minimum(np.searchsorted(present, ids), len(present) - 1)
    matches: NDArray[np.bool_] = present[at] == ids
    return matches
