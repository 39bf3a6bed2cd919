"""The grammar: the chunks of each sentence → facts.

A clause is a group of noun phrases, a verb, and another group; either group may carry brackets, prepositions,
participles and relative clauses of its own (`phrases`).  Nothing here knows a domain: what a noun means is decided
later.
"""

from __future__ import annotations

from helios_magic.designer.chunks import sentences
from helios_magic.designer.context import Context
from helios_magic.designer.facts import Chooses, Noun, Reading
from helios_magic.designer.predicates import Predicates
from helios_magic.designer.properties import is_property, looks_like_entity

_CONDITIONS = frozenset({"when", "if", "once", "after", "whenever"})
"""`When a case is closed, a ruling is issued`: the ruling is the case's."""
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


class _Clauses(Predicates):
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
        if len(nouns) > 1 and self._continues(at) and self.chunks[0].noun is not None:
            self._headed(at)
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

    def _headed(self, at: int) -> None:
        """`charges on a shipment: description, amount`"""
        title = self._phrase()
        if title is None or self.at != at:
            self.at = at + 1
            return
        self._listed(title)
        self.at = at + 1
        self._owned(title, "have")

    def _noun_after(self, at: int) -> Noun | None:
        return next((chunk.noun for chunk in self.chunks[at + 1 :] if chunk.noun is not None), None)

    def _continues(self, at: int) -> bool:
        """Whether a list without a verb follows."""
        return not any(chunk.kind in {"verb", "be", "modal"} for chunk in self.chunks[at + 1 :])

    # Clauses

    def _clause(self) -> None:
        while self._peek().kind in {"and", "comma", "colon", "relative", "prep", "boundary"} and not self._leads():
            self.at += 1
            if self._peek(-1).kind == "colon" and self._specified():
                return
        if self._peek().kind == "prep":
            self._fronted()
        start = self.at
        conditional = self._peek(-1).word in _CONDITIONS
        subjects = self._group(owned=False)
        if self._peek().kind == "shares":
            self._shares(subjects)
        if self._peek().kind in {"verb", "be", "modal", "infinitive"}:
            self._predicates(subjects)
            if conditional and subjects and looks_like_entity(subjects[0]):
                self.context.front = subjects[0]
        elif not (self.sentence.first and self._is_title(subjects)):
            for noun in subjects:
                self._listed(noun)
        if self.at == start:
            self.at += 1

    def _specified(self) -> bool:
        """`technicians take observations: date, height and score`: what follows a clause says what its noun has."""
        first, owner = self._peek().noun, self.said or self.context.front
        if first is None or owner is None or not self._continues(self.at - 1):
            return False
        if not is_property(first):
            start = self.at
            sorts = self._group(owned=True)
            chosen = any(chunk.word == "or" for chunk in self.chunks[start : self.at])
            if chosen and len(sorts) > 1 and not any(noun.plural for noun in sorts):
                self._fact(Chooses(owner, tuple(noun.name for noun in sorts)))
                return True
            self.at = start
            return False
        self._owned(owner, "have")
        return True

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
        known = noun.plural or noun.determiner in {"a", "an"} or (noun.determiner == "the" and looks_like_entity(noun))
        spoken = noun.determiner in {"each", "every"} or preposition == "per" or known
        if spoken and not (noun.temporal or noun.system or is_property(noun)):
            self.context.front = noun
        while self._peek().kind == "prep" and self._peek().word == "of" and self._peek(1).noun is not None:
            self._hang(noun)
        if self._peek().kind == "comma":
            self.at += 1

    def _hang(self, noun: Noun) -> None:
        """`for each cleaning of a costume`"""
        self.at += 1
        self._hung(noun, "of", self._peek().noun or noun)

    def _is_title(self, nouns: list[Noun]) -> bool:
        """`Real-estate portal.`: a sentence of one noun that names the whole."""
        rest = self.at < len(self.chunks)
        bare = not any(noun.determiner or noun.many or noun.one for noun in nouns)
        return (
            (len(nouns) <= 1 or bare)
            and not rest
            and not any(noun.plural and looks_like_entity(noun) for noun in nouns)
        )
