"""API reference, "Vector/AI Endpoints"; decisions.md, "Vectors"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helios_magic.emulator.request import Answer, Answerer, Request, Rooms
from helios_magic.errors import QueryCancelledError, ValidationError
from helios_magic.models.vectors import Embeddings, EmbedRequest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Texts between two looks at whether the caller still waits.
_AT_ONCE = 256
#: Decimals of a number on the wire: a float32 of a vector of length 1 is not told more exactly.
_DECIMALS = 9


def embed(rooms: Rooms, request: Request) -> Answer:
    """Each text's vector, in order; `meta` says which model truly ran, and whether it stood in for another."""
    body: EmbedRequest = request.body
    _check(body.texts)
    choice = rooms.models.choose(body.model)
    rows: list[list[float]] = []
    truncated: int | None = 0
    for start in range(0, len(body.texts), _AT_ONCE):
        if request.call.cancellation.cancelled:
            raise QueryCancelledError("the request was cancelled", details={"reason": "cancelled"})
        made = rooms.models.embed(choice.space, body.texts[start : start + _AT_ONCE])
        rows += _numbers(made.vectors)
        truncated = None if made.truncated is None or truncated is None else truncated + made.truncated
    data = Embeddings(embeddings=rows, model=body.model, dimensions=choice.space.dimensions)
    meta = {
        "embedded_by": choice.space.model,
        "emulated": choice.emulated,
        "semantic": choice.semantic,
        "embedding_space": str(choice.space),
        "truncated_texts": truncated,
    }
    return Answer(data, meta=meta)


def _check(texts: Sequence[str]) -> None:
    for at, text in enumerate(texts):
        if not text.strip():
            raise _refused(at, "a text that is not empty", "an empty one" if not text else "blanks only")
        if "\0" in text:
            raise _refused(at, "a text without NUL", f"NUL at character {text.index(chr(0)) + 1}")


def _refused(at: int, expected: str, got: str) -> ValidationError:
    return ValidationError(
        f"texts[{at}] is to be {expected}, not {got}",
        hint="Leave it out, and keep the places of the others.",
        details={"field": f"texts[{at}]", "expected": expected, "got": got},
    )


def _numbers(vectors: NDArray[np.float32]) -> list[list[float]]:
    import numpy as np

    rounded: list[list[float]] = np.round(vectors.astype(np.float64), _DECIMALS).tolist()
    return rounded


ENDPOINTS: dict[str, Answerer] = {"embed": embed}
