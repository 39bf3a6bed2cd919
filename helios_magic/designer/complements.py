"""What else a verb is said with: objects that are given, prepositions, and `with …` at the end."""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.copulas import Copulas
from helios_magic.designer.facts import Hangs, Noun, Shares
from helios_magic.designer.properties import acts, is_property, looks_like_entity
from helios_magic.designer.words import words

_MEANS = frozenset({"under", "through", "via"})


class Complements(Copulas):
    """How to read the complements of a verb."""

    def _per_front(self, subjects: list[Noun], target: Noun, preposition: str, *, passive: bool) -> None:
        """`For every enrolment the camper is placed in a cabin`: the cabin is the enrolment's."""
        front, kept = self.context.front, looks_like_entity(target) or target.determiner in {"a", "an"}
        if not passive or front is None or not subjects or is_property(target) or target.plural or not kept:
            return
        if front.determiner in {"each", "every"} and subjects[0].determiner == "the":
            self._fact(Hangs(front, preposition, target))

    def _received(self, subjects: list[Noun], verb: str) -> None:
        """`students are given a key`: what somebody is given goes to them."""
        targets = [noun for noun in self._group(owned=True) if not noun.temporal]  # issued every month
        for target in targets:
            for subject in subjects:
                if target.determiner == subject.determiner == "each":
                    self._fact(Shares(subject, target))  # which student was given which key?
                    continue
                if verb in {"assign", "allocate"} and target.determiner in {"a", "an"}:
                    self._acts(subject, verb, target, "to", passive=True)  # an exam is assigned a room
                    continue
                several = target.many and subject.several
                if several or not (looks_like_entity(target) or target.determiner in words().classes["generic"]):
                    self._acts(subject, verb, target, "", passive=True)
                else:
                    self._acts(target, verb, subject, "to", passive=True)
        if subjects and targets:
            self._complements(targets[0], verb, tight=True, passive=True)

    def _complements(self, subject: Noun, verb: str, *, tight: bool, passive: bool) -> None:
        """Whatever else the verb is said with: `by a learner, at a test centre`."""
        while self._goes_further() and self._takes_part(passive):
            preposition = self._peek().word
            self.at += 1
            self.narrow += tight
            targets = self._group(owned=True)
            self.narrow -= tight
            if passive and preposition == "by" and targets and not targets[0].plural:
                self.context.person = targets[0]
            for target in targets:
                self._brings(subject, verb, target, preposition, passive=passive)

    def _through(self, subject: Noun, verb: str, target: Noun, noted: int) -> None:
        """`a volunteer offers help in a district`: what hangs on a mere word is the subject's."""
        mere = not (target.plural or target.determiner or target.one) and catalogue().exact(target.name) is None
        hung = [fact for fact in self.reading.facts[noted:] if isinstance(fact, Hangs) and fact.child == target]
        for fact in hung if mere else []:
            self._acts(subject, verb, fact.parent, fact.preposition, passive=False)

    def _brings(self, subject: Noun, verb: str, target: Noun, preposition: str, *, passive: bool) -> None:
        """Another complement of the verb; what it is done by means of, or for, holds what takes part in it."""
        if passive and preposition == "in" and target.plural and target.head in words().classes["portions"]:
            self._fact(Hangs(target, "of", subject))  # bought from suppliers in lots
            if self.beside is not None:
                self._fact(Hangs(target, "of", self.beside))
            return
        bare = not (target.plural or target.determiner)
        doing = preposition == "for" and bare and target.head.endswith("ing")
        if not doing and (preposition not in _MEANS or catalogue().kind(target.name) in {"person", "place"}):
            self._acts(subject, verb, target, preposition, passive=passive)
            return
        self._fact(Hangs(target, "of", subject))  # hired for activities under contracts
        if self.said is not None and self.said != subject:
            self._fact(Hangs(target, "of", self.said))
        if self.beside is not None:
            self._fact(Hangs(target, "of", self.beside))

    def _goes_further(self) -> bool:
        """Whether another preposition of the verb follows: `by a learner, on a given date and with a result`."""
        ahead = self._past_joint()
        chunk, then = self._peek(ahead), self._peek(ahead + 1)
        if chunk.kind != "prep" or chunk.word == "such as":
            return False
        if then.kind not in {"np", "owner"} and then.word not in {"it", "them"}:
            return False
        if (ahead and chunk.word in {"with", "of"}) or self._begins_clause(ahead + 1):
            return False
        if ahead and self._opens_clause(ahead + 2):
            return False
        every = then.noun is not None and then.noun.determiner in {"each", "every"}
        if ahead and every and self._peek(ahead + 2).kind == "relative":
            return False  # and for every student who attends it the depth is recorded
        self.at += ahead
        return True

    def _takes_part(self, passive: bool) -> bool:
        """`lessons are booked with a tutor`; other things behind `with` are had."""
        noun = self._peek(1).noun
        one = noun is not None and not noun.plural and looks_like_entity(noun)
        return self._peek().word != "with" or (passive and one)

    def _given(self, target: Noun) -> None:
        """`send each tutor a payout`: the second noun is the first one's."""
        gift = self._peek().noun
        begins = self._begins_clause(0) or (self._peek(1).kind == "and" and self._begins_clause(2))
        if gift is not None and self._peek().kind == "np" and gift.determiner and not begins:
            self.at += 1
            self._fact(Hangs(gift, "to", target))

    def _trailing(self, subjects: list[Noun], *, beside: bool) -> None:
        """A last `, with …` speaks of the subject where the verb has no object; else `with …` of the last.

        `beside`: the verb has no object of its own.
        """
        ahead = self._past_joint()
        comma = ahead > 0 and self._peek(ahead).kind == "prep" and self._peek(ahead).word == "with"
        if comma:
            self.at += ahead
        if self._peek().kind == "prep" and self._peek().word == "with" and self._peek(1).noun is not None:
            self.at += 1
            last, noun = self.context.mentioned, self._peek().noun
            owner = last or (subjects[0] if subjects else None)
            if noun is not None and is_property(noun) and subjects and not subjects[0].system:
                somebody = last is not None and acts(last)
                if (beside and (comma or somebody)) or self._logged():
                    owner = subjects[0]  # invoices are sent to clients, with an amount
                elif comma and not beside and self.said is not None:
                    owner = subjects[0] if self._alternative() else self.said
            if owner is not None and owner.temporal and subjects:
                owner = subjects[0]  # invoiced per period with invoice lines
            if owner is not None:
                self._owned(owner, "with")

    def _logged(self) -> bool:
        """`repairs are logged per machine with date and cost`: what is kept has them."""
        verb, preposition, passive = self.last or ("", "", False)
        return passive and preposition == "per" and verb in words().system_verbs | {"log", "book"}

    def _alternative(self) -> bool:
        """`a photograph shows a trench or a find, with a date`: the date is the photograph's."""
        return any(chunk.kind == "and" and chunk.word == "or" for chunk in self.chunks[: self.at])
