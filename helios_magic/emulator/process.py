"""What a server process may take of the machine in all, and how its threads share it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

from helios_magic.engine.bounds import machine_memory

_SHARE_OF_MEMORY = 0.9
_ALLOCATOR = "DUCKDB_JE_MALLOC_CONF"
#: How long a thread waits for the interpreter's lock before it asks for it, in seconds; Python's own 5 ms are a long
#: time where functions of ours run in eight statements at once, and the event loop waits among them again and again.
_SWITCH_SECONDS = 0.001
#: malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
#: From so many bytes on an allocation is the system's again when it is freed.
_OF_ITS_OWN = 4 << 20


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


def keep_apart_large_blocks() -> None:
    """Keep large blocks out of glibc's arenas, whatever their size was before.

    It takes the largest block that was ever freed for the usual: after one password (19 MiB of argon2id) such blocks
    come out of the arenas too, where whatever small is allocated behind them keeps their room from being given back.
    The arenas stay as many as they are: where the two threads that make a large answer have one together, they wait
    for each other, and ten million rows take 125 ms instead of 75.
    """
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another libc
            libc = ctypes.CDLL(None)
            libc.mallopt(_M_MMAP_THRESHOLD, _OF_ITS_OWN)
            libc.mallopt(_M_TRIM_THRESHOLD, 2 * _OF_ITS_OWN)


def share_interpreter() -> None:
    """Let this process's threads take turns in Python more often."""
    sys.setswitchinterval(_SWITCH_SECONDS)
