"""A place among a sentence's chunks, what pronouns stand for there, and the facts read so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from helios_magic.designer.chunks import Sentence
from helios_magic.designer.facts import Acts, Between, Listed, Noun, Owns, Reading
from helios_magic.designer.properties import is_property, looks_like_entity
from helios_magic.designer.verbs import Chunk
from helios_magic.designer.words import words

_END = Chunk("end")


@dataclass(slots=True)
class Context:
    """What a pronoun stands for, across sentences."""

    subject: Noun | None = None
    mentioned: Noun | None = None
    before: Noun | None = None
    object: Noun | None = None
    """What the last verb was done to: `them` after another verb."""
    topic: Noun | None = None
    """The first subject of the sentence before, or of this one."""
    front: Noun | None = None
    """`For each animal we note …`: what the sentence speaks of."""


@dataclass(slots=True)
class Place:
    """A place in a sentence, what was read up to it, and how a fact is noted."""

    sentence: Sentence
    reading: Reading
    context: Context
    chunks: list[Chunk] = field(init=False)
    at: int = 0
    narrow: int = 0
    """Inside this many phrases that take no preposition of their own."""
    fresh: bool = True
    """Whether the sentence has named no subject yet."""
    owner_of: dict[Noun, Noun] = field(default_factory=dict)
    """`the PGN of each game`: whose property it is."""

    def __post_init__(self) -> None:
        self.chunks = list(self.sentence.chunks)

    def _peek(self, ahead: int = 0) -> Chunk:
        place = self.at + ahead
        return self.chunks[place] if 0 <= place < len(self.chunks) else _END

    def _fact(self, fact: object) -> None:
        self.reading.facts.append(fact)  # type: ignore[arg-type]

    def _listed(self, noun: Noun) -> None:
        if not noun.system:
            self._fact(Listed(noun))

    def _mention(self, noun: Noun) -> Noun:
        """Remember what `it` is; a noun that only says “it” becomes what it stands for."""
        if not noun.words and self.context.subject is not None and not noun.other:
            return self.context.subject
        self.context.before, self.context.mentioned = self.context.mentioned, noun
        return noun

    def _acts(self, subject: Noun, verb: str, target: Noun, preposition: str, *, passive: bool) -> None:
        way = words().verbs.get(verb, "owns" if passive else "")
        if target.other and not target.words and not subject.system:
            self._fact(Acts(subject, verb, way, target, preposition, passive))
            return
        if subject.system and not target.system:
            self._listed(target)
            return
        if target.system or subject.system:
            return
        if verb == "as" or preposition in {"as", "like"}:
            return
        if preposition in {"with", "by"} and is_property(target) and not looks_like_entity(target):
            self._fact(Owns(subject, target, "with"))  # reported with a severity
            return
        if preposition in {"before", "after", "during", "until", "since"} and not (target.plural or target.determiner):
            return
        if preposition == "between" and target.plural:
            self._fact(Between(subject, target))
            return
        self._fact(Acts(subject, verb, way, target, preposition, passive))
