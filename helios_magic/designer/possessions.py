"""Lists of what something has: behind `has`, behind `with`, behind a colon."""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Noun, Owns
from helios_magic.designer.phrases import Phrases
from helios_magic.designer.properties import is_property, looks_like_entity, mere, property_kind
from helios_magic.designer.words import singular, snake


def _either_number(noun: Noun) -> bool:
    """`species` may be one as well."""
    last = snake(noun.words[-1])
    return singular(last) == last and not noun.many


def _unmarked(noun: Noun) -> bool:
    return not (noun.determiner or noun.many or noun.one or noun.other)


_FEW = 2
"""Things that surely belong to the owner in front of their list."""


class Possessions(Phrases):
    """How to read what belongs to a noun."""

    def _owned(self, owner: Noun, verb: str) -> None:
        """What stands behind `with` or `has`: its first noun surely belongs to the owner, later ones likely."""
        kept = self.context.mentioned
        start = len(self.reading.facts)
        items = self._items(owner, verb)
        among = sum(map(is_property, items)) > 1
        among = among or (len(items) > 1 and any(map(is_property, items)) and property_kind(items[-1].name) == "long")
        entities = [item for item in items if not is_property(item)]
        if verb != "with" and entities:
            self.said = self.context.object = entities[0]
        for place, item in enumerate(items):
            listed = verb == "with" and not self._verbal()
            loose = listed and place > 0 and item.plural and looks_like_entity(item)
            column = mere(item) or (all(map(_unmarked, items)) and catalogue().nearest(item.name) is None)
            far = place > 0 and len(items) > _FEW
            owns = Owns(owner, item, verb, bracket=among and column, loose=loose, far=far)
            self.reading.facts.insert(start + place, owns)
        self.context.mentioned = kept

    def _items(self, owner: Noun, verb: str) -> list[Noun]:
        """What is had, as far as the list goes."""
        items: list[Noun] = []
        closed = False
        among_others = verb == "with" and self._peek(-2).noun == owner and self._peek(-3).kind in {"comma", "and"}
        while True:
            noun = self._phrase()
            if noun is None:
                break
            items = [*self._of_the_same(items, noun), *self._others(), noun]
            joined = self._joined()
            ahead = 2 if joined == ",and" else 1
            following = self._peek(ahead)
            if joined == "," and following.kind == "pronoun" and following.word == "each":
                self.at += 1
                self._phrase()  # carriages, each with a number of seats
                break
            if not joined or following.noun is None or self._begins_clause(ahead):
                break
            if verb == "with" and joined == "," and self._goes_on_listing():
                break  # routes with stops, buses, drivers, pupils
            if among_others and joined == "," and following.noun.plural and not is_property(following.noun):
                break  # levels, gates with cameras, sessions
            if closed and joined == "," and not is_property(following.noun):
                break  # home team and away team, a kick-off time
            properties = all(is_property(item) or not item.plural for item in items)
            if (
                verb == "with"
                and joined != "and"
                and properties
                and looks_like_entity(following.noun)
                and following.noun.plural
                and not _either_number(following.noun)
            ):
                break
            closed = closed or (joined == "and" and self._peek().word != "or")
            self.at += ahead
        return items
