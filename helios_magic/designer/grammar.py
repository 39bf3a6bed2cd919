"""The grammar: the chunks of each sentence → facts.

A clause is a group of noun phrases, a verb, and another group; either group may carry brackets, prepositions,
participles and relative clauses of its own (`phrases`).  Nothing here knows a domain: what a noun means is decided
later.
"""

from __future__ import annotations

from helios_magic.designer.chunks import sentences
from helios_magic.designer.context import Context
from helios_magic.designer.facts import Hangs, Noun, Owns, Reading
from helios_magic.designer.phrases import Phrases
from helios_magic.designer.properties import is_property, looks_like_entity
from helios_magic.designer.verbs import Chunk
from helios_magic.designer.words import words

_MOMENTS = {"start": ("started", "at"), "begin": ("started", "at"), "end": ("ended", "at"), "finish": ("ended", "at"),
            "expire": ("expires", "on")}  # fmt: skip
"""Verbs that say when something is the case, and the column that holds it."""
_HEADINGS = frozenset({"entity", "table", "object", "relation", "model", "class"})


def read(prose: str) -> Reading:
    """All facts of a description, in its order."""
    reading = Reading()
    context = Context()
    for sentence in sentences(prose):
        before = len(reading.facts)
        reading.begins.append(before)
        _Clauses(sentence, reading, context).read()
        if len(reading.facts) == before and not sentence.first:
            reading.unread.append(sentence.text[:200])
    return reading


class _Clauses(Phrases):
    """A sentence, clause by clause."""

    # Sentences

    def read(self) -> None:
        self.context.front = None
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
        if verbal:
            return
        if len(nouns) != 1 or nouns[0].name in _HEADINGS:
            self.at = at + 1
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
        if noun.determiner in {"each", "every"} or preposition == "per":
            self.context.front = noun
        if self._peek().kind == "comma":
            self.at += 1

    def _is_title(self, nouns: list[Noun]) -> bool:
        """`Real-estate portal.`: a sentence of one noun that names the whole."""
        rest = self.at < len(self.chunks)
        return len(nouns) <= 1 and not rest and not any(noun.plural and looks_like_entity(noun) for noun in nouns)

    # Verbs

    def _predicates(self, subjects: list[Noun]) -> None:
        """The verbs of a clause, one after the other: `has a title and belongs to a project`."""
        if subjects and subjects[0].words and not is_property(subjects[0]):
            self.context.subject = subjects[0]
            if looks_like_entity(subjects[0]) and self.fresh:
                self.context.topic, self.fresh = subjects[0], False
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
        self._lasts(subjects, chunk.word)
        passive = chunk.form != "ing" and (passive or (chunk.form == "past" and self._peek().kind == "prep"))
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
            if passive:
                self._done_to(subjects)  # an order is created that lists the jobs
                self._predicates(subjects)
            return
        self._objects(subjects, chunk, preposition, passive=passive)

    def _lasts(self, subjects: list[Noun], verb: str) -> None:
        """`a rental starts when …`: it has a time at which it does."""
        moment = _MOMENTS.get(verb)
        if moment and len(subjects) == 1 and looks_like_entity(subjects[0]) and self._peek().noun is None:
            self._fact(Owns(subjects[0], Noun(moment)))

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

    def _objects(self, subjects: list[Noun], chunk: Chunk, preposition: str, *, passive: bool) -> None:
        if passive and (not preposition or self._peek().noun is None):
            self._done_to(subjects)
            if self._peek().noun is not None and self._begins_clause(0):
                return  # once the order is closed an invoice is sent
        elif passive and self.context.front is not None:
            for noun in subjects:
                if not noun.system and not is_property(noun):
                    self._fact(Hangs(noun, "at", self.context.front))
        before = len(self.reading.facts)
        self._said_of(subjects, chunk, preposition, passive=passive)
        if len(self.reading.facts) == before and not passive:
            for noun in subjects:
                if noun.plural or noun.determiner in {"a", "an", "each", "every"}:
                    self._listed(noun)

    def _done_to(self, subjects: list[Noun]) -> None:
        """`orders are stored`; and properties that are kept, of what the sentence speaks of."""
        for noun in subjects:
            if looks_like_entity(noun) or (noun.determiner in {"each", "every"} and not is_property(noun)):
                self._listed(noun)
        owner = self.context.front or self.context.topic
        if owner is not None and owner not in subjects and all(is_property(noun) for noun in subjects):
            for noun in subjects:
                if noun not in self.owner_of:
                    self._fact(Owns(owner, noun))
        elif self.context.front is not None:
            for noun in subjects:
                if not noun.system and not is_property(noun):
                    self._fact(Hangs(noun, "at", self.context.front))

    def _said_of(self, subjects: list[Noun], chunk: Chunk, preposition: str, *, passive: bool) -> None:
        known = words()
        way = known.verbs.get(chunk.word, "owns" if passive else "")
        system = all(noun.system for noun in subjects) or self._of_system(subjects, chunk)
        if system and not passive:
            if preposition == "":
                for noun in self._group(owned=True):
                    if self.context.front is not None:
                        self._fact(Owns(self.context.front, noun))
                    if self.context.front is None or not is_property(noun):
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

    def _acted(self, subjects: list[Noun], verb: str, preposition: str, *, passive: bool) -> None:
        if self._peek().word in {"us", "me", "you"} and self._peek(1).noun is not None:
            self.at += 1  # clients send us documents
        tight = passive or words().verbs.get(verb) == "belongs"
        self.narrow += tight
        targets = self._group(owned=True)
        self.narrow -= tight
        if targets and not passive:
            self.context.object = targets[0]
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
        return owner and (singular_organisation(subject) or (self._peek().noun is None and self.sentence.first))


def singular_organisation(noun: Noun) -> bool:
    """`a clinic`, `our chess club`: one of them, which keeps the data."""
    return not noun.plural and noun.head in words().classes["organisations"] and noun.determiner != "each"
