"""How the frames we returned are shown: as our table, and only exactly those.

The value of a cell is a plain DataFrame.  A formatter registered for its class knows it again by identity; a frame
derived from it, or changed since, is shown the way it would be without us.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from helios_magic.display import result
from helios_magic.display.result import ResultTable
from helios_magic.magics.drawings import Drawing
from helios_magic.models.pgtypes import pg_type

if TYPE_CHECKING:
    import pyarrow as pa
    from IPython.core.interactiveshell import InteractiveShell

_CLASSES = (("pandas", "DataFrame"), ("polars.dataframe.frame", "DataFrame"), ("pyarrow.lib", "Table"))
#: Rows that are kept for showing, whatever the display limit becomes later.
MOST_SHOWN = 1_000
_KEPT_BYTES = 4_000_000
_TERMINAL_MIME = "text/plain"


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame's first rows as they came, and what its footer says: `table` is without names, types and values.

    `drawing` is what is shown in the place of the table, where there is one.
    """

    head: pa.Table
    table: ResultTable
    drawing: Drawing | None = None


class Frames:
    """The frames of one shell that are ours.  Nothing here keeps a frame alive."""

    def __init__(self, display_limit: Callable[[], int | None], feedback: Callable[[], int]) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], Shown]] = {}
        self._display_limit = display_limit
        self._feedback = feedback
        self._before: dict[tuple[str, str, str], Any] = {}

    def remember(self, frame: Any, rows: pa.Table, table: ResultTable, drawing: Drawing | None = None) -> None:
        """Show this very object from now on as `table` with names, types and values of `rows`, or as the drawing.

        Only its first rows are kept, the rest is the frame's.
        """
        key = id(frame)
        reference = weakref.ref(frame, lambda _: self._known.pop(key, None))
        self._known[key] = (reference, Shown(_head(rows, self._limit()), table, drawing))

    def table_of(self, frame: Any) -> ResultTable | None:
        """What to show for a frame; None when it is not ours or no longer what the statement returned."""
        reference, shown = self._known.get(id(frame), (None, None))
        if reference is None or shown is None or reference() is not frame:
            return None
        head = shown.head.slice(0, self._limit())
        if not _unchanged(frame, head, shown.table.total):
            return None
        types = [pg_type(field) for field in head.schema]
        values = [values_of(column) for column in head.columns]
        return replace(shown.table, names=head.column_names, types=types, columns=values)

    def _drawing_of(self, frame: Any) -> Drawing | None:
        """What was drawn of a frame that is shown as ours."""
        known = self._known.get(id(frame))
        return None if known is None else known[1].drawing

    def register(self, shell: InteractiveShell) -> None:
        formatters = shell.display_formatter.formatters  # type: ignore[union-attr]
        for mime, draw in (("text/html", self._html), (_TERMINAL_MIME, self._text)):
            for module, name in _CLASSES:
                # A formatter that is registered for the class itself would be found before ours.
                before = formatters[mime].pop(f"{module}.{name}", None)
                self._before[mime, module, name] = before
                formatters[mime].for_type_by_name(module, name, draw(before))

    def unregister(self, shell: InteractiveShell) -> None:
        """Put back what was there, unless someone else has registered since."""
        formatters = shell.display_formatter.formatters  # type: ignore[union-attr]
        for (mime, module, name), before in self._before.items():
            current = formatters[mime].pop(f"{module}.{name}", None)
            restored = before if getattr(current, "helios_frames", None) is self else current
            if restored is not None:
                formatters[mime].for_type_by_name(module, name, restored)
        self._before.clear()
        self._known.clear()

    def _limit(self) -> int:
        return min(self._display_limit() or MOST_SHOWN, MOST_SHOWN)

    def _html(self, before: Callable[[Any], str | None] | None) -> Callable[[Any], str | None]:
        def draw(frame: Any) -> str | None:
            table = self.table_of(frame)
            if table is not None:
                drawing = self._drawing_of(frame)
                if drawing is not None:
                    return drawing.html
                return result.html(table, with_footer=self._feedback() > 0)
            if before is not None:
                return before(frame)
            own = getattr(frame, "_repr_html_", None)
            return own() if callable(own) else None

        draw.helios_frames = self  # type: ignore[attr-defined]
        return draw

    def _text(self, before: Callable[[Any, Any, bool], None] | None) -> Callable[[Any, Any, bool], None]:
        def draw(frame: Any, printer: Any, cycle: bool) -> None:
            table = self.table_of(frame)
            drawing = self._drawing_of(frame)
            if table is not None and drawing is not None:
                printer.text(drawing.text)
            elif table is not None:
                printer.text(result.text(table, with_footer=self._feedback() > 0, columns=_terminal_columns()))
            elif before is not None:
                before(frame, printer, cycle)
            else:
                printer.text(repr(frame))

        draw.helios_frames = self  # type: ignore[attr-defined]
        return draw


def _terminal_columns() -> int:
    """The terminal's width; 0 where the output goes elsewhere and may be as wide as it is."""
    import shutil
    import sys

    return shutil.get_terminal_size().columns if getattr(sys.stdout, "isatty", lambda: False)() else 0


def _head(rows: pa.Table, shown: int) -> pa.Table:
    """The first rows as a table of their own: a slice would keep all of a large result alive."""
    # Asking for the bytes takes a tenth of the time of a small cell.
    if rows.num_rows <= shown or (rows.num_rows <= MOST_SHOWN and rows.nbytes <= _KEPT_BYTES):
        # Another object: where the frame is this very table, keeping it would keep the frame.
        return rows.slice(0)
    kept = min(MOST_SHOWN, rows.num_rows)
    while kept > shown and rows.slice(0, kept).nbytes > _KEPT_BYTES:
        kept = max(shown, kept // 4)
    return rows.slice(0, kept).take(list(range(kept)))


def values_of(column: pa.ChunkedArray) -> list[Any]:
    """A column's values as Python has them; texts where it has none."""
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError):
        # A moment beyond Python's calendar: Arrow can still write it.
        import pyarrow as pa

        values = column.cast(pa.string()).to_pylist()
    return values


def _unchanged(frame: Any, head: pa.Table, total: int) -> bool:
    """Whether the frame still holds what the statement returned, as far as it would be shown."""
    kind = type(frame).__module__.partition(".")[0]
    if kind == "pyarrow":
        return True
    if len(frame) != total or [str(name) for name in frame.columns] != head.column_names:
        return False
    if kind == "polars":
        from helios_magic.client.polars_tables import for_polars

        return bool(frame.head(head.num_rows).equals(type(frame)(for_polars(head))))
    return _same_values(frame, head, total)


def _same_values(frame: Any, head: pa.Table, total: int) -> bool:
    import pandas as pd

    from helios_magic.client.frames import to_frame

    fresh, now = to_frame(head), frame.iloc[: head.num_rows]
    if not frame.index.identical(pd.RangeIndex(total)):
        return False
    for at in range(head.num_columns):
        # As texts: NaN equals itself then, and an array is one value.
        if [repr(value) for value in now.iloc[:, at]] != [repr(value) for value in fresh.iloc[:, at]]:
            return False
    return True
