"""How the entities hang together: what the prose says, what the catalogue knows, what words give away."""

from __future__ import annotations

from dataclasses import dataclass, field

from helios_magic.designer.catalogue import Canonical, Shared
from helios_magic.designer.facts import Acts, Between, Hangs, Meets, Noun, Owns, Reading, Shares
from helios_magic.designer.naming import Draft, Nouns
from helios_magic.designer.representation import Attribute, Relationship, Source
from helios_magic.designer.words import plural, singular, stem, words

_SORTS = frozenset(["type", "category", "kind", "class", "group", "status", "genre", "level", "tier"])


@dataclass(slots=True)
class Links:
    """The relationships found so far, each pair once."""

    nouns: Nouns
    found: list[Relationship] = field(default_factory=list)

    def between(self, one: Draft, other: Draft) -> list[Relationship]:
        pair = {one.table, other.table}
        return [link for link in self.found if {link.from_, link.to} == pair]

    def points(self, child: Draft, parent: Draft) -> bool:
        return any(
            link.from_ == child.table and link.to == parent.table and link.kind != "many-to-many" for link in self.found
        )

    def point(
        self,
        child: Draft,
        parent: Draft,
        why: str,
        *,
        role: str | None = None,
        required: bool = False,
        one: bool = False,
        source: Source = "prose",
    ) -> None:
        """`child` holds a key of `parent`; not twice, and not back and forth."""
        if child is parent and role is None:
            role = f"parent_{child.name}"
            required = False
        if role is None:
            if child is not parent and self.between(child, parent):
                return
            known = self._canonical(child, parent)
            if known is not None:
                role, required, one = known.role, known.required or required, known.one or one
        column = role or parent.name
        if any(link.from_ == child.table and (link.role or _one(link.to, self)) == column for link in self.found):
            return
        kind = "one-to-one" if one else "many-to-one"
        self.found.append(
            Relationship(child.table, parent.table, kind, role, required, why=why, source=source)  # type: ignore[arg-type]
        )

    def share(
        self, one: Draft, other: Draft, why: str, *, known: Shared | None = None, source: Source = "prose"
    ) -> None:
        """Both have many of the other: a junction, named as the catalogue names it."""
        if any(link.kind == "many-to-many" for link in self.between(one, other)):
            return
        known = known or self.shared(one, other) or self.shared(other, one)
        through = known.through if known else None
        attributes: tuple[Attribute, ...] = known.attributes if known else ()
        self.found.append(
            Relationship(
                one.table,
                other.table,
                "many-to-many",
                through=through or f"{one.name}_{plural(other.name)}",
                attributes=attributes,
                why=why,
                source=source,
            )
        )

    def _canonical(self, child: Draft, parent: Draft) -> Canonical | None:
        for known in child.entry.belongs_to if child.entry else ():
            if any(self.nouns.named(name) is parent for name in known.parents):
                return known
        return None

    def shared(self, one: Draft, other: Draft) -> Shared | None:
        for known in one.entry.many_to_many if one.entry else ():
            if any(self.nouns.named(name) is other for name in known.others):
                return known
        return None

    def usual(self, one: Draft, other: Draft) -> str:
        """What the catalogue says of a pair: `<` other points at one, `>` one points at other, `*` many, or nothing."""
        if one is other:
            return ""
        if self.shared(one, other) or self.shared(other, one):
            return "*"
        if self._canonical(other, one):
            return "<"
        return ">" if self._canonical(one, other) else ""


def _one(table: str, links: Links) -> str:
    return next((draft.name for draft in links.nouns.drafts.values() if draft.table == table), table)


def relate(nouns: Nouns, reading: Reading) -> list[Relationship]:
    """All relationships of a design, those of the prose first."""
    links = Links(nouns)
    stated = _Stated(nouns, links, reading)
    for fact in reading.facts:
        stated.take(fact)
    _known(nouns, links)
    for fact in reading.facts:
        if isinstance(fact, Owns) and fact.loose:
            stated.loosely(fact)
    _compounds(nouns, links)
    _topical(nouns, links, reading)
    _lonely(nouns, links)
    return _without_needless(nouns, links)


