"""What a failed cell shows: no traceback for our own errors, the user's own line with the word marked.

The error itself stays what it is; where it happened is kept beside it, for as long as it lives.
"""

from __future__ import annotations

import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helios_magic.display import errors
from helios_magic.display.errors import Emphasis, Excerpt
from helios_magic.display.footer import Where
from helios_magic.display.quantities import duration
from helios_magic.errors import HeliosError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an error happened: database and branch, and the marked text where the error points into it."""

    where: Where | None
    excerpt: Excerpt | None = None


_SCENES: weakref.WeakKeyDictionary[HeliosError, Scene] = weakref.WeakKeyDictionary()


class Interrupted(KeyboardInterrupt):
    """The user stopped the cell; the message says after how long."""

    def __init__(self, lines: list[str], message: str) -> None:
        super().__init__(message)
        self._lines = lines

    def _render_traceback_(self) -> list[str]:
        return self._lines


def happened(error: HeliosError, scene: Scene) -> None:
    """Keep where an error happened; the innermost place that knows wins."""
    _SCENES.setdefault(error, scene)


def scene_of(error: HeliosError) -> Scene:
    return _SCENES.get(error, Scene(None))


class Renderer:
    """Draws our errors for one shell, while the magics are loaded."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._before = HeliosError.__dict__["renderer"]

    def register(self) -> None:
        HeliosError.renderer = self.lines
        html = self._shell.display_formatter.formatters["text/html"]  # type: ignore[union-attr]
        html.for_type(HeliosError, _html)

    def unregister(self) -> None:
        HeliosError.renderer = self._before
        html = self._shell.display_formatter.formatters["text/html"]  # type: ignore[union-attr]
        html.pop(HeliosError, None)

    def lines(self, error: HeliosError) -> list[str]:
        scene = scene_of(error)
        return errors.text(error, scene.where, scene.excerpt, emphasis=emphasis_of(self._shell))


def _html(error: HeliosError) -> str:
    """For an error that is looked at as a value."""
    scene = scene_of(error)
    return errors.html(error, scene.where, scene.excerpt)


def emphasis_of(shell: InteractiveShell) -> Emphasis:
    """What of ANSI the front end shows: a kernel's sets errors on red, where only bold can be read."""
    if str(getattr(shell, "colors", "")).lower() == "nocolor":
        return "none"
    if hasattr(shell, "kernel"):
        return "bold"
    return "red" if getattr(sys.stdout, "isatty", lambda: False)() else "none"


@contextmanager
def interruptible(shell: InteractiveShell, where: Where | None = None, after: str = "") -> Iterator[None]:
    """Turn a kernel interrupt into one line; the cell still fails, so that Run All stops.

    `after` says what may have happened all the same.
    """
    start = time.perf_counter()
    try:
        yield
    except Interrupted:
        raise
    except KeyboardInterrupt:
        took = duration((time.perf_counter() - start) * 1000)
        lines = errors.stopped(took, where, after, emphasis=emphasis_of(shell))
        raise Interrupted(lines, f"Stopped after {took}.") from None
