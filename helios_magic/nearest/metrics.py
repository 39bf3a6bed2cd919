"""How near two vectors are, as scores: the larger, the nearer.

| metric | score | pgvector's operator |
| --- | --- | --- |
| cosine | cos of the angle | `<=>` is 1 - score |
| l2 | - distance | `<->` is - score |
| inner_product | inner product | `<#>` is - score |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Metric = Literal["cosine", "l2", "inner_product"]


def score(
    vectors: NDArray[np.float32], norms: NDArray[np.float32], query: NDArray[np.float32], metric: Metric
) -> NDArray[np.float32]:
    """One score per row of `vectors` (n, d); `norms` are their lengths.

    A vector without a direction has no angle: minus infinity under cosine.
    """
    import numpy as np

    # vecdot stays in this thread: BLAS would wake others for each short list, which costs more than it gives.
    return scored(np.vecdot(vectors, query), norms, query, metric, lambda places: vectors[places])


def scored(
    products: NDArray[np.float32],
    norms: NDArray[np.float32],
    query: NDArray[np.float32],
    metric: Metric,
    vectors_at: Callable[[NDArray[np.intp]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Scores out of inner products with the query; these are overwritten."""
    import numpy as np

    if metric == "inner_product":
        return products
    length = float(np.sqrt(np.vecdot(query, query)))
    if metric == "l2":
        return _distances(products, norms, query, length, vectors_at)
    with np.errstate(divide="ignore", invalid="ignore"):
        products /= norms * np.float32(length)
    np.minimum(np.maximum(products, -1, out=products), 1, out=products)
    if not norms.all():
        products[norms == 0] = -np.inf
    return products


def best(scores: NDArray[np.float32], wanted: int) -> NDArray[np.intp]:
    """Where the largest scores are, best first, ties in their order; none that are minus infinity."""
    import numpy as np

    if wanted < len(scores):
        bound = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        at = np.flatnonzero(scores >= bound)
    else:
        at = np.arange(len(scores))
    at = at[np.argsort(-scores[at], kind="stable")][:wanted]
    kept: NDArray[np.intp] = at[scores[at] != -np.inf]
    return kept


def _distances(
    products: NDArray[np.float32],
    norms: NDArray[np.float32],
    query: NDArray[np.float32],
    length: float,
    vectors_at: Callable[[NDArray[np.intp]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Distances by |a|² + |q|² - 2aq, and anew where that has lost its digits: near the query."""
    import numpy as np

    size = norms.astype(np.float64) ** 2 + length**2
    squares = size - 2 * products.astype(np.float64)
    unsure = np.flatnonzero(squares < 1e-3 * size)
    if len(unsure):
        apart = (vectors_at(unsure) - query).astype(np.float64)
        squares[unsure] = np.vecdot(apart, apart)
    distances: NDArray[np.float32] = -np.sqrt(np.maximum(squares, 0)).astype(np.float32)
    return distances
