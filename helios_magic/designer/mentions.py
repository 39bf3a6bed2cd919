"""Which nouns certainly are entities: those that the facts list, count, or let do something."""

from __future__ import annotations

import re

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import (
    Acts,
    Bears,
    Between,
    Does,
    Fact,
    Hangs,
    Listed,
    Meets,
    Noun,
    Owns,
    Reading,
    Shares,
)
from helios_magic.designer.naming import Nouns
from helios_magic.designer.properties import acts, is_property, looks_like_entity
from helios_magic.designer.words import plural, words

_WHITHER = frozenset({"to", "for", "from"})
_PAPERS = frozenset({"event", "document", "payment"})
"""Kinds of what somebody does or gets."""


def mentioned(nouns: Nouns, reading: Reading) -> None:
    """Make all that certainly is an entity, in the order of the prose."""
    for certain in (True, False):
        for fact in reading.facts:
            _mentioned(nouns, fact, certain)
    for fact in reading.facts:
        _done_by_somebody(nouns, fact)
    _shared_sorts(nouns, reading)
    _in_roles(nouns, reading)
    _named_after(nouns)


def _named_after(nouns: Nouns) -> None:
    """`customer orders`, where nobody speaks of customers by themselves: there are some."""
    for name, draft in list(nouns.drafts.items()):
        somebody, _, deed = name.rpartition("_")
        entry, done = catalogue().exact(somebody), catalogue().exact(name) or catalogue().exact(deed)
        if entry is None or done is None or draft.former is not None or draft.kind not in _PAPERS:
            continue
        theirs = any(known.required and plural(somebody) in known.parents for known in done.belongs_to)
        if entry.kind == "person" and theirs and nouns.named(somebody) is None:
            nouns.make(somebody)


def _in_roles(nouns: Nouns, reading: Reading) -> None:
    """A reporter and an assignee, where nobody else was named: they are users."""
    played = {fact.item.name for fact in reading.facts if isinstance(fact, Owns) and not fact.item.plural}
    anybody = any(draft.kind == "person" for draft in nouns.drafts.values())
    if len(played & words().roles["people"]) > 1 and not anybody:
        nouns.make("user")


def _done_by_somebody(nouns: Nouns, fact: Fact) -> None:
    """`members pay every month`: payments are kept, if there are none already."""
    if not isinstance(fact, Does | Acts) or fact.verb not in words().alone:
        return
    subject = nouns.find(fact.subject)
    about = nouns.find(fact.object) if isinstance(fact, Acts) else None
    if subject is None or subject.kind != "person" or about is not None:
        return
    deed = words().alone[fact.verb]
    if not any(name == deed or name.endswith(f"_{deed}") for name in nouns.drafts):
        nouns.make(deed)


def _shared_sorts(nouns: Nouns, reading: Reading) -> None:
    """The category of an item, and a report that names a category: a sort that two things have is kept once."""
    owners: dict[str, set[str]] = {}
    for fact in reading.facts:
        item = fact.item if isinstance(fact, Owns) else fact.object if isinstance(fact, Acts) else None
        owner = fact.owner if isinstance(fact, Owns) else fact.subject if isinstance(fact, Acts) else None
        if item is not None and owner is not None and is_property(item) and nouns.find(owner) is not None:
            entry = catalogue().exact(item.name)
            if entry is not None and entry.kind == "group":
                owners.setdefault(item.name, set()).add(owner.name)
    for name, by in owners.items():
        if len(by) > 1 and name not in nouns.drafts:
            nouns.make(name).listed = True


