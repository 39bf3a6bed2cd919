"""Values that are shown as we drew them when their cell ran: branches, differences, merges.

Like a frame a value is known by identity; one that a program made or copied is shown as Python shows it.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@dataclass(frozen=True, slots=True)
class Drawing:
    """An output in both forms."""

    html: str
    text: str


class Drawings:
    """The drawn values of one shell.  Nothing here keeps a value alive."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._formatters = shell.display_formatter.formatters  # type: ignore[union-attr]
        self._known: dict[int, tuple[weakref.ref[Any], Drawing]] = {}
        self._kinds: set[type[Any]] = set()

    def remember(self, value: Any, drawing: Drawing) -> None:
        """Show this very object so from now on."""
        key = id(value)
        self._known[key] = (weakref.ref(value, lambda _: self._known.pop(key, None)), drawing)
        kind = type(value)
        if kind not in self._kinds:
            self._kinds.add(kind)
            self._formatters["text/html"].for_type(kind, self._html)
            self._formatters["text/plain"].for_type(kind, self._text)

    def forget(self) -> None:
        """Put the shell's formatters back as they were."""
        for kind in self._kinds:
            for mime in ("text/html", "text/plain"):
                self._formatters[mime].pop(kind, None)
        self._kinds.clear()
        self._known.clear()

    def _of(self, value: Any) -> Drawing | None:
        reference, drawing = self._known.get(id(value), (None, None))
        return drawing if reference is not None and reference() is value else None

    def _html(self, value: Any) -> str | None:
        drawing = self._of(value)
        return None if drawing is None else drawing.html

    def _text(self, value: Any, printer: Any, cycle: bool) -> None:
        drawing = self._of(value)
        printer.text(repr(value) if drawing is None else drawing.text)
