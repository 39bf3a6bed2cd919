"""Relationships that the prose states."""

from __future__ import annotations

from helios_magic.designer.catalogue import Shared, catalogue
from helios_magic.designer.deeds import Deeds
from helios_magic.designer.doings import Doings
from helios_magic.designer.facts import Acts, Bears, Between, Does, Hangs, Meets, Noun, Owns, Reading, Shares, Undergoes
from helios_magic.designer.links import Links
from helios_magic.designer.naming import SPANS, Draft, Nouns
from helios_magic.designer.properties import is_property, property_kind
from helios_magic.designer.words import singular, snake, words

_DONE = frozenset({"event", "record"})
"""Kinds of what somebody does."""
_CREATURE = frozenset({"sex", "breed"})
"""Columns of an animal, which has parents of its own kind."""
_SHOWN = frozenset({"card", "badge", "voucher", "coupon", "pass"})
"""What somebody shows or gives up to do something, again and again."""
_PAPERS = frozenset({"event", "record", "document", "payment"})
"""Kinds of what there is only because of something else."""


def _theirs(item: Noun, held: Draft) -> bool:
    """`boats and their owners`: each has its own."""
    return item.determiner == "their" and held.kind == "person"


def _surely_several(noun: Noun) -> bool:
    """`recipes`; but a species may be one."""
    last = snake(noun.words[-1]) if noun.words else ""
    return noun.plural and singular(last) != last


def _only_one(fact: Hangs) -> bool:
    """`prescriptions, each for one medication`"""
    single = fact.parent.one or (fact.preposition == "for" and fact.parent.determiner in {"a", "an"})
    return single and not fact.parent.many and fact.preposition in {"for", "of"}


def _of_several(fact: Hangs, child: Draft, usual: str) -> bool:
    """`a reservation for several rooms`, though it is usual for one; but `a shop in many streets` is in one of them."""
    if not usual:
        spread = fact.preposition in {"of", "from"} or (fact.preposition == "at" and child.kind == "event")
        return fact.preposition != "in" and not (spread and fact.child.plural)  # each reviewer of one of them
    return usual == ">" and fact.preposition in {"for", "of"} and child.kind in _DONE