def _mentioned(nouns: Nouns, fact: Fact, certain: bool) -> None:
    """`certain`: only nouns in the plural or with an article; a bare `leave` may turn out to be a leave request."""
    if isinstance(fact, Listed):
        _listed(nouns, fact)
    elif isinstance(fact, Owns):
        each = fact.owner.determiner in {"each", "every"} and catalogue().exact(fact.owner.name) is not None
        if not is_property(fact.owner) or nouns.detailed(fact.owner) or (each and fact.item.plural):
            nouns.add(fact.owner)
        if fact.item.plural and not fact.bracket and not fact.item.other and _known_several(nouns, fact):
            nouns.add(fact.item)
    elif isinstance(fact, Hangs | Meets):
        for noun in _kept(fact):
            nouns.add(noun)
    elif isinstance(fact, Acts):
        _done(nouns, fact, certain)
    elif isinstance(fact, Between):
        _between(nouns, fact, certain)
    elif isinstance(fact, Bears | Shares):
        for noun in (fact.one, fact.other):
            _taking_part(nouns, noun, certain)


def _between(nouns: Nouns, fact: Between, certain: bool) -> None:
    for noun in (fact.noun, fact.target):
        _taking_part(nouns, noun, certain)
    if fact.noun.plural:
        nouns.add(fact.noun)  # links between persons


def _done(nouns: Nouns, fact: Acts, certain: bool) -> None:
    """Who does something, and what it is done to."""
    by_whom = fact.passive and fact.preposition == "by" and acts(fact.object)
    if fact.passive and fact.preposition == "by" and _role(fact.object) and fact.object.determiner in {"a", "an"}:
        by_whom = catalogue().kind(fact.subject.name) == "event"  # a cleaning is inspected by a supervisor
    _taking_part(nouns, fact.subject, certain)
    filed = fact.passive and fact.preposition in {"under", "into"}
    if by_whom or ((fact.way == "belongs" or filed) and _shared(fact.object, fact)):
        nouns.add(fact.object)
    else:
        _taking_part(nouns, fact.object, certain)
    if fact.way == "belongs" and fact.preposition in {"in", "at", "on"} and _spot(fact.object):
        nouns.add(fact.object)  # lies in a freezer location
    if fact.preposition == "per" and not is_property(fact.subject):
        nouns.add(fact.subject)  # linen is counted per room
        if catalogue().knows(fact.object.name) and not (is_property(fact.object) or fact.object.temporal):
            nouns.add(fact.object)
    if fact.passive and fact.way == "belongs" and fact.preposition == "by":
        nouns.add(fact.object)  # grouped by cuisine


def _spot(noun: Noun) -> bool:
    """A place of a certain sort: `a freezer location`, but `a location`."""
    return noun.determiner in {"a", "an"} and "_" in noun.name and catalogue().kind(noun.name) == "place"


def _taking_part(nouns: Nouns, noun: Noun, certain: bool) -> None:
    whole = "_" in noun.name and noun.determiner in words().classes["generic"] and _sort(noun)
    detailed = whole or ((noun.plural or noun.determiner in {"a", "an", "each", "every"}) and nouns.detailed(noun))
    if noun.name and (detailed or not is_property(noun)) and not _role(noun):
        _acting(nouns, noun, certain)


def _shared(noun: Noun, fact: Acts) -> bool:
    """What things belong to, lie in or are grouped by is shared by them: a category, a city, a waste type."""
    if noun.plural:
        return True
    bare = not noun.determiner and fact.verb == "belong"
    stated = noun.one or noun.determiner in words().classes["generic"] or bare
    known = catalogue().exact(noun.name) is not None and not noun.temporal
    return stated and (known or fact.verb == "belong")


def _kept(fact: Hangs | Meets) -> list[Noun]:
    if isinstance(fact, Hangs):
        both = (fact.child, fact.parent)
        return [noun for noun in both if _hung(noun, fact.preposition) or _elsewhere(noun, fact.preposition)]
    return [noun for noun in (fact.noun, fact.other) if looks_like_entity(noun) and not noun.other]


def _elsewhere(noun: Noun, preposition: str) -> bool:
    """`loans from other museums`: those that the database is not for."""
    apart = noun.other and noun.plural and preposition in {"from", "to", "with"}
    return apart and catalogue().kind(noun.name) == "place"


