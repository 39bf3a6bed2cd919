"""Relationships that nobody states and nobody knows: marked guesses, by the kind of a thing and by what is near.

What happens, is measured, paid or written down hardly ever belongs to nothing: it is about the thing that the text
speaks of just before, and somebody's.  Each guess says in its reason that it is one.
"""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Noun, Reading
from helios_magic.designer.links import Links
from helios_magic.designer.naming import Draft, Nouns

_DONE = frozenset({"event", "record", "payment", "document"})
_SOMEBODY = frozenset({"person", "group"})
_PERSONAL = frozenset({"event", "payment"})
_ROOMS = frozenset({"room", "hall", "studio", "classroom", "court", "lab", "theatre", "gym", "pool", "rink", "field"})
"""Where one thing happens at a time."""
_TIMED = frozenset({"starts_at", "started_at", "scheduled_at", "start_time"})
_BOTH = "a guess: the text speaks of both"
_WHOLE = "a guess: nothing else was said of it"


class Guesses:
    """What the text speaks of, in its order, and what is linked so far."""

    def __init__(self, nouns: Nouns, links: Links, reading: Reading) -> None:
        self._nouns, self._links = nouns, links
        self._spoken = [_drafts(nouns, said) for said in reading.said]

    def make(self) -> None:
        """Give everything that has none a parent."""
        new = [draft for draft in self._nouns.drafts.values() if draft.former is None]
        for draft in new:
            if draft.kind in _DONE and not self._about_a_thing(draft):
                self._point(draft, self._thing_near(draft))
        for draft in new:
            known = _of_people(draft) and not self._owned(draft)
            if (known or (draft.kind in _PERSONAL and draft.entry is None)) and not self._leads_to_somebody(draft):
                self._point(draft, self._person_near(draft, anywhere=known))
        for draft in new:
            if draft.kind == "event" and not self._happens_somewhere(draft):
                self._point(draft, self._room_of(draft))
        centre = self._centre()
        for draft in new:
            if centre is not None and draft is not centre and self._alone(draft) and _may_belong(draft, centre):
                self._link(draft, centre, _WHOLE)

    def _point(self, child: Draft, parent: Draft | None) -> None:
        if parent is not None:
            self._link(child, parent, _BOTH)

    def _link(self, child: Draft, parent: Draft, why: str) -> None:
        self._links.point(child, parent, why, source="catalogue")

    def _happens_somewhere(self, draft: Draft) -> bool:
        """Whether its keys, or those of what it belongs to, lead to a place."""
        places = {each.table for each in self._nouns.drafts.values() if each.kind == "place"}
        return bool(places & self._above(draft))

    def _room_of(self, draft: Draft) -> Draft | None:
        """The one room of a design, for what the catalogue knows to happen at a time."""
        rooms = [each for each in self._nouns.drafts.values() if each.name.rpartition("_")[2] in _ROOMS]
        timed = draft.entry is not None and any(each.name in _TIMED for each in draft.entry.attributes)
        return rooms[0] if len(rooms) == 1 and timed and draft.table not in self._above(rooms[0]) else None

    # What is linked

    def _about_a_thing(self, draft: Draft) -> bool:
        """Whether it belongs to anything but people, or others belong to it; of what is known, more would be known."""
        others = [other for other in self._nouns.drafts.values() if self._links.between(draft, other)]
        if others and draft.entry is not None and draft.entry.belongs_to and not self._of_a_thing(draft):
            return True
        children = [other for other in others if self._links.points(other, draft)]
        if children and draft.entry is not None and not self._of_a_thing(draft):
            return True
        return any(other.kind not in _SOMEBODY for other in others if other not in children)

    @staticmethod
    def _of_a_thing(draft: Draft) -> bool:
        """Whether such a thing is about a thing before it is anybody's: a defect, which somebody reports."""
        first = draft.entry.belongs_to[0].parents if draft.entry and draft.entry.belongs_to else ()
        return bool(first) and not any(catalogue().kind(name) in _SOMEBODY for name in first)

    def _owned(self, draft: Draft) -> bool:
        """Whether it belongs to one of those that the catalogue names beside people: an organization's subscription."""
        for known in draft.entry.belongs_to if draft.entry else ():
            named = [found for name in known.parents if (found := self._nouns.named(name)) is not None]
            if _people(known.parents) and any(self._links.points(draft, found) for found in named):
                return True
        return False

    def _leads_to_somebody(self, draft: Draft) -> bool:
        """Whether its keys lead to a person, its own or those of what it belongs to."""
        people = {each.table for each in self._nouns.drafts.values() if each.kind == "person"}
        return bool(people & (self._above(draft) - {draft.table}))

    def _above(self, draft: Draft) -> set[str]:
        """The tables that its keys lead to, and itself."""
        seen, todo = {draft.table}, [draft.table]
        while todo:
            child = todo.pop()
            parents = {link.to for link in self._links.found if link.from_ == child and link.kind != "many-to-many"}
            todo += parents - seen
            seen |= parents
        return seen

    def _alone(self, draft: Draft) -> bool:
        return all(draft.table not in (link.from_, link.to) for link in self._links.found)

    def _centre(self) -> Draft | None:
        """The table that most others point at."""
        pointed = {draft.table: 0 for draft in self._nouns.drafts.values()}
        for link in self._links.found:
            pointed[link.to] = pointed.get(link.to, 0) + 1
        drafts = [draft for draft in self._nouns.drafts.values() if draft.kind != "group"]
        centre = max(drafts, key=lambda each: pointed[each.table], default=None)
        return centre if centre is not None and pointed[centre.table] > 1 else None

    def _pointed(self, draft: Draft) -> int:
        """How many tables hold a key of it, as far as the text or the catalogue says."""
        links = [link for link in self._links.found if not link.why.startswith("a guess")]
        return sum(
            draft.table == link.to or (link.kind == "many-to-many" and draft.table == link.from_) for link in links
        )

    # What is near

    def _place(self, draft: Draft) -> tuple[int, int] | None:
        """The sentence that first speaks of it, and its place there."""
        return next(((at, said.index(draft)) for at, said in enumerate(self._spoken) if draft in said), None)

    def _thing_near(self, draft: Draft) -> Draft | None:
        """What its sentence, or the one before, speaks of before it; what happens or is, rather than where."""
        place = self._place(draft)
        if place is None:
            return None
        sentence, at = place
        before = self._spoken[sentence][:at][::-1]
        earlier = self._spoken[sentence - 1] if sentence else []
        near = [*before, *earlier]
        if draft.entry is None:
            near += self._spoken[sentence][at + 1 :]
        fit = [other for other in near if other.kind not in _SOMEBODY and draft.table not in self._above(other)]
        for kinds in _FIT[draft.kind]:
            likely = self._wholes([other for other in fit if other.kind in kinds])
            if likely:
                return max(likely, key=self._pointed)  # of equals the nearest
        return None

    def _wholes(self, likely: list[Draft]) -> list[Draft]:
        """Of a turbine and its components the turbine; where only the parts are spoken of, they."""
        parts = [
            other for other in likely if any(whole is not other and self._is_part(other, whole) for whole in likely)
        ]
        return [other for other in likely if other not in parts] or likely

    def _is_part(self, part: Draft, whole: Draft) -> bool:
        """Whether the text says that one is made up of the other."""
        said = [link for link in self._links.found if link.from_ == part.table and link.to == whole.table]
        return part.kind == whole.kind == "thing" and any(link.required and link.source == "prose" for link in said)

    def _person_near(self, draft: Draft, *, anywhere: bool) -> Draft | None:
        """Who was spoken of last; `anywhere`: else whoever there is."""
        place = self._place(draft)
        if place is None:
            return None
        sentence, at = place
        said = [*self._spoken[sentence][:at][::-1], *(self._spoken[sentence - 1] if sentence else [])]
        if anywhere:
            said += [other for each in self._spoken for other in each]
        return next((other for other in said if other.kind == "person" and other is not draft), None)


