"""SQL without the values in it, for those who may see what was asked but not what about."""

from __future__ import annotations

from helios_magic.sqltext.scanner import UnclosedError, tokens

_LONGEST = 2000


def without_literals(sql: str, longest: int = _LONGEST) -> str:
    """The text with `?` for every string and number, without comments, blanks as one, cut at `longest` characters.

    From a quote that is never closed on nothing is shown: what follows might be a value.
    """
    parts: list[str] = []
    length = 0
    try:
        for token in tokens(sql):
            part = "?" if token.kind in ("string", "number") else token.text if token.code else " "
            if part == " " and (not parts or parts[-1] == " "):
                continue
            parts.append(part)
            length += len(part)
            if length > longest:
                return "".join(parts)[: longest - 1] + "…"
    except UnclosedError:
        parts.append("…")
    return "".join(parts).strip()
