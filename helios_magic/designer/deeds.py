"""Verbs that are entities as well: `students enroll in courses`, and an enrollment holds both keys."""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Acts, Does, Noun, Reading, Undergoes
from helios_magic.designer.links import Links
from helios_magic.designer.naming import Draft, Nouns
from helios_magic.designer.words import stem, words

NO_DEED = frozenset({"person", "place", "group"})
"""Kinds that are nobody's doing: people work shifts, and attach pictures."""

_STANDING = {
    "book": {"reservations", "reservations (table)", "reservations (hotel)", "appointments"},
    "order": {"orders", "purchase_orders"},
}
"""What else may stand for a booking or an order."""
_ASKS = frozenset({"request", "record", "log", "entry"})
"""What a deed may leave behind it."""


def is_deed(name: str) -> bool:
    """Whether a noun is a verb as well: a protest, a repair."""
    return name.rpartition("_")[2] in words().nouns_too


def _roots(name: str) -> set[str]:
    """What a deed may be called after: its last word; of a booking request the first one too."""
    first, _, last = name.rpartition("_")
    return {stem(name)} | ({stem(first)} if last in _ASKS and first else set())


class Deeds:
    """The entities of a design that are somebody's doing."""

    def __init__(self, nouns: Nouns, links: Links, reading: Reading) -> None:
        self._nouns, self._links = nouns, links
        self._of_object = self._by_object(reading)

    def _by_object(self, reading: Reading) -> dict[Noun, Draft]:
        """`groups book a room for a slot`, and there are bookings: what hangs on the room is the booking's."""
        found = {}
        for fact in reading.facts:
            if isinstance(fact, Acts) and not fact.passive and not fact.preposition:
                subject = self._nouns.find(fact.subject)
                deed = self.named(fact.verb, subject, self._nouns.find(fact.object))
                if deed is not None and subject is not None:
                    found[fact.object] = deed
        return found

    def on(self, noun: Noun) -> Draft | None:
        """What is done to the noun, where that is an entity."""
        return self._of_object.get(noun)

    def named(self, verb: str, *others: Draft | None) -> Draft | None:
        """The entity that is called after the verb, and is none of the others."""
        known = words()
        if len(verb) < 3 or known.verbs.get(verb) == "has":
            return None
        root, noun = stem(verb), known.called.get(verb)
        drafts = [draft for draft in self._nouns.drafts.values() if draft not in others and draft.kind not in NO_DEED]
        called = [draft for draft in drafts if noun == draft.name.rpartition("_")[2] or root in _roots(draft.name)]
        return min(called, key=lambda draft: draft.name.count("_"), default=None)

    def both(self, verb: str, one: Draft, other: Draft) -> Draft | None:
        """The entity that the verb stands for, where it holds the keys of both."""
        deed = self.named(verb, one, other) or self._nouns.drafts.get(words().deeds.get(verb, ""))
        holds = deed is not None and self._links.points(deed, one) and self._links.points(deed, other)
        return deed if holds else None

    def between(self, fact: Acts | None, verb: str, subject: Draft, target: Draft) -> bool:
        """`students enroll in courses`: whether an entity that stands for it holds both keys now."""
        deed = self.named(verb, subject, target)
        if deed is None:
            careful = self._careful(verb, target) or self._joined(verb, subject, target)
            noun = careful or words().deeds.get(verb)
            dependent = (
                fact is not None and fact.passive and any(link.from_ == subject.table for link in self._links.found)
            )
            only = fact is not None and fact.object.one and not fact.object.many  # registered at exactly one station
            written = verb == "register" and fact is not None and fact.passive and fact.preposition == "by"
            if noun is None or subject is target or dependent or only or written:
                return False
            belongs = self._links.usual(subject, target) == "<"
            if verb in words().classes["requesting"] and (belongs or not (careful or self._lasting(target))):
                return False  # patients request refunds, members book lessons
            deed = self._nouns.drafts.get(noun) or self._nouns.make(noun)
        if deed in (subject, target):
            return False
        self._links.point(deed, subject, f"{subject.name} {verb}", required=True)
        several = fact is not None and fact.object.plural and (fact.object.many or verb in words().careful)
        if several and self._links.usual(deed, target) == "*":
            self._links.share(deed, target, f"{verb} {target.name}")  # an order of several dishes
        else:
            self._links.point(deed, target, f"{verb} {target.name}", required=True)
        return True

    @staticmethod
    def _lasting(target: Draft) -> bool:
        """Whether it is there before it is asked for, and again afterwards: a room, a file, a machine."""
        return target.kind in {"thing", "place", "document"} and target.entry is not None

    def _joined(self, verb: str, subject: Draft, target: Draft) -> str | None:
        """`members buy membership plans`: each has a membership from some day on, and until another."""
        plan = target.entry is not None and target.entry.name == "plans"
        if not plan or subject.kind not in {"person", "group"} or verb not in words().classes["joining"]:
            return None
        noun = "membership" if target.name.startswith("member") else "subscription"
        return noun if self._nouns.named(noun) is None else None

    def _careful(self, verb: str, target: Draft) -> str | None:
        """`book` of a room, where nothing else stands for it: the catalogue knows that such things are booked."""
        noun = words().careful.get(verb)
        entry = catalogue().exact(noun) if noun else None
        if entry is None or (target.entry is not None and target.entry.name == "time_slots"):
            return None  # a slot says itself who took it
        if {draft.entry.name for draft in self._nouns.drafts.values() if draft.entry} & _STANDING.get(verb, set()):
            return None
        if target.kind == "payment":
            return None  # invoices say themselves when they were paid
        known = [name for canonical in entry.belongs_to for name in canonical.parents]
        known += [name for shared in entry.many_to_many for name in shared.others]
        asked = verb in words().classes["requesting"] and self._lasting(target)
        asked = asked or (target.entry is None and target.kind == "thing" and verb in _STANDING)
        return noun if asked or any(self._nouns.named(name) is target for name in known) else None

    def alone(self, fact: Does) -> None:
        """`members pay`: the payments are theirs."""
        subject = self._nouns.find(fact.subject)
        if subject is not None and subject.kind == "person" and fact.verb in words().alone:
            deed = self.named(fact.verb, subject) or self._nouns.drafts.get(words().alone[fact.verb])
            if deed is not None:
                self._links.point(deed, subject, f"{subject.name} {fact.verb}".replace("_", " "))

    def looked_at(self, fact: Acts, subject: Draft, target: Draft) -> bool:
        """`inspectors check the trees`, and there are inspections: whether these hold both keys now."""
        if fact.passive or fact.preposition or fact.verb not in words().classes["examines"]:
            return False
        root = stem(subject.name.removesuffix("or").removesuffix("er"))
        events = [draft for draft in self._nouns.drafts.values() if draft.kind == "event" and draft is not target]
        deed = next((draft for draft in events if stem(draft.name) == root), None)
        if deed is None:
            return False
        self._links.point(deed, subject, f"{subject.name} {fact.verb}")
        self._links.point(deed, target, f"{fact.verb} {target.name}")
        return True

    def _leaves(self, verb: str, called: str, noun: Draft) -> bool:
        """Whether a trace is kept of what is done: `rulings can be appealed`, `tickets are scanned at the entrance`."""
        entry = self._nouns.meant(called)
        usual = (name for known in entry.belongs_to for name in known.parents) if entry else ()
        known = words().classes
        return verb in known["undertaken"] | known["requesting"] or (
            verb in known["recorded"] and any(self._nouns.named(name) is noun for name in usual)
        )

    def undergone(self, fact: Undergoes) -> None:
        """`each plot is harvested`, and there is a harvest: it is the plot's."""
        noun = self._nouns.find(fact.noun)
        deed = self.named(fact.verb, noun)
        called = words().deeds.get(fact.verb)
        if called is None and noun is not None and fact.verb in words().classes["requesting"]:
            called = self._careful(fact.verb, noun)  # machines are booked
        if noun is not None and deed is None and called and fact.noun.several and self._leaves(fact.verb, called, noun):
            deed = self._nouns.drafts.get(called) or self._nouns.make(called)
        if noun is not None and deed is not None and deed is not noun:
            self._links.point(deed, noun, f"{noun.name} {fact.verb}".replace("_", " "))
