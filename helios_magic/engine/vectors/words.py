"""The rows whose texts have the words of a query, by BM25: the other half of a hybrid search."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helios_magic.engine.names import place, quoted
from helios_magic.engine.vectors.versions import checkpoint_of
from helios_magic.errors import ValidationError
from helios_magic.schema import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from helios_magic.engine.execute import Work

_WORD = re.compile(r"\w+")
_TEXTS = re.compile(r"text|varchar|bpchar|name")
_SMOOTHING = 60
"""Reciprocal rank fusion's constant (Cormack, Clarke, Büttcher, 2009)."""


@dataclass(frozen=True, slots=True)
class Words:
    """A table's words at one version: row numbers, and how rare each word is in them."""

    ids: NDArray[np.int64]
    index: Any
    stamp: tuple[int, int, int]


def with_words(work: Work, table: Table, text: str, wanted: int) -> NDArray[np.int64]:
    """The row numbers whose texts fit the words best, best first; rows without any of them are not among them.

    Raises `ValidationError` for a table without texts.
    """
    import numpy as np

    words = _current(work, table)
    asked = [word for word in dict.fromkeys(_split(text)) if words.index is not None and word in words.index.vocab_dict]
    if not asked:
        return words.ids[:0]
    scores = words.index.get_scores(asked)
    best = np.argsort(-scores, kind="stable")[:wanted]
    found: NDArray[np.int64] = words.ids[best[scores[best] > 0]]
    return found


def fused(*rankings: NDArray[np.int64]) -> list[int]:
    """Row numbers by reciprocal rank fusion: each ranking gives 1 / (60 + rank)."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking.tolist(), 1):
            scores[row] = scores.get(row, 0.0) + 1 / (_SMOOTHING + rank)
    return sorted(scores, key=lambda row: (-scores[row], row))


def _current(work: Work, table: Table) -> Words:
    """The table's words, counted anew where anything was written since."""
    versions = work.file.vectors
    stamp = (versions.of(table.full_name), versions.shape, checkpoint_of(work.file.path))
    key = table.id or table.full_name
    with versions.reading:
        kept = versions.words.get(key)
        if kept is None or kept.stamp != stamp:
            kept = versions.words[key] = _read(work, table, stamp)
    return kept


def _read(work: Work, table: Table, stamp: tuple[int, int, int]) -> Words:
    import bm25s
    import numpy as np

    texts = [quoted(column.name) for column in table.columns if _TEXTS.match(column.type)]
    if not texts:
        raise ValidationError(
            f"“{table.label}” has no column of texts in which words could be looked for",
            hint="Search with mode vector.",
            details={"field": "mode", "expected": "a table with a column of type text", "got": table.label},
        )
    rows = work.ask(f"SELECT rowid, concat_ws(' ', {', '.join(texts)}) FROM {place(table)}")
    corpus = [_split(text) for _, text in rows]
    ids = np.array([row for row, _ in rows], dtype=np.int64)
    if not any(corpus):
        return Words(ids, None, stamp)
    index = bm25s.BM25()
    index.index(corpus, show_progress=False)
    return Words(ids, index, stamp)


def _split(text: str) -> list[str]:
    return _WORD.findall(text.lower())
