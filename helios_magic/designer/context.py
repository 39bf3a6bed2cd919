"""A place among a sentence's chunks, what pronouns stand for there, and the facts read so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.chunks import Sentence
from helios_magic.designer.facts import Acts, Between, Hangs, Is, Listed, Noun, Owns, Reading, Undergoes
from helios_magic.designer.properties import acts, is_property, looks_like_entity
from helios_magic.designer.stands import Chunk
from helios_magic.designer.words import words

_END = Chunk("end")


_STATES = frozenset({"under", "at", "on", "in", "for", "from", "until", "to", "within"})
"""Prepositions behind a verb that may bring a property of its subject."""


def _mere(noun: Noun) -> bool:
    """Whether a property is nothing that others could share, as a category or a city is."""
    return catalogue().exact(noun.name) is None


@dataclass(slots=True)
class Context:
    """What a pronoun stands for, across sentences."""

    subject: Noun | None = None
    mentioned: Noun | None = None
    before: Noun | None = None
    object: Noun | None = None
    """What the last verb was done to: `them` after another verb."""
    previous: Noun | None = None
    """What the clause before was about, if it was another thing."""
    person: Noun | None = None
    """Who was named last: `she`."""
    topic: Noun | None = None
    """The first subject of the sentence before, or of this one."""
    front: Noun | None = None
    """`For each animal we note …`: what the sentence speaks of."""
    described: set[str] = field(default_factory=set)
    """Names of what was said to have something, in the sentences before."""
    lasting: Noun | None = None
    """The same, said so at the beginning: also behind a semicolon."""

    @property
    def mentioned_several(self) -> bool:
        return self.mentioned is not None and self.mentioned.several


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
    said: Noun | None = None
    """What the last clause of the sentence told of: a list behind a colon says what it has."""
    beside: Noun | None = None
    """The first complement of the verb."""
    last: tuple[str, str, bool] | None = None
    """The last verb that had a preposition, the preposition, and whether it was passive: it may be left out."""
    single: Noun | None = None
    """What there is one of: `another` is of the same sort."""
    inset: bool = False
    """Whether the clause stands among the members of a list: `rooms, members book rooms, invoices`."""
    speaker: bool = False
    """Whether the clause tells what whoever describes the database does."""
    also: list[Noun] = field(default_factory=list)
    """Properties that were said in one with the next noun."""
    began: int = 0
    """Where the clause behind a front begins."""
    with_front: Noun | None = None
    """What the front has to do with, said in the same breath: `for every student who attends it`."""
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
        known = noun.plural or noun.determiner or noun.one or catalogue().nearest(noun.name)
        time = noun.temporal and noun.determiner in {"each", "every"}
        if not (noun.system or time) and (known or not self._verbal()):
            self._fact(Listed(noun))

    def _verbal(self) -> bool:
        """Whether the sentence has a verb: what it names in passing may be a mere word."""
        return any(chunk.kind in {"verb", "be", "modal"} for chunk in self.chunks)

    def _mention(self, noun: Noun) -> Noun:
        """Remember what `it` is; a noun that only says “it” becomes what it stands for."""
        if not noun.words and self.context.subject is not None and not noun.other:
            return self.context.subject
        self.context.before, self.context.mentioned = self.context.mentioned, noun
        if noun.one:
            self.single = noun
        if not noun.plural and catalogue().kind(noun.name) == "person":
            self.context.person = noun
        return noun

    def _past_joint(self) -> int:
        """How many chunks the comma and the conjunction here take."""
        return {"": 0, ",": 1, "and": 1, ",and": 2}[self._joined()]

    def _joined(self) -> str:
        first, second = self._peek().kind, self._peek(1).kind
        if first == "comma":
            return ",and" if second == "and" else ","
        return "and" if first == "and" else ""

    def _acts(self, subject: Noun, verb: str, target: Noun, preposition: str, *, passive: bool) -> None:
        way = words().verbs.get(verb, "owns" if passive else "")
        plain = not (target.plural or target.determiner or target.one or target.many) and len(target.words) == 1
        if passive and preposition == "by" and plain and verb in words().classes["logging"] and not acts(target):
            self._fact(Owns(subject, target, "with"))  # downloads are logged by app and country
            return
        if target.other and not target.words and self.single is not None and self.single.name != subject.name:
            target = replace(self.single, other=True, one=False)  # starts at one station and ends at another
        if target.other and not target.words and not subject.system:
            self._fact(Acts(subject, verb, way, target, preposition, passive))
            return
        if subject.system and not target.system:
            self._listed(target)
            return
        if verb == "depend" and is_property(subject) and not target.plural:
            self._depends(subject, target)
            return
        if target.system or subject.system:
            return
        if verb == "as" or preposition in {"as", "like"}:
            if target.plural and (passive or verb in words().classes["appearing"]):
                self._kept_as(subject, verb, target)
            return
        if self._of_its_own(subject, verb, target, preposition, mere=way != "belongs", passive=passive):
            return
        if preposition in {"before", "after", "during", "until", "since"} and not (target.plural or target.determiner):
            return
        if preposition == "between" and target.plural:
            self._fact(Between(subject, target))
            return
        self._fact(Acts(subject, verb, way, target, preposition, passive))

    def _kept_as(self, subject: Noun, verb: str, target: Noun) -> None:
        """`items are digitised as scans`; `saved changes are kept as revisions`, which is what they are."""
        if verb in words().classes["becoming"] | words().classes["appearing"]:
            self._fact(Hangs(target, "of", subject))
        elif verb in words().classes["storing"] and catalogue().knows(target.name):
            if not catalogue().knows(subject.name):
                self._fact(Is(subject, target))
            self._listed(target)

    def _depends(self, subject: Noun, target: Noun) -> None:
        """`the price depends on the type`, `the fare depends on vehicle type and demand`"""
        known = catalogue().exact(target.name)
        if known is not None and known.kind == "group" and "_" in target.name:
            self._fact(Listed(replace(target, many=True)))
        if known is not None or target.determiner:
            self._fact(Owns(target, subject))

    def _of_its_own(
        self, subject: Noun, verb: str, target: Noun, preposition: str, *, mere: bool, passive: bool
    ) -> bool:
        """Whether what stands behind the verb is a property of its subject, or only a time.

        `mere`: it may be a property that others could share, by the verb.
        """
        had = preposition == "with" or (preposition == "by" and not (passive and acts(target)))
        if had and is_property(target) and not looks_like_entity(target):
            self._fact(Owns(subject, target, "with"))  # reported with a severity
            return True
        if preposition == "on" and target.name.endswith("day") and target.determiner in {"a", "an"}:
            self._fact(Owns(subject, Noun(("date",))))  # held on a fixed day
            return True
        bare = not (target.plural or target.determiner or target.one)
        if preposition == "by" and bare and not (passive and (acts(target) or is_property(target))):
            return True  # paid by card
        if target.temporal and not preposition and target.determiner in {"each", "every"}:
            return True  # inspected every two weeks
        if preposition and target.temporal and not target.many:
            if is_property(target) and target.determiner:
                if catalogue().kind(subject.name) != "person":
                    self._fact(Owns(subject, target))  # held on a date
            elif passive and subject.several:
                self._listed(subject)  # invoices are sent per season
                self._fact(Undergoes(subject, verb))  # each subscription is invoiced per month
            return True
        if preposition in _STATES and mere and is_property(target) and target.determiner and _mere(target):
            self._fact(Owns(subject, target))  # filed under a docket number
            return True
        return False
