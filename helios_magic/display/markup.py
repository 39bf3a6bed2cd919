"""HTML made safe: every text of the user or of the database goes through `escape`.  No output holds a script."""

from __future__ import annotations

from html import escape as _escape
from typing import Literal

from helios_magic.display.characters import pieces

Icon = Literal["branch", "warn", "error", "ok", "clock", "plug", "database", "table", "info", "right", "merge"]

_PATHS: dict[Icon, str] = {
    "branch": '<circle cx="4.5" cy="3.5" r="1.7"/><circle cx="4.5" cy="12.5" r="1.7"/>'
    '<circle cx="11.5" cy="5.5" r="1.7"/><path d="M4.5 5.2v5.6M11.5 7.2c0 2.6-4.5 2-6.7 3.8"/>',
    "warn": '<path d="M8 2.3 14.5 13.5h-13zM8 6.5v3.2"/><circle cx="8" cy="11.5" r=".4"/>',
    "error": '<path d="M5.5 1.8h5l3.7 3.7v5l-3.7 3.7h-5L1.8 10.5v-5z"/><path d="M8 4.8v4M8 11v.2"/>',
    "ok": '<path d="m3 8.5 3.3 3.3L13 4.8"/>',
    "clock": '<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.3 1.6"/>',
    "plug": '<path d="M6 2v3M10 2v3M4.5 5h7v3a3.5 3.5 0 0 1-7 0zM8 11.5V14"/>',
    "database": '<ellipse cx="8" cy="4" rx="5" ry="2"/>'
    '<path d="M3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2"/>',
    "table": '<path d="M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6"/>',
    "right": '<path d="m6 4 4 4-4 4"/>',
    "merge": '<circle cx="4.5" cy="3.5" r="1.7"/><circle cx="4.5" cy="12.5" r="1.7"/>'
    '<circle cx="11.5" cy="9.5" r="1.7"/><path d="M4.5 5.2v5.6M4.6 5.2c.4 3 2.6 4.2 5.2 4.3"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.3v3.7M8 5v.2"/>',
}


def icon(name: Icon, *, small: bool = False) -> str:
    """A line icon of 16 px (small: 12), in the text's colour.  It never stands without a word beside it."""
    # The size stands in the markup too: where a viewer takes styles out, an icon must not fill the page.
    size, pixels = (" hm-is", 12) if small else ("", 16)
    box = f'width="{pixels}" height="{pixels}" viewBox="0 0 16 16"'
    return f'<svg class="hm-i{size}" {box} aria-hidden="true">{_PATHS[name]}</svg>'


def escape(text: str) -> str:
    """Text as HTML: markup inert, what cannot be seen shown as a tag, line breaks as `↵`."""
    if text.isascii() and text.isprintable():
        return _escape(text)
    return "".join(_tag(piece) if tagged else _escape(piece) for piece, tagged in pieces(text))


def _tag(piece: str) -> str:
    """A sign such as `↵` stands among the words; a code such as `U+202E` is set small."""
    return f'<span class="{"hm-u" if piece.startswith("U+") else "hm-w"}">{piece}</span>'


def attribute(text: str) -> str:
    """Text for a quoted attribute; hidden characters are named in it too, line breaks stay."""
    safe = "".join(
        {"↵": "&#10;", "⇥": " ", "␍": ""}.get(piece, f"<{piece}>".replace("<", "&lt;").replace(">", "&gt;"))
        if tagged
        else _escape(piece)
        for piece, tagged in pieces(text)
    )
    return f'"{safe}"'