class _Stated:
    """Relationships that the prose states."""

    def __init__(self, nouns: Nouns, links: Links, reading: Reading) -> None:
        self._nouns, self._links = nouns, links
        self._deeds = self._named_deeds(reading)

    def _named_deeds(self, reading: Reading) -> dict[Noun, Draft]:
        """`groups book a room for a slot`, and there are bookings: what hangs on the room is the booking's."""
        deeds = {}
        for fact in reading.facts:
            if isinstance(fact, Acts) and not fact.passive and not fact.preposition and len(fact.verb) > 2:
                subject, target = self._nouns.find(fact.subject), self._nouns.find(fact.object)
                deed = self._named_deed(fact.verb, subject, target)
                if deed is not None and subject is not None:
                    deeds[fact.object] = deed
        return deeds

    def _named_deed(self, verb: str, *others: Draft | None) -> Draft | None:
        root = stem(verb)
        drafts = self._nouns.drafts.values()
        return next((each for each in drafts if each not in others and stem(each.name) == root), None)

    def take(self, fact: object) -> None:
        if isinstance(fact, Owns):
            self._owns(fact)
        elif isinstance(fact, Acts):
            self._acts(fact)
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
        if owner is None or self._as_own(owner, item) or self._as_role(owner, item):
            return
        if not self._nouns.is_entity(owner, item, bracket=fact.bracket):
            if item.name and (not item.system or item.name not in words().classes["empty"]):
                self._nouns.give(owner, item)
            return
        held = self._nouns.add(item)
        if held is None or fact.loose or self._by_deed(fact.verb, owner, held):
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
        elif usual == ">":
            links.point(owner, held, why)
        elif owner is held:
            links.point(owner, owner, why)
        elif not item.plural:
            if item.one:
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
        own = not item.plural and item.name in words().roles["own"] and owner.kind == "person"
        if own and item.name not in self._nouns.drafts:
            self._links.point(owner, owner, "who somebody is to another", role=item.name)
            return True
        return False

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

    def _by_deed(self, verb: str, subject: Draft, target: Draft) -> bool:
        """`students enroll in courses`, and there are enrollments: they hold both keys."""
        if len(verb) < 3:
            return False
        deed = self._named_deed(verb, subject, target)
        if deed is not None:
            self._links.point(deed, subject, f"{subject.name} {verb}", required=True)
            self._links.point(deed, target, f"{verb} {target.name}", required=True)
            return True
        return self._deed(verb, subject, target)

    def _deed(self, verb: str, subject: Draft, target: Draft) -> bool:
        """`users rate recipes`, and nothing is called a rating yet."""
        noun = words().deeds.get(verb)
        if noun is None or noun in self._nouns.drafts or subject is target:
            return False
        made = self._nouns.make(noun)
        self._links.point(made, subject, f"{subject.name} {verb}", required=True)
        self._links.point(made, target, f"{verb} {target.name}", required=True)
        return True

    def _acts(self, fact: Acts) -> None:
        subject, item = self._nouns.find(fact.subject), fact.object
        if subject is None:
            return
        why = f"{fact.subject.name} {fact.verb} {item.name}".replace("_", " ")
        if item.other and (not item.words or self._nouns.find(item) is subject):
            self._among_themselves(subject, fact, why)
            return
        if self._as_own(subject, item):
            return
        target = self._nouns.find(item)
        if target is None and item in self._deeds:
            self._links.point(self._deeds[item], subject, why, required=True)  # backers pledge money
            return
        if target is None:
            if fact.way in {"", "owns"} and not fact.passive and not item.system and item.name and not fact.preposition:
                self._noted(subject, item)
            return
        if target is subject or self._by_deed(fact.verb, subject, target):
            return
        self._done(fact, subject, target, why)

    def _noted(self, subject: Draft, item: Noun) -> None:
        from helios_magic.designer.properties import is_property

        if is_property(item) and subject.kind != "person":
            self._nouns.give(subject, item)

    def _done(self, fact: Acts, subject: Draft, target: Draft, why: str) -> None:
        links, item = self._links, fact.object
        usual = links.usual(subject, target)
        if item.other and item.plural and fact.subject.several:
            links.share(subject, target, why)  # every release depends on other packages
            return
        backwards = fact.way == "owns" and not fact.passive and not fact.preposition
        if usual == "*" and (item.plural or fact.subject.plural):
            links.share(subject, target, why)
        elif usual == "<" or (fact.preposition == "into" and fact.way != "belongs"):
            links.point(target, subject, why, required=backwards)
        elif usual == ">" and not item.many:
            links.point(subject, target, why)
        elif usual == ">" or self._mutual(fact, target):
            links.share(subject, target, why)
        elif backwards or (fact.way == "has" and not fact.passive):
            links.point(target, subject, why, required=True)
        elif (
            not fact.passive
            and fact.way in {"", "owns"}
            and (item.many or target.kind in {"event", "payment", "record"})
        ):
            links.point(target, subject, why)
        elif item.other:
            links.point(subject, target, why, role=f"{fact.verb}_{target.name}")
        else:
            links.point(subject, target, why)

    @staticmethod
    def _mutual(fact: Acts, target: Draft) -> bool:
        """`members attend classes`; `written by one or more playwrights`; `monsters drop items`"""
        both = fact.subject.several and fact.object.plural
        unlisted = fact.passive and fact.verb not in words().verbs
        if unlisted and both and (fact.preposition == "on" or (fact.preposition == "by" and target.kind == "thing")):
            return True  # conductors are rostered on trains, slopes are reached by lifts
        if fact.way == "" and not fact.passive and not fact.preposition:
            return both and target.kind not in {"event", "record", "payment"}
        if fact.passive and fact.preposition == "with" and both:
            return True
        if fact.way == "many" and not fact.passive:
            return fact.object.plural
        return fact.object.many and (fact.passive or fact.way == "belongs")

    def _among_themselves(self, subject: Draft, fact: Acts, why: str) -> None:
        if fact.way == "many" or (fact.way == "owns" and fact.object.plural):
            if not self._by_deed(fact.verb, subject, subject):
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
        deed = self._deeds.get(fact.child)
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
        if usual == "*" or (fact.parent.many and not usual and fact.preposition != "in"):
            self._links.share(child, parent, why)
        elif fact.child.one and fact.preposition == "per" and child.kind not in {"event", "record", "document"}:
            self._links.point(parent, child, why)  # one reward per pledge
        elif (usual == "<" and fact.preposition not in {"of", "per"}) or fact.preposition == "into":
            self._links.point(parent, child, why)
        elif child is not parent:
            self._links.point(child, parent, why, required=fact.preposition in {"of", "per"})

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


