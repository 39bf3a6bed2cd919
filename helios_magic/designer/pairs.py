"""What is said of one thing with another: how many of each product are in a parcel, when a route is at which stop."""

from __future__ import annotations

from collections import Counter

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Acts, Bears, Fact, Hangs, Listed, Noun, Owns, Reading
from helios_magic.designer.properties import is_property
from helios_magic.designer.words import singular, words

_PARTS = frozenset({"line", "item", "position", "entry", "row", "part", "step", "version"})
"""What is part of one thing only: how many there are of it is its own."""
_DONE = frozenset({"event", "record", "payment"})
_EACH = frozenset({"each", "every"})


def paired(reading: Reading) -> None:
    """Give what two things have together to both of them."""
    sentences = reading.sentences
    spoken = [{noun.name for fact in said for noun in _kept(fact)} for said in sentences]
    times = Counter(name for names in spoken for name in names)
    facts: list[Fact] = []
    begins: list[int] = []
    for said, names in zip(sentences, spoken, strict=True):
        begins.append(len(facts))
        facts += _of_deeds(_of_each(_measured(said, {name for name in names if times[name] > 1})))
    reading.facts[:], reading.begins[:] = facts, begins


def _kept(fact: Fact) -> list[Noun]:
    """The nouns of a fact that it says something of."""
    if isinstance(fact, Owns):
        return [fact.owner, *([] if is_property(fact.item) else [fact.item])]
    return [noun for slot in fact.__slots__ if isinstance(noun := getattr(fact, slot), Noun)]


def measures(noun: Noun) -> bool:
    """Whether a noun says how much of one thing there is for another: a quantity, a position, a level."""
    return singular(noun.head) in words().classes["measures"]


def _measured(said: list[Fact], elsewhere: set[str]) -> list[Fact]:
    """`a plan lists exercises with sets and weight`: the weight is that of an exercise in a plan."""
    found = list(said)
    for link in said:
        one, other, verb = _linked(link)
        if one is None or other is None or other.head in _PARTS:
            continue
        owners = {each.name for each, held, _ in map(_linked, said) if each and held and held.name == other.name}
        if other.name not in elsewhere and owners == {one.name}:
            continue
        beside = [fact for fact in said if isinstance(fact, Owns) and fact.owner == one and measures(fact.item)]
        if isinstance(link, Owns) and any(fact.item.plural and fact.verb == verb for fact in beside):
            both = {id(fact): Bears(one, other, fact.item, verb, sure=True) for fact in beside}
            found = [both.get(id(fact), fact) for fact in found]  # orders contain articles and quantities
        owned = [fact for fact in said if isinstance(fact, Owns) and fact.verb == "with"]
        had = [fact for fact in owned if fact.owner.name == other.name]
        if any(measures(fact.item) for fact in had):
            both = {id(fact): Bears(one, other, fact.item, verb, sure=True) for fact in had}
            found = [both.get(id(fact), fact) for fact in found]
    return found


def _linked(fact: Fact) -> tuple[Noun | None, Noun | None, str]:
    """Two things, of which the one has or takes several of the other."""
    if isinstance(fact, Owns) and fact.verb != "with" and fact.item.plural and not is_property(fact.item):
        return fact.owner, fact.item, fact.verb
    plain = isinstance(fact, Acts) and not fact.passive and not fact.preposition and fact.way in {"many", "has"}
    if isinstance(fact, Acts) and plain and fact.object.plural and catalogue().kind(fact.object.name) not in _DONE:
        return fact.subject, fact.object, fact.verb
    return None, None, ""


def _of_deeds(said: list[Fact]) -> list[Fact]:
    """`a player is registered for a team, with a start date`: of the registration, if there is one."""
    found: list[Fact] = []
    act: Acts | None = None
    for fact in said:
        if isinstance(fact, Acts):
            act = fact if fact.verb in words().deeds or fact.verb == "attend" else None
        had = isinstance(fact, Owns) and fact.verb == "with" and is_property(fact.item)
        if act is not None and had and isinstance(fact, Owns) and fact.owner == act.subject:
            found.append(Bears(act.subject, act.object, fact.item, act.verb))
        else:
            found.append(fact)
    return found


def _of_each(said: list[Fact]) -> list[Fact]:
    """`the arrival time of each route at each stop`; what has properties itself, as a stock, is a thing of both."""
    found: list[Fact] = []
    for fact in said:
        other = _also_of(fact, said)
        if not isinstance(fact, Owns) or other is None:
            found.append(fact)
        elif any(isinstance(each, Owns) and each.owner.name == fact.item.name for each in said):
            found += [Listed(_thing(fact.item)), Hangs(_thing(fact.item), "of", fact.owner)]
        else:
            found.append(Bears(fact.owner, other, fact.item, "have", sure=True))
    return found


def _also_of(owns: Fact, said: list[Fact]) -> Noun | None:
    """What else each of it is tied to, where what each of something has is."""
    if not isinstance(owns, Owns) or not (owns.owner.determiner in _EACH or _when(owns.item)):
        return None
    together = [fact.item for fact in said if isinstance(fact, Owns) and fact.owner == owns.owner]
    alike = [item for item in together if item == owns.item or (_when(item) and item.head == owns.item.head)]
    hung = [fact.parent for fact in said if isinstance(fact, Hangs) and fact.child in alike]
    return next((parent for parent in hung if parent.determiner in _EACH and not parent.temporal), None)


def _when(item: Noun) -> bool:
    """`trips with arrival and departure times at every stop`: times, at each of something."""
    return item.plural and item.head in {"time", "date"} and len(item.words) > 1


def _thing(noun: Noun) -> Noun:
    return Noun(noun.words, determiner="each")
