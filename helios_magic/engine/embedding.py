"""helios_embed as a function of a DuckDB instance, over what embeds texts.

DuckDB calls it with a vector of rows at once, so that a column is embedded in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from helios_magic.errors import ApiError
from helios_magic.models.spaces import Space

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray


class Embed(Protocol):
    """What embeds texts by a model's name.  Both raise the tree of `helios_magic.errors`."""

    def named(self, name: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Float32 (texts, dimensions)."""

    def space(self, name: str) -> Space:
        """The space of what `named` gives."""


NAME = "pg_embed"


class EmbedRefusal(ValueError):  # noqa: N818 - DuckDB passes on its text only
    """What cannot be embedded: `[SQLSTATE] message`."""


def function(embed: Embed) -> Callable[..., Any]:
    """A model's name and a text to FLOAT[]; NULL for NULL and for a text of blanks."""

    # DuckDB would evaluate annotations.
    def vectors(models, texts):  # type: ignore[no-untyped-def]
        return _embedded(embed, models, texts)

    return vectors


def install(connection: duckdb.DuckDBPyConnection, function: Callable[..., Any]) -> None:
    """Register what `function` made, which is to be kept as long as the instance: DuckDB does not keep it."""
    import duckdb

    connection.create_function(  # type: ignore[call-overload]
        NAME,
        function,
        [duckdb.sqltype("VARCHAR")] * 2,
        duckdb.sqltype("FLOAT[]"),
        type="arrow",
        null_handling="special",
    )


def _embedded(embed: Embed, models: Any, texts: Any) -> Any:
    import numpy as np
    import pyarrow as pa

    asked = texts.to_pylist()
    places = [at for at, text in enumerate(asked) if text is not None and text.strip()]
    if not places:
        return pa.nulls(len(asked), pa.list_(pa.float32()))
    # Each text once, however many rows have it.
    distinct = {asked[at]: 0 for at in places}
    for number, text in enumerate(distinct):
        distinct[text] = number
    try:
        vectors = embed.named(models[0].as_py(), list(distinct))[[distinct[asked[at]] for at in places]]
    except ApiError as error:
        raise EmbedRefusal(f"[22023] {error.message}") from None
    offsets = np.zeros(len(asked) + 1, np.int32)
    offsets[np.array(places) + 1] = vectors.shape[1]
    absent = np.ones(len(asked), bool)
    absent[places] = False
    return pa.ListArray.from_arrays(
        pa.array(np.cumsum(offsets, dtype=np.int32)), pa.array(vectors.ravel()), mask=pa.array(absent)
    )
