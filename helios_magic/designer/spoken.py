"""What a whole description says of a noun, before any entity is made: of how many it speaks, and as what."""

from __future__ import annotations

from collections import Counter

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Acts, Fact, Hangs, Is, Noun, Owns, Reading
from helios_magic.designer.properties import acts, is_property, property_kind
from helios_magic.designer.words import singular, words

_TAIL = 5
"""Letters of a noun that may be the end of another: keeper."""
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
        if isinstance(fact, Acts) and fact.object.determiner in {"a", "an"}:
            several |= {fact.object.name} if fact.preposition in {"to", "from", "by"} else set()
        if isinstance(fact, Acts) and fact.object.determiner in {"a", "an"} and not (fact.passive or fact.preposition):
            several |= {fact.object.name} if _somebody(fact.subject) else set()  # a customer picks a restaurant
        if isinstance(fact, Acts) and (fact.way == "belongs" or fact.passive) and fact.object.determiner not in _OURS:
            several.add(fact.object.name)  # made by a manufacturer
        if (
            isinstance(fact, Acts)
            and fact.subject.several
            and fact.preposition
            and fact.object.determiner in {"a", "an"}
        ):
            several.add(fact.object.name)  # couples dance for a club: each for one
        if isinstance(fact, Owns) and (_one_of_several(fact) or _theirs(fact)):
            several.add(fact.item.name)
        if isinstance(fact, Hangs) and fact.preposition in {"by", "per"} and fact.child.plural:
            several.add(fact.parent.name)  # crew members by department
        if isinstance(fact, Owns) and fact.verb == "have" and fact.owner.determiner in {"", "a", "an"}:
            several |= {fact.owner.name} if fact.item.many or fact.item.one else set()  # a club has many teams
        if (
            isinstance(fact, Owns)
            and fact.item.determiner == "a"
            and fact.owner.determiner in {"a", "an", "each", "every"}
        ):
            several |= {fact.item.name} if catalogue().kind(fact.item.name) == "place" else set()  # concerts' venues
    return several


def kept_as_a_record(reading: Reading) -> dict[str, str]:
    """`points`, where there is a points ledger: what is only an amount is kept in its record."""
    names = {noun.name for nouns in reading.said for noun in nouns}
    records = {singular(name.rpartition("_")[0]): name for name in names if name.endswith(("_ledger", "_history"))}
    return {name: record for name, record in records.items() if name in names and property_kind(name) is not None}


def of_a_sort(reading: Reading) -> dict[str, str]:
    """`a dog`, where animals are kept and dogs are spoken of nowhere: one of them."""
    nouns = [noun for said in reading.said for noun in said]
    several = {noun.name for noun in nouns if noun.plural or noun.determiner in {"each", "every"}}
    once = {noun.name for noun in nouns if noun.name} - several
    return {name: words().sorts[name] for name in once if words().sorts.get(name) in several}


def words_said(reading: Reading) -> frozenset[str]:
    """Every word of every noun, and every noun as a whole, as singulars: what the text speaks of."""
    names = {noun.name for nouns in reading.said for noun in nouns}
    return frozenset(names | reading.bracketed | {singular(word) for name in names for word in name.split("_")})


def _one_of_several(fact: Owns) -> bool:
    """`each leg with a carrier`, `a book has a publisher`: one for each, and others for others."""
    each = fact.verb == "with" and fact.owner.several
    return fact.item.determiner in {"a", "an"} and (each or _usual_parent(fact.owner, fact.item))


def _theirs(fact: Owns) -> bool:
    """`the patient's insurer`: others have others."""
    organisation = fact.item.possessive and fact.item.head in words().classes["organisations"]
    return organisation and _somebody(fact.owner) and not fact.owner.plural


def _usual_parent(noun: Noun, parent: Noun) -> bool:
    """Whether the catalogue knows that such a thing belongs to such another."""
    entry = catalogue().nearest(noun.name) if noun.name and not noun.system else None
    known = (singular(name) for each in entry.belongs_to for name in each.parents) if entry else ()
    return parent.name in known


def _somebody(noun: Noun) -> bool:
    return not noun.system and catalogue().kind(noun.name) == "person"


def in_the_plural(reading: Reading) -> set[str]:
    """Names that stand in the plural: of `punch cards`, `the card` is one, where no cards are spoken of."""
    nouns = [getattr(fact, slot) for fact in reading.facts for slot in fact.__slots__]
    return {noun.name for noun in nouns if isinstance(noun, Noun) and noun.plural}


def shortened(reading: Reading) -> dict[str, str]:
    """`animal` for `stray animal`, where the text goes on to say animal only, and the catalogue knows it."""
    said: dict[str, int] = {}
    for fact in reading.facts:
        for slot in fact.__slots__:
            noun = getattr(fact, slot)
            if isinstance(noun, Noun) and noun.name:
                said[noun.name] = said.get(noun.name, 0) + 1
    heads: dict[str, list[str]] = {}
    for name in said:
        if "_" in name and "_of_" not in name:
            heads.setdefault(name.rpartition("_")[2], []).append(name)
    return {
        names[0]: head
        for head, names in heads.items()
        if len(names) == 1 and said.get(head, 0) > 2 * said[names[0]] and _merely_described(names[0], head)
    }


def lines_of(reading: Reading) -> dict[str, str]:
    """`order_line` for `line`, where orders have lines; `order_item` for `item`, where products are ordered."""
    found: dict[str, str] = {}
    spoken_of = {noun.name for nouns in reading.said for noun in nouns}
    for fact in reading.facts:
        held = fact.item if isinstance(fact, Owns) else fact.child if isinstance(fact, Hangs) else None
        owner = fact.owner if isinstance(fact, Owns) else fact.parent if isinstance(fact, Hangs) else None
        if held is None or owner is None or held.name not in {"line", "item"} or held.name in found:
            continue
        names = [f"{owner.name}_{held.name}", f"{owner.head}_{held.name}"]
        known = [name for name in names if catalogue().exact(name) is not None]
        if known and (held.name == "line" or _of_goods(known[0], spoken_of)):
            found[held.name] = known[0]
    return found


