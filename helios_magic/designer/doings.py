"""What one entity has to do with another where it does something with it, or has it done."""

from __future__ import annotations

from helios_magic.designer.catalogue import Shared, attributes, catalogue
from helios_magic.designer.deeds import NO_DEED, Deeds, is_deed
from helios_magic.designer.facts import Acts
from helios_magic.designer.links import Links
from helios_magic.designer.naming import Draft, Nouns
from helios_magic.designer.representation import Relationship
from helios_magic.designer.words import plural, stem, words

_SPLITS = frozenset({"split", "divide", "subdivide", "break", "cut", "separate", "organise", "organize", "group",
                     "package", "pack", "partition", "structure"})  # fmt: skip
"""Verbs whose subject becomes the parts behind `into`."""
_SAVED = "saved_at moment default now"
"""What the junction between people and what they saved for later holds."""


_MIXED = frozenset({"mix", "blend", "brew", "compose", "assemble", "make", "put", "prepare", "compound", "cook"})
"""Verbs whose subject is made from what is there for others as well."""
_FILLS = frozenset({"sort", "put", "place", "load", "insert", "enter", "lay", "collect", "gather", "pour"})
"""Verbs whose subject ends up behind `into`."""


class Doings:
    """Relationships by verbs."""

    def __init__(self, nouns: Nouns, links: Links, deeds: Deeds) -> None:
        self._nouns, self._links, self._deeds = nouns, links, deeds

    def _done(self, fact: Acts, subject: Draft, target: Draft, why: str) -> None:
        """`fact` says that the one does something with the other: who holds whose key."""
        links, item = self._links, fact.object
        if self._depicts(fact, subject):
            links.point(subject, target, why)
            return
        usual = links.usual(subject, target)
        if self._one_to_each(fact) or (self._spread(fact, target) and not usual):
            links.point(target, subject, why)
            return
        backwards = self._backwards(fact, subject, target)
        others = item.other and item.plural and fact.subject.several  # every release depends on other packages
        if others or (usual == "*" and (item.plural or fact.subject.plural)):
            links.share(subject, target, why)
        elif fact.preposition == "in" and self._made_up_of(fact, target):
            links.point(target, subject, why, required=True)  # a shipment moves in legs
        elif fact.preposition == "into" and fact.way != "belongs":
            self._into(fact, subject, target, why)
        elif usual == "<" and not (item.many and fact.passive):
            links.point(target, subject, why, required=backwards)
        elif usual == ">" and not item.many:
            links.point(subject, target, why)
        elif usual == ">" or self._mutual(fact, target):
            links.share(subject, target, why)
        elif backwards or (fact.way == "has" and not fact.passive):
            links.point(target, subject, why, required=True)
        elif self._brought_about(fact, target):
            links.point(target, subject, why)
        elif item.other:
            links.point(subject, target, why, role=f"{fact.verb}_{target.name}")
        else:
            links.point(subject, target, why)

    def _saved(self, fact: Acts, subject: Draft, target: Draft, why: str) -> bool:
        """`save jobs`, to find them again; their own addresses and their favourites are theirs already."""
        own = fact.object.possessive or fact.object.head in words().classes["saved"]
        own = own or target.kind == "person" or (target.entry is not None and target.entry.associates)
        if own or fact.verb != "save" or subject.kind != "person":
            return False
        if fact.preposition:
            self._links.point(target, subject, why)  # saved in a collection
            return True
        junction = Shared((), f"saved_{target.table}", attributes(_SAVED))
        self._links.share(subject, target, why, known=junction)
        return True

    @staticmethod
    def _backwards(fact: Acts, subject: Draft, target: Draft) -> bool:
        """`customers place orders`, `agents work cases`: the object is the subject's."""
        transitive = fact.way == "belongs" and fact.object.plural and subject.kind == "person"
        transitive = transitive and target.kind not in NO_DEED
        return (fact.way == "owns" or transitive) and not fact.passive and not fact.preposition

    @staticmethod
    def _made_up_of(fact: Acts, target: Draft) -> bool:
        """`a shipment moves in legs`, `the campaign runs in waves`; but `dogs are kept in kennels`."""
        single, item = not fact.subject.plural, fact.object
        bare = item.plural and not (item.determiner or item.many or item.possessive)
        return single and bare and not fact.passive and target.kind not in {"place", "group", "person"}

    @staticmethod
    def _brought_about(fact: Acts, target: Draft) -> bool:
        """`technicians take observations`, `a boat may lodge a protest`: what is done is the doer's."""
        if fact.passive:
            made = target.kind == "payment" or stem(target.name) == stem(fact.verb)
            return made and fact.object.plural and fact.preposition in {"in", "by", "through"}  # paid in instalments
        if fact.way in {"", "owns"} and (fact.object.many or target.kind in {"event", "payment", "record"}):
            return True
        taken = fact.way == "many" and fact.object.plural
        deed = is_deed(target.name) and target.kind not in NO_DEED  # recipes follow a style, which is no deed
        return not fact.preposition and (taken or (fact.object.determiner in {"a", "an"} and deed))

    def _into(self, fact: Acts, subject: Draft, target: Draft, why: str) -> None:
        """`divided into phases`; but `translated into several languages`, `hops go into a recipe`."""
        usual = self._links.usual(subject, target)
        if fact.verb not in _SPLITS and target.kind in {"group", "place"} and usual == ">":
            self._links.point(subject, target, why)  # put into categories
            return
        several = fact.object.many or (fact.subject.plural and not fact.passive)
        if fact.verb in _FILLS and not several:
            self._links.point(subject, target, why)  # glasses are sorted into boxes
            return
        if several and fact.verb not in _SPLITS:
            self._links.share(subject, target, why)
        else:
            self._links.point(target, subject, why)

    @staticmethod
    def _depicts(fact: Acts, subject: Draft) -> bool:
        """`photos document contexts`: they are about them."""
        return fact.verb in words().classes["depicting"] and subject.kind == "document" and not fact.passive

    @staticmethod
    def _one_to_each(fact: Acts) -> bool:
        """`one variety is sown on every plot`"""
        return fact.subject.one and fact.object.determiner in {"each", "every"} and fact.passive

    @staticmethod
    def _spread(fact: Acts, target: Draft) -> bool:
        """`each material is kept in batches`"""
        several = fact.subject.determiner in {"each", "every"} and fact.object.plural
        return several and fact.passive and fact.preposition in {"in", "into"} and target.kind != "place"

    def _mutual(self, fact: Acts, target: Draft) -> bool:
        """`members attend classes`; `written by one or more playwrights`; `monsters drop items`"""
        if fact.passive and self._brought_about(fact, target):
            return False
        asked = fact.subject.determiner == "each"
        if asked and fact.subject.plural and fact.way == "many" and not fact.passive:
            return True  # which firefighters attended it
        if fact.passive and fact.preposition in {"from", "of"} and fact.verb in _MIXED and fact.object.plural:
            return True  # glazes are mixed from raw materials
        if asked and fact.object.determiner == "each":
            return True  # which guest accompanies which film
        both = fact.subject.several and fact.object.plural
        unlisted = fact.passive and fact.verb not in words().verbs
        person = self._nouns.find(fact.subject)
        again = fact.verb in words().classes["consumed"] and fact.subject.plural and target.kind == "event"
        if again and fact.passive and fact.preposition == "at" and person is not None and person.kind == "thing":
            return True  # during a visit parts are replaced
        assigned = fact.verb in {"assign", "allocate", "schedule"} and target.kind == "event" and fact.passive
        cast = fact.passive and fact.verb == "cast"
        if both and (cast or (assigned and person is not None and person.kind in {"person", "thing"})):
            return True  # lifeguards are assigned to shifts, members are cast in roles
        rostered = fact.preposition == "on" and person is not None and person.kind == "person"
        if unlisted and both and (rostered or (fact.preposition == "by" and target.kind in {"thing", "place"})):
            return True  # conductors are rostered on trains, slopes are reached by lifts
        if fact.way == "" and not fact.passive and not fact.preposition:
            return both and target.kind not in {"event", "record", "payment"}
        if fact.passive and fact.preposition == "with" and fact.object.plural:
            return True
        people = fact.subject.many and person is not None and person.kind == "person"
        if people and fact.way == "many" and target.kind == "event" and not (fact.passive or fact.preposition):
            return True  # several riders attend a lesson
        if fact.way == "many" and not fact.passive:
            paper = "document" in {target.kind, catalogue().template(target.name).kind} or target.kind == "event"
            bought = fact.verb in {"buy", "purchase", "take", "reserve"} and paper
            return fact.object.plural and target.kind not in {"record", "payment"} and not bought
        placed = fact.preposition in {"in", "at", "on", "for"}
        in_all = fact.object.counted and fact.subject.plural and not fact.subject.many  # they lie on four sites
        return fact.object.many and not in_all and (fact.passive or fact.way == "belongs" or placed)

    def _among_themselves(self, subject: Draft, fact: Acts, why: str) -> None:
        several = fact.object.many or (fact.object.plural and fact.preposition not in {"to", "under", "on"})
        above = fact.way == "belongs" and several  # lies above several others
        if fact.way == "many" or (fact.way == "owns" and fact.object.plural) or above:
            if not self._deeds.between(fact, fact.verb, subject, subject):
                self._links.found.append(
                    Relationship(
                        subject.table,
                        subject.table,
                        "many-to-many",
                        role=fact.verb,
                        through=f"{subject.name}_{plural(fact.verb)}",
                        why=why,
                    )
                )
        else:
            self._links.point(subject, subject, why, role="manager" if subject.kind == "person" else None)
