"""One line that is written over itself, and clears itself: how far a long act is."""

from __future__ import annotations

import sys
import time
from typing import Any

from helios_magic.display.quantities import count
from helios_magic.magics.workbench import Workbench

_QUIET = 0.5
_REFRESH = 0.1
_CELLS = 20


class Progress:
    """`done` so far, of how many, how fast.  Nothing in the first half second; `unit` is what is counted, one of it."""

    def __init__(self, workbench: Workbench, unit: str = "row") -> None:
        self._handle: Any = None
        self._unit = unit
        self._in_kernel = hasattr(workbench.shell, "kernel")
        self._start = self._last = time.perf_counter()
        self._written = 0

    def update(self, done: int, total: int | None) -> None:
        now = time.perf_counter()
        if now - self._start < _QUIET:
            return
        of = "" if total is None else f" of {count(total)}"
        units = f"{self._unit}s"
        self.write(
            f"{_bar(done, total)}{count(done)}{of} {units}, {count(round(done / (now - self._start)))} {units}/s"
        )

    def write(self, line: str) -> None:
        """The line as it is; at most ten times a second."""
        now = time.perf_counter()
        if now - self._last >= _REFRESH:
            self._last = now
            self._write(line)

    def clear(self) -> None:
        if self._written:
            self._write("")

    def _write(self, line: str) -> None:
        # A kernel's front end knows a display that changes; a terminal knows the carriage return.
        if self._in_kernel:
            from IPython.display import display

            bundle = {"text/plain": line}
            if self._handle is None:
                self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
            else:
                self._handle.update(bundle, raw=True)
        else:
            sys.stdout.write("\r" + line.ljust(self._written) + ("\r" if not line else ""))
            sys.stdout.flush()
        self._written = len(line) or self._written


def _bar(done: int, total: int | None) -> str:
    if not total:
        return ""
    full = min(_CELLS, _CELLS * done // total)
    return f"{'█' * full}{'░' * (_CELLS - full)} "
