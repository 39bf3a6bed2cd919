"""The grammar: the chunks of each sentence → facts.

A clause is a group of noun phrases, a verb, and another group; either group may carry brackets, prepositions,
participles and relative clauses of its own (`phrases`).  Nothing here knows a domain: what a noun means is decided
later.
"""

from __future__ import annotations

from dataclasses import replace

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.chunks import sentences
from helios_magic.designer.context import Context
from helios_magic.designer.facts import Acts, Chooses, Hangs, Noun, Owns, Reading, Shares
from helios_magic.designer.handed import handed
from helios_magic.designer.pairs import paired
from helios_magic.designer.personal import made_plain
from helios_magic.designer.predicates import Predicates
from helios_magic.designer.properties import bare, is_property, looks_like_entity
from helios_magic.designer.several import kept
from helios_magic.designer.words import singular, snake, words

_CONDITIONS = frozenset({"when", "if", "once", "after", "whenever", "unless", "because", "although", "though", "while"})
"""`When a case is closed, a ruling is issued`: the ruling is the case's."""
_FIELDS = frozenset({"record", "datum", "proceeding", "affair", "operation", "matter", "activity", "information"})
"""What a title says of a whole field rather than of a thing."""
_SAME = (frozenset({"booking", "reservation"}), frozenset({"order", "purchase"}))
_HEADINGS = frozenset({"entity", "table", "object", "relation", "model", "class", "requirement", "definition"})


def read(prose: str) -> Reading:
    """All facts of a description, in its order."""
    reading = Reading()
    context = Context()
    for sentence in kept(sentences(prose)):
        before = len(reading.facts)
        reading.begins.append(before)
        reading.bracketed |= {singular(snake(word)) for chunk in sentence.chunks for word in chunk.inside.split()}
        reading.said.append(tuple(chunk.noun for chunk in sentence.chunks if chunk.noun is not None))
        _Clauses(sentence, reading, context).read()
        context.described |= {fact.owner.name for fact in reading.facts[before:] if isinstance(fact, Owns)}
        if len(reading.facts) == before and not sentence.first:
            reading.unread.append(sentence.text[:200])
    made_plain(reading)
    paired(reading)
    handed(reading)
    return reading


def _one_of_many(noun: Noun) -> bool:
    """`when a piece comes back`"""
    one = noun.determiner in {"a", "an"} and not (noun.system or is_property(noun))
    return one or looks_like_entity(noun)


def _plain(noun: Noun) -> bool:
    return not (noun.plural or noun.determiner or noun.many)


def _single(noun: Noun, listed: bool) -> bool:
    return listed and not (noun.plural or noun.many or noun.temporal)


def _takes_part(noun: Noun) -> bool:
    """`stays: a boat in a berth, arrival, departure`: a thing or a person, and no property."""
    return not is_property(noun) and catalogue().kind(noun.name) in {"thing", "person"} and looks_like_entity(noun)


