"""The branch colour and its chip.

The hue is a pure function of the name, the same for everyone, for ever; `main` has none and is grey.
"""

from __future__ import annotations

from helios_magic.display.markup import attribute, escape, icon

MAIN = "main"
_HUES = (95, 120, 165, 190, 215, 285, 315, 345)
_WORD = 0xFFFFFFFF
#: Characters from which a name may be cut, and is told in full by its tooltip.
_LONG = 32


def hue(name: str) -> int | None:
    """One of eight hues in degrees (oklch), or None for `main`.  FNV-1a over UTF-8, then a finishing mix."""
    if name == MAIN:
        return None
    value = 0x811C9DC5
    for byte in name.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * 0x01000193) & _WORD
    value ^= value >> 15
    value = (value * 0x2C1B3C6D) & _WORD
    value ^= value >> 12
    return _HUES[value % len(_HUES)]


def frame(name: str, extra: str = "") -> str:
    """The attributes of an output's root: its class, and the hue the theme makes three tones of."""
    degrees = hue(name)
    extra = f" {extra}" if extra else ""
    if degrees is None:
        return f'class="hm-o hm-b hm-main{extra}"'
    return f'class="hm-o hm-b{extra}" style="--h:{degrees}"'


def source_hue(source: str, target: str) -> int | None:
    """The hue of a merge's source; where the target has the same, the next one, in that view."""
    degrees = hue(source)
    if degrees is None or degrees != hue(target):
        return degrees
    return _HUES[(_HUES.index(degrees) + 1) % len(_HUES)]


def tone(degrees: int | None, *classes: str) -> str:
    """The attributes that give an element a branch's three tones; its further classes beside them."""
    names = " ".join(("hm-b", *(("hm-main",) if degrees is None else ()), *classes))
    return f'class="{names}"' if degrees is None else f'class="{names}" style="--h:{degrees}"'


def chip(name: str, *, degrees: int | None = None) -> str:
    """Icon and name in the branch's colour: every footer has one.  `degrees` is another hue than the name's."""
    colour = tone(hue(name) if degrees is None else degrees, "hm-chip")
    title = f" title={attribute(name)}" if len(name) > _LONG else ""
    return f'<span {colour}{title}>{icon("branch", small=True)}<bdi dir="auto">{escape(name)}</bdi></span>'
