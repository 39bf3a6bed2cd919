"""What a whole description says of a noun, before any entity is made: of how many it speaks, and as what."""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Acts, Is, Noun, Owns, Reading
from helios_magic.designer.properties import is_property
from helios_magic.designer.words import words

_OURS = frozenset({"our", "my", "the", "this"})
"""Of whoever speaks: there is one of them."""


def spoken_of_as_several(reading: Reading) -> set[str]:
    """Names that stand in the plural, or behind each, every, one: there are many of them."""
    several = set()
    for fact in reading.facts:
        for slot in fact.__slots__:
            noun = getattr(fact, slot)
            if isinstance(noun, Noun) and (noun.plural or noun.one or noun.determiner in {"each", "every"}):
                several.add(noun.name)
        if isinstance(fact, Acts) and (fact.way == "belongs" or fact.passive) and fact.object.determiner not in _OURS:
            several.add(fact.object.name)  # made by a manufacturer
        if isinstance(fact, Owns) and (fact.item.many or fact.item.one) and fact.owner.determiner in {"", "a", "an"}:
            several.add(fact.owner.name)  # a club has many teams
    return several


def with_details(reading: Reading) -> set[str]:
    """Names with two or more properties in brackets behind them."""
    owners = [fact.owner.name for fact in reading.facts if isinstance(fact, Owns) and fact.bracket]
    return {name for name in owners if owners.count(name) > 1}


def played(reading: Reading) -> dict[str, str]:
    """Who is one of a sort that is kept: `a skipper, who must be a member`."""
    people = {}
    for fact in reading.facts:
        if isinstance(fact, Is) and fact.noun.name and fact.sort.name and fact.noun.name != fact.sort.name:
            both = catalogue().kind(fact.noun.name), catalogue().kind(fact.sort.name)
            if both == ("person", "person") and not is_property(fact.sort):
                people[fact.noun.name] = fact.sort.name
    return people


def of_two_sides(reading: Reading) -> set[str]:
    """`port`, where an origin port and a destination port were named."""
    said = set()
    for fact in reading.facts:
        for slot in fact.__slots__:
            noun = getattr(fact, slot)
            side, _, rest = noun.name.partition("_") if isinstance(noun, Noun) else ("", "", "")
            if side in words().roles["sides"] and rest:
                said.add((side, rest))
    names = [rest for _, rest in said]
    return {name for name in names if names.count(name) > 1}
