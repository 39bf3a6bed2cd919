"""What is handed to somebody — lent, let, sold, distributed: each time it is, that is a row that holds both keys."""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Acts, Fact, Hangs, Listed, Noun, Reading, Undergoes
from helios_magic.designer.properties import is_property
from helios_magic.designer.words import plural, words

_HANDED = frozenset({"thing", "place"})
"""Kinds of what is there before it is handed to somebody; a ticket, an order or a payment is the deed itself."""
_RETURNED = frozenset({"loan", "rental", "lease"})
_NOBODY = frozenset({"event", "record", "payment", "document"})
"""Kinds of what nothing is handed to."""


def handed(reading: Reading) -> None:
    """Put a deed between what is handed over and whom it goes to, unless the text names one."""
    named = {noun.head for said in reading.said for noun in said}
    facts: list[Fact] = []
    begins: list[int] = []
    for said in reading.sentences:
        begins.append(len(facts))
        facts += _sentence(said, named)
    reading.facts[:], reading.begins[:] = facts, begins


def _sentence(said: list[Fact], named: set[str]) -> list[Fact]:
    found: list[Fact] = []
    for fact in said:
        if isinstance(fact, Undergoes) and _lent(fact, said, named):
            event = Noun((plural(words().handed[fact.verb].noun),))
            found += [fact, Listed(event), Hangs(event, "of", fact.noun)]
            continue
        thing, verb, party = _transfer(fact, said)
        deed = words().handed.get(verb)
        if thing is None or party is None or deed is None or named & set(deed.instead) or not _fits(thing, party):
            found.append(fact)
            continue
        event = Noun((plural(deed.noun),))
        found += [Listed(thing), Listed(event), Hangs(event, "of", thing), Hangs(event, "to", party)]
    return found


def _lent(fact: Undergoes, said: list[Fact], named: set[str]) -> bool:
    """`we lend tools`: what comes back is lent again, whoever it is lent to."""
    deed = words().handed.get(fact.verb)
    if deed is None or deed.noun not in _RETURNED or named & set(deed.instead) or is_property(fact.noun):
        return False
    to = any(isinstance(other, Hangs) and other.child == fact.noun and other.preposition == "to" for other in said)
    return not to and fact.noun.plural and catalogue().kind(fact.noun.name) == "thing"


def _transfer(fact: Fact, said: list[Fact]) -> tuple[Noun | None, str, Noun | None]:
    """What is handed over, the verb, and whom it goes to: `we lend tools to members`, `tools are lent to members`."""
    if isinstance(fact, Acts) and fact.passive and fact.preposition == "to":
        if any(isinstance(other, Listed) and other.noun == fact.subject for other in said):
            return None, "", None  # a list of copies lent to singers: who has them now
        return fact.subject, fact.verb, fact.object
    if not isinstance(fact, Hangs) or fact.preposition != "to":
        return None, "", None
    for other in said:
        if isinstance(other, Undergoes) and other.noun == fact.child:
            return fact.child, other.verb, fact.parent
        if isinstance(other, Acts) and other.object == fact.child and not (other.passive or other.preposition):
            return fact.child, other.verb, fact.parent
    return None, "", None


def _fits(thing: Noun, party: Noun) -> bool:
    kinds = catalogue().kind(thing.name), catalogue().kind(party.name)
    return kinds[0] in _HANDED and kinds[1] not in _NOBODY and not is_property(thing) and not is_property(party)
