"""The catalogue of domain entities (`entities.toml`, `domains.toml`), read and looked up."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from helios_magic.designer.representation import Attribute
from helios_magic.designer.words import plural, singular, stem, words

#: What a kind word of the catalogue may be; anything with `|` lists the values that are allowed.
KINDS = frozenset(
    (
        *("text", "long", "email", "phone", "url", "address", "bool", "json"),
        *("int", "number", "money", "percent", "date", "time", "moment", "duration", "year"),
    )
)


@dataclass(frozen=True, slots=True)
class Canonical:
    """A relationship that an entity usually has: the first of `parents` that is part of the design."""

    parents: tuple[str, ...]
    role: str | None = None
    required: bool = False
    one: bool = False
    unless: tuple[str, ...] = ()
    """Where one of these is part of the design, it tells the relationship already."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A many-to-many relationship that an entity usually has, with the junction's name and columns where known."""

    others: tuple[str, ...]
    through: str | None = None
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One section of the catalogue."""

    name: str
    aliases: tuple[str, ...]
    columns: str
    parents: str
    others: str
    kind: str
    rows_per_day: int
    bytes_per_row: int | None
    associates: bool
    alone: bool
    """Its name means this only by itself: a treatment plan is no subscription's plan."""
    among: frozenset[str]
    """Words, as singulars, among which its name means this: goals are shot where matches are spoken of."""
    called: frozenset[str]
    """Its name and aliases, as singulars."""
    same: frozenset[str]
    """Those of its names that are the very same thing: a description that uses two of them speaks of one table."""

    # Read when they are asked for: a description speaks of few of a thousand entries.

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        return attributes(self.columns)

    @property
    def belongs_to(self) -> tuple[Canonical, ...]:
        return _canonicals(self.parents)

    @property
    def many_to_many(self) -> tuple[Shared, ...]:
        return _shareds(self.others)


@dataclass(frozen=True, slots=True)
class Template:
    """What stands in for an entity that the catalogue does not know."""

    kind: str
    heads: frozenset[str]
    endings: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    rows_per_day: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    entries: dict[str, Entry]
    names: dict[str, str]
    """Every name and alias, as singular, to its entry; an entry's own name goes before another's alias."""
    senses: dict[str, tuple[Entry, ...]]
    """Names and aliases, as singulars, to the entries that they mean among certain words, or in unusual domains.

    That a noun has such a sense does not make it a thing to keep; single words of unusual domains are found only here.
    """
    templates: tuple[Template, ...]
    longest: int
    """Words in the longest name."""

    def exact(self, name: str) -> Entry | None:
        """The entry that has this name (singular or plural, words joined by `_`) or this alias."""
        key = self.names.get(singular(name))
        return None if key is None else self.entries[key]

    def happening(self, verb: str) -> str | None:
        """What an entry calls it when somebody does what the verb says: an inspection, a repair."""
        root = stem(verb)
        known = [name for name, entry in self.entries.items() if entry.kind == "event" and "_" not in name]
        return next((singular(name) for name in known if stem(name) == root), None)

    def nearest(self, name: str) -> Entry | None:
        """The entry of the whole name, or of its last words: a restitution claim is a claim."""
        parts = name.split("_")
        for start in range(max(len(parts) - self.longest, 0), len(parts)):
            entry = self.exact("_".join(parts[start:]))
            if entry is not None and not (start and entry.alone):
                return entry
        return None

    def knows(self, name: str) -> bool:
        """Whether anything is called so, in whatever domain."""
        return self.exact(name) is not None or singular(name) in self.senses

    def keeps(self, name: str) -> bool:
        """Whether an unusual domain keeps what is called so, a compound, or in whatever context."""
        senses = self.senses.get(singular(name), ())
        return any("_" in name or not entry.among for entry in senses)

    def meant(self, name: str, said: frozenset[str]) -> Entry | None:
        """The nearest entry in a text that says these words: the sense that most of them speak for, else the usual."""
        parts = name.split("_")
        for start in range(max(len(parts) - self.longest, 0), len(parts)):
            key = singular("_".join(parts[start:]))
            senses = [each for each in self.senses.get(key, ()) if not (start and each.alone)]
            likely = [each for each in senses if each.among & said]
            if likely:
                return max(likely, key=lambda each: len(each.among & said))
            entry = self.exact(key)
            rare = [each for each in senses if not each.among]
            usual = [] if entry is None or (start and entry.alone) else [entry]
            entries = sorted([*usual, *rare], key=lambda each: singular(each.name) != key)  # names before aliases
            if entries:
                return entries[0]
        return None

    def kind(self, name: str) -> str:
        """How a noun behaves: as its entry does, else as its last word or its ending lets guess."""
        entry = self.nearest(name)
        return entry.kind if entry else self.template(name).kind

    def template(self, name: str) -> Template:
        """What a noun that nobody knows is taken for, by its last word, else by its ending."""
        last = singular(name).rpartition("_")[2]
        for template in self.templates:
            if last in template.heads or singular(name).replace("_", "") in template.heads:
                return template  # a call-out as well as a callout
        fitting = [
            (len(ending), -place, template)
            for place, template in enumerate(self.templates)
            for ending in template.endings
            if len(last) > 4 and last.endswith(ending)
        ]
        return max(fitting)[2] if fitting else self.templates[-1]  # a seismometer is none of the workers


