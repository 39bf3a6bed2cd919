"""What embedding and searching answered: the data of the contract, and what `meta` says of how it was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helios_magic.client.answers import Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Embedded:
    """A vector for each text, in order.

    `embedded_by` is the model that truly ran, None where the server does not tell; `semantic` is False where it only
    knows words; `truncated_texts` is how many texts were longer than it reads.
    """

    embeddings: list[list[float]] = field(repr=False)
    model: str
    dimensions: int
    embedded_by: str | None = None
    emulated: bool | None = None
    semantic: bool | None = None
    truncated_texts: int | None = None

    @classmethod
    def of(cls, answer: Answer) -> Embedded:
        data, meta = answer.data, answer.meta
        return cls(
            data.embeddings,
            data.model,
            data.dimensions,
            meta.embedded_by,
            meta.emulated,
            meta.semantic,
            meta.truncated_texts,
        )

    def to_numpy(self) -> NDArray[np.float32]:
        """float32 of shape (texts, dimensions)."""
        import numpy as np

        return np.array(self.embeddings, np.float32).reshape(-1, self.dimensions)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows nearest first, each with its `similarity`.

    `index` says how they were found; `best_similarity` is told where nothing passed the threshold.  Without
    `recorded` the model that embedded the question was only taken to be the column's; None where the server does not
    tell, or where nothing was embedded.
    """

    results: list[dict[str, Any]]
    index: str | None = None
    embedded_by: str | None = None
    semantic: bool | None = None
    best_similarity: float | None = None
    duration_ms: float | None = None
    recorded: bool | None = None

    @classmethod
    def of(cls, answer: Answer) -> Found:
        meta = answer.meta
        return cls(
            answer.data.results,
            meta.index,
            meta.embedded_by,
            meta.semantic,
            meta.best_similarity,
            meta.duration_ms,
            meta.embedding_space_recorded,
        )
