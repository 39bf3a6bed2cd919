"""Characters: which ones nobody would see, and how many display cells the others take.

What cannot be seen can deceive (a right-to-left override in a file name, a zero-width space in a key) or drive the
terminal (ESC), so it is named where it stands: `U+202E`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_BLACK_FLAG = "\U0001f3f4"
_SIGNS = {"\n": "↵", "\r": "␍", "\t": "⇥"}
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
#: Blank although they count as letters or symbols.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
ELLIPSIS = "…"


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in runs: `(characters, False)` as they stand, `(tag, True)` for one that would not be seen.

    Line breaks and tabs are signs (`↵`, `⇥`).  Joiners inside emoji and in scripts that need them stay.
    """
    start = 0
    for index, character in enumerate(text):
        if not _needs_tag(text, index, character):
            continue
        if start < index:
            yield text[start:index], False
        yield _SIGNS.get(character, f"U+{ord(character):04X}"), True
        start = index + 1
    if start < len(text):
        yield text[start:], False


def plain(text: str) -> str:
    """The text for a terminal: nothing hidden, nothing that drives it.  `<U+202E>` marks what was taken out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"<{piece}>" if tagged and piece.startswith("U+") else piece for piece, tagged in pieces(text))


def one_line(text: str) -> str:
    """`plain`, with line breaks and tabs as blanks: for messages."""
    return plain(" ".join(text.split("\n")).replace("\t", " ").replace("\r", " "))


def width(text: str) -> int:
    """Display cells of a text in a terminal: wide characters are two, combining ones none."""
    if text.isascii():
        return len(text)
    cells = 0
    previous = ""
    for character in text:
        if previous == _ZWJ or character in "\ufe0e\ufe0f":
            # The second half of an emoji sequence is drawn into the first.
            cells += 1 if character == "\ufe0f" and _cell(previous) == 1 else 0
        elif "\U0001f3fb" <= character <= "\U0001f3ff" and previous:
            pass
        else:
            cells += _cell(character)
        previous = character
    return cells


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """The text filled with blanks to `cells` display cells."""
    blanks = " " * max(0, cells - width(text))
    return blanks + text if right else text + blanks


def cut(text: str, cells: int) -> str:
    """The text, its end replaced by an ellipsis where it is wider than `cells`."""
    if width(text) <= cells:
        return text
    kept, used = [], 0
    for character in text:
        used += _cell(character)
        if used > cells - 1:
            break
        kept.append(character)
    return "".join(kept) + ELLIPSIS


def _needs_tag(text: str, index: int, character: str) -> bool:
    if " " <= character <= "~":
        return False
    if character in _BLANK_LETTERS:
        return True
    if unicodedata.category(character) not in _UNSEEN:
        return False
    if character in (_ZWJ, _ZWNJ):
        return not _joins(text, index)
    if "\U000e0020" <= character <= "\U000e007f":
        return not _flag(text, index)
    return True


def _joins(text: str, index: int) -> bool:
    """Whether a joiner stands between two characters of an emoji, or of a script that is written with joiners."""
    if not 0 < index < len(text) - 1:
        return False
    return all(_joinable(text[at]) for at in (index - 1, index + 1))


def _joinable(character: str) -> bool:
    if character in "\ufe0f\u2640\u2642\u2695\u2696\u2708" or "\U0001f000" <= character <= "\U0001faff":
        return True
    joining = 0x0600 <= ord(character) <= 0x08FF or 0x0900 <= ord(character) <= 0x0DFF
    return joining or unicodedata.category(character) == "So"


def _flag(text: str, index: int) -> bool:
    while index and "\U000e0020" <= text[index] <= "\U000e007f":
        index -= 1
    return text[index] == _BLACK_FLAG


@lru_cache(maxsize=4096)
def _cell(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    if "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