@cache
def catalogue() -> Catalogue:
    """Read `entities.toml` and `domains.toml`, once."""
    room = files("helios_magic.designer")
    everyday, unusual = (
        tomllib.loads(room.joinpath(each).read_text("utf-8")) for each in ("entities.toml", "domains.toml")
    )
    known = {name: _entry(name, section) for name, section in everyday.items()}
    entries = known | {name: _entry(name, section) for name, section in unusual.items() if name not in known}
    rare = {called: each for called, each in _called(entries, entries.keys() - known.keys()).items() if "_" in called}
    names = rare | _called(entries, known)
    senses: dict[str, tuple[Entry, ...]] = {}
    for entry in entries.values():
        for called in sorted(entry.called) if entry.among or entry.name not in known else ():
            senses[called] = (*senses.get(called, ()), entry)
    templates = tuple(_template(kind, section) for kind, section in words().templates.items())
    return Catalogue(entries, names, senses, templates, max(name.count("_") for name in names) + 1)


def _called(entries: dict[str, Entry], listed: Collection[str]) -> dict[str, str]:
    """What usually means one of these, by its name and its aliases; a name goes before another's alias."""
    usual = {name: entry for name, entry in entries.items() if name in listed and not entry.among}
    names = {singular(alias): name for name, entry in reversed(usual.items()) for alias in entry.aliases}
    return names | {singular(name): name for name in usual}


def _names(text: str) -> list[str]:
    return [re.sub(r"[\s-]+", "_", name) for name in _listed(text, ",")]


def _entry(name: str, section: dict[str, Any]) -> Entry:
    """One section; in its header, a word in brackets tells it from others of the same name."""
    base = name.partition(" (")[0]
    same = _names(section.get("same", ""))
    aliases = [*_names(section.get("aliases", "")), *same]
    return Entry(
        name=name,
        aliases=tuple(aliases),
        columns=section["columns"],
        parents=section.get("belongs_to", ""),
        others=section.get("many_to_many", ""),
        kind=section.get("kind", "thing"),
        rows_per_day=section.get("rows", 10),
        bytes_per_row=section.get("bytes"),
        associates=section.get("associates", False),
        alone=section.get("alone", False),
        among=frozenset(map(singular, _names(section.get("among", "")))) - set(map(singular, (base, *aliases))),
        called=frozenset(map(singular, (base, *aliases))),
        same=frozenset(map(singular, (base, *same))) if same else frozenset(),
    )


def _template(kind: str, section: dict[str, Any]) -> Template:
    return Template(
        kind,
        frozenset(section["heads"].split()),
        tuple(section["endings"].split()),
        attributes(section["columns"]),
        section["rows"],
    )


def _listed(text: str, separator: str = ";") -> list[str]:
    """The parts of a list, semicolons inside brackets left alone."""
    parts = re.split(rf"[{separator}\n](?![^(]*\))", text)
    return [part.strip() for part in parts if part.strip()]


@cache
def _canonicals(text: str) -> tuple[Canonical, ...]:
    return tuple(map(_canonical, _listed(text)))


@cache
def _shareds(text: str) -> tuple[Shared, ...]:
    return tuple(map(_shared, _listed(text)))


@cache
def attributes(text: str) -> tuple[Attribute, ...]:
    """`name text required; price money min 0` as attributes."""
    return tuple(_attribute(part) for part in _listed(text))


def _attribute(text: str) -> Attribute:
    name, kind, *rest = text.split()
    choices = tuple(kind.split("|")) if "|" in kind else ()
    if not choices and kind not in KINDS:
        raise ValueError(f"entities.toml: “{text}” has the unknown kind “{kind}”")
    options: dict[str, Any] = {"required": False, "unique": False, "default": None, "min": None, "max": None}
    while rest:
        word = rest.pop(0)
        if word not in options:
            raise ValueError(f"entities.toml: “{text}” has the unknown word “{word}”")
        options[word] = True if word in {"required", "unique"} else rest.pop(0)
    return Attribute(
        name,
        "choice" if choices else kind,
        required=bool(options["required"]),
        unique=bool(options["unique"]),
        choices=choices,
        default=options["default"],
        minimum=None if options["min"] is None else int(options["min"]),
        maximum=None if options["max"] is None else int(options["max"]),
        source="catalogue",
    )


def _canonical(text: str) -> Canonical:
    required = text.endswith("!")
    text, _, unless = text.rstrip("!").partition(" unless ")
    listed, _, role = text.partition(" as ")
    one = listed.endswith(" one")
    parents = tuple(plural(parent) for parent in listed.removesuffix(" one").split("|"))
    instead = tuple(plural(each) for each in unless.split("|") if each)
    return Canonical(parents, role or None, required, one or role.endswith(" one"), instead)


def _shared(text: str) -> Shared:
    listed, _, through = text.rstrip("?").partition(" through ")
    junction, _, columns = through.partition("(")
    return Shared(
        tuple(plural(other) for other in listed.split("|")),
        junction.rstrip("?") or None,
        attributes(columns.rstrip(")")) if columns else (),
    )
