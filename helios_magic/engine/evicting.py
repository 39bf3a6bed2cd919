"""DuckDB notes every use of a block, to know which to let go of first; notes on files that are gone stay.

It looks through the notes once there are 32,768 in a queue: some 25 MB of them, by about three thousand branches that
came and went.  Or when it needs memory: so it is made to look for some.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

EVERY = 256
"""After so many files that were let go of: their notes are some 2 MB."""
_HOLDING = "SELECT i FROM generate_series(1, 1000000) AS g(i)"


def forget_gone_blocks(connection: duckdb.DuckDBPyConnection, limit: int) -> None:
    """Drop the notes on what is no more, and with them whatever nobody uses at the moment; it takes milliseconds.

    `limit` is the instance's limit of memory, in bytes.  A query that is half read holds memory meanwhile, so that
    the limit asked for cannot be reached, and nobody is ever bound by it.
    """
    import duckdb

    with connection.cursor() as half_read, contextlib.suppress(duckdb.Error):  # the notes do no harm where it fails
        half_read.execute(_HOLDING).fetchone()
        try:
            connection.execute("SET GLOBAL memory_limit = '1B'")
        except duckdb.OutOfMemoryException:
            return
        connection.execute(f"SET GLOBAL memory_limit = '{limit}B'")
