"""One JSON value of a row inside a line: NULL is a tag, empty says so, long is cut, direction is the value's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from helios_magic.display import values
from helios_magic.display.characters import cut, plain
from helios_magic.display.markup import attribute, escape

#: Characters of a value in HTML; its tooltip carries more.
_CHARACTERS, _TOOLTIP = 80, 1_000
#: Display cells of a value in text.
_CELLS = 40
#: Columns that the summary of a row names.
_COLUMNS = 4
_UNTYPED: Mapping[str, str] = {}


def html(value: Any, kind: str = "", *, quoted: bool = False) -> str:
    """The value as HTML; `kind` is its PostgreSQL type, `quoted` sets texts among words in quotation marks."""
    if value is None:
        return '<span class="hm-n">NULL</span>'
    shown = values.text(value, kind)
    if shown == "":
        return "<span class=\"hm-u\">'' empty</span>"
    short = shown if len(shown) <= _CHARACTERS else shown[:_CHARACTERS] + "…"
    tooltip = shown[:_TOOLTIP] + ("…" if len(shown) > _TOOLTIP else "")
    title = f" title={attribute(tooltip)}" if short != shown else ""
    body = f'<bdi dir="auto"{title}>{escape(short)}</bdi>'
    return f"“{body}”" if quoted and isinstance(value, str) else body


def text(value: Any, kind: str = "", *, quoted: bool = False) -> str:
    """The value as text; one that reads NULL or is empty is quoted, so that it cannot be taken for another."""
    if value is None:
        return "NULL"
    shown = values.text(value, kind)
    if shown in ("", "NULL"):
        return f"'{shown}'"
    short = cut(plain(shown[: 4 * _CELLS]), _CELLS)
    return f"“{short}”" if quoted and isinstance(value, str) else short


def row_html(row: Mapping[str, Any], columns: Iterable[str], types: Mapping[str, str] = _UNTYPED) -> str:
    """`rating 5, body “Lid does not close.”`: the first columns of a row."""
    return _row(
        [
            f'<span class="hm-q"><bdi>{escape(column)}</bdi></span> '
            f"{html(row[column], types.get(column, ''), quoted=True)}"
            for column in columns
            if column in row
        ]
    )


def row_text(row: Mapping[str, Any], columns: Iterable[str], types: Mapping[str, str] = _UNTYPED) -> str:
    return _row(
        [
            f"{plain(column)} {text(row[column], types.get(column, ''), quoted=True)}"
            for column in columns
            if column in row
        ]
    )


def key_html(key: Mapping[str, Any]) -> str:
    """`214`, or `a 1, b 2` where several columns make the key; empty without one."""
    return html(next(iter(key.values()))) if len(key) == 1 else row_html(key, key)


def key_text(key: Mapping[str, Any]) -> str:
    return text(next(iter(key.values()))) if len(key) == 1 else row_text(key, key)


def _row(parts: list[str]) -> str:
    return ", ".join([*parts[:_COLUMNS], *(["…"] if len(parts) > _COLUMNS else [])])