class _Clauses(Predicates):
    """A sentence, clause by clause."""

    # Sentences

    def read(self) -> None:
        self.context.front = self.context.lasting = self.context.lasting if self.sentence.further else None
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
        if self.chunks[0].kind == "prep" and self.chunks[0].word in {"for", "per"} and nouns and not nouns[0].system:
            return  # for each cleaning of a costume: cost, date
        verbal = any(chunk.kind in {"verb", "infinitive"} for chunk in self.chunks[:at])
        if verbal:
            return
        if len(nouns) > 1 and nouns[0].plural and nouns[0].head in words().classes["containers"]:
            self.at = at + 1  # the records of the parish: …
            return
        if len(nouns) > 1 and self._continues(at) and self.chunks[0].noun is not None:
            if self.sentence.first and not (nouns[0].plural or nouns[0].determiner):
                self.at = at + 1  # production office of a film: …
            else:
                self._headed(at)
            return
        listing = self._continues(at) and len(nouns) == 1 and self._noun_after(at) is not None
        if len(nouns) != 1 or (nouns[0].head in _HEADINGS and not (listing and self._property_list(at))):
            self.at = at + 1
            return
        if self.sentence.first and self._of_a_field(nouns[0]):
            self.at = at + 1
            return
        title, following = self._catalogued(nouns[0]), self._noun_after(at)
        listing = following is not None and self._continues(at)
        if listing and following is not None and self._property_list(at) and not title.system:
            self._mention(title)
            self.at = at + 1
            self._owned(title, "have")
            self._done(title)
        elif title.plural and self._defined(title, at):
            return
        elif self.sentence.bullet or (title.plural and looks_like_entity(title)):
            self._listed(title)
            self.at = at + 1
        else:
            self.at = at + 1

    def _of_a_field(self, title: Noun) -> bool:
        """`University sports`, `clinical trial data`, `airline reservations` where there are bookings: the whole."""
        if title.words[-1].lower() in words().classes["mass"]:
            return True
        named = {chunk.noun.head for chunk in self.chunks if chunk.noun is not None and chunk.noun != title}
        again = any(title.head in same and named & (same - {title.head}) for same in _SAME)
        return title.plural and len(title.words) > 1 and (title.head in _FIELDS or again)

    def _done(self, title: Noun) -> None:
        """`tickets: subject, status, created by a requester and assigned to an agent`"""
        while (ahead := self._past_joint()) and self._peek(ahead).kind == "participle":
            self.at += ahead + 1
            self._participle(title, self._peek(-1))

    def _defined(self, title: Noun, at: int) -> bool:
        """`trips: a boat goes out on a date with a skipper`: a clause about one of each tells what takes part."""
        first = self._peek(at + 1).noun
        verb = self._peek(at + 2).kind in {"verb", "be", "modal"}
        rest = [chunk.noun for chunk in self.chunks[at + 1 :] if chunk.noun is not None]
        parts = len(rest) > 1 and (all(noun.one for noun in rest) or _takes_part(rest[0]))
        verb = verb or (self._continues(at) and parts)
        one = first is not None and (first.one or first.determiner in {"a", "an"})
        has = words().verbs.get(self._peek(at + 2).word) == "has"  # bug reports: a ticket has a title
        if first is None or not one or first.name == title.name or not verb or has:
            return False
        self._listed(title)
        for chunk in self.chunks[at + 1 :]:
            noun = chunk.noun
            if noun is not None and (noun.determiner in {"a", "an", "one"} or noun.one) and not noun.temporal:
                if not is_property(noun):
                    self._listed(noun)
                self._fact(Owns(title, noun))
            elif noun is not None and not noun.determiner and (is_property(noun) or _single(noun, self._continues(at))):
                self._fact(Owns(title, noun, bracket=True))
            elif noun is not None and noun.many and noun.plural:
                self._fact(Shares(title, noun))
        self._mention(title)
        self.at = len(self.chunks)
        return True

    @staticmethod
    def _catalogued(title: Noun) -> Noun:
        """`exercise catalogue: name, muscle group`: what is in it has them."""
        inside = replace(title, words=title.words[:-1], determiner="each")
        listed = title.system and len(title.words) > 1 and title.head in words().classes["catalogues"]
        return inside if listed and looks_like_entity(inside) else title

    def _headed(self, at: int) -> None:
        """`charges on a shipment: description, amount`, `invoices with line items: quantity, price`"""
        titles = self._group(owned=False)
        hangs = bool(self.reading.facts) and isinstance(self.reading.facts[-1], Hangs)
        if not titles or self.at != at or not (hangs or all(title.possessive for title in titles[1:])):
            self.at = at + 1
            return
        for title in titles:
            self._listed(title)
        last = self._peek(-1).noun
        held = self._peek(-2).word == "with" and last is not None and last.plural and not is_property(last)
        self.at = at + 1
        self._owned(last if held and last is not None else titles[-1], "have")

    def _property_list(self, at: int) -> bool:
        """Whether the first noun behind the colon is a property: several such among others are tables."""
        nouns = [chunk.noun for chunk in self.chunks[at + 1 :] if chunk.noun is not None]
        others = [noun for noun in nouns[1:] if noun.plural and not is_property(noun)]
        if is_property(nouns[0]):
            return not (nouns[0].plural and len(others) > 1)
        things = [noun for noun in nouns if (noun.plural and looks_like_entity(noun)) or noun.determiner or noun.many]
        return sum(map(is_property, nouns)) > 1 and not nouns[0].plural and not things  # artist, title, material

    def _noun_after(self, at: int) -> Noun | None:
        return next((chunk.noun for chunk in self.chunks[at + 1 :] if chunk.noun is not None), None)

    def _continues(self, at: int) -> bool:
        """Whether a list without a verb follows."""
        return not any(chunk.kind in {"verb", "be", "modal"} for chunk in self.chunks[at + 1 :])

    # Clauses

    def _clause(self) -> None:
        while self._peek().kind in {"and", "comma", "colon", "relative", "prep", "boundary"} and not self._leads():
            if self._peek().kind == "relative" and self._peek(-1).kind == "prep" and self.said is not None:
                self.context.front = self.said  # stations are set up, for which the address is published
            self.at += 1
            if self._peek(-1).kind == "colon" and self._specified():
                return
        self._opening()
        if self._specified_front():
            return
        start = self.at
        conditional = self._peek(-1).word in _CONDITIONS
        subjects = self._group(owned=False)
        subjects = self._last_of_list(subjects)
        if self._peek().kind == "shares":
            self._shares(subjects)
        if subjects and self._peek().kind == "comma" and self._peek(1).kind in {"verb", "be", "modal"}:
            self.at += 1  # trails, described by their length, lead past the huts
        if self._peek().kind in {"verb", "be", "modal", "infinitive"}:
            kept = self.context.subject, self.context.object
            self._predicates(subjects)
            if conditional and start > 1:
                self.context.subject, self.context.object = kept
            if conditional and subjects and _one_of_many(subjects[0]):
                self.context.front = subjects[0]
        elif not (self.sentence.first and self._is_title(subjects)):
            self._list(subjects)
        if self.at == start:
            self.at += 1

    def _last_of_list(self, nouns: list[Noun]) -> list[Noun]:
        """`legs, casts, scientists apply for cruises, samples`: the subject is what stands before the verb."""
        commas = [chunk.word for chunk in self.chunks[: self.at] if chunk.kind in {"comma", "and"}]
        verbal = any(chunk.kind in {"verb", "be", "modal"} for chunk in self.chunks[: self.at])
        loose = len(nouns) > 1 and commas[-1:] == [","] and nouns[-1].several and not verbal
        if not loose or self._peek().kind not in {"verb", "modal"}:
            return nouns
        for noun in nouns[:-1]:
            self._listed(noun)
        self.inset = True
        return nouns[-1:]

    def _list(self, nouns: list[Noun]) -> None:
        nouns = self._of_the_last(nouns)
        for noun in nouns:
            self._listed(noun)
        if len(nouns) == 1 and self._peek().kind == "colon":
            self.said = nouns[0]  # certifications a diver holds: level, date
        if nouns and nouns[0].plural and looks_like_entity(nouns[0]):
            self.context.subject = nouns[0]

    def _of_the_last(self, nouns: list[Noun]) -> list[Noun]:
        """`rentals to members, start date, end date`: bare properties behind a thing are its own.

        A part of a sentence that is nothing but properties goes on about what the part before was about.
        """
        if self._verbal() or any(chunk.kind == "colon" for chunk in self.chunks):
            return nouns
        things = [place for place, noun in enumerate(nouns) if not is_property(noun)]
        behind = nouns[things[-1] + 1 :] if things else nouns
        owner = nouns[things[-1]] if things else self.context.subject
        begins = not things and (self.sentence.bullet or self.sentence.first)
        if not behind or owner is None or owner.system or begins or not all(map(bare, behind)):
            return nouns
        if things and not owner.plural:
            return nouns
        for noun in behind:
            self._fact(Owns(owner, noun, bracket=True))
        return nouns[: things[-1] + 1] if things else []

    def _opening(self) -> None:
        if self._peek().kind == "prep":
            self._fronted()
        self._past_times()

    def _past_times(self) -> None:
        """`Each day, rooms are assigned`: when it happens is nothing that takes part."""
        noun, then = self._peek().noun, self._peek(1)
        each = noun is not None and noun.determiner in {"each", "every"} and then.noun is not None
        if noun is not None and each and catalogue().exact(noun.name) is not None:
            self.context.front = self._mention(noun)  # each semester sections are taught by an instructor
            self.at += 1
            return
        if noun is not None and noun.temporal and (then.kind == "comma" or then.noun is not None):
            self.at += 1 + (then.kind == "comma")

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
            listed = len(sorts) > 1 and any(map(is_property, sorts)) and not any(noun.plural for noun in sorts)
            if not listed:
                return False
        self._owned(owner, "have")
        return True

    def _specified_front(self) -> bool:
        """`for every tree: height, species`"""
        if self._peek().kind != "colon" or self.context.front is None or not self._continues(self.at):
            return False
        self.at += 1
        return self._specified()

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
        topic = self.context.topic
        if noun.temporal and topic is not None and topic.name.endswith(f"_{noun.head}"):
            noun = self.context.front = topic  # shooting days …; on such a day
        mere = is_property(noun) and catalogue().exact(noun.name) is None
        if spoken and not (noun.temporal or noun.system or mere):
            self.context.front = self.context.lasting = noun
        while self._peek().kind == "prep" and self._peek().word == "of" and self._peek(1).noun is not None:
            self._hang(noun)
        if self._peek().kind == "relative" and self._peek(1).kind in {"verb", "be", "modal"}:
            self._together(noun)
        also = self._peek(1).noun
        if self._peek().word == "and" and noun.determiner in {"each", "every"} and also is not None and _plain(also):
            self.with_front = also  # for each student and test the points are entered
            self.at += 2
        if self._peek().kind == "comma":
            self.at += 1

    def _together(self, noun: Noun) -> None:
        """`for every student who attends it the depth is recorded`: of the student with what was attended."""
        noted, subject = len(self.reading.facts), self.context.subject
        self.at += 1
        self._relative(noun, self._peek(-1).word)
        self.context.subject = subject
        told = [fact for fact in self.reading.facts[noted:] if isinstance(fact, Acts) and fact.subject == noun]
        self.with_front = told[0].object if told else None
        self.began = self.at

    def _hang(self, noun: Noun) -> None:
        """`for each cleaning of a costume`"""
        self.at += 1
        self._hung(noun, "of", self._peek().noun or noun)

    def _is_title(self, nouns: list[Noun]) -> bool:
        """`Real-estate portal.`: a sentence of one noun that names the whole."""
        rest = self.at < len(self.chunks)
        said = [chunk.noun for chunk in self.chunks if chunk.noun is not None]
        lists = any(chunk.kind in {"comma", "colon"} or chunk.word == "with" for chunk in self.chunks)
        named = not lists and any(noun.head in words().classes["systems"] for noun in said)  # terms of the database
        counted = any(noun.many or noun.one or noun.determiner in {"each", "every"} for noun in nouns)
        several = any(noun.plural and looks_like_entity(noun) for noun in nouns)
        return len(nouns) <= 3 and not rest and (named or not (several or counted)) and not self.sentence.bullet