class Stated(Doings):
    """Relationships that the prose states."""

    def __init__(self, nouns: Nouns, links: Links, reading: Reading) -> None:
        super().__init__(nouns, links, Deeds(nouns, links, reading))
        marks = words().classes["marks"]
        owners = [fact.owner for fact in reading.facts if isinstance(fact, Owns) and fact.item.name in marks]
        self._marked = {found.name for owner in owners if (found := nouns.find(owner)) is not None}
        self._had = {fact.item for fact in reading.facts if isinstance(fact, Owns)}
        self._per = {fact.child for fact in reading.facts if isinstance(fact, Hangs) and fact.preposition == "per"}
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
        elif isinstance(fact, Does):
            self._deeds.alone(fact)
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
        role = self._nouns.role(item)
        if held is not None and role is not None and not item.plural and held is not owner:
            self._links.point(owner, held, f"{role} of {owner.name}".replace("_", " "), role=role)
            return
        if held is None or fact.loose or (fact.far and owner.kind == "person" and self._of_others(owner, held)):
            return
        if self._deeds.between(None, fact.verb, owner, held):
            return
        each = fact.owner.determiner in {"each", "every"} and fact.verb == "have" and _surely_several(item)
        self._holds(owner, held, item, f"{fact.owner.name} {fact.verb} {item.name}".replace("_", " "), each=each)

    def _holds(self, owner: Draft, held: Draft, item: Noun, why: str, *, each: bool = False) -> None:
        links, usual = self._links, self._links.usual(owner, held)
        shown = owner.kind == "event" and held.name.rpartition("_")[2] in _SHOWN  # sessions with RFID cards
        usual = usual or (">" if shown and not item.many else "")
        if usual == "*":
            links.share(owner, held, why)
        elif usual == "<":
            links.point(held, owner, why, required=True)
        elif usual == ">" and (item.many or (item.possessive and item.plural and held.kind == "group")):
            links.share(owner, held, why)
        elif usual == ">" and item.plural and ((item.possessive and not _theirs(item, held)) or each):
            links.point(held, owner, why)  # an invoice covers its orders, each beer has recipes
        elif usual == ">":
            links.point(owner, held, why)
        elif owner is held:
            links.point(owner, owner, why)
        elif not item.plural and (self._its_own(owner, item, held) or (item.one and item in self._per)):
            links.point(held, owner, why)  # guests accept their invitation, each stunt needs a risk assessment
        elif not item.plural:
            if item.one and held.kind == owner.kind == "thing" and held.entry is None:
                links.point(held, owner, why, one=True, required=True)
            else:
                links.point(owner, held, why)
        elif self._lists(owner, held, item) or self._reused(owner, held, item):
            links.share(owner, held, why)
        elif owner.kind == "event" and held.kind == "person":
            links.share(owner, held, why)  # expeditions with participants
        else:
            links.point(held, owner, why, required=True)

    @staticmethod
    def _lists(owner: Draft, held: Draft, item: Noun) -> bool:
        """Several people or sorts of a thing are shared with other things."""
        if owner.kind == "person" and held.kind == "group" and held.entry is not None and not held.entry.belongs_to:
            return True  # instructors with languages
        shared = held.kind in {"person", "group"} and owner.kind not in {"person", "group", "place", "event"}
        return shared and (item.many or held.kind == "group")

    def _reused(self, owner: Draft, held: Draft, item: Noun) -> bool:
        """`a delivery comprises several kegs`: what has a serial number is there for the next one as well."""
        passing = owner.kind in {"event", "document", "payment"}
        return passing and held.kind == "thing" and item.many and held.name in self._marked

    @staticmethod
    def _its_own(owner: Draft, item: Noun, held: Draft) -> bool:
        """`their invitation`, `a risk assessment`, and what cannot be counted: attendance, staff."""
        single = item.possessive or item.determiner in {"a", "an"}
        if owner.kind == "person" and item.determiner in {"each", "every"}:
            return True  # excavators who record each context
        return item.name in words().uncountable or (single and held.kind in _PAPERS)

    def _as_own(self, owner: Draft, item: Noun) -> bool:
        """`another employee`, `a parent category`, `a manager` of an employee: one of the same kind."""
        said = [word.lower() for word in item.words]
        same = self._nouns.find(item) is owner
        nested = bool(said) and (said[0] in words().roles["nested"] or said[0] in {"parent", "child"})
        if item.other and item.plural and same and owner.kind in {"thing", "document", "event"}:
            self._links.share(owner, owner, "others of the same kind", known=Shared((), f"related_{owner.table}"))
            return True
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
        own = own and (owner.kind == "person" or item.possessive or bool(_CREATURE & owner.attributes.keys()))
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
        if item.plural or self._nouns.find(item) is not None:
            return False
        known = {singular(name) for each in owner.entry.belongs_to for name in each.parents} if owner.entry else set()
        if item.head in known and item.head != item.name and catalogue().kind(item.head) == "person":
            somebody = self._nouns.drafts.get(item.head) or self._nouns.make(item.head)
            self._links.point(owner, somebody, f"{item.name} of {owner.name}".replace("_", " "), role=item.name)
            return True  # a class has a class teacher
        if item.name not in words().roles["people"] or item.name in known:
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
            if fact.passive:
                self._deeds.undergone(Undergoes(fact.subject, fact.verb))  # scanned at the entrance
            self._deeds.alone(Does(fact.subject, fact.verb))
            if fact.way in {"", "owns"} and not fact.passive and not item.system and item.name and not fact.preposition:
                self._noted(subject, item)
            return
        if target is subject or (fact.loose and self._of_others(subject, target)):
            return
        if self._deeds.between(fact, fact.verb, subject, target):
            return
        if self._saved(fact, subject, target, why) or self._deeds.looked_at(fact, subject, target):
            return
        self._done(fact, subject, target, why)

    def _of_others(self, subject: Draft, target: Draft) -> bool:
        """Whether the catalogue knows what else of the design the target belongs to, and not the subject."""
        others = [draft for draft in self._nouns.drafts.values() if draft not in (subject, target)]
        return not self._links.usual(subject, target) and any(self._links.usual(target, draft) for draft in others)

    def _noted(self, subject: Draft, item: Noun) -> None:
        if is_property(item) and subject.kind != "person":
            self._nouns.give(subject, item)

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
            elif fact.preposition == "in" and fact.parent.determiner in {"a", "an"}:
                self._sorted(child, fact.parent)
        else:
            self._tied(fact, child, parent)

    def _tied(self, fact: Hangs, child: Draft, parent: Draft) -> None:
        """Who holds whose key, by the preposition between them."""
        why = f"{fact.child.name} {fact.preposition} {fact.parent.name}".replace("_", " ")
        usual = self._links.usual(child, parent)
        somewhere = fact.preposition == "at" and child.kind in {"place", "group"} and parent.kind == "person"
        if self._only_when(fact, child, usual) or (somewhere and not usual):
            return  # when a patient calls, a doctor of a department …
        if self._whole_first(fact, child, parent, usual):
            self._links.point(parent, child, why)
        elif (usual == "*" and not _only_one(fact)) or (fact.parent.many and _of_several(fact, child, usual)):
            self._links.share(child, parent, why)
        elif self._of_its_maker(fact, child, parent, usual) or self._made_of(fact, child, usual):
            self._links.point(parent, child, why)
        elif child is not parent:
            self._links.point(child, parent, why, required=fact.preposition in {"of", "per"})

    def _sorted(self, child: Draft, parent: Noun) -> None:
        """`teams, each in an age group`: a sort that is no table is a column."""
        if catalogue().template(parent.name).kind == "group" and not parent.system:
            self._nouns.give(child, parent)

    @staticmethod
    def _only_when(fact: Hangs, child: Draft, usual: str) -> bool:
        """`owners rate the sitter after the stay`: when it is done."""
        return fact.preposition in {"after", "before"} and child.kind in {"person", "thing", "place"} and usual != ">"

    @staticmethod
    def _whole_first(fact: Hangs, child: Draft, parent: Draft, usual: str) -> bool:
        """`for every ingredient there is one supplier`, `they log the borehole in intervals`."""
        if fact.child.one and fact.parent.determiner in {"each", "every"} and child is not parent:
            return True
        if fact.preposition == "in" and fact.parent.plural and fact.parent.head in words().classes["forms"]:
            return True  # datasets in versions
        several = fact.parent.plural and not (fact.parent.determiner or fact.parent.many or fact.child.plural)
        parts = several and parent.kind in _DONE and not usual
        return parts and fact.preposition == "in" and fact.child.determiner == "the"

    def _of_its_maker(self, fact: Hangs, child: Draft, parent: Draft, usual: str) -> bool:
        """`the composers of the pieces`, `one reward per pledge`, and what is usual between the two."""
        if (
            fact.preposition == "of"
            and usual in {"", "<"}
            and child.kind == "person"
            and parent.kind in {"thing", "document"}
        ):
            return True
        if fact.child.one and fact.preposition == "per" and fact.child in self._had:
            return False  # a flag has one setting per environment
        written = child.kind in {"event", "record", "document"} or property_kind(child.name) == "long"
        if fact.child.one and fact.preposition == "per" and not written:
            return True
        usually = usual == "<" and fact.preposition not in {"of", "per"}
        return usually or (fact.preposition == "into" and fact.parent.plural and parent.kind not in {"thing", "place"})

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
        elif self._found_there(noun, other, fact):
            self._links.point(other, noun, why)  # visits at which results are taken, stations where sensors stand
        elif self._links.usual(noun, other) == "*" or (not fact.other.plural and noun.kind == "event"):
            self._links.share(noun, other, why)
        else:
            self._links.point(noun, other, why)

    def bears(self, fact: Bears) -> None:
        """What two things have together goes where both are: the deed that is theirs, else their junction."""
        one, other = self._nouns.find(fact.one), self._nouns.find(fact.other)
        if one is None or other is None or one is other:
            owner = one or other
            if owner is not None:
                self._nouns.give(owner, fact.item)
            return
        where = self._where(one, other) if fact.sure else one
        if where is not one:
            self._links.part(one, other)
            one = where
        shared = any(link.kind == "many-to-many" for link in self._links.between(one, other))
        deed = self._deeds.both(fact.verb, one, other)
        if deed is not None:
            self._nouns.give(deed, fact.item)
        elif fact.sure and not shared and self._links.usual(one, other) == "<":
            self._nouns.give(other, fact.item)
        elif not self._links.carry(one, other, fact.item, sure=fact.sure):
            self._nouns.give(one, fact.item)

    def _where(self, one: Draft, other: Draft) -> Draft:
        """`guests order extras`: with their booking, where that is what the catalogue knows extras to go with."""
        if self._links.usual(one, other) or other.entry is None:
            return one
        usually = [draft for draft in self._nouns.drafts.values() if self._links.usual(draft, other) == "*"]
        theirs = [draft for draft in usually if self._links.points(draft, one)]
        return theirs[0] if len(theirs) == 1 else one

    def _found_there(self, noun: Draft, other: Draft, fact: Meets) -> bool:
        """Whether what the clause tells of is what there is at the noun."""
        if not fact.other.plural or self._links.usual(noun, other) in {">", "*"}:
            return False
        return noun.kind == "place" or (noun.kind == "event" and other.kind in {"record", "document"})

    def loosely(self, fact: Owns) -> None:
        """The rest of a list behind `with`: only what belongs to nothing else."""
        owner, held = self._nouns.find(fact.owner), self._nouns.find(fact.item)
        if owner is None or held is None or owner is held:
            return
        if not any(link.from_ == held.table or link.to == held.table for link in self._links.found):
            self._holds(owner, held, fact.item, f"{owner.name} with {held.name}".replace("_", " "))
