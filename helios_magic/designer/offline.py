"""The offline designer: grammar and catalogue, the same answer for the same words."""

from __future__ import annotations

from helios_magic.designer import naming
from helios_magic.designer.facts import Chooses, Listed, Owns, Reading
from helios_magic.designer.grammar import read
from helios_magic.designer.language import check
from helios_magic.designer.properties import is_property
from helios_magic.designer.relating import relate
from helios_magic.designer.representation import Representation
from helios_magic.errors import ValidationError

MOST_TABLES = 300
"""A description that names more is no description of one database."""


class OfflineDesigner:
    """Prose → representation, without a model and without a network."""

    label = "catalogue"

    def design(self, prose: str, former: Representation | None = None) -> Representation:
        """See `Designer.design`."""
        check(prose)
        reading = read(prose)
        nouns = naming.Nouns(reading)
        naming.mentioned(nouns, reading)
        relationships = relate(nouns, reading)
        for fact in reading.facts:
            if isinstance(fact, Chooses):
                nouns.choose(fact)
        return Representation(
            tuple(draft.entity() for draft in nouns.drafts.values()),
            tuple(relationships),
            unread=tuple(reading.unread),
        )