_FIT = {
    "event": (("thing", "event", "document"), ("place",)),
    "record": (("thing", "event"), ("place",), ("document",)),
    "payment": (("event", "document", "thing"), ("place",)),
    "document": (("thing", "event", "place"), ("document",)),
}
"""By the kind of what belongs to something: the kinds of what it may belong to, the likelier first."""


def _may_belong(draft: Draft, centre: Draft) -> bool:
    """What is done belongs to anything; a thing or a place to another, and people to where they are."""
    if draft.kind in _DONE:
        return True
    if draft.kind == "person":
        return centre.kind in {"place", "event"}
    return draft.kind in {"thing", "place"} and centre.kind in {"thing", "place"}


def _of_people(draft: Draft) -> bool:
    """Whether such a thing usually is somebody's, whatever they are called here."""
    known = draft.entry.belongs_to if draft.entry else ()
    lists = [each.parents for each in known if each.required or draft.kind in _DONE]
    return any(map(_people, lists))


def _people(parents: tuple[str, ...]) -> bool:
    """Whether most of them are persons."""
    return 2 * sum(catalogue().kind(name) == "person" for name in parents) > len(parents)


def _drafts(nouns: Nouns, said: tuple[Noun, ...]) -> list[Draft]:
    """The entities that a sentence speaks of, each once."""
    found: list[Draft] = []
    for noun in said:
        draft = nouns.find(noun)
        if draft is not None and draft not in found:
            found.append(draft)
    return found