def _known(nouns: Nouns, links: Links) -> None:
    """What such entities usually have to do with each other."""
    for draft in list(nouns.drafts.values()):
        for known in draft.entry.belongs_to if draft.entry else ():
            parent = _first(nouns, known.parents, draft, own=bool(known.role and known.role.startswith("parent")))
            if parent is None or (parent is draft and "parent" not in (known.role or "")):
                continue
            stated = [link for link in links.between(draft, parent) if link.source == "prose"]
            if stated and parent is not draft:
                continue
            links.point(
                draft, parent, "usual for such a table", role=known.role, required=known.required, one=known.one,
                source="catalogue",
            )  # fmt: skip
    for draft in list(nouns.drafts.values()):
        for shared in draft.entry.many_to_many if draft.entry else ():
            other = _first(nouns, shared.others, draft)
            if other is not None and not links.between(draft, other):
                links.share(draft, other, "usual for such tables", known=shared, source="catalogue")


def _first(nouns: Nouns, names: tuple[str, ...], draft: Draft, *, own: bool = False) -> Draft | None:
    for name in names:
        found = nouns.drafts.get(singular(name))
        if found is not None and (found is not draft or own):
            return found
    for name in names:
        found = nouns.named(name)
        if found is not None and (found is not draft or own):
            return found
    return None


