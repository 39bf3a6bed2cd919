"""Names of tables and columns as identifiers: words, cases, singulars, and no two alike.

A name may hold anything: blanks, quotes, emoji, a reserved word, nothing that any language could spell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_PARTS = re.compile(r"[^\W_]+")
#: Where a new word begins inside one: `createdAt`, `HTTPServer`.
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "mice": "mouse", "feet": "foot",
    "teeth": "tooth", "geese": "goose", "indices": "index", "vertices": "vertex", "matrices": "matrix",
    "criteria": "criterion", "phenomena": "phenomenon", "alumni": "alumnus", "leaves": "leaf", "knives": "knife",
    "lives": "life", "wives": "wife", "shelves": "shelf", "halves": "half", "movies": "movie", "cookies": "cookie",
    "quizzes": "quiz", "buses": "bus", "analyses": "analysis", "crises": "crisis", "diagnoses": "diagnosis",
    "hypotheses": "hypothesis", "caches": "cache", "shoes": "shoe", "axes": "axis",
}  # fmt: skip
#: An s at the end that makes no plural: status, news, campus, analysis, canvas, access.
_ALREADY_ONE = re.compile(r".*(?:ss|us|is|ics)|series|species|news|gas|canvas|atlas|bias|alias|lens|kudos|chaos")
_WITH_ES = re.compile(r".*(?:ss|sh|ch|x|zz|o|(?:stat|vir|camp|bon|cens|radi|foc|corp|min)us|alias)es")


def singular(word: str) -> str:
    """`orders` → `order`; `status`, `series` and `data` stay: a plural is left sooner than a word is broken."""
    lower = word.lower()
    if lower in _IRREGULAR:
        return word[0] + _IRREGULAR[lower][1:]
    if len(word) < 4 or not lower.endswith("s") or _ALREADY_ONE.fullmatch(lower):
        return word
    if lower.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if _WITH_ES.fullmatch(lower) else word[:-1]


def words(name: str, *, ascii_only: bool = False) -> list[str]:
    """The words of a name, in lower case but for their humps; a sign that no identifier has becomes `u1f642`."""
    text = unicodedata.normalize("NFKC", name)
    if ascii_only:
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
        text = "".join(sign if sign.isascii() else f" u{ord(sign):x} " for sign in text)
    found = [word for part in _PARTS.findall(text) for word in _HUMPS.split(part)]
    if not "".join(found).isascii():
        found = [word for word in found if f"a{word}".isidentifier()]
    return found or [f"u{ord(sign):x}" for sign in text] or ["unnamed"]


def snake(parts: Iterable[str]) -> str:
    return _not_a_number("_".join(part.lower() for part in parts))


def pascal(parts: Iterable[str]) -> str:
    return _not_a_number(_joined(parts), "N")


def camel(parts: Iterable[str]) -> str:
    first, *rest = parts
    return _not_a_number((first.lower() if first.isupper() else first[:1].lower() + first[1:]) + _joined(rest))


def _joined(parts: Iterable[str]) -> str:
    return "".join(part[:1].upper() + part[1:] for part in parts)


def constant(parts: Iterable[str]) -> str:
    return _not_a_number("_".join(part.upper() for part in parts))


def _not_a_number(name: str, before: str = "n") -> str:
    return before + name if name[:1].isdecimal() else name


def type_words(name: str, *, ascii_only: bool = False) -> list[str]:
    """The words of one row of a table: `order_items` → order, item."""
    *first, last = words(name, ascii_only=ascii_only)
    return [*first, singular(last)]


class Names:
    """Hands out each identifier once.

    `reserved` are the words that the language keeps; `escape` is what becomes of one (`class` → `class_`).
    """

    def __init__(self, reserved: Iterable[str] = (), escape: str = "{}_") -> None:
        self._taken: set[str] = set()
        self._reserved = frozenset(reserved)
        self._escape = escape

    def take(self, wanted: str, endings: Iterable[str] = ()) -> str:
        """The identifier itself, or the first free one of `wanted2`, `wanted3`, …; free with all endings."""
        endings = ("", *endings)
        name, number = self._allowed(wanted), 2
        while any(name + ending in self._taken for ending in endings):
            name, number = self._allowed(f"{wanted}{number}"), number + 1
        self._taken.update(name + ending for ending in endings)
        return name

    def _allowed(self, wanted: str) -> str:
        return self._escape.format(wanted) if wanted in self._reserved else wanted
