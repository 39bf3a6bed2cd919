"""The relationships found so far: each pair once, as the catalogue knows it where it does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from helios_magic.designer.catalogue import Canonical, Shared, catalogue
from helios_magic.designer.facts import Noun
from helios_magic.designer.naming import Draft, Nouns
from helios_magic.designer.properties import property_kind
from helios_magic.designer.representation import Attribute, Relationship, Source
from helios_magic.designer.words import plural


@dataclass(slots=True)
class Links:
    """The relationships found so far, each pair once."""

    nouns: Nouns
    single: set[tuple[str, str]] = field(default_factory=set)
    """Tables that were said to have one of the other, whatever the other has of them."""
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
            if known is not None and role is not None and self._foremost(known) is not parent:
                role = None  # the author is somebody else
        column = role or parent.name
        if any(link.from_ == child.table and (link.role or _one(link.to, self)) == column for link in self.found):
            return
        kind = "one-to-one" if one else "many-to-one"
        self.found.append(
            Relationship(child.table, parent.table, kind, role, required, why=why, source=source)  # type: ignore[arg-type]
        )

    def _foremost(self, known: Canonical) -> Draft | None:
        """Whom the catalogue would name: of journalists and editors the first is the author."""
        return next((draft for name in known.parents if (draft := self.nouns.named(name)) is not None), None)

    def share(
        self, one: Draft, other: Draft, why: str, *, known: Shared | None = None, source: Source = "prose"
    ) -> None:
        """Both have many of the other: a junction, named as the catalogue names it."""
        if any(link.kind == "many-to-many" for link in self.between(one, other)):
            return
        for child, parent in ((one, other), (other, one)):
            if (child.table, parent.table) in self.single:
                self.point(child, parent, why, source=source)
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

    def part(self, one: Draft, other: Draft) -> None:
        """Forget what the two have to do with each other: somebody else stands between them."""
        between = self.between(one, other)
        self.found = [link for link in self.found if link not in between]

    def carry(self, one: Draft, other: Draft, item: Noun, *, sure: bool) -> bool:
        """Give their junction a column; `sure`: one is made where one of them only pointed at the other so far."""
        name = plural(item.name) if item.plural else item.name
        between = [link for link in self.between(one, other) if link.role is None]
        if sure and not any(link.kind == "many-to-many" for link in between):
            self.found = [link for link in self.found if link not in between]
            self.share(one, other, between[0].why if between else f"{name} of both")
            between = self.between(one, other)
        for place, link in enumerate(self.found):
            if link in between and link.kind == "many-to-many":
                known = {attribute.name for attribute in link.attributes}
                column = Attribute(name, property_kind(name) or ("int" if item.plural else "text"))
                extra = () if name in known else (column,)
                self.found[place] = replace(link, attributes=(*link.attributes, *extra))
                return True
        return False

    def _canonical(self, child: Draft, parent: Draft) -> Canonical | None:
        for known in child.entry.belongs_to if child.entry else ():
            if any(self.nouns.named(name) is parent for name in known.parents):
                return known
        return self._somebodys(child, parent)

    def _somebodys(self, child: Draft, parent: Draft) -> Canonical | None:
        """As what a person stands who is called otherwise here: an account is a customer's, and so a parent's."""
        if parent.kind != "person" or child.kind in {"person", "event"}:
            return None
        for known in child.entry.belongs_to if child.entry else ():
            people = [catalogue().kind(name) == "person" for name in known.parents]
            if known.required and 2 * sum(people) > len(people) and not any(map(self.nouns.named, known.parents)):
                return replace(known, role=None, one=False)
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
        held, holds = self._canonical(other, one), self._canonical(one, other)
        if held and not (held.role and holds and not holds.role):
            return "<"  # a litter has a mother, but what comes from a litter is its own
        return ">" if holds else ""


def _one(table: str, links: Links) -> str:
    return next((draft.name for draft in links.nouns.drafts.values() if draft.table == table), table)
