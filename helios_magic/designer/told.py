"""What a model is asked for, and how its answer becomes a representation: every name and reference is checked."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from helios_magic.designer.catalogue import KINDS, catalogue
from helios_magic.designer.facts import table_name
from helios_magic.designer.former import checked
from helios_magic.designer.representation import Attribute, Entity, Kind, Relationship, Representation
from helios_magic.designer.words import singular, snake

_LONGEST, _MOST = 63, 200
"""Characters of a name, and attributes of an entity."""
_OWN = frozenset({"id", "created_at"})


class ToldAttribute(msgspec.Struct, kw_only=True):
    name: str
    kind: str
    required: bool = False
    unique: bool = False
    choices: list[str] | None = None


class ToldEntity(msgspec.Struct, kw_only=True):
    name: str
    attributes: list[ToldAttribute]


class ToldRelationship(msgspec.Struct, kw_only=True, rename={"from_": "from"}):
    from_: str
    to: str
    kind: Literal["many-to-one", "one-to-one", "many-to-many"]
    role: str | None = None
    required: bool = False
    why: str = ""


class Told(msgspec.Struct, kw_only=True):
    entities: list[ToldEntity]
    relationships: list[ToldRelationship]
    assumptions: list[str] = []


def schema() -> dict[str, Any]:
    """The JSON schema of the answer, in the strict form: every field required, none beside them."""
    text, flag = {"type": "string"}, {"type": "boolean"}
    kinds = {"type": "string", "enum": sorted({*KINDS, "choice"})}
    maybe: dict[str, Any] = {"type": ["string", "null"]}
    choices = {"type": ["array", "null"], "items": text}
    attribute = _object({"name": text, "kind": kinds, "required": flag, "unique": flag, "choices": choices})
    entity = _object({"name": text, "attributes": {"type": "array", "items": attribute}})
    how = {"type": "string", "enum": ["many-to-one", "one-to-one", "many-to-many"]}
    link = _object({"from": text, "to": text, "kind": how, "role": maybe, "required": flag, "why": text})
    return _object(
        {
            "entities": {"type": "array", "items": entity},
            "relationships": {"type": "array", "items": link},
            "assumptions": {"type": "array", "items": text},
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def read(answer: str) -> Representation:
    """The representation that an answer tells.  Raises ValueError, in words that the model can mend it by."""
    try:
        told = msgspec.json.decode(_bare(answer), type=Told)
    except msgspec.DecodeError as error:
        raise ValueError(f"this is not the JSON that was asked for: {error}") from None
    entities = [_entity(each) for each in told.entities]
    if not entities:
        raise ValueError("there is no entity in it")
    names = [entity.name for entity in entities]
    links = [_link(each, names) for each in told.relationships]
    assumptions = tuple(each[:300] for each in told.assumptions[:20])
    return checked(Representation(tuple(entities), tuple(links), assumptions))


def _bare(answer: str) -> str:
    """JSON without the fence that some models put around it."""
    fenced = re.fullmatch(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", answer, re.DOTALL)
    return fenced[1] if fenced else answer


def _name(said: str, what: str) -> str:
    made = snake(said)
    if not made or len(made) > _LONGEST:
        raise ValueError(f"“{said[:80]}” is no name for {what}: 1 to {_LONGEST} letters, digits and _")
    return made


def _entity(told: ToldEntity) -> Entity:
    name = table_name(singular(_name(told.name, "an entity")))
    if len(told.attributes) > _MOST:
        raise ValueError(f"{name} has {len(told.attributes)} attributes, {_MOST} are the most")
    attributes: dict[str, Attribute] = {}
    for each in told.attributes:
        attribute = _attribute(each, name)
        if attribute.name not in _OWN:
            attributes.setdefault(attribute.name, attribute)
    entry, template = catalogue().nearest(singular(name)), catalogue().template(singular(name))
    rows = entry.rows_per_day if entry else template.rows_per_day
    known = entry.name if entry else None
    return Entity(name, tuple(attributes.values()), known, entry.kind if entry else template.kind, rows)


def _attribute(told: ToldAttribute, owner: str) -> Attribute:
    name = _name(told.name, f"an attribute of {owner}")
    choices = tuple(dict.fromkeys(each for each in told.choices or () if each.strip() and len(each) <= 100))
    if told.kind == "choice" and not choices:
        raise ValueError(f"{owner}.{name} is a choice of nothing: name its choices")
    return Attribute(name, told.kind, told.required, told.unique, choices=choices if told.kind == "choice" else ())


def _link(told: ToldRelationship, names: list[str]) -> Relationship:
    ends = []
    for said in (told.from_, told.to):
        name = table_name(singular(_name(said, "an entity")))
        if name not in names:
            raise ValueError(f"a relationship names “{said[:80]}”, which is no entity; there are: {', '.join(names)}")
        ends.append(name)
    role = snake(told.role or "")[:_LONGEST].removesuffix("_id") or None
    if ends[0] == ends[1] and role is None and told.kind != "many-to-many":
        role = f"parent_{singular(ends[0])}"
    kind: Kind = told.kind
    return Relationship(ends[0], ends[1], kind, role, told.required and ends[0] != ends[1], why=told.why[:200])
