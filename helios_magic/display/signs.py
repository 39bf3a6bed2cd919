"""`+ 35 ~ 9 − 3`: what was added, changed and taken away.  The sign carries the meaning, the colour only helps."""

from __future__ import annotations

from typing import Literal

from helios_magic.display.quantities import count

Sign = Literal["+", "~", "−"]
_CLASSES: dict[Sign, str] = {"+": "hm-add", "~": "hm-chg", "−": "hm-del"}


def text(inserted: int, updated: int, deleted: int) -> str:
    """`+ 35 ~ 9 − 3`; what is zero is left out."""
    return " ".join(f"{sign} {count(number)}" for sign, number in _present(inserted, updated, deleted))


def html(inserted: int, updated: int, deleted: int) -> str:
    return "&ensp;".join(
        marked(sign, f"{sign} {count(number)}") for sign, number in _present(inserted, updated, deleted)
    )


def marked(sign: Sign, inner: str) -> str:
    """HTML in the colour of its sign; the sign itself must stand in it."""
    return f'<span class="{_CLASSES[sign]}">{inner}</span>'


def _present(inserted: int, updated: int, deleted: int) -> list[tuple[Sign, int]]:
    numbers: tuple[tuple[Sign, int], ...] = (("+", inserted), ("~", updated), ("−", deleted))
    return [(sign, number) for sign, number in numbers if number]
