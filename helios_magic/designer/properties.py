"""Whether a noun is a property of something or a thing of its own, as far as the noun itself tells."""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Noun
from helios_magic.designer.words import is_plural, singular, snake, words

_DOING = ("tion", "ing", "ment", "up", "ery", "off", "out", "access", "service", "collect", "charge")
"""Endings of what is done at a point."""


def property_kind(name: str) -> str | None:
    """The kind of column that a noun stands for by its last word: `due_date` is a date; None: it is no property."""
    known = words()
    if "_of_" in name:
        return property_kind(name.partition("_of_")[0])  # date of birth
    head, _, last = name.rpartition("_")
    if name.startswith(("max_", "min_")) or (head and last in {"left", "remaining"}):
        return "int"
    if name.startswith(("is_", "has_")):
        return "bool"
    if head in {"home", "away"} and singular(last) in known.classes["scored"]:
        return "int"  # home goals and away goals
    if head and last in {"from", "until"} and property_kind(head) is None:
        return "date"  # valid until
    if head and (last in {"from", "to", "until"} or known.forms.get(last, ("", ""))[1] == "past"):
        return property_kind(head)  # depth from, date sent
    last = singular(last)
    if head and last in known.classes["alone"]:
        return None  # a consent form
    if last == "point" and head.endswith(_DOING):
        return None  # a distribution point, but hit points
    kind = known.attributes.get(last) or known.attributes.get(name)
    if kind is None:
        return _by_shape(name)
    if (
        last in {"time", "hours"}
        and "_" in name
        and name.rpartition("_")[0] not in {"start", "end", "arrival", "departure"}
    ):
        return "duration"
    return {"duration": "moment", "address": "text"}.get(kind, kind)


def _by_shape(name: str) -> str | None:
    if name.endswith(("_id", "_key", "_no", "_uuid")) or name == "id":
        return "text"
    if name.startswith(("maximum_", "minimum_", "average_")):
        return "number"
    if name.endswith(("_at", "_on")):
        return "moment" if name.endswith("_at") else "date"
    return "bool" if name.startswith("can_") else None


def is_property(noun: Noun) -> bool:
    """A price, a due date, a status; but several prices may be a list of prices."""
    name = noun.name
    if not name or property_kind(name) is None or (noun.sure and name == "season"):
        return False
    if noun.one and is_plural(snake(noun.words[-1])) and catalogue().nearest(name) is not None:
        return False  # one of their addresses
    if noun.plural and catalogue().keeps(name):
        return False  # filming locations, deadlines
    entry = catalogue().exact(name)
    if "_" in name and entry is not None and noun.one and entry.kind == "thing":
        return False  # from one clay body
    if noun.plural and property_kind(name) == "url" and catalogue().nearest(name) is not None:
        return False  # source files: no column holds several
    if noun.plural and "_" in name and name.endswith(("_message", "_comment")):
        return False  # private messages
    return not (noun.many and noun.plural) and (entry is None or not noun.plural)


def acts(noun: Noun) -> bool:
    """Whether it can do something: made by a manufacturer, which elsewhere may be a mere column."""
    entry = catalogue().exact(noun.name)
    return entry is not None and entry.kind in {"person", "group"}


def looks_like_entity(noun: Noun) -> bool:
    """The catalogue knows it, or it stands in the plural and is no property."""
    name = noun.name
    if not name or noun.system:
        return False
    if noun.plural:
        return property_kind(name) is None or catalogue().exact(name) is not None
    return property_kind(name) is None and catalogue().exact(name) is not None


def mere(noun: Noun) -> bool:
    """`the date, the duration and some notes`: among properties one in the plural is no table."""
    same = noun.words and singular(snake(noun.words[-1])) == snake(noun.words[-1])
    return noun.plural and not noun.many and (property_kind(noun.name) not in {None, "url"} or bool(same))


def bare(noun: Noun | None) -> bool:
    """Whether nothing tells that the noun is a thing of its own: no article, no number, no entry."""
    return noun is not None and not (noun.plural or noun.determiner or looks_like_entity(noun))
