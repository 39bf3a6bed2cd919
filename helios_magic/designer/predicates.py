"""The verbs of a clause: what they say of its subjects, and of what stands behind them."""

from __future__ import annotations

from dataclasses import replace

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.complements import Complements
from helios_magic.designer.facts import Acts, Bears, Does, Hangs, Listed, Noun, Owns, Shares, Undergoes
from helios_magic.designer.pairs import measures
from helios_magic.designer.properties import acts, is_property, looks_like_entity, mere
from helios_magic.designer.stands import Chunk
from helios_magic.designer.words import words

_FEW = 2
"""Objects of one verb that surely are its objects."""
_MOMENTS = {"start": ("started", "at"), "begin": ("started", "at"), "end": ("ended", "at"), "finish": ("ended", "at"),
            "expire": ("expires", "on")}  # fmt: skip
"""Verbs that say when something is the case, and the column that holds it."""


def _whole(noun: Noun) -> bool:
    """`the system shall manage a swimming pool`: what the database is for."""
    one = noun.determiner in {"a", "an", "our", "my"} and not (noun.plural or noun.many)
    return one and catalogue().kind(noun.name) in {"place", "group"}


def _of_both(noun: Noun) -> bool:
    """Whether what is noted of a deed says how much, when, or whether it came off."""
    when = noun.name in {"date", "time"} and noun.determiner == "the"
    return not noun.possessive and (when or measures(noun) or noun.name.startswith(("has_", "is_")))


_INTRANSITIVE = frozenset({"occur", "happen", "arise", "arrive", "exist", "appear"})
"""Verbs that nothing is done by: a noun behind one begins another clause."""


