"""The offline designer: grammar and catalogue, the same answer for the same words."""

from __future__ import annotations

import re
from dataclasses import replace

from helios_magic.designer import naming
from helios_magic.designer.facts import Chooses
from helios_magic.designer.former import merged, split, without
from helios_magic.designer.grammar import read
from helios_magic.designer.language import check
from helios_magic.designer.mentions import mentioned
from helios_magic.designer.relating import relate
from helios_magic.designer.representation import Entity, Representation
from helios_magic.errors import ValidationError

MOST_TABLES = 300
"""A description that names more is no description of one database."""


class OfflineDesigner:
    """Prose → representation, without a model and without a network."""

    label = "catalogue"

    def design(self, prose: str, former: Representation | None = None) -> Representation:
        """See `Designer.design`."""
        check(prose)
        if former is not None:
            gone, prose = split(prose)
            former, missing = without(former, gone)
            if not re.search(r"\w", prose):
                _check_count(list(former.entities), prose)
                return replace(former, unread=_not_there(missing))
        else:
            missing = []
        reading = read(prose)
        nouns = naming.Nouns(reading, former)
        mentioned(nouns, reading)
        relationships = relate(nouns, reading)
        for fact in reading.facts:
            if isinstance(fact, Chooses):
                nouns.choose(fact)
        entities = [draft.entity() for draft in nouns.drafts.values()]
        _check_count(entities, prose)
        if former is not None:
            unread = (*_not_there(missing), *reading.unread)
            return replace(merged(former, entities, relationships), unread=unread)
        return Representation(tuple(entities), tuple(relationships), _assumed(nouns), tuple(reading.unread))


def _not_there(names: list[str]) -> tuple[str, ...]:
    return tuple(f"remove {name}: there is no such table" for name in names)


def _assumed(nouns: naming.Nouns) -> tuple[str, ...]:
    """What was not said and is there all the same."""
    unknown = [draft.table for draft in nouns.drafts.values() if draft.entry is None]
    notes = ["every table has a uuid of its own and the moment of its making"]
    if unknown:
        notes.append(f"the catalogue does not know {', '.join(unknown)}: their columns are a guess by the name")
    return tuple(notes)


def _check_count(entities: list[Entity], prose: str) -> None:
    if not entities:
        raise ValidationError(
            "no table could be read from the description",
            hint="Name what is to be kept, in the plural: “customers place orders; orders have items”.",
            details={"field": "description", "expected": "nouns to keep", "got": prose.strip()[:80]},
        )
    if len(entities) > MOST_TABLES:
        raise ValidationError(
            f"the description names {len(entities)} tables; {MOST_TABLES} are the most for one design",
            hint="Describe a part of it, then the next on top of that design.",
            details={"field": "description", "expected": f"at most {MOST_TABLES} tables", "got": str(len(entities))},
        )
