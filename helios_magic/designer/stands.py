"""A place in a sentence's words: what stands there, what was found before it, what stands further on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from helios_magic.designer.facts import Noun
from helios_magic.designer.tokens import tokens
from helios_magic.designer.words import is_plural, property_word, snake, words

_OBJECT = 4
"""Words of an object that is looked for behind a verb."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A group of words.

    `kind`: np, verb, participle, be, modal, prep, and, comma, relative, pronoun, bracket, colon, owner (`'s`).
    `word` is a verb's lemma, a preposition, a pronoun; `inside` the words of a bracket.
    """

    kind: str
    word: str = ""
    noun: Noun | None = None
    form: str = ""
    inside: str = ""


@dataclass(slots=True)
class Stand:
    """A place in a sentence's words, the chunks found before it, and whether a verb stands there."""

    text: str
    tokens: list[str] = field(init=False)
    lenient: bool = False
    """Whether a noun that the catalogue knows may be taken apart: the clause needs a verb."""
    found: list[Chunk] = field(default_factory=list)
    at: int = 0
    finite: bool = False
    """Whether the clause has its verb."""

    def __post_init__(self) -> None:
        self.tokens = tokens(self.text)

    def _word(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place].lower() if 0 <= place < len(self.tokens) else ""

    def _add(self, kind: str, word: str = "", steps: int = 1, **more: str) -> None:
        self.found.append(Chunk(kind, word, **more))  # type: ignore[arg-type]
        self.at += steps

    @property
    def _last(self) -> Chunk | None:
        return self.found[-1] if self.found else None

    def _follows(self, *kinds: str) -> bool:
        return self._last is not None and self._last.kind in kinds

    def _is_noun(self, ahead: int) -> bool:
        """Whether what stands there may begin or continue a noun phrase."""
        word, known = self._word(ahead), words().classes
        if not word or not word[0].isalnum() or word in {"such_as", "including", "each_other", "many_to_many"}:
            return False
        if word in known["relatives"] | known["modals"] | known["be"]:
            return False
        return word not in known["conjunctions"] | known["prepositions"] | known["boundaries"]

    def _starts_noun(self, ahead: int) -> bool:
        word, known = self._word(ahead), words().classes
        if word in {"we", "i", "they", "he", "she", "you"}:
            return False
        return word in known["determiners"] | known["many"] or (self._is_noun(ahead) and word not in known["adverbs"])

    def _property_ahead(self) -> bool:
        """`sites storing wing length`: whether the noun phrase that begins with the next word is a property."""
        ahead = 1
        while ahead < _OBJECT and self._is_noun(ahead) and self._is_noun(ahead + 1):
            ahead += 1
        return self._is_noun(ahead) and property_word(self._word(ahead))

    def _plural_ahead(self) -> bool:
        """Whether a noun phrase in the plural follows: `book personal training sessions`."""
        ahead = 1
        while ahead < _OBJECT and self._is_noun(ahead) and self._is_noun(ahead + 1):
            if self._word(ahead + 1) in words().classes["adverbs"]:
                break  # make pieces out of clay
            if is_plural(snake(self._word(ahead))) and words().forms.get(self._word(ahead + 1), ("", ""))[1] == "past":
                break  # schedule classes led by trainers
            ahead += 1
        if self._word(ahead + 1) in words().classes["be"] | words().classes["modals"]:
            return False  # tax receipts are issued
        return self._is_noun(ahead) and is_plural(snake(self._word(ahead)))

    def _subject(self) -> Noun | None:
        for place, chunk in reversed(list(enumerate(self.found))):
            if chunk.kind == "np":
                before = self.found[place - 1] if place else None
                owned = before is not None and (before.kind == "owner" or before.word == "whose")
                return replace(chunk.noun, determiner="its") if owned and chunk.noun else chunk.noun
            if chunk.kind != "bracket":
                return None
        return None

    def _in_passing(self) -> bool:
        """Whether a preposition stands before the last chunk: it is nobody who does anything."""
        return len(self.found) > 1 and self.found[-2].kind == "prep" and self.found[-2].word != "of"