def _of_goods(line: str, spoken_of: set[str]) -> bool:
    """Whether the text speaks of the goods that such lines are of, and of nothing else that ends in `item`."""
    entry = catalogue().exact(line)
    goods = {singular(name) for known in entry.belongs_to[1:] for name in known.parents} if entry else set()
    return bool((goods - {"item"}) & spoken_of) and not any(name.endswith("_item") for name in spoken_of)


def tails(reading: Reading) -> dict[str, str]:
    """`keeper` for `beekeeper`, where a text speaks of beekeepers, and of the keeper of something."""
    names = {noun.name for nouns in reading.said for noun in nouns}
    several = {noun.name for nouns in reading.said for noun in nouns if noun.plural}
    people = {name for name in several if "_" not in name and catalogue().kind(name) == "person"}
    return {
        name: whole
        for whole in people
        for name in names - several
        if len(name) >= _TAIL and name != whole and whole.endswith(name)
    }


def _merely_described(name: str, head: str) -> bool:
    return catalogue().exact(head) is not None and catalogue().exact(name) is None


def with_details(reading: Reading) -> set[str]:
    """Names with two or more properties in brackets behind them, or that have something in the plural."""
    owned = [fact for fact in reading.facts if isinstance(fact, Owns)]
    bracketed = [fact.owner.name for fact in owned if fact.bracket]
    several = {fact.owner.name for fact in owned if fact.owner.plural and not fact.bracket and fact.verb == "have"}
    several |= {fact.owner.name for fact in owned if fact.verb != "with" and _whole(fact)}
    bare = [fact for fact in owned if fact.verb == "have" and not fact.bracket]
    named = [fact.owner.name for fact in bare if not fact.owner.determiner]
    had = [fact.owner.name for fact in owned if fact.verb == "with" and fact.owner.determiner in {"a", "an", "each"}]
    several |= {name for name in had if had.count(name) > 1}
    told = several | {name for name in bracketed if bracketed.count(name) > 1} | _undergoing(reading)
    return told | {name for name in named if named.count(name) > 1}


def _whole(fact: Owns) -> bool:
    """`a season contains match days`, `one feedback: rating, comments`: a part, or a property, of its own."""
    one = fact.owner.determiner in {"a", "an", "each", "every"}
    parts = one and fact.item.plural and not fact.bracket and not is_property(fact.item) and not fact.item.system
    return parts or (fact.owner.one and fact.verb == "have" and is_property(fact.item))


def _undergoing(reading: Reading) -> set[str]:
    """`a result is reported by each station for each candidate`, `each dose is logged by a nurse`: no mere property."""
    found: set[str] = set()
    for fact in reading.facts:
        if not isinstance(fact, Acts) or not fact.passive or not is_property(fact.subject):
            continue
        per_each = fact.object.determiner in {"each", "every"} and fact.subject.determiner in {"a", "an"}
        by_whom = fact.preposition == "by" and catalogue().kind(fact.object.name) == "person"
        made = fact.preposition == "by" and acts(fact.object) and fact.subject.plural and not fact.subject.determiner
        if (
            (fact.preposition in {"by", "for"} and per_each)
            or (by_whom and fact.subject.determiner in {"each", "every"})
            or (made and property_kind(fact.subject.name) == "text")
        ):
            found.add(fact.subject.name)
    return found


def played(reading: Reading) -> dict[str, str]:
    """Who is one of a sort that is kept: `a skipper, who must be a member`."""
    people = {}
    merely = _merely_sorts(reading)
    for fact in reading.facts:
        if isinstance(fact, Is) and fact.noun.name and fact.sort.name and fact.noun.name != fact.sort.name:
            if fact.sort.name in merely:
                continue
            if fact.noun.plural and fact.sort.plural:
                people[fact.noun.name] = fact.sort.name  # locomotives and wagons are vehicles
                continue
            both = catalogue().kind(fact.noun.name), catalogue().kind(fact.sort.name)
            if both == ("person", "person") and not is_property(fact.sort):
                people[fact.noun.name] = fact.sort.name
    return people


def _merely_sorts(reading: Reading) -> dict[str, str]:
    """`Translators are freelancers`, and the text goes on about translators only: a word for them all, said once."""
    spoken = Counter(
        name for said in reading.sentences for name in {noun.name for fact in said for noun in _nouns(fact)}
    )
    sorts = [fact for fact in reading.facts if isinstance(fact, Is) and fact.noun.plural and fact.sort.plural]
    of = Counter(fact.sort.name for fact in sorts)
    return {
        fact.sort.name: fact.noun.name
        for fact in sorts
        if of[fact.sort.name] == spoken[fact.sort.name] == 1 < spoken[fact.noun.name]
    }


def _nouns(fact: Fact) -> list[Noun]:
    return [noun for slot in fact.__slots__ if isinstance(noun := getattr(fact, slot), Noun)]


def the_same(reading: Reading) -> dict[str, str]:
    """What only says what another is: `an appointment is a slot in a clinic`, where there are no slots."""
    several = spoken_of_as_several(reading)
    return {
        fact.sort.name: fact.noun.name
        for fact in reading.facts
        if isinstance(fact, Is)
        and fact.sort.determiner in {"a", "an"}
        and fact.sort.name not in several
        and not is_property(fact.sort)
        and fact.noun.name != fact.sort.name
        and fact.noun.determiner != "the"
    } | _merely_sorts(reading)


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
