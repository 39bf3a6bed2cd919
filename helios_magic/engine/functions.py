"""The functions that one database's DuckDB has beyond its own: the dialect's, and those over what the database has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helios_magic.engine import drawing, embedding
from helios_magic.engine.dialect.install import install
from helios_magic.engine.embedding import Embed
from helios_magic.engine.sequences import Sequences

if TYPE_CHECKING:
    import duckdb

#: DuckDB keeps no reference to what it calls: an instance that outlives its database needs its functions yet.
_OUTLIVED: list[Functions] = []


class Functions:
    """Made once for a database, and put into each instance that it opens."""

    def __init__(self, sequences: Sequences, embed: Embed | None) -> None:
        self._drawing = drawing.functions(sequences)
        self._embedding = embedding.function(embed) if embed is not None else None

    def install(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Register all of them."""
        install(connection)
        drawing.install(connection, self._drawing)
        if self._embedding is not None:
            embedding.install(connection, self._embedding)

    def outlive(self) -> None:
        """Keep them for good: a statement that nothing could stop may still call them."""
        _OUTLIVED.append(self)
