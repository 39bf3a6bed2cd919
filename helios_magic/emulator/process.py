"""What a server process may take of the machine in all."""

from __future__ import annotations

import contextlib
import os
import sys

from helios_magic.engine.bounds import machine_memory

_SHARE_OF_MEMORY = 0.9
_ALLOCATOR = "DUCKDB_JE_MALLOC_CONF"


def limit_memory() -> None:
    """Let an allocation fail before the machine runs out: a statement is refused then, and nothing is killed.

    DuckDB's own limit does not count what a function makes on its way (`repeat('x', 10000000)` over many rows), nor
    answers.  A lower limit that the process was started with stays.  Called before DuckDB is imported.
    """
    if not sys.platform.startswith("linux"):
        return  # elsewhere RLIMIT_DATA does not count mapped memory
    import resource

    # Its allocator would keep what it has let go of mapped, and the limit counts what is mapped: once reached, it
    # would stay reached.
    os.environ.setdefault(_ALLOCATOR, "retain:false")

    wanted = int(machine_memory() * _SHARE_OF_MEMORY)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    lowest = min(each for each in (wanted, soft, hard) if each != resource.RLIM_INFINITY)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (lowest, hard))
