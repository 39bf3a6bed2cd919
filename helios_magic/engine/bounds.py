"""What one database, and one request to it, may take: memory, temporary room on disk, the size of an answer."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

_SHARE_OF_MEMORY = 0.6
"""DuckDB's own default, 0.8, leaves too little for answers, which it does not count."""
_MOST_TEMPORARY = 16 * 10**9
_SHARE_OF_FREE_DISK = 0.5
_UNITS = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_CGROUP = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Bounds:
    """All in bytes.

    `memory` is DuckDB's for the whole database; `intermediates` what the sorts, joins and groups of one request hold
    of it before they go to disk; `temporary` what all of them may write there; `answer` the rows of one answer;
    `vectors` what is kept of vector columns beside DuckDB's memory.
    """

    memory: int
    intermediates: int
    temporary: int
    answer: int
    vectors: int


def bounds(memory_limit: str | None, scratch: Path) -> Bounds:
    """The bounds of a database whose temporary files are in `scratch`.

    `memory_limit` is a size such as `2GB`, or a share such as `50%`; None: three fifths of the machine's memory.
    """
    memory = _bytes(memory_limit) if memory_limit is not None else int(machine_memory() * _SHARE_OF_MEMORY)
    return Bounds(
        memory,
        memory // 4,
        min(_MOST_TEMPORARY, int(_free_disk(scratch) * _SHARE_OF_FREE_DISK)),
        memory // 2,
        memory // 3,
    )


def machine_memory() -> int:
    """The memory of the machine, or of the container that this process is in, in bytes."""
    import psutil

    total: int = psutil.virtual_memory().total
    try:
        text = _CGROUP.read_text("ascii").strip()
    except OSError:
        return total
    return min(total, int(text)) if text.isdecimal() else total


def _bytes(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:(%)|([kmgt]i?)b)", text.strip().lower())
    if match is None:
        raise ValueError(f"{text} is no size")
    number = float(match[1])
    return int(machine_memory() * number / 100) if match[2] else int(number * _UNITS[match[3]])


def _free_disk(folder: Path) -> int:
    """Free bytes where a folder is, or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
