"""Relationships that the prose states."""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.deeds import NO_DEED, Deeds, is_deed
from helios_magic.designer.facts import Acts, Between, Hangs, Meets, Noun, Owns, Reading, Shares, Undergoes
from helios_magic.designer.links import Links
from helios_magic.designer.naming import SPANS, Draft, Nouns
from helios_magic.designer.properties import is_property, property_kind
from helios_magic.designer.representation import Relationship
from helios_magic.designer.words import plural, words

_SPLITS = frozenset({"split", "divide", "subdivide", "break", "cut", "separate", "organise", "organize", "group",
                     "package", "pack", "partition", "structure"})  # fmt: skip
"""Verbs whose subject becomes the parts behind `into`."""


_DONE = frozenset({"event", "record"})
"""Kinds of what somebody does."""


class Stated:
    """Relationships that the prose states."""

    def __init__(self, nouns: Nouns, links: Links, reading: Reading) -> None:
        self._nouns, self._links = nouns, links
        self._deeds = Deeds(nouns, links, reading)
        self._links.single |= self._said_to_have_one(reading)

    def _said_to_have_one(self, reading: Reading) -> set[tuple[str, str]]:
        """`an elevator is covered by one contract`: whatever the contract covers, it is no more than one for each."""
        pairs = set()
        for fact in reading.facts:
            if isinstance(fact, Acts) and fact.object.one and fact.passive and not fact.subject.many:
                subject, target = self._nouns.find(fact.subject), self._nouns.find(fact.object)
                if subject is not None and target is not None and subject is not target:
                    pairs.add((subject.table, target.table))
        return pairs

    def take(self, fact: object) -> None:
        if isinstance(fact, Owns):
            self._owns(fact)
        elif isinstance(fact, Acts):
            self._acts(fact)
        elif isinstance(fact, Undergoes):
            self._deeds.undergone(fact)
        elif isinstance(fact, Hangs):
            self._hangs(fact)
        elif isinstance(fact, Between):
            self._between(fact)
        elif isinstance(fact, Shares):
            one, other = self._nouns.add(fact.one), self._nouns.add(fact.other)
            if one and other:
                self._links.share(one, other, "said to be many-to-many")
        elif isinstance(fact, Meets):
            self._meets(fact)

    def _owns(self, fact: Owns) -> None:
        owner, item = self._nouns.find(fact.owner), fact.item
        if owner is None or self._as_side(owner, item) or self._as_own(owner, item) or self._as_role(owner, item):
            return
        if not self._nouns.is_entity(owner, item, bracket=fact.bracket):
            stated = property_kind(item.name) is not None or item.name in SPANS
            if item.name and (stated or not item.system or item.name not in words().classes["empty"]):
                self._nouns.give(owner, item)
            return
        held = self._nouns.add(item)
        if held is None or fact.loose or self._deeds.between(None, fact.verb, owner, held):
            return
        self._holds(owner, held, item, f"{fact.owner.name} {fact.verb} {item.name}".replace("_", " "))

    def _holds(self, owner: Draft, held: Draft, item: Noun, why: str) -> None:
        links, usual = self._links, self._links.usual(owner, held)
        if usual == "*":
            links.share(owner, held, why)
        elif usual == "<":
            links.point(held, owner, why, required=True)
        elif usual == ">" and item.many:
            links.share(owner, held, why)
        elif usual == ">" and item.possessive and item.plural:
            links.point(held, owner, why)  # an invoice covers its orders
        elif usual == ">":
            links.point(owner, held, why)
        elif owner is held:
            links.point(owner, owner, why)
        elif item.possessive and not item.plural and held.kind in {"event", "record", "document", "payment"}:
            links.point(held, owner, why)  # guests accept their invitation
        elif not item.plural:
            if item.one and held.kind == owner.kind == "thing" and held.entry is None:
                links.point(held, owner, why, one=True, required=True)
            else:
                links.point(owner, held, why)
        elif self._lists(owner, held, item):
            links.share(owner, held, why)
        elif owner.kind == "event" and held.kind == "person":
            links.point(owner, held, why)
        else:
            links.point(held, owner, why, required=True)

    @staticmethod
    def _lists(owner: Draft, held: Draft, item: Noun) -> bool:
        """Several people or sorts of a thing are shared with other things."""
        shared = held.kind in {"person", "group"} and owner.kind not in {"person", "group", "place", "event"}
        return shared and (item.many or held.kind == "group")

    def _as_own(self, owner: Draft, item: Noun) -> bool:
        """`another employee`, `a parent category`, `a manager` of an employee: one of the same kind."""
        said = [word.lower() for word in item.words]
        same = self._nouns.find(item) is owner
        nested = bool(said) and (said[0] in words().roles["nested"] or said[0] in {"parent", "child"})
        if item.other and (same or not item.words):
            self._links.point(owner, owner, "one of the same kind", role=f"parent_{owner.name}")
            return True
        if nested and (same or item.name in {f"parent_{owner.name}", f"child_{owner.name}"}):
            self._links.point(owner, owner, "nested", role=f"parent_{owner.name}")
            return True
        if item.name == f"sub{owner.name}" and owner.kind in {"group", "place"}:
            self._links.point(owner, owner, "nested", role=f"parent_{owner.name}")
            return True
        own = not item.plural and item.name in words().roles["own"]
        own = own and (owner.kind == "person" or item.possessive)
        if own and item.name not in self._nouns.drafts:
            self._links.point(owner, owner, "who somebody is to another", role=item.name)
            return True
        return False

    def _as_side(self, owner: Draft, item: Noun) -> bool:
        """`the departure airport and the arrival airport`: two keys to airports."""
        if item.plural or self._nouns.side(item) is None:
            return False
        side = self._nouns.add(item)
        if side is None or side is owner:
            return False
        self._links.point(owner, side, f"{item.name} of {owner.name}".replace("_", " "), role=item.name)
        return True

    def _as_role(self, owner: Draft, item: Noun) -> bool:
        """`with an assignee and a reporter`: people that are a table already."""
        if item.plural or item.name not in words().roles["people"] or self._nouns.find(item) is not None:
            return False
        if owner.has(item.name):
            return True
        people = [draft for draft in self._nouns.drafts.values() if draft.kind == "person" and draft is not owner]
        if not people:
            return False
        self._links.point(owner, people[0], f"{item.name} of {owner.name}", role=item.name)
        return True

    def _acts(self, fact: Acts) -> None:
        subject, item = self._nouns.find(fact.subject), fact.object
        if subject is None:
            self._deeds.undergone(Undergoes(item, fact.verb))  # the department empties bins, which are emptyings
            return
        why = f"{fact.subject.name} {fact.verb} {item.name}".replace("_", " ")
        if item.other and (not item.words or self._nouns.find(item) is subject):
            self._among_themselves(subject, fact, why)
            return
        if self._as_own(subject, item) or self._as_side(subject, item):
            return
        target = self._nouns.find(item)
        deed = self._deeds.on(item)
        if target is None and deed is not None:
            self._links.point(deed, subject, why, required=True)  # backers pledge money
            return
        role = self._nouns.role(item)
        if target is not None and role is not None and target is not subject:
            deed = self._deeds.named(fact.verb, subject, target)
            self._links.point(deed or subject, target, why, role=role)
            return
        if target is None:
            if fact.way in {"", "owns"} and not fact.passive and not item.system and item.name and not fact.preposition:
                self._noted(subject, item)
            return
        if target is subject or self._deeds.between(fact, fact.verb, subject, target):
            return
        self._done(fact, subject, target, why)

    def _noted(self, subject: Draft, item: Noun) -> None:
        if is_property(item) and subject.kind != "person":
            self._nouns.give(subject, item)

    def _done(self, fact: Acts, subject: Draft, target: Draft, why: str) -> None:
        links, item = self._links, fact.object
        usual = links.usual(subject, target)
        if item.other and item.plural and fact.subject.several:
            links.share(subject, target, why)  # every release depends on other packages
            return
        if self._one_to_each(fact) or (self._spread(fact, target) and not usual):
            links.point(target, subject, why)
            return
        transitive = fact.way == "belongs" and item.plural and subject.kind == "person" and target.kind not in NO_DEED
        backwards = (fact.way == "owns" or transitive) and not fact.passive and not fact.preposition
        if usual == "*" and (item.plural or fact.subject.plural):
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
            return False
        if fact.way in {"", "owns"} and (fact.object.many or target.kind in {"event", "payment", "record"}):
            return True
        taken = fact.way == "many" and fact.object.plural
        return not fact.preposition and (taken or (fact.object.determiner in {"a", "an"} and is_deed(target.name)))

    def _into(self, fact: Acts, subject: Draft, target: Draft, why: str) -> None:
        """`divided into phases`; but `translated into several languages`, `hops go into a recipe`."""
        several = fact.object.many or (fact.subject.plural and not fact.passive)
        if several and fact.verb not in _SPLITS:
            self._links.share(subject, target, why)
        else:
            self._links.point(target, subject, why)

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
        both = fact.subject.several and fact.object.plural
        unlisted = fact.passive and fact.verb not in words().verbs
        person = self._nouns.find(fact.subject)
        again = fact.verb in words().classes["consumed"] and fact.subject.plural and target.kind == "event"
        if again and fact.passive and fact.preposition == "at" and person is not None and person.kind == "thing":
            return True  # during a visit parts are replaced
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
        above = fact.way == "belongs" and fact.object.many  # lies above several others
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

    def _hangs(self, fact: Hangs) -> None:
        child, parent = self._nouns.find(fact.child), self._nouns.find(fact.parent)
        if child is not None and fact.preposition in {"from", "to", "at"} and self._as_side(child, fact.parent):
            return
        deed = self._deeds.on(fact.child)
        if deed is not None and parent is not None and parent is not deed and fact.preposition not in {"of", "with"}:
            self._links.point(deed, parent, f"{deed.name} {fact.preposition} {parent.name}".replace("_", " "))
            return
        if child is None:
            return
        if fact.parent.other and (parent is child or not fact.parent.words):
            self._links.point(child, child, "one of the same kind")
            return
        if parent is None:
            if fact.preposition in {"at", "on", "of"} and not fact.parent.system and fact.parent.name:
                self._noted(child, fact.parent)
            return
        why = f"{fact.child.name} {fact.preposition} {fact.parent.name}".replace("_", " ")
        usual = self._links.usual(child, parent)
        if self._whole_first(fact, child, parent, usual):
            self._links.point(parent, child, why)
        elif usual == "*" or (fact.parent.many and not usual and fact.preposition != "in"):
            self._links.share(child, parent, why)
        elif self._of_its_maker(fact, child, parent, usual) or self._made_of(fact, child, usual):
            self._links.point(parent, child, why)
        elif child is not parent:
            self._links.point(child, parent, why, required=fact.preposition in {"of", "per"})

    @staticmethod
    def _whole_first(fact: Hangs, child: Draft, parent: Draft, usual: str) -> bool:
        """`for every ingredient there is one supplier`, `they log the borehole in intervals`."""
        if fact.child.one and fact.parent.determiner in {"each", "every"} and child is not parent:
            return True
        several = fact.parent.plural and not (fact.parent.determiner or fact.parent.many or fact.child.plural)
        parts = several and parent.kind in _DONE and not usual
        return parts and fact.preposition == "in" and fact.child.determiner == "the"

    @staticmethod
    def _of_its_maker(fact: Hangs, child: Draft, parent: Draft, usual: str) -> bool:
        """`the composers of the pieces`, `one reward per pledge`, and what is usual between the two."""
        if (
            fact.preposition == "of"
            and usual in {"", "<"}
            and child.kind == "person"
            and parent.kind in {"thing", "document"}
        ):
            return True
        if fact.child.one and fact.preposition == "per" and child.kind not in {"event", "record", "document"}:
            return True
        usually = usual == "<" and fact.preposition not in {"of", "per"}
        return usually or (fact.preposition == "into" and fact.parent.plural)

    @staticmethod
    def _made_of(fact: Hangs, child: Draft, usual: str) -> bool:
        """`a programme of pieces`: one thing of several is what they are part of."""
        single = not fact.child.plural and fact.parent.plural and not fact.parent.determiner
        return fact.preposition == "of" and single and not usual and child.kind in {"thing", "group", "place"}

    def _between(self, fact: Between) -> None:
        child, parent = self._nouns.find(fact.noun), self._nouns.find(fact.target)
        if child is None or parent is None or self._links.usual(child, parent) in {">", "*"}:
            return
        pair = ("first", "second") if parent.kind in {"person", "group"} else ("from", "to")
        for role in pair:
            self._links.point(child, parent, f"between two {parent.table}", role=f"{role}_{parent.name}")

    def _meets(self, fact: Meets) -> None:
        noun, other = self._nouns.find(fact.noun), self._nouns.find(fact.other)
        if noun is None or other is None or noun is other:
            return
        why = f"{fact.noun.name} that speaks of {fact.other.name}".replace("_", " ")
        if fact.role:
            self._links.point(noun, other, why, role=f"{fact.role}_{other.name}")
        elif fact.other.plural and other.kind in {"record", "document"} and noun.kind == "event":
            self._links.point(other, noun, why)  # visits at which results are taken
        elif self._links.usual(noun, other) == "*" or (not fact.other.plural and noun.kind == "event"):
            self._links.share(noun, other, why)
        else:
            self._links.point(noun, other, why)

    def loosely(self, fact: Owns) -> None:
        """The rest of a list behind `with`: only what belongs to nothing else."""
        owner, held = self._nouns.find(fact.owner), self._nouns.find(fact.item)
        if owner is None or held is None or owner is held:
            return
        if not any(link.from_ == held.table or link.to == held.table for link in self._links.found):
            self._holds(owner, held, fact.item, f"{owner.name} with {held.name}".replace("_", " "))