class Predicates(Complements):
    """How to read the verbs of a clause, one after the other."""

    def _predicates(self, subjects: list[Noun]) -> None:
        """The verbs of a clause, one after the other: `has a title and belongs to a project`."""
        if subjects and subjects[0].words and (subjects[0].plural or not is_property(subjects[0])):
            if self.context.subject is not None and self.context.subject.name != subjects[0].name:
                self.context.previous = self.context.subject
            self.context.subject = subjects[0]
            if looks_like_entity(subjects[0]) and self.fresh:
                self.context.topic, self.fresh = subjects[0], False
        waiting = ""
        while self._peek().kind in {"verb", "be", "modal", "infinitive"}:
            verb, before = self._verb_here(), len(self.reading.facts)
            self._predicate(subjects)
            if waiting:
                self._also_done(waiting, verb, before)
            said = any(not isinstance(fact, Listed | Does) for fact in self.reading.facts[before:])
            waiting = verb if not said and verb in words().classes["transitive"] else ""
            ahead = self._past_joint()
            if self._gapped(ahead):
                continue
            if self._peek(ahead).kind not in {"verb", "be", "modal", "infinitive"}:
                return
            self.at += ahead

    def _verb_here(self) -> str:
        """The verb of the predicate that begins here."""
        place = 0
        while self._peek(place).kind in {"modal", "be"}:
            place += 1
        return self._peek(place).word

    def _also_done(self, verb: str, last: str, before: int) -> None:
        """`people rate and comment on recipes`: what the last verb is done to, the one before is done to as well."""
        for fact in self.reading.facts[before:]:
            if isinstance(fact, Acts) and fact.verb == last and not fact.passive:
                self._fact(replace(fact, verb=verb, way=words().verbs.get(verb, ""), preposition=""))

    def _gapped(self, ahead: int) -> bool:
        """`each project is divided into phases, and each phase into activities`: the verb is said once for both."""
        subject, last = self._peek(ahead).noun, self.last
        if not ahead or subject is None or last is None or self._peek(ahead + 1).word != last[1]:
            return False
        if self._peek(ahead + 2).noun is None:
            return False
        self.at += ahead + 2
        self._acted([subject], *last[:2], passive=last[2])
        return True

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
        self.speaker = bool(subjects) and all(noun.system for noun in subjects)
        self.reading.of_system = self.reading.of_system or (self.speaker and subjects[0].determiner == "the")
        aim = self.said if chunk.kind == "infinitive" else None
        self._lasts(subjects, chunk.word)
        done = self.last is not None and self.last[2] and chunk.word in words().same_past | {"read"}
        passive = passive or (done and self._peek().kind == "prep" and self._peek().word == "by")
        passive = passive or (chunk.form == "past" and self._still_passive())
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
                self._done_to(subjects, chunk.word)  # an order is created that lists the jobs
                self._predicates(subjects)
            return
        self._objects(subjects, chunk, preposition, passive=passive)
        if aim is not None and self.said is not None and self.said != aim and not passive:
            self._fact(Hangs(self.said, "at", aim))  # visit the plots to take observations

    def _still_passive(self) -> bool:
        """`garments are washed, ironed and packed`: the auxiliary is said once for them all."""
        before = self.chunks[: self.at - 1]
        place = next((at for at in reversed(range(len(before))) if before[at].kind == "verb"), 0)
        return place > 0 and before[place].form == "past" and any(chunk.kind == "be" for chunk in before[:place])

    def _lasts(self, subjects: list[Noun], verb: str) -> None:
        """`a rental starts when …`: it has a time at which it does."""
        moment = _MOMENTS.get(verb)
        year = self._peek(1).noun
        if moment and self._peek().word == "in" and year is not None and year.head == "year" and subjects:
            self._fact(Owns(subjects[0], Noun(({"started": "start"}.get(moment[0], "end"), "year"))))
            return  # restrictions that end in a certain year
        if moment and len(subjects) == 1 and looks_like_entity(subjects[0]) and self._peek().noun is None:
            self._fact(Owns(subjects[0], Noun(moment)))

    def _objects(self, subjects: list[Noun], chunk: Chunk, preposition: str, *, passive: bool) -> None:
        if passive and subjects:
            self.context.object = self.said = subjects[0]
        if passive and (not preposition or self._peek().noun is None):
            self._done_to(subjects, chunk.word)
            for noun in subjects:
                if chunk.word in words().told:
                    self._fact(Owns(noun, Noun((words().told[chunk.word],))))
                elif not noun.system and not is_property(noun):
                    self._fact(Undergoes(noun, chunk.word))
            if subjects and self._joined() == "," and self._peek(1).word in {"by", "at", "in"} and self._goes_further():
                self._complements(subjects[0], chunk.word, tight=True, passive=True)  # were introduced, by which member
            if self._peek().noun is not None and self._begins_clause(0):
                return  # once the order is closed an invoice is sent
        elif passive:
            self._at_front(subjects, chunk.word)
        if not passive and chunk.word in words().alone and self._peek().word == "with" and subjects:
            self.reading.facts.extend(Does(noun, chunk.word) for noun in subjects if not noun.system)
            self.at += 1
            self._owned(Noun((words().alone[chunk.word],), determiner="each"), "with")  # apply with a cover letter
            return
        if not passive and not preposition and chunk.word in _INTRANSITIVE and self._begins_clause(0):
            return  # when damage occurs a claim is lodged
        before = len(self.reading.facts)
        self._said_of(subjects, chunk, preposition, passive=passive)
        if len(self.reading.facts) == before:
            self._alone(subjects, chunk.word, passive=passive)

    def _alone(self, subjects: list[Noun], verb: str, *, passive: bool) -> None:
        """Nothing was read of what they do but that they do it, or have it done: invoices are made from hours."""
        if not passive:
            self.reading.facts.extend(Does(noun, verb) for noun in subjects if not noun.system)
        for noun in subjects:
            if not passive or (noun.plural and looks_like_entity(noun)):
                self._present(noun)

    def _present(self, noun: Noun) -> None:
        """`for each call-out several vehicles go out`: nothing is said of them but that they take part."""
        front = self.context.front
        if noun.plural or noun.determiner in {"a", "an", "each", "every"}:
            self._listed(noun)
        each = front is not None and front.determiner in {"each", "every"} and not front.temporal
        if front is not None and each and noun.many and looks_like_entity(noun):
            self._fact(Shares(front, noun))

    def _at_front(self, subjects: list[Noun], verb: str) -> None:
        """`In an episode many songs are played`"""
        front = self.context.front
        for noun in subjects:
            if front is not None and not noun.system and not is_property(noun):
                if front.temporal:
                    self._fact(Hangs(noun, "at", front))
                else:
                    self._acts(noun, verb, front, "at", passive=True)
                    if self.with_front is not None:
                        self._acts(noun, verb, self.with_front, "at", passive=True)

    def _done_to(self, subjects: list[Noun], verb: str) -> None:
        """`orders are stored`; and properties that are kept, of what the sentence speaks of."""
        for noun in subjects:
            if looks_like_entity(noun) or (noun.determiner in {"each", "every"} and not is_property(noun)):
                self._listed(noun)
        owner = self.context.front or self.context.topic
        kept = all(map(is_property, subjects)) or self._among_properties(subjects)
        if owner is not None and owner not in subjects and kept:
            for noun in subjects:
                if self.with_front is not None and owner == self.context.front:
                    self._fact(Bears(owner, self.with_front, noun, "have", sure=True))
                elif noun not in self.owner_of:
                    self._fact(Owns(owner, noun))
        else:
            self._at_front(subjects, verb)

    def _among_properties(self, subjects: list[Noun]) -> bool:
        """`for each exam the date, the examiner and the result are recorded`: one of each."""
        front = self.context.front
        each = front is not None and front.determiner in {"each", "every"}
        return each and any(map(is_property, subjects)) and not any(noun.plural for noun in subjects)

    def _said_of(self, subjects: list[Noun], chunk: Chunk, preposition: str, *, passive: bool) -> None:
        known = words()
        way = known.verbs.get(chunk.word, "owns" if passive else "")
        system = all(noun.system for noun in subjects) or self._of_system(subjects, chunk)
        if system and not passive:
            asked = self._peek().noun
            if preposition == "" and asked is not None and self._tells_of(asked):
                self.at += 1
                self._predicates([self._mention(asked)])  # we list which firefighters attended it
            elif preposition == "":
                self._kept(self._group(owned=True), chunk.word)
            elif self._peek().noun is not None:
                self._group(owned=True)
            return
        if way == "has" and not passive and not preposition:
            for subject in subjects:
                start = self.at
                self._owned(subject, chunk.word)
                self._placed()
                if subject is not subjects[-1]:
                    self.at = start
        else:
            self._acted(subjects, chunk.word, preposition, passive=passive)
        self._trailing(subjects, beside=passive or bool(preposition) or way == "belongs")

    def _tells_of(self, noun: Noun) -> bool:
        """`we list which firefighters attended it`, `we record a player was registered`: a clause is what is kept."""
        then = "be" if noun.determiner in {"a", "an"} else ""
        return self._begins_clause(0) and (noun.determiner == "each" or self._peek(1).kind == then)

    def _placed(self) -> None:
        """`a seller lists an item with a title and photos, in a category`"""
        item = self.said
        while item is not None and self._goes_further() and self._peek().word != "with":
            preposition = self._peek().word
            self.at += 1
            for target in self._group(owned=True):
                self._fact(Hangs(item, preposition, target))

    def _kept(self, nouns: list[Noun], verb: str) -> None:
        """`for each pet we keep its name, species and breed`, `we sell cocktails`: what whoever speaks keeps."""
        front = self.context.front
        if self.sentence.first:
            nouns = [noun for noun in nouns if not _whole(noun)]
        if front is None and nouns and all(map(is_property, nouns)):
            front = self.context.topic
        among = sum(map(is_property, nouns)) > 1
        act = self._act() if self.context.front is None else None
        sure = any(map(measures, nouns))
        for noun in nouns:
            if act is not None and _of_both(noun):
                self._fact(Bears(act.subject, act.object, noun, act.verb, sure=sure))
                continue
            if front is not None and noun not in self.owner_of:
                self._fact(Owns(front, noun, bracket=among and mere(noun)))
            if verb in words().classes["mental"] and front is None:
                continue
            if not is_property(noun) and not (front is not None and any(map(is_property, nouns))):
                self._listed(noun)
                self._fact(Undergoes(noun, verb))
        if nouns and not is_property(nouns[0]):
            self.context.object = self.said = nouns[0]
            self._given(nouns[0])

    def _act(self) -> Acts | None:
        """`students enrol on courses, and we note whether they passed`: what the sentence told before."""
        said = self.reading.facts[self.reading.begins[-1] :] if self.reading.begins else []
        acts_ = [fact for fact in said if isinstance(fact, Acts) and not fact.passive and not is_property(fact.object)]
        return acts_[-1] if acts_ else None

    def _acted(self, subjects: list[Noun], verb: str, preposition: str, *, passive: bool) -> None:
        if self._tells_us(subjects, verb):
            return
        noun = self._peek().noun
        if preposition in {"with", "by"} and noun is not None and is_property(noun) and not acts(noun):
            for subject in subjects[:1]:
                self._owned(subject, "with")  # described by name, length and difficulty
            return
        if passive and not preposition:
            self._received(subjects, verb)
            return
        self.last = (verb, preposition, passive) if preposition else None
        tight = passive or bool(preposition) or words().verbs.get(verb) == "belongs"
        self.narrow += tight
        noted = len(self.reading.facts)
        targets = self._group(owned=True)
        self.narrow -= tight
        if len(targets) == 1 and subjects and not passive:
            self._through(subjects[0], verb, targets[0], noted)
        if targets and not passive:
            self.context.object = self.said = targets[0]
            self._given(targets[0])
            self._fronts(targets)
        if passive and preposition == "by" and targets and not targets[0].plural:
            self.context.person = targets[0]
        self.beside = targets[0] if targets else None
        if passive and preposition == "into" and targets:
            self.said = targets[0]  # broken down into items: …
        self._takes(subjects, targets, verb, preposition, passive=passive, tight=tight)

    def _takes(
        self, subjects: list[Noun], targets: list[Noun], verb: str, preposition: str, *, passive: bool, tight: bool
    ) -> None:
        """What the subjects have to do with the first complement of the verb, and with those behind it."""
        doing = passive and preposition == "for" and len(targets) == 1 and _is_doing(targets[0])
        for place, target in enumerate(targets):
            for subject in subjects:
                if doing:
                    self._fact(Hangs(target, "of", subject))  # finds are sent for analysis to a laboratory
                else:
                    self._acts(subject, verb, target, preposition, passive=passive)
                    self._loosen(loose=place > 0 and len(targets) > _FEW)
            self._per_front(subjects, target, preposition, passive=passive)
        if subjects:
            self._complements(targets[0] if doing else subjects[0], verb, tight=tight, passive=passive)

    def _loosen(self, *, loose: bool) -> None:
        """`teachers teach subjects, timetable slots per class, absences, parents`: the list may be of other things."""
        last = self.reading.facts[-1] if self.reading.facts else None
        if loose and isinstance(last, Acts):
            self.reading.facts[-1] = replace(last, loose=True)

    def _tells_us(self, subjects: list[Noun], verb: str) -> bool:
        """Past `us` in `clients send us documents`; whether it was `households tell us their address`, and read."""
        if self._peek().word not in {"us", "me", "you"} or self._peek(1).noun is None:
            return False
        self.at += 1
        told = bool(subjects) and verb in words().classes["mental"]
        if told:
            self._owned(subjects[0], "have")
        return told

    def _of_system(self, subjects: list[Noun], chunk: Chunk) -> bool:
        """`our club wants to track …`: whoever wants a database is no part of it."""
        if chunk.word not in words().system_verbs or len(subjects) != 1:
            return False
        subject = subjects[0]
        owner = subject.determiner in {"our", "my", "the", "a", "an", ""} and not subject.plural
        if owner and chunk.word in {"want", "wish"} and self.sentence.first and subject.determiner:
            return True  # a perfume maker wants formulas
        return owner and (singular_organisation(subject) or (self._peek().noun is None and self.sentence.first))


def _is_doing(noun: Noun) -> bool:
    """`for analysis`: something that is done, without an article."""
    bare = not (noun.determiner or noun.plural or noun.one)
    return bare and not noun.head.endswith("ing") and catalogue().kind(noun.name) == "event"


def singular_organisation(noun: Noun) -> bool:
    """`a clinic`, `our chess club`: one of them, which keeps the data."""
    return not noun.plural and noun.head in words().classes["organisations"] and noun.determiner != "each"
