"""What makes vectors comparable, between the room that makes them and the room that searches them.

A column's vectors are of one space: the model that truly ran and how many numbers it gives.  The engine records a
column's space in its branch (`Engine.space`, `Engine.record_space`); the embedding room answers for a space.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Space:
    """Vectors that may be compared: of one model, of one length."""

    model: str
    dimensions: int

    def __str__(self) -> str:
        return f"{self.model} ({self.dimensions})"


#: The metadata of an Arrow field that says which model made its vectors; a load records it of the column.
SPACE_FIELD = b"helios.embedding_space"

#: Texts to a C-contiguous float32 array of shape (texts, dimensions).
Embedder = Callable[[Sequence[str]], "NDArray[np.float32]"]


class Embedders(Protocol):
    """The models that can be asked.  Thread-safe."""

    def default(self, dimensions: int) -> Space:
        """The space of a text that is compared with a column of that length for which none is recorded.

        Raises `ValidationError` where no model fits, naming the lengths that would.
        """

    def embedder(self, space: Space) -> Embedder:
        """What embeds into a space; what it gives is `space.dimensions` long.

        Raises `ValidationError` for a model that is unknown, not installed, or of another length.
        """
