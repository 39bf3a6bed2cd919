"""What DuckDB computes vectors with: macros and functions that the rewritten statements call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine.dialect.functions import Function
from helios_magic.engine.dialect.vectors import read

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

#: A plain text is DuckDB's to read: signs, digits, a point, a small exponent.  Anything else is read by us, or refused.
MACROS = r"""
pg_vector_in(x) AS CASE
    WHEN x IS NULL THEN NULL
    WHEN regexp_full_match(x, '\[(-?\d{1,9}(\.\d*)?(e-[0-3]\d)?)(, ?-?\d{1,9}(\.\d*)?(e-[0-3]\d)?)*\]')
    THEN CAST(x AS FLOAT[])
    ELSE pg_vector_read(x) END

pg_vector_of(x) AS CASE
    WHEN x IS NULL THEN NULL
    WHEN len(x) = 0 THEN error('[22000] vector must have at least 1 dimension')
    WHEN len(list_filter(x, lambda m: m IS NULL)) > 0 THEN error('[22004] array must not contain nulls')
    WHEN len(list_filter(x, lambda m: isnan(m))) > 0 THEN error('[22000] NaN not allowed in vector')
    WHEN len(list_filter(x, lambda m: abs(m) > 3.4028235677973366e38)) > 0
    THEN error('[22000] infinite value not allowed in vector')
    ELSE CAST(x AS FLOAT[]) END

pg_vector_sized(x, size) AS CASE
    WHEN x IS NULL OR len(x) = size THEN x
    ELSE error('[22000] expected ' || size || ' dimensions, not ' || len(x)) END

pg_vector_beside(x, size, first) AS CASE
    WHEN x IS NULL OR len(x) = size THEN x
    WHEN first THEN error('[22000] different vector dimensions ' || len(x) || ' and ' || size)
    ELSE error('[22000] different vector dimensions ' || size || ' and ' || len(x)) END

pg_vector_out(x) AS '[' || array_to_string(list_transform(x, lambda m: pg_float4(m)), ',') || ']'

pg_vector_same(a, b) AS CASE
    WHEN len(a) = len(b) THEN a
    ELSE error('[22000] different vector dimensions ' || len(a) || ' and ' || len(b)) END

pg_vector_l2(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_distance(pg_vector_same(a, b), b) END

pg_vector_cosine(a, b) AS CASE
    WHEN a IS NOT NULL AND b IS NOT NULL THEN list_cosine_distance(pg_vector_same(a, b), b) END

pg_vector_inner(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_inner_product(pg_vector_same(a, b), b) END

pg_vector_l1(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL
    THEN list_sum(list_transform(list_zip(pg_vector_same(a, b), b), lambda p: abs(p[1] - p[2]))) END

pg_vector_norm(a) AS sqrt(list_inner_product(a, a))

pg_vector_unit(a) AS CASE WHEN pg_vector_norm(CAST(a AS DOUBLE[])) = 0 THEN a
    ELSE list_transform(a, lambda m: CAST(m / pg_vector_norm(CAST(a AS DOUBLE[])) AS FLOAT)) END

pg_vector_part(a, first, size) AS CASE
    WHEN size < 1 OR first > len(a) OR first + size <= 1
    THEN error('[22000] vector must have at least 1 dimension')
    ELSE list_slice(a, greatest(first, 1), least(first + size - 1, len(a))) END

pg_vector_finite(x) AS CASE
    WHEN len(list_filter(x, lambda m: NOT isfinite(m))) > 0 THEN error('[22003] value out of range: overflow')
    ELSE x END

pg_vector_add(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN pg_vector_finite(
    list_transform(list_zip(pg_vector_same(a, b), b), lambda p: p[1] + p[2])) END

pg_vector_sub(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN pg_vector_finite(
    list_transform(list_zip(pg_vector_same(a, b), b), lambda p: p[1] - p[2])) END

pg_vector_mul(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN pg_vector_finite(
    list_transform(list_zip(pg_vector_same(a, b), b), lambda p: p[1] * p[2])) END

pg_vector_join(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_concat(a, b) END
"""


def _total(lists: pa.ChunkedArray, *, mean: bool) -> pa.Array:
    """For each list of vectors their sum or mean, NULLs left out; NULL for none."""
    import pyarrow as pa

    totals = [_of_list(each, mean=mean) for each in lists]
    return pa.array([None if total is None else total.tolist() for total in totals], type=pa.list_(pa.float32()))


def _of_list(vectors: pa.Scalar, *, mean: bool) -> NDArray[np.float32] | None:
    import numpy as np

    if not vectors.is_valid:
        return None
    kept = vectors.values.drop_null()
    if not len(kept):
        return None
    lengths = kept.value_lengths().to_numpy()
    other = lengths[lengths != lengths[0]]
    if len(other):
        raise ValueError(f"[22000] expected {lengths[0]} dimensions, not {other[0]}")
    rows = kept.flatten().to_numpy().reshape(len(kept), -1)
    total: NDArray[np.float32] = (rows.mean(axis=0, dtype=np.float64) if mean else rows.sum(axis=0)).astype(np.float32)
    if not np.isfinite(total).all():
        raise ValueError("[22003] value out of range: overflow")
    return total


def _sum(lists: pa.ChunkedArray) -> pa.Array:
    return _total(lists, mean=False)


def _mean(lists: pa.ChunkedArray) -> pa.Array:
    return _total(lists, mean=True)


FUNCTIONS = (
    Function("pg_vector_read", read, ("VARCHAR",), "FLOAT[]"),
    Function("pg_vector_sum", _sum, ("FLOAT[][]",), "FLOAT[]", vectors=True),
    Function("pg_vector_avg", _mean, ("FLOAT[][]",), "FLOAT[]", vectors=True),
)