def _compounds(nouns: Nouns, links: Links) -> None:
    """`damage reports` of `damages`, `subtasks` of `tasks`: the words give it away."""
    for name, draft in list(nouns.drafts.items()):
        head, _, last = name.rpartition("_")
        alike = [other for key, other in nouns.drafts.items() if head and key.endswith(f"_{head}")]
        whole = nouns.drafts.get(head) or (alike[0] if len(alike) == 1 else None)
        whole = whole or (nouns.drafts.get(name.removeprefix("sub")) if name[:3] == "sub" else None)
        if whole is None or whole is draft or links.between(draft, whole):
            continue
        if last in _SORTS:
            links.point(whole, draft, "a sort of it", source="catalogue")
        else:
            links.point(draft, whole, "named after it", required=True, source="catalogue")


def _topical(nouns: Nouns, links: Links, reading: Reading) -> None:
    """What happens, or is written, and belongs to people only, is about the thing that its sentence speaks of.

    `Users star packages and open issues`: an issue is about a package.  A guess, which its reason says.
    """
    spoken = _spoken(nouns, reading)
    for draft in list(nouns.drafts.values()):
        if draft.former is not None or draft.kind not in {"event", "record", "payment", "document"}:
            continue
        tied = [other for other in nouns.drafts.values() if links.between(draft, other)]
        if any(other.kind not in {"person", "group"} or links.points(other, draft) for other in tied):
            continue
        about = _about(draft, spoken, tied)
        if about is not None:
            links.point(draft, about, "a guess: the sentence speaks of both", source="catalogue")


def _about(draft: Draft, spoken: list[list[Draft]], tied: list[Draft]) -> Draft | None:
    """The thing of the sentence in which it comes first, else of the one before."""
    at = next((place for place, drafts in enumerate(spoken) if draft in drafts), None)
    if at is None:
        return None
    for place in (at, at - 1):
        if place >= 0:
            for other in spoken[place]:
                if other is not draft and other not in tied and other.kind not in {"group", "person"}:
                    return other
    return None


def _spoken(nouns: Nouns, reading: Reading) -> list[list[Draft]]:
    """The entities of each sentence, in its order."""
    ends = [*reading.begins[1:], len(reading.facts)]
    sentences = []
    for begin, end in zip(reading.begins, ends, strict=True):
        found: list[Draft] = []
        for fact in reading.facts[begin:end]:
            for slot in fact.__slots__:
                noun = getattr(fact, slot)
                draft = nouns.find(noun) if isinstance(noun, Noun) else None
                if draft is not None and draft not in found:
                    found.append(draft)
        sentences.append(found)
    return sentences


def _lonely(nouns: Nouns, links: Links) -> None:
    """What nothing was said of belongs to the table that most others point at; a reason tells that it is a guess."""
    drafts = list(nouns.drafts.values())
    pointed = {draft.table: sum(link.to == draft.table for link in links.found) for draft in drafts}
    centre = max(
        (draft for draft in drafts if draft.kind != "group"), key=lambda each: pointed[each.table], default=None
    )
    if centre is None or pointed[centre.table] < 2:
        return
    for draft in drafts:
        alone = all(draft.table not in (link.from_, link.to) for link in links.found)
        if alone and draft.former is None and draft.kind in {"event", "record", "payment", "document"}:
            links.point(draft, centre, "a guess: nothing else was said of it", source="catalogue")


def _without_needless(nouns: Nouns, links: Links) -> list[Relationship]:
    """No junction where an entity that stands for the same relationship holds both keys."""
    kept = []
    for link in links.found:
        if link.kind == "many-to-many" and link.from_ != link.to:
            carriers = [
                draft
                for draft in nouns.drafts.values()
                if (draft.table == link.through or (draft.entry and draft.entry.associates))
                and {link.from_, link.to} <= {each.to for each in links.found if each.from_ == draft.table}
            ]
            if carriers or (link.through in {draft.table for draft in nouns.drafts.values()}):
                continue
        kept.append(link)
    return kept
