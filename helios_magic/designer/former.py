"""A former design, taken up again: what is there stays, what the new prose says is added."""

from __future__ import annotations

import re
from dataclasses import replace

from helios_magic.designer.catalogue import KINDS
from helios_magic.designer.representation import Attribute, Entity, Relationship, Representation
from helios_magic.designer.words import singular, snake

MOST_ENTITIES = 300
TEXTS = frozenset({"text", "long", "email", "phone", "url", "address", "choice"})
_REMOVES = re.compile(r"\s*(?:please\s+)?(?:remove|drop|delete)\s+(?P<names>[^.;!\n]+)", re.IGNORECASE)
_PLAIN = re.compile(r"-?\d+(\.\d+)?|true|false|now")


def checked(design: Representation) -> Representation:
    """The design itself; raises ValueError, and says why, where tables could not be made of it."""
    names = [entity.name for entity in design.entities]
    if len(names) > MOST_ENTITIES:
        raise ValueError(f"it has {len(names)} entities, {MOST_ENTITIES} are the most")
    if len(set(names)) < len(names) or not all(names):
        raise ValueError("two entities have one name, or one has none")
    for entity in design.entities:
        _check(entity.name, entity.attributes)
    for link in design.relationships:
        if link.from_ not in names or link.to not in names:
            raise ValueError(f"a relationship from “{link.from_}” to “{link.to}” names no entity of it")
        _check(link.through or link.from_, link.attributes)
    return design


def _check(owner: str, attributes: tuple[Attribute, ...]) -> None:
    for attribute in attributes:
        if not attribute.name or attribute.kind not in {*KINDS, "choice"}:
            raise ValueError(f"{owner} has an attribute of the unknown kind “{attribute.kind}”")
        # A text's default is written as a literal; any other stands in the DDL as it is.
        plain = attribute.default is None or attribute.kind in TEXTS or _PLAIN.fullmatch(attribute.default)
        if not plain:
            raise ValueError(f"{owner}.{attribute.name} has the default “{attribute.default}”, which is no value")


def split(prose: str) -> tuple[list[str], str]:
    """What is to go (`Remove products and the tags table.`), and the rest of the prose."""
    gone: list[str] = []
    kept = []
    for sentence in re.split(r"(?<=[.;!\n])", prose):
        removes = _REMOVES.match(sentence)
        if removes is None:
            kept.append(sentence)
            continue
        for name in re.split(r",|\band\b|\bor\b", removes["names"]):
            plain = re.sub(r"\b(?:the|all|tables?|entit(?:y|ies)|please)\b", " ", name.strip(" .;!\n").lower())
            gone += filter(None, [snake(plain)])
    return gone, "".join(kept)


def without(former: Representation, names: list[str]) -> tuple[Representation, list[str]]:
    """The design without these entities and what hung on them; and the names that it does not have."""
    known = {singular(entity.name): entity.name for entity in former.entities}
    gone = {known[singular(name)] for name in names if singular(name) in known}
    entities = tuple(entity for entity in former.entities if entity.name not in gone)
    links = tuple(link for link in former.relationships if not {link.from_, link.to} & gone)
    missing = [name for name in names if singular(name) not in known]
    return replace(former, entities=entities, relationships=links), missing


def merged(former: Representation, entities: list[Entity], relationships: list[Relationship]) -> Representation:
    """The former design with what is new: entities, columns that it did not have, relationships of new pairs.

    Between two entities that were there already only what the prose itself says is added: what the catalogue thinks
    of them was decided the first time.
    """
    known = {entity.name: entity for entity in former.entities}
    kept = [_grown(known[each.name], each) if each.name in known else each for each in entities]
    taken = {(link.from_, link.to, link.role) for link in former.relationships}
    pairs = {frozenset((link.from_, link.to)) for link in former.relationships}
    added = []
    for link in relationships:
        old = link.from_ in known and link.to in known
        if (link.from_, link.to, link.role) in taken or (old and link.source != "prose"):
            continue
        if old and link.role is None and frozenset((link.from_, link.to)) in pairs:
            continue
        added.append(link)
    return replace(former, entities=tuple(kept), relationships=(*former.relationships, *added), unread=())


def _grown(old: Entity, new: Entity) -> Entity:
    names = {attribute.name for attribute in old.attributes}
    extra = [each for each in new.attributes if each.name not in names and each.source == "prose"]
    return replace(old, attributes=(*old.attributes, *extra))