def _hung(noun: Noun, preposition: str) -> bool:
    """What follows a preposition is kept where it is known, counted, or said per one; `by card` is only a way."""
    if noun.other or (preposition == "by" and not (noun.plural or noun.determiner or noun.one or _group(noun))):
        return False
    if preposition == "by" and noun.determiner in {"a", "an"} and not is_property(noun) and not noun.temporal:
        return catalogue().kind(noun.name) == "person"  # warnings by a forecaster
    if preposition == "by" and noun.one and not is_property(noun):
        return catalogue().kind(noun.name) == "person"  # posts, each by one author
    if preposition in {"for", "from"} and noun.determiner in {"a", "an"} and catalogue().kind(noun.name) == "person":
        return not is_property(noun)  # funerals for a relative
    if noun.determiner in {"each", "every"} and (not is_property(noun) or catalogue().exact(noun.name) is not None):
        return not noun.temporal
    if preposition in {"in", "under", "by"} and noun.one and _sort(noun):
        return True  # posts, each in one category
    bare = not (noun.determiner or noun.plural or noun.one or noun.many)
    if noun.temporal or (preposition == "for" and bare and catalogue().kind(noun.name) == "event"):
        return False  # files for consultation
    if noun.determiner in {"a", "an"} and _one_there(noun, preposition):
        return True
    whole = "_" in noun.name and catalogue().exact(noun.name) is not None
    if whole and noun.determiner in {"a", "an"} and preposition in {"of", "in", "under", "on"}:
        return True  # rooms of a room type
    if (
        preposition in {"in", "under", "into"}
        and noun.determiner in {"a", "an"}
        and catalogue().kind(noun.name) == "group"
    ):
        return catalogue().exact(noun.name) is not None
    return looks_like_entity(noun) or preposition == "per" or (noun.one and not is_property(noun))


def _one_there(noun: Noun, preposition: str) -> bool:
    """`a permit for a land parcel`, `bikes of a bike model`, `a match on a ground`: one of several."""
    if preposition == "of":
        return noun.name.endswith("_model")
    if is_property(noun) or noun.system:
        return False
    kind = catalogue().kind(noun.name)
    unknown = catalogue().exact(noun.name) is None and "_" in noun.name
    whither = preposition in _WHITHER and unknown and kind in {"thing", "place", "person"}
    return whither or (preposition in {"on", "at"} and kind == "place")


def _sort(noun: Noun) -> bool:
    entry = catalogue().exact(noun.name)
    return entry is not None and entry.kind == "group"


def _group(noun: Noun) -> bool:
    """`crew members by department`: what they are sorted by is kept, where it is more than a word for a property."""
    entry = catalogue().exact(noun.name)
    return entry is not None and entry.kind == "group" and not is_property(noun)


def _known_several(nouns: Nouns, fact: Owns) -> bool:
    return nouns.is_entity(nouns.find(fact.owner), fact.item, bracket=False)


def _listed(nouns: Nouns, fact: Listed) -> None:
    if is_property(fact.noun) and not fact.noun.plural:
        return
    draft = nouns.add(fact.noun)
    if draft is not None:
        draft.listed = True


def _acting(nouns: Nouns, noun: Noun, certain: bool) -> None:
    """Subjects and objects of verbs: in the plural, with an article, or known."""
    stated = noun.plural or noun.determiner in words().classes["generic"] or noun.one
    if not certain and noun.determiner == "the" and nouns.somebody(noun):
        stated = True
    if any(re.search(r"[a-z]{2}[A-Z][a-z]{2}", word) for word in noun.words):
        stated = True  # GerminationTest
    if stated or (not certain and looks_like_entity(noun)):
        nouns.add(noun)


def _role(noun: Noun) -> bool:
    """`a manager`: who somebody is, rather than a thing of its own."""
    return not noun.plural and noun.name in words().roles["own"]
