"""How the entities hang together: what the prose says, what the catalogue knows, what words give away."""

from __future__ import annotations

from helios_magic.designer import usual
from helios_magic.designer.facts import Bears, Owns, Reading
from helios_magic.designer.guesses import Guesses
from helios_magic.designer.links import Links
from helios_magic.designer.naming import Nouns
from helios_magic.designer.representation import Relationship
from helios_magic.designer.stated import Stated


def relate(nouns: Nouns, reading: Reading) -> list[Relationship]:
    """All relationships of a design, those of the prose first."""
    links = Links(nouns)
    stated = Stated(nouns, links, reading)
    for fact in reading.facts:
        stated.take(fact)
    for fact in reading.facts:
        if isinstance(fact, Bears):
            stated.bears(fact)
    usual.of_the_catalogue(nouns, links)
    for fact in reading.facts:
        if isinstance(fact, Owns) and fact.loose:
            stated.loosely(fact)
    usual.compounds(nouns, links)
    Guesses(nouns, links, reading).make()
    return _without_needless(nouns, links)


def _without_needless(nouns: Nouns, links: Links) -> list[Relationship]:
    """No junction where an entity that stands for the same relationship holds both keys."""
    kept = []
    for link in links.found:
        if link.kind == "many-to-many" and link.from_ != link.to:
            carriers = [
                draft
                for draft in nouns.drafts.values()
                if (draft.table == link.through or (draft.entry and draft.entry.associates))
                and {link.from_, link.to} <= {each.to for each in links.found if each.from_ == draft.table}
            ]
            tables = {draft.table for draft in nouns.drafts.values()}
            known = {draft.entry.name for draft in nouns.drafts.values() if draft.entry and draft.entry.associates}
            if carriers or link.through in tables or (link.source == "catalogue" and link.through in known):
                continue
        kept.append(link)
    return kept
