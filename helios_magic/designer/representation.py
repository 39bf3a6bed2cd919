"""The intermediate representation: what a description says, before it becomes tables of any dialect.

A designer takes prose and, for another round, the representation of a former design, and answers one of these.  The
offline designer makes it by grammar and catalogue; a model would be asked for the same structure.  All of it is plain
data that travels as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

Kind = Literal["many-to-one", "one-to-one", "many-to-many"]
Source = Literal["prose", "catalogue", "template", "former"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of an entity.  `kind` is a word of the catalogue (`money`, `moment`, …); `choice` has `choices`."""

    name: str
    kind: str
    required: bool = False
    unique: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    source: Source = "prose"


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that is kept: a table, named as in the prose.

    `known_as` is the catalogue's entry whose columns it took, None where a template stood in.
    """

    name: str
    attributes: tuple[Attribute, ...] = ()
    known_as: str | None = None
    kind: str = "thing"
    rows_per_day: int = 0
    bytes_per_row: int | None = None
    source: Source = "prose"


@dataclass(frozen=True, slots=True)
class Relationship:
    """How two entities hang together.

    Many-to-one and one-to-one: `from_` holds the key that points at `to`; `role` names it where the target's own name
    does not (`author` → `author_id`).  Many-to-many: `through` is the junction, with `attributes` of its own.
    `why` is the phrase or the rule that it was read from.
    """

    from_: str
    to: str
    kind: Kind
    role: str | None = None
    required: bool = False
    through: str | None = None
    attributes: tuple[Attribute, ...] = ()
    why: str = ""
    source: Source = "prose"


@dataclass(frozen=True, slots=True)
class Representation:
    """A whole design.  `assumptions` tell what was guessed, `unread` the sentences that nothing was read from."""

    entities: tuple[Entity, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    assumptions: tuple[str, ...] = ()
    unread: tuple[str, ...] = field(default=())

    def entity(self, name: str) -> Entity | None:
        return next((entity for entity in self.entities if entity.name == name), None)


class Designer(Protocol):
    """What makes a design of prose."""

    @property
    def label(self) -> str:
        """What `meta.generator` says: `catalogue`, `llm:<model>`."""

    def design(self, prose: str, former: Representation | None = None) -> Representation:
        """Read the prose; with a former design, keep what is there and change what is asked.

        Raises `ValidationError` where nothing can be read (empty, another language, too many tables).
        """
