"""The rows in which two versions of a table differ.

Both sides are hashed into buckets first, which costs one pass each over plain columns; only the buckets that differ
are then compared row by row, value by value.  So a bucket that is wrongly held to be equal loses changes without a
word: DuckDB's hash of several columns is an XOR with the last one's, and its hash of lists knows neither NULL from
empty nor where an inner list ends.  `telling` makes up for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helios_magic.engine.branching.reading import Reading, Work, temporary

_BUCKETS = 65536
_RECORDS = ("STRUCT(", "MAP(", "UNION(")


def changed_rows(work: Work, older: Reading, newer: Reading, key: Sequence[int], compared: Sequence[int]) -> str:
    """A temporary table of the rows with keys that differ in the compared cells.

    Its columns are `k0`, `k1`, … (the key), `older` and `newer` (whether that side has the row, else NULL), and the
    compared cells by their number: `o3` of the older row, `n3` of the newer one.
    """
    mark = _mark(work, newer, (*key, *compared))
    buckets = _differing(work, older, newer, _bucket(key), f"bit_xor({mark})", (*key, *compared))
    cells = "".join(f", o.c{i} AS o{i}, n.c{i} AS n{i}" for i in compared)
    keys = ", ".join(f"coalesce(o.c{i}, n.c{i}) AS k{at}" for at, i in enumerate(key))
    on = " AND ".join(f"o.c{i} = n.c{i}" for i in key)
    differs = " OR ".join(f"o.c{i} IS DISTINCT FROM n.c{i}" for i in compared) or "false"
    found = temporary("changed")
    old, new = (_within(side, (*key, *compared), _bucket(key), buckets) for side in (older, newer))
    work.change(
        f"CREATE TEMP TABLE {found} AS SELECT {keys}, o.here AS older, n.here AS newer{cells}"
        f" FROM ({old}) AS o FULL JOIN ({new}) AS n ON {on}"
        f" WHERE o.here IS NULL OR n.here IS NULL OR {differs}"
    )
    drop(work, buckets)
    return found


def changed_copies(work: Work, older: Reading, newer: Reading, compared: Sequence[int]) -> str:
    """A temporary table of the distinct rows that one side has more often than the other.

    Its columns are the compared cells by their number (`c3`), and `older` and `newer`, the number of copies.
    """
    bucket = f"{_hash(compared)} & {_BUCKETS - 1}"
    mark = _mark(work, newer, compared)
    buckets = _differing(work, older, newer, bucket, f"sum(CAST({mark} AS HUGEINT))", compared)
    found = temporary("changed")
    old, new = (_within(side, compared, bucket, buckets) for side in (older, newer))
    cells = ", ".join(f"c{i}" for i in compared)
    work.change(
        f"CREATE TEMP TABLE {found} AS SELECT {cells}, sum(o)::BIGINT AS older, sum(n)::BIGINT AS newer FROM ("
        f"SELECT {cells}, count(*) AS o, 0 AS n FROM ({old}) GROUP BY {cells}"
        f" UNION ALL SELECT {cells}, 0 AS o, count(*) AS n FROM ({new}) GROUP BY {cells}"
        f") GROUP BY {cells} HAVING sum(o) <> sum(n)"
    )
    drop(work, buckets)
    return found


def drop(work: Work, *tables: str) -> None:
    """Remove temporary tables."""
    for table in tables:
        work.ask(f"DROP TABLE {table}")


def _hash(cells: Sequence[int]) -> str:
    return f"hash({', '.join(f'c{i}' for i in cells)})"


def _bucket(key: Sequence[int]) -> str:
    return f"{_hash(key)} & {_BUCKETS - 1}"


def _mark(work: Work, side: Reading, picked: Sequence[int]) -> str:
    """An expression whose sums and XORs over rows tell apart what their values tell apart."""
    with work.guard.running(work.cursor):
        relation = work.cursor.sql(f"{side.select(picked)} LIMIT 0")
        types = dict(zip(relation.columns, (str(kind) for kind in relation.types), strict=True))
    return telling([(f"c{i}", types[f"c{i}"]) for i in picked])


def telling(cells: Iterable[tuple[str, str]]) -> str:
    """The hash of a row to be summed or XORed over rows; `cells` are expressions with their types."""
    terms = []
    for cell, kind in cells:
        terms.append(cell)
        if kind.endswith("]"):
            terms.append(f"{cell} IS NULL")
        if "[]" in kind or "][" in kind or any(record in kind for record in _RECORDS):
            terms.append(f"CAST({cell} AS VARCHAR)")
    return f"hash(hash({', '.join(terms)}))"


def _differing(work: Work, older: Reading, newer: Reading, bucket: str, total: str, picked: Sequence[int]) -> str:
    """A temporary table of the buckets whose totals or counts differ."""

    def hashed(side: Reading) -> str:
        return f"SELECT {bucket} AS bucket, {total} AS total, count(*) AS n FROM ({side.select(picked)}) GROUP BY 1"

    found = temporary("buckets")
    work.change(
        f"CREATE TEMP TABLE {found} AS SELECT coalesce(o.bucket, n.bucket) AS bucket"
        f" FROM ({hashed(older)}) AS o FULL JOIN ({hashed(newer)}) AS n ON o.bucket = n.bucket"
        " WHERE o.total IS DISTINCT FROM n.total OR o.n IS DISTINCT FROM n.n"
    )
    return found


def _within(side: Reading, picked: Sequence[int], bucket: str, buckets: str) -> str:
    return f"SELECT * FROM ({side.select(picked)}) WHERE ({bucket}) IN (SELECT bucket FROM {buckets})"
