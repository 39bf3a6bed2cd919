"""Which nouns become entities, and what their columns are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from helios_magic.designer import spoken
from helios_magic.designer.catalogue import Catalogue, Entry, Template, catalogue
from helios_magic.designer.facts import (
    Chooses,
    Noun,
    Owns,
    Reading,
    table_name,
)
from helios_magic.designer.properties import is_property, property_kind
from helios_magic.designer.representation import Attribute, Entity, Representation
from helios_magic.designer.words import plural, singular, words

_LINKS = frozenset(
    ("image", "photo", "picture", "file", "logo", "video", "icon", "avatar", "thumbnail", "document", "pdf", "resume")
)
SPANS = {"start": "starts_at", "end": "ends_at", "beginning": "starts_at"}
"""What has a start and an end has columns for them."""
_TAILS = frozenset(["type", "number", "status", "code", "name", "title", "date"])


@dataclass(slots=True)
class Draft:
    """An entity in the making, under its name in the singular."""

    name: str
    entry: Entry | None
    template: Template
    attributes: dict[str, Attribute] = field(default_factory=dict)
    listed: bool = False
    former: Entity | None = None
    """What it was in a former design."""

    @property
    def table(self) -> str:
        return self.former.name if self.former else table_name(self.name)

    @property
    def kind(self) -> str:
        return self.entry.kind if self.entry else self.template.kind

    def has(self, name: str) -> bool:
        """Whether there is a column for what is called so."""
        if name in self.attributes or f"{name}_at" in self.attributes:
            return True
        return name in _TAILS and any(known.endswith(f"_{name}") for known in self.attributes)

    def entity(self) -> Entity:
        if self.former is not None:
            return replace(self.former, attributes=tuple(self.attributes.values()))
        return Entity(
            self.table,
            tuple(self.attributes.values()),
            self.entry.name if self.entry else None,
            self.kind,
            self.entry.rows_per_day if self.entry else self.template.rows_per_day,
            self.entry.bytes_per_row if self.entry else None,
        )


_ANYBODY = frozenset({"user", "member", "customer", "subscriber", "contact", "visitor"})
"""Who is meant where a text goes on to speak of people."""


class Nouns:
    """The entities of a design, found again by any of the words that were used for them."""

    def __init__(self, reading: Reading, former: Representation | None = None) -> None:
        self.drafts: dict[str, Draft] = {}
        self._catalogue: Catalogue = catalogue()
        for entity in former.entities if former else ():
            self._again(entity)
        self._several = spoken.spoken_of_as_several(reading)
        self._plurals = spoken.in_the_plural(reading)
        self._roles = spoken.played(reading)
        self._shortened = {
            **spoken.of_a_sort(reading),
            **spoken.kept_as_a_record(reading),
            **spoken.the_same(reading),
            **spoken.shortened(reading),
        }
        self._shortened |= {**spoken.lines_of(reading), **spoken.tails(reading)}
        self._said = spoken.words_said(reading)
        self._sided = spoken.of_two_sides(reading)
        self._detailed = spoken.with_details(reading)
        self._properties = {fact.item.name for fact in reading.facts if isinstance(fact, Owns) and not fact.item.plural}

    def _again(self, entity: Entity) -> None:
        """An entity of a former design, as it was."""
        name = singular(entity.name)
        entry = self._catalogue.entries.get(entity.known_as or "")
        draft = Draft(name, entry, self._catalogue.template(name), listed=True, former=entity)
        draft.attributes = {attribute.name: attribute for attribute in entity.attributes}
        self.drafts[name] = draft

    def ignored(self, noun: Noun) -> bool:
        """What is to be built, or the one organisation that it is for."""
        if noun.system or noun.weak:
            return True
        if noun.words[-1].lower() == "people" and self._several & _ANYBODY:
            return True  # an app where people do what users do
        if (
            noun.determiner == "the"
            and not noun.plural
            and noun.name not in self.drafts
            and self._is_property(noun.name)
        ):
            return True
        if noun.determiner == "the" and not noun.plural and self._names_nothing(noun.name):
            return True
        whose = noun.possessive and "_" in noun.name and self._catalogue.exact(noun.name) is not None
        organisations = words().classes["organisations"]
        organisation = bool({noun.head, noun.name} & organisations) and not (noun.plural or whose)
        return organisation and noun.name not in self._several and noun.name not in self.drafts

    def _names_nothing(self, name: str) -> bool:
        """`in the collection`, `the running of a camp`, where it is spoken of in no other way."""
        doing = name.endswith("ing") and self._catalogue.exact(name) is None
        doing = doing or name in words().classes["anything"]
        said = name in self._several or name in self.drafts
        return not said and (doing or name in words().classes["containers"])

    def _is_property(self, name: str) -> bool:
        """`If the goal is not met`, where a funding goal was said to be a column."""
        said = [each for each in self._properties if each.endswith(f"_{name}")]
        return (
            bool(said)
            and name not in self.drafts
            and all(each not in self.drafts and self._catalogue.exact(each) is None for each in said)
        )

    def find(self, noun: Noun) -> Draft | None:
        """The entity that a noun speaks of: by its name, its last word, or another word for the same thing."""
        name = self._shortened.get(noun.name, noun.name)
        if not name:
            return None
        if name in self.drafts:
            return self.drafts[name]
        if name == "person" and noun.plural:
            return self._everybody()
        if name in self._roles:
            return self.drafts.get(self._roles[name])
        alike = self._called_otherwise(name)
        if alike is not None:
            return alike
        if noun.words == ("people",) and not noun.determiner:
            people = [draft for draft in self.drafts.values() if draft.kind == "person"]
            return people[0] if len(people) == 1 else None
        done, _, rest = name.partition("_")
        if done.endswith("ed") and rest in self.drafts and self._catalogue.exact(name) is None:
            return self.drafts[rest]  # accepted papers, but saved jobs
        if "_" not in name:
            heads = [draft for key, draft in self.drafts.items() if key.endswith(f"_{name}")]
            if name == "item" and len(heads) == 1 and heads[0].kind == "thing":
                return heads[0]  # menu items are ordered as items
            same = len(heads) == 1 and self._catalogue.meant(name, self._said) in (None, heads[0].entry)
            one = noun.one or noun.determiner in {"the", "this", "a", "an", "each", "every", ""}
            again = len(heads) == 1 and one and not noun.plural
            if same or (again and name not in self._plurals and heads[0].name in self._plurals):
                return heads[0]
        if not noun.plural and noun.determiner in {"each", "every", "the", "this", "a", "an", ""}:
            return self._by_alias(name)
        return None

    def _called_otherwise(self, name: str) -> Draft | None:
        """The entity that goes by another name for the very same thing: clients, where there are customers."""
        entry = self._catalogue.exact(name)
        if entry is None or singular(name) not in entry.same:
            return None
        return next((self.drafts[each] for each in sorted(entry.same) if each in self.drafts), None)

    def _everybody(self) -> Draft | None:
        """`people can comment`: those who were named, where there is one sort of them."""
        known = [draft for draft in self.drafts.values() if draft.kind == "person" and draft.name in self._plurals]
        known = known if len(known) < 2 else [draft for draft in known if draft.name in _ANYBODY]
        return known[0] if len(known) == 1 else None

    def _by_alias(self, name: str) -> Draft | None:
        entry = self._catalogue.exact(name)
        if entry is None:
            heads = [draft for key, draft in self.drafts.items() if key.endswith(f"_{name}")]
            return heads[0] if len(heads) == 1 else None
        same = [draft for draft in self.drafts.values() if draft.entry is not None and _same(draft, entry, name)]
        return same[0] if len(same) == 1 else None

    def named(self, name: str) -> Draft | None:
        """By the name that the catalogue uses for it: the very name, then its entry, then what ends in it."""
        draft = self.drafts.get(singular(name))
        if draft is not None:
            return draft
        entry, key = self._catalogue.exact(name), singular(name)
        fitting = [draft for draft in self.drafts.values() if draft.entry and _stands_for(draft.entry, entry, key)]
        called = [draft for draft in fitting if draft.entry and draft.name in draft.entry.called]
        return next(iter(called or fitting), None)

    def side(self, noun: Noun) -> str | None:
        """`airport` for `the departure airport`: one of two sides of a thing, which is a key with a role."""
        said, _, name = noun.name.partition("_")
        if noun.plural or said not in words().roles["sides"] or self._catalogue.exact(noun.name) is not None:
            return None
        known = name in self.drafts or name in self._sided or self._catalogue.exact(name) is not None
        return name if known and property_kind(noun.name) is None and noun.name not in self.drafts else None

    def add(self, noun: Noun) -> Draft | None:
        """The entity that a noun speaks of, made where there is none."""
        side = self.side(noun)
        if side is not None:
            return self.drafts.get(side) or self.make(side)
        if self.ignored(noun) or not noun.name:
            return None
        found = self.find(noun)
        if found is None and noun.name in self._roles:
            return self.make(self._roles[noun.name])
        return found if found is not None else self.make(noun.name)

    def make(self, name: str) -> Draft:
        """A new entity of that name, or of the shorter one that the text goes on with."""
        name = self._shortened.get(name, name)
        entry = self._catalogue.meant(name, self._said)
        template = self._catalogue.template(name)
        draft = Draft(name, entry, template)
        for attribute in entry.attributes if entry else template.attributes:
            draft.attributes[attribute.name] = attribute if entry else replace(attribute, source="template")
        self.drafts[name] = draft
        return draft

    def meant(self, name: str) -> Entry | None:
        """What the catalogue knows by a name in a text such as this."""
        return self._catalogue.meant(name, self._said)

    def role(self, noun: Noun) -> str | None:
        """`skipper`, where a skipper is one of the members."""
        return noun.name if noun.name in self._roles else None

    def detailed(self, noun: Noun) -> bool:
        """`a fault code (code, description)`: what has properties of its own is no property."""
        return noun.name in self._detailed

    def somebody(self, noun: Noun) -> bool:
        """`the recipient` collects a parcel: who does something is kept."""
        return self._catalogue.template(noun.name).kind == "person" and not is_property(noun)

    def is_entity(self, owner: Draft | None, item: Noun, *, bracket: bool) -> bool:
        """Whether what an entity has is one itself, or only a column."""
        name = item.name
        if not name or item.system:
            return False
        listed = name in self.drafts and self.drafts[name].listed
        entry = owner.entry if owner is not None else None
        if owner is not None and entry is not None and entry.associates and owner.has(name) and not item.many:
            return listed  # enrollments with grades: one each
        if owner is not None and owner.has(name) and not (item.many or listed or self._each_its_own(item)):
            return not bracket and self._part_of(owner, item)
        if self.find(item) is not None:
            return True
        if name == "parent" and item.possessive and owner is not None and owner.kind != "person":
            return False  # strains come from another, their parent
        exact = self._catalogue.exact(name)
        counted = plural(name).rpartition("_")[2] in words().classes["counted"] and not item.many
        if counted and not listed and (bracket or not item.determiner):
            return not bracket and owner is not None and self._part_of(owner, item)  # boats (name, seats)
        if bracket:
            return item.plural and exact is not None and property_kind(name) is None
        if property_kind(name) is not None:
            if not item.plural:
                return exact is not None and "_" in name and bool(item.determiner)
            files = property_kind(name) == "url" and self._catalogue.nearest(name) is not None
            return item.many or exact is not None or files
        if item.plural:
            return True
        person = self._catalogue.kind(name) == "person" and (exact is not None or item.determiner in {"a", "an"})
        if person and owner is not None and owner.kind == "event":
            return name not in words().roles["people"]  # calibrations: date, technician; fittings with a seamstress
        mass = name in words().uncountable and exact is not None
        known = exact is not None or self._catalogue.keeps(name)
        return item.one or item.possessive or mass or (known and bool(item.determiner))

    def _each_its_own(self, item: Noun) -> bool:
        """`doctors with their specialties`: several of each, which others may have as well."""
        shared = self._catalogue.kind(item.name) in {"person", "group"}
        known = property_kind(item.name) is None or self._catalogue.exact(item.name) is not None
        return item.possessive and item.plural and shared and known

    def _part_of(self, owner: Draft, item: Noun) -> bool:
        """`a policy has premiums`: several, and the catalogue knows them as the policy's, though it has one as well."""
        entry = self._catalogue.exact(item.name) if item.plural else None
        parents = (name for known in entry.belongs_to for name in known.parents) if entry else ()
        return any(self.named(name) is owner for name in parents)

    def give(self, draft: Draft, item: Noun) -> None:
        """A column for a property."""
        several = plural(item.name)
        counted = item.plural and several.rpartition("_")[2] in {*words().attributes, *words().classes["counted"]}
        counted = counted or (item.plural and property_kind(item.name) == "int")
        only = several in words().attributes and item.name not in words().attributes  # coordinates, but an address
        name = several if counted or only else item.name
        if name == "date" and item.plural:
            for each in ("start_date", "end_date"):
                self._column(draft, each, "date")
        elif name in {"date", "time"}:
            known = [each for each in draft.attributes.values() if each.kind in {"date", "moment"}]
            if not any(each.required and each.source != "template" for each in known):
                for guessed in known:
                    if guessed.source == "template":
                        del draft.attributes[guessed.name]
                head = draft.name.rpartition("_")[2]
                head = draft.name if head in words().classes["temporal"] else head  # shooting_day_date
                self._column(draft, f"{head}_date" if name == "date" else "starts_at", None)
        elif name in SPANS:
            self._column(draft, SPANS[name], "moment")
        elif name in _LINKS:
            self._column(draft, f"{name}_url", "url")
        elif not draft.has(name) or name in draft.attributes:
            self._column(draft, name, None)

    def _column(self, draft: Draft, name: str, kind: str | None) -> None:
        known = draft.attributes.get(name)
        if known is not None:
            draft.attributes[name] = replace(known, source="prose")
        else:
            draft.attributes[name] = Attribute(name, kind or property_kind(name) or "text")

    def choose(self, fact: Chooses) -> None:
        """`entries (debit or credit)`: one of these; of an entity it is the type."""
        values = tuple(singular(value) for value in fact.values)
        draft = self.find(fact.noun)
        if draft is None:
            return
        for attribute in draft.attributes.values():
            if attribute.choices and set(values) <= set(attribute.choices):
                return
        name = next((each for each in draft.attributes if each.endswith("_type")), f"{draft.name}_type")
        draft.attributes[name] = Attribute(name, "choice", choices=values)


def _stands_for(entry: Entry, usual: Entry | None, name: str) -> bool:
    """Whether an entry is what a name usually means, or one that the name means in a text such as this."""
    return entry is usual or name in entry.called


def _same(draft: Draft, entry: Entry, name: str) -> bool:
    if draft.entry is entry:
        others = entry.kind == "person" and table_name(name) != entry.name and draft.table != entry.name
        return not (others and draft.name != name)  # an inspector is no contractor
    # Two words of one another's: a game is another word for a pairing.
    return draft.entry is not None and table_name(name) in draft.entry.aliases
