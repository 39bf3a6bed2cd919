"""The grammar: the chunks of each sentence → facts.

A clause is a group of noun phrases, a verb, and another group; either group may carry brackets, prepositions,
participles and relative clauses of its own.  Nothing here knows a domain: what a noun means is decided later.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from helios_magic.designer.chunks import Chunk, Sentence, sentences
from helios_magic.designer.facts import (
    Acts,
    Between,
    Chooses,
    Hangs,
    Listed,
    Meets,
    Noun,
    Owns,
    Reading,
    Shares,
)
from helios_magic.designer.properties import is_property, looks_like_entity
from helios_magic.designer.words import snake, words

_HEADINGS = frozenset("entity table object relation model class".split())
_END = Chunk("end")


def read(prose: str) -> Reading:
    """All facts of a description, in its order."""
    reading = Reading()
    context = _Context()
    for sentence in sentences(prose):
        before = len(reading.facts)
        _Clauses(sentence, reading, context).read()
        if len(reading.facts) == before and not sentence.first:
            reading.unread.append(sentence.text[:200])
    return reading


@dataclass(slots=True)
class _Context:
    """What a pronoun stands for, across sentences."""

    subject: Noun | None = None
    mentioned: Noun | None = None
    story: bool = False


@dataclass(slots=True)
class _Clauses:
    sentence: Sentence
    reading: Reading
    context: _Context
    chunks: list[Chunk] = field(init=False)
    at: int = 0
    narrow: int = 0
    """Inside this many phrases that take no preposition of their own."""
    owner_of: dict[Noun, Noun] = field(default_factory=dict)
    """`the PGN of each game`: whose property it is."""

    def __post_init__(self) -> None:
        self.chunks = list(self.sentence.chunks)

    def _peek(self, ahead: int = 0) -> Chunk:
        place = self.at + ahead
        return self.chunks[place] if 0 <= place < len(self.chunks) else _END

    def _fact(self, fact: object) -> None:
        self.reading.facts.append(fact)  # type: ignore[arg-type]

    # Sentences

    def read(self) -> None:
        self._heading()
        guard = -1
        while self.at < len(self.chunks) and self.at != guard:
            guard = self.at
            self._clause()
            if self.at == guard:
                self.at += 1

    def _heading(self) -> None:
        """`Public library: …` is a title, `Users: name, email` is an entity with what it has."""
        at = next((place for place, chunk in enumerate(self.chunks) if chunk.kind == "colon"), None)
        if at is None:
            return
        nouns = [chunk.noun for chunk in self.chunks[:at] if chunk.noun is not None]
        verbal = any(chunk.kind in {"verb", "infinitive"} for chunk in self.chunks[:at])
        if verbal or len(nouns) != 1 or nouns[0].name in _HEADINGS:
            self.at = 0 if verbal and len(nouns) > 1 else at + 1
            if verbal:
                self.chunks = [chunk for chunk in self.chunks if chunk.kind != "colon"]
            return
        title, following = nouns[0], self._noun_after(at)
        listing = following is not None and self._continues(at)
        if listing and following is not None and is_property(following) and not title.system:
            self._mention(title)
            self.at = at + 1
            self._owned(title, "have")
        elif self.sentence.bullet or (title.plural and looks_like_entity(title)):
            self._listed(title)
            self.at = at + 1
        else:
            self.at = at + 1

    def _noun_after(self, at: int) -> Noun | None:
        return next((chunk.noun for chunk in self.chunks[at + 1 :] if chunk.noun is not None), None)

    def _continues(self, at: int) -> bool:
        """Whether a list without a verb follows."""
        return not any(chunk.kind in {"verb", "be", "modal"} for chunk in self.chunks[at + 1 :])

    # Clauses

    def _clause(self) -> None:
        while self._peek().kind in {"and", "comma", "colon", "relative", "prep"} and not self._leads():
            self.at += 1
        if self._peek().kind == "prep":
            self._fronted()
        start = self.at
        subjects = self._group(owned=False)
        if self._peek().kind == "shares":
            self._shares(subjects)
        if self._peek().kind in {"verb", "be", "modal", "infinitive"}:
            self._predicates(subjects)
        elif not (self.sentence.first and self._is_title(subjects)):
            for noun in subjects:
                self._listed(noun)
        if self.at == start:
            self.at += 1

    def _leads(self) -> bool:
        return self._peek().kind == "prep" and self._peek(1).kind == "np"

    def _fronted(self) -> None:
        """`During an appointment the doctor …`: the noun is what the clause is about, not its subject."""
        preposition = self._peek().word
        self.at += 1
        noun = self._peek().noun
        if noun is None:
            return
        self.at += 1
        if preposition == "with" and self.context.mentioned is not None:
            self.at -= 1
            self._owned(self.context.mentioned, "with")
            return
        self._mention(noun)
        if self._peek().kind == "comma":
            self.at += 1

    def _is_title(self, nouns: list[Noun]) -> bool:
        """`Real-estate portal.`: a sentence of one noun that names the whole."""
        rest = self.at < len(self.chunks)
        return len(nouns) <= 1 and not rest and not any(noun.plural and looks_like_entity(noun) for noun in nouns)

    def _listed(self, noun: Noun) -> None:
        if not noun.system:
            self._fact(Listed(noun))

    def _mention(self, noun: Noun) -> Noun:
        """Remember what `it` is; a noun that only says “it” becomes what it stands for."""
        if not noun.words and self.context.subject is not None and not noun.other:
            return self.context.subject
        self.context.mentioned = noun
        return noun

    # Groups of nouns

    def _group(self, *, owned: bool) -> list[Noun]:
        """`A, B and C`, each with what hangs on it.

        Where the list is the object of a verb, a noun that is followed by a verb of its own begins the next clause.
        """
        nouns: list[Noun] = []
        closed = False
        while True:
            noun = self._phrase()
            if noun is None:
                return nouns
            nouns = [*self._of_the_same(nouns, noun), noun]
            joined = self._joined()
            if not joined or (closed and joined == ","):
                return nouns
            closed = closed or (joined == "and" and len(nouns) > 1)
            ahead = 1 if joined != ",and" else 2
            if self._peek(ahead).kind not in {"np", "owner"}:
                return nouns
            if (owned or self._finite_before()) and self._begins_clause(ahead):
                return nouns
            self.at += ahead

    def _of_the_same(self, nouns: list[Noun], noun: Noun) -> list[Noun]:
        """`the result and the PGN of each game`: the properties before it are the game's as well."""
        owner = self.owner_of.get(noun)
        while owner is not None and nouns and is_property(nouns[-1]) and nouns[-1] not in self.owner_of:
            self._fact(Owns(owner, nouns[-1]))
            self.owner_of[nouns[-1]] = owner
            nouns = nouns[:-1]
        return nouns

    def _joined(self) -> str:
        first, second = self._peek().kind, self._peek(1).kind
        if first == "comma":
            return ",and" if second == "and" else ","
        return "and" if first == "and" else ""

    def _finite_before(self) -> bool:
        return any(chunk.kind in {"verb", "be"} for chunk in self.chunks[: self.at])

    def _begins_clause(self, ahead: int) -> bool:
        """Whether the noun at `ahead` is the subject of a verb."""
        place = ahead + 1
        while self._peek(place).kind == "prep" and self._peek(place + 1).kind == "np":
            place += 2
        if self._peek(place).kind == "bracket":
            place += 1
        return self._peek(place).kind in {"verb", "be", "modal"}

    def _phrase(self) -> Noun | None:
        """One noun phrase and everything that hangs on it."""
        chunk = self._peek()
        if chunk.kind == "pronoun":
            self.at += 1
            if chunk.word in {"one", "another"} or self._peek().kind == "prep":
                self._skip_of_which()
            return self.context.mentioned if chunk.word in {"each", "one"} else self.context.subject
        if chunk.kind == "owner" and chunk.noun is not None:
            owner = self._mention(chunk.noun)
            self.at += 1
            noun = self._phrase()
            if noun is not None:
                self._fact(Owns(owner, noun))
            return noun
        if chunk.noun is None:
            return None
        self.at += 1
        noun = chunk.noun
        if noun.possessive and self.context.mentioned is not None:
            self._fact(Owns(self.context.mentioned, noun))
        noun = self._mention(noun)
        return self._hanging(noun)

    def _skip_of_which(self) -> None:
        while self._peek().kind in {"prep", "relative"} and self._peek().word in {"of", "which", "whom", "them"}:
            self.at += 1

    def _hanging(self, noun: Noun) -> Noun:
        while True:
            chunk = self._peek()
            if chunk.kind == "bracket":
                self.at += 1
                self._bracket(noun, chunk.inside)
            elif chunk.kind == "prep" and self._peek(1).kind in {"np", "owner"} and not (
                self.narrow and chunk.word != "of"
            ):
                self.at += 1
                noun = self._preposition(noun, chunk.word)
            elif chunk.kind == "participle":
                self.at += 1
                self._participle(noun, chunk)
            elif chunk.kind == "relative" or (chunk.kind == "prep" and self._peek(1).kind == "relative"):
                self.at += 1 if chunk.kind == "relative" else 2
                self._relative(noun, chunk.word)
            elif chunk.kind == "shares":
                self._shares([noun])
            elif not self.narrow and chunk.kind == "comma" and self._peek(1).word == "with":
                self.at += 1
            else:
                return noun

    def _preposition(self, noun: Noun, preposition: str) -> Noun:
        target = self._peek().noun
        if target is None:
            return noun
        if preposition == "such as":
            self._group(owned=True)
            return noun
        if preposition in {"with", "including", "via"} and not noun.system:
            self._owned(noun, "with")
            return noun
        if preposition in {"with", "for", "including"} and noun.system:
            for each in self._group(owned=True):
                if each.plural or looks_like_entity(each):
                    self._listed(each)
            return noun
        if preposition == "of" and self._is_name(noun, target):
            self.at += 1
            return noun.of(target)
        kept = self.context.mentioned
        self.narrow += preposition == "between"
        parent = self._phrase_of(target)
        if preposition == "between":
            other = None
            if self._joined() == "and" and self._peek(1).noun is not None:
                self.at += 1
                other = self._phrase()
            self.narrow -= 1
            self._fact(Between(noun, parent) if other is None else Hangs(noun, "of", parent))
            if other is not None:
                self._fact(Hangs(noun, "of", other))
        elif preposition in {"of", "per"} and is_property(noun) and not is_property(parent):
            self._fact(Owns(parent, noun))
            self.owner_of[noun] = parent
        elif preposition not in {"as", "without", "than", "like"}:
            self._fact(Hangs(noun, preposition, parent))
            while self._joined() == "and" and _bare(parent) and _bare(self._peek(1).noun) and not self._begins_clause(1):
                self.at += 2  # for sale or rent
        self.context.mentioned = kept
        return noun

    def _phrase_of(self, target: Noun) -> Noun:
        phrase = self._phrase()
        return target if phrase is None else phrase

    def _is_name(self, noun: Noun, target: Noun) -> bool:
        """`proof of delivery` is one noun: neither has an article, both are singular, and nothing is said of it."""
        bare = not (target.determiner or target.many or target.one or target.plural)
        return bare and not noun.plural and not is_property(noun) and not looks_like_entity(target)

    def _owned(self, owner: Noun, verb: str) -> None:
        """What stands behind `with` or `has`: its first noun surely belongs to the owner, later ones likely."""
        kept = self.context.mentioned
        start = len(self.reading.facts)
        items: list[Noun] = []
        closed = False
        while True:
            noun = self._phrase()
            if noun is None:
                break
            items.append(noun)
            joined = self._joined()
            ahead = 2 if joined == ",and" else 1
            following = self._peek(ahead)
            if not joined or following.noun is None or self._begins_clause(ahead) or (closed and joined == ","):
                break
            properties = all(is_property(item) or not item.plural for item in items)
            if verb == "with" and joined != "and" and properties and looks_like_entity(following.noun):
                break
            closed = closed or joined == "and"
            self.at += ahead
        for place, item in enumerate(items):
            loose = verb == "with" and place > 0 and item.plural and looks_like_entity(item)
            self.reading.facts.insert(start + place, Owns(owner, item, verb, loose=loose))
        self.context.mentioned = kept

    def _participle(self, noun: Noun, chunk: Chunk) -> None:
        """`made by artists`, `standing in them`"""
        preposition = ""
        if self._peek().kind == "prep":
            preposition = self._peek().word
            self.at += 1
        kept = self.context.mentioned
        self.narrow += 1
        target = self._phrase()
        self.narrow -= 1
        if target is not None:
            self._acts(noun, chunk.word, target, preposition, passive=chunk.form == "past")
        self.context.mentioned = kept

    def _relative(self, noun: Noun, word: str) -> None:
        if word == "whose":
            self._owned(noun, "have")
            return
        if self._peek().kind in {"verb", "be", "modal"}:
            self._predicates([noun])
            return
        kept = self.context.subject
        other = self._phrase()
        if other is not None and not noun.system:
            self._fact(Meets(noun, other, self._role()))
        if self._peek().kind in {"verb", "be", "modal"} and other is not None:
            if noun.system:
                self._predicates([other])
            else:
                self._about(noun, other)
        self.context.subject = kept

    def _role(self) -> str:
        """`plays white`: as what it takes part."""
        verb, noun = self._peek(), self._peek(1).noun
        bare = noun is not None and not noun.plural and not noun.determiner and not looks_like_entity(noun)
        return noun.name if verb.kind == "verb" and bare and noun is not None else ""

    def _about(self, noun: Noun, other: Noun) -> None:
        """The rest of a relative clause: `where one member plays white and another plays black`."""
        while self._peek().kind in {"verb", "be", "modal"}:
            self.at += 1
        target = self._peek().noun
        if target is not None:
            self.at += 1
            if looks_like_entity(target):
                self._fact(Meets(noun, target))
        if self._joined() == "and" and self._peek(1).kind == "pronoun" and self._peek(2).kind == "verb":
            self.at += 2
            self._fact(Meets(noun, other, self._role()))
            self.at += 2 if self._peek(1).noun is not None else 1

    def _bracket(self, noun: Noun, inside: str) -> None:
        (sentence,) = sentences(inside.replace(".", " ").replace(";", ","))[:1] or (None,)
        if sentence is None:
            return
        kinds = [chunk.kind for chunk in sentence.chunks]
        if "shares" in kinds and self.context.subject is not None:
            self._fact(Shares(self.context.subject, noun))
        elif any(chunk.kind in {"verb", "be", "modal"} for chunk in sentence.chunks):
            inner = _Clauses(sentence, self.reading, self.context)
            inner.read()
        else:
            self._bracketed(noun, sentence)

    def _bracketed(self, noun: Noun, sentence: Sentence) -> None:
        nouns = [chunk.noun for chunk in sentence.chunks if chunk.noun is not None]
        joints = {chunk.word for chunk in sentence.chunks if chunk.kind in {"and", "comma"}}
        if len(nouns) > 1 and ("or" in joints or "/" in joints):
            self._fact(Chooses(noun, tuple("_".join(map(snake, each.words)) for each in nouns)))
            return
        for each in nouns:
            if each.other:
                self._fact(Hangs(noun, "of", each))
            elif each.name and not each.system:
                self._fact(Owns(noun, each, bracket=True))

    def _shares(self, subjects: list[Noun]) -> None:
        """`many-to-many between students and courses`"""
        self.at += 1
        while self._peek().kind == "prep" or (self._peek().noun is not None and self._peek().noun.system):  # type: ignore[union-attr]
            self.at += 1
        targets = self._group(owned=True) if self._peek().noun is not None else []
        both = [noun for noun in [*subjects, *targets] if not noun.system]
        if len(both) >= 2:
            self._fact(Shares(both[-2], both[-1]))
        for noun in targets:
            self._listed(noun)

    # Verbs

    def _predicates(self, subjects: list[Noun]) -> None:
        """The verbs of a clause, one after the other: `has a title and belongs to a project`."""
        if subjects and subjects[0].words:
            self.context.subject = subjects[0]
        while self._peek().kind in {"verb", "be", "modal", "infinitive"}:
            self._predicate(subjects)
            ahead = {"": 0, ",": 1, "and": 1, ",and": 2}[self._joined()]
            if self._peek(ahead).kind not in {"verb", "be", "modal", "infinitive"}:
                return
            self.at += ahead

    def _predicate(self, subjects: list[Noun]) -> None:
        passive = False
        modal = False
        while self._peek().kind in {"modal", "be"}:
            passive = self._peek().kind == "be"
            modal = modal or self._peek().kind == "modal"
            self.at += 1
        chunk = self._peek()
        if chunk.kind not in {"verb", "infinitive"}:
            self._stated(subjects)
            return
        self.at += 1
        if passive and chunk.form == "ing":
            passive = False
        if self._peek().kind in {"verb", "infinitive"}:
            return
        preposition = ""
        if self._peek().kind == "prep" and not (self._peek().word == "with" and not passive):
            preposition = self._peek().word
            self.at += 1
            if self._peek().kind == "prep":
                self.at += 1
        if self._peek().kind == "relative":
            self.at += 1
            return
        self._objects(subjects, chunk, preposition, passive=passive)

    def _stated(self, subjects: list[Noun]) -> None:
        """`is with one doctor`, `is a person`: only a preposition says something."""
        if self._peek().kind != "prep":
            if self._peek().noun is not None:
                self._group(owned=True)
            return
        preposition = self._peek().word
        self.at += 1
        for target in self._group(owned=True):
            for subject in subjects:
                if not subject.system:
                    self._fact(Hangs(subject, "in" if preposition == "with" else preposition, target))

    def _objects(
        self, subjects: list[Noun], chunk: Chunk, preposition: str, *, passive: bool
    ) -> None:
        known = words()
        way = known.verbs.get(chunk.word, "owns" if passive else "")
        system = all(noun.system for noun in subjects) or self._of_system(subjects, chunk)
        if system and not passive:
            if preposition == "":
                for noun in self._group(owned=True):
                    self._listed(noun)
            elif self._peek().noun is not None:
                self._group(owned=True)
            return
        if way == "has" and not passive and not preposition:
            for subject in subjects:
                start = self.at
                self._owned(subject, chunk.word)
                if subject is not subjects[-1]:
                    self.at = start
        else:
            self._acted(subjects, chunk.word, preposition, passive=passive)
        self._trailing(subjects)

    def _acted(
        self, subjects: list[Noun], verb: str, preposition: str, *, passive: bool
    ) -> None:
        tight = passive or words().verbs.get(verb) == "belongs"
        self.narrow += tight
        targets = self._group(owned=True)
        self.narrow -= tight
        for target in targets:
            for subject in subjects:
                self._acts(subject, verb, target, preposition, passive=passive)
        if not subjects:
            return
        while self._peek().kind == "prep" and self._peek(1).kind in {"np", "owner"} and self._peek().word != "with":
            preposition = self._peek().word
            self.at += 1
            self.narrow += tight
            targets = self._group(owned=True)
            self.narrow -= tight
            for target in targets:
                self._acts(subjects[0], verb, target, preposition, passive=passive)

    def _trailing(self, subjects: list[Noun]) -> None:
        """A last `with …` or `, with …` speaks of what was named last."""
        comma = self._peek().kind == "comma" and self._peek(1).kind == "prep" and self._peek(1).word == "with"
        if comma:
            self.at += 1
        if self._peek().kind == "prep" and self._peek().word == "with" and self._peek(1).noun is not None:
            self.at += 1
            owner = self.context.mentioned or (subjects[0] if subjects else None)
            if owner is not None:
                self._owned(owner, "with")

    def _of_system(self, subjects: list[Noun], chunk: Chunk) -> bool:
        """`our club wants to track …`: whoever wants a database is no part of it."""
        if chunk.word not in words().system_verbs or len(subjects) != 1:
            return False
        subject = subjects[0]
        owner = subject.determiner in {"our", "my", "the", "a", "an", ""} and not subject.plural
        return owner and (singular_organisation(subject) or self._peek().noun is None and self.sentence.first)

    def _acts(self, subject: Noun, verb: str, target: Noun, preposition: str, *, passive: bool) -> None:
        way = words().verbs.get(verb, "owns" if passive else "")
        if subject.system and not target.system:
            self._listed(target)
            return
        if target.system or subject.system:
            return
        if verb == "as" or preposition in {"as", "like"}:
            return
        self._fact(Acts(subject, verb, way, target, preposition, passive))


def _bare(noun: Noun | None) -> bool:
    return noun is not None and not (noun.plural or noun.determiner or looks_like_entity(noun))


def singular_organisation(noun: Noun) -> bool:
    """`a clinic`, `our chess club`: one of them, which keeps the data."""
    return not noun.plural and noun.head in words().classes["organisations"] and noun.determiner != "each"
