"""WordPiece, as uncased BERT models read text: the ids that the `tokenizers` library gives, for all of Unicode 8.

clean → isolate CJK → take accents off → lower → split at blanks and punctuation → the longest known pieces of a word.
Characters of later years the library's tables do not know; to it they are letters, of words that are not known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

#: A word of more characters is not looked into.
_LONGEST_WORD = 100
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_CJK = (
    "\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81f\U0002b920-\U0002ceaf"
    "\uf900-\ufaff\U0002f800-\U0002fa1f"
)
_ISOLATED = re.compile(f"([{_CJK}])")
_WORDS = re.compile(r"[a-z0-9]+|[!-/:-@\[-`{-~]")


class WordPiece:
    """Texts to token ids; the vocabulary is a line each, and a line's number its id."""

    def __init__(self, vocabulary: Iterable[str], longest: int) -> None:
        """`longest` is how many ids a text may have, the two around it counted."""
        self._ids = {piece: at for at, piece in enumerate(vocabulary)}
        self._longest = longest
        self._begin, self._end, self._unknown = self._ids["[CLS]"], self._ids["[SEP]"], self._ids["[UNK]"]
        self._special = re.compile("(" + "|".join(map(re.escape, _SPECIAL)) + ")")
        # Words repeat: a cache of them is worth more than a faster search.
        self._pieces = lru_cache(maxsize=65_536)(self._split)

    @classmethod
    def read(cls, path: Path, longest: int) -> WordPiece:
        return cls(path.read_text(encoding="utf-8").rstrip("\n").split("\n"), longest)

    def ids(self, text: str) -> tuple[list[int], bool]:
        """The text's ids, and whether some of them were cut off."""
        found: list[int] = [self._begin]
        room = self._longest - 1
        for part in self._special.split(text):
            if part in _SPECIAL:
                found.append(self._ids[part])
                continue
            for word in _words(part):
                found += self._pieces(word)
                if len(found) > room:
                    break
        cut = len(found) > room
        del found[room:]
        found.append(self._end)
        return found, cut

    def _split(self, word: str) -> tuple[int, ...]:
        """The longest known pieces from the left; one unknown for a word that is not made of them."""
        if len(word) > _LONGEST_WORD:
            return (self._unknown,)
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self._ids.get(f"##{word[start:end]}" if start else word[:end])
                if piece is not None:
                    break
            else:
                return (self._unknown,)
            found.append(piece)
            start = end
        return tuple(found)


def _words(text: str) -> Iterable[str]:
    if text.isascii() and text.isprintable():
        return _WORDS.findall(text.lower())
    return _split_words(_normal(text))


def _normal(text: str) -> str:
    text = "".join(" " if _is_blank(c) else c for c in text if not _is_removed(c))
    text = unicodedata.normalize("NFD", _ISOLATED.sub(r" \1 ", text))
    # One character after the other: a sigma at a word's end is no other one here.
    return "".join(c.lower() for c in text if unicodedata.category(c) != "Mn")


def _split_words(text: str) -> Iterator[str]:
    start = 0
    for at, c in enumerate(text):
        if c.isspace() or _is_punctuation(c):
            if at > start:
                yield text[start:at]
            if not c.isspace():
                yield c
            start = at + 1
    if start < len(text):
        yield text[start:]


def _is_blank(c: str) -> bool:
    return c in "\t\n\r" or (c.isspace() and not "\x1c" <= c <= "\x1f")


def _is_removed(c: str) -> bool:
    return c == "\ufffd" or (unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") and c not in "\t\n\r")


@lru_cache(maxsize=4096)
def _is_punctuation(c: str) -> bool:
    return (
        "!" <= c <= "/"
        or ":" <= c <= "@"
        or "[" <= c <= "`"
        or "{" <= c <= "~"
        or (unicodedata.category(c).startswith("P"))
    )
