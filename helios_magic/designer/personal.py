"""What people mark as theirs, who somebody is to a thing, and words that only say when: facts put plainly."""

from __future__ import annotations

from dataclasses import replace

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Acts, Bears, Fact, Hangs, Listed, Noun, Owns, Reading, Shares
from helios_magic.designer.words import words

_NOTED = frozenset({"note", "record", "capture", "state", "show", "measure", "specify", "detail", "describe"})
_PAPERS = frozenset({"event", "record"})
_BETWEEN = frozenset({"role", "position", "function", "share", "rank"})
_TALKS = frozenset({"conversation", "chat", "thread"})
_WHEN = frozenset({"after", "before", "during"})


def made_plain(reading: Reading) -> None:
    """Say of each fact what it means where its words alone would mislead."""
    people = [noun.name for said in reading.said for noun in said if noun.plural]
    reader = next((name for name in people if name in words().roles["anybody"]), None)
    times = _only_times(reading)
    facts: list[Fact] = []
    begins: list[int] = []
    for said in reading.sentences:
        begins.append(len(facts))
        for before, fact in zip([None, *said], said, strict=False):
            facts += _plainly(_of_both(before, fact), reader, times)
    reading.facts[:], reading.begins[:] = facts, begins


def _of_both(before: Fact | None, fact: Fact) -> Fact:
    """`a user can belong to several organizations with a role`: another one in each of them."""
    if not isinstance(before, Acts) or not isinstance(fact, Owns) or fact.owner != before.subject:
        return fact
    shared = before.object.many and fact.verb == "with" and fact.item.name in _BETWEEN
    return Bears(before.subject, before.object, fact.item, before.verb, sure=True) if shared else fact


def _plainly(fact: Fact, reader: str | None, times: set[str]) -> list[Fact]:
    if isinstance(fact, Hangs) and fact.preposition in _WHEN and fact.parent.name in times:
        return []
    if isinstance(fact, Owns) and fact.item.name in times:
        return []
    if reader is not None:
        marked = _marked(fact, Noun((reader,), many=True))
        if marked:
            return marked
        role = _in_a_role(fact, Noun((reader,), many=True))
        if role is not None:
            return role
    if isinstance(fact, Owns) and _written_down(fact):
        return [replace(fact, bracket=True)]
    return [fact]


def _written_down(fact: Owns) -> bool:
    """`inspections note brood, temper and mites`: what a record holds, unless it is known as a thing of its own."""
    paper = fact.verb in _NOTED and catalogue().kind(fact.owner.name) in _PAPERS
    bare = not (fact.item.many or fact.item.determiner)
    return paper and bare and catalogue().nearest(fact.item.name) is None


def _marked(fact: Fact, reader: Noun) -> list[Fact]:
    """`favourite tracks`, `followed artists` in a list: what people did with tracks and artists."""
    noun = fact.noun if isinstance(fact, Listed) else fact.item if isinstance(fact, Owns) else None
    if noun is None or len(noun.words) < 2 or not noun.plural:
        return []
    verb = words().marking.get(noun.words[0].lower())
    thing = replace(noun, words=noun.words[1:])
    if verb is None or catalogue().nearest(thing.name) is None:
        return []
    who = fact.owner if isinstance(fact, Owns) else reader
    return [Listed(thing), Acts(who, verb, "many", thing)]


def _in_a_role(fact: Fact, reader: Noun) -> list[Fact] | None:
    """`several assignees per task`, where there are members: they are some of those."""
    roles = words().roles["of_anybody"]
    if isinstance(fact, Hangs) and fact.child.plural and fact.child.name in roles and fact.preposition in {"per", "of"}:
        return [Shares(fact.parent, reader)]
    talks = isinstance(fact, Owns) and fact.owner.head in _TALKS and fact.item.name == "participant"
    if isinstance(fact, Owns) and fact.item.plural and (fact.item.name in roles or talks):
        return [Shares(fact.owner, reader)]
    return [] if isinstance(fact, Listed) and fact.noun.plural and fact.noun.name in roles else None


def _only_times(reading: Reading) -> set[str]:
    """`after their stay`, where no stays are spoken of: when something is done, and nothing that is kept."""
    said = [noun for nouns in reading.said for noun in nouns]
    times = {
        fact.parent.name
        for fact in reading.facts
        if isinstance(fact, Hangs) and not fact.parent.plural
        if (fact.preposition in _WHEN and fact.parent.possessive)
        or (fact.preposition == "during" and fact.parent.determiner == "the")
    }
    return {name for name in times if sum(noun.name == name for noun in said) == 1}
