"""English words: singular and plural, stems, snake case, and the classes that `words.toml` lists."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Handed:
    """What is kept each time that a thing is handed to somebody, and the words of a text that stand for it already."""

    noun: str
    instead: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """The classes of `words.toml`, ready to be asked."""

    classes: dict[str, frozenset[str]]
    verbs: dict[str, str]
    """Lemma to class: `has`, `owns`, `belongs`, `many`; the first class that lists it."""
    system_verbs: frozenset[str]
    same_past: frozenset[str]
    """Lemmas that are their own participle: cast, put, set."""
    nouns_too: frozenset[str]
    """Verbs' lemmas that are nouns as well."""
    forms: dict[str, tuple[str, str]]
    """An inflected verb to its lemma and form: `base`, `s`, `past`, `ing`."""
    plurals: dict[str, str]
    singulars: dict[str, str]
    uncountable: frozenset[str]
    adverbial: frozenset[str]
    """Words in -ly that are no adverbs."""
    attributes: dict[str, str]
    """A noun that is a property, to the kind of its column."""
    deeds: dict[str, str]
    """`enroll` to `enrollment`."""
    careful: dict[str, str]
    marking: dict[str, str]
    """The verb that an adjective comes from: favourite tracks are tracks that somebody marked so."""
    """`book` to `booking`: where the catalogue knows that it is done to such a thing."""
    alone: dict[str, str]
    """`pay` to `payment`: kept even where nobody says to what it is done."""
    called: dict[str, str]
    """`enter` to `entry`, where the stems do not tell."""
    handed: dict[str, Handed]
    """A verb that hands a thing to somebody, to what is kept of it."""
    sorts: dict[str, str]
    """`dog` to `animal`: what one of these is."""
    told: dict[str, str]
    """`number` to `number`: what `numbered plots` have."""
    roles: dict[str, frozenset[str]]
    """`own`: among the same people; `people`: of people to a thing; `nested`: of a thing in its like."""
    templates: dict[str, dict[str, object]]


@cache
def words() -> Words:
    """Read `words.toml`, once."""
    raw = tomllib.loads(files("helios_magic.designer").joinpath("words.toml").read_text("utf-8"))
    verbs: dict[str, str] = {}
    nouns_too = set()
    for kind, listed in raw["verbs"].items():
        for entry in listed.split():
            lemma = entry.lstrip("~")
            if kind not in {"systems", "plain"}:
                verbs.setdefault(lemma, kind)
            if entry.startswith("~"):
                nouns_too.add(lemma)
    system_verbs = frozenset(entry.lstrip("~") for entry in raw["verbs"]["systems"].split())
    past = dict(pair.split(":") for pair in raw["irregular"]["past"].split())
    plurals = dict(pair.split(":") for pair in raw["irregular"]["plurals"].split())
    return Words(
        classes={name: frozenset(listed.split()) for name, listed in raw["classes"].items()},
        verbs=verbs,
        system_verbs=system_verbs,
        same_past=frozenset(form for form, lemma in past.items() if form == lemma),
        nouns_too=frozenset(nouns_too),
        forms=_forms([*verbs, *system_verbs, *(each.lstrip("~") for each in raw["verbs"]["plain"].split())], past),
        plurals=plurals,
        singulars={plural: singular for singular, plural in plurals.items()},
        uncountable=frozenset(raw["irregular"]["uncountable"].split()),
        adverbial=frozenset(raw["irregular"]["adverbial"].split()),
        attributes={noun: kind for kind, listed in raw["attributes"].items() for noun in listed.split()},
        deeds=dict(pair.split(":") for pair in raw["deeds"]["nouns"].split()),
        marking=dict(pair.split(":") for pair in raw["deeds"]["marking"].split()),
        careful=dict(pair.split(":") for pair in raw["deeds"]["careful"].split()),
        alone=dict(pair.split(":") for pair in raw["deeds"]["alone"].split()),
        called=dict(pair.split(":") for pair in raw["deeds"]["called"].split()),
        handed=_handed(raw["handed"]),
        sorts={name: whole for whole, named in raw["sorts"].items() for name in named.split()},
        told=dict(pair.split(":") for pair in raw["told"]["properties"].split()),
        roles={name: frozenset(listed.split()) for name, listed in raw["roles"].items()},
        templates=raw["templates"],
    )


def _handed(raw: dict[str, str]) -> dict[str, Handed]:
    """`loan = "lend loan | loan reservation"`: the verbs, and what stands for it already."""
    known: dict[str, Handed] = {}
    for noun, said in raw.items():
        verbs, _, instead = said.partition("|")
        known |= {verb: Handed(noun, frozenset(instead.split())) for verb in verbs.split()}
    return known


def _forms(lemmas: list[str], past: dict[str, str]) -> dict[str, tuple[str, str]]:
    forms: dict[str, tuple[str, str]] = {}
    for lemma in lemmas:
        forms[lemma] = (lemma, "base")
        forms[f"{lemma}es" if lemma.endswith("go") else _with_s(lemma)] = (lemma, "s")
        stem = lemma.removesuffix("e")
        doubled = stem + stem[-1] if re.fullmatch(r"[^aeiou]*[aeiou][bdglmnprt]", stem) and stem == lemma else stem
        ending = lemma[:-1] + "i" if lemma.endswith("y") and lemma[-2] not in _VOWELS else doubled
        forms.setdefault(ending + "ed", (lemma, "past"))
        forms.setdefault((lemma if lemma.endswith(("ee", "ye")) else doubled) + "ing", (lemma, "ing"))
    forms |= {"enrolled": ("enroll", "past"), "has": ("have", "s"), "had": ("have", "past")}
    forms |= {"controlled": ("control", "past"), "scheduled": ("schedule", "past"), "labelled": ("label", "past")}
    for form, lemma in past.items():
        if form not in forms:
            forms[form] = (lemma, "past")
    return forms


def _with_s(word: str) -> str:
    if word.endswith("y") and len(word) > 1 and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


@lru_cache(maxsize=8192)
def plural(word: str) -> str:
    """`copy` → `copies`; the last of several words joined by `_`."""
    head, _, last = word.rpartition("_")
    known = words()
    if last in known.uncountable or last in known.singulars:
        return word
    if is_plural(last):
        return word
    if len(last) > 4 and last.endswith("man") and last not in {"human", "german", "roman"}:
        return word[:-2] + "en"
    made = "persons" if last == "person" and head else known.plurals.get(last) or _with_s(last)
    return f"{head}_{made}" if head else made


@lru_cache(maxsize=8192)
def singular(word: str) -> str:
    """`copies` → `copy`; the last of several words joined by `_`."""
    head, _, last = word.rpartition("_")
    made = _singular(last)
    return f"{head}_{made}" if head else made


def _singular(word: str) -> str:
    known = words()
    if word in known.singulars:
        return known.singulars[word]
    if word in known.plurals or word in known.uncountable or len(word) < 4:
        return word
    if word.endswith("men") and len(word) > 5 and word not in {"specimen", "regimen", "acumen", "abdomen"}:
        return word[:-2] + "an"
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "os")):
        return word[:-1]
    return word[:-1] if word.endswith("os") and len(word) > 4 else word


@lru_cache(maxsize=8192)
def is_plural(word: str) -> bool:
    """Whether a noun stands in the plural."""
    last = word.rpartition("_")[2]
    known = words()
    if last in known.plurals:
        return known.plurals[last] == last and last not in known.uncountable
    if last in known.uncountable:
        return False
    return last in known.singulars or _singular(last) != last


def adverb(word: str) -> bool:
    """`naturally`, `mostly`: says how, and may be left out."""
    return len(word) > 4 and word.endswith("ly") and word not in words().adverbial


def property_word(word: str) -> bool:
    """Whether a word by itself names a property: `status`, `price`."""
    return word in words().attributes or singular(word) in words().attributes


@lru_cache(maxsize=8192)
def snake(text: str) -> str:
    """Lower case, words joined by `_`; letters of any alphabet stay."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"_+", "_", re.sub(r"[^\w]+", "_", text.lower())).strip("_")


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """What `enroll` and `enrollment`, `book` and `bookings` share: enough to see a verb in a noun."""
    word = _singular(word.rpartition("_")[2])
    for ending in ("ations", "ation", "ments", "ment", "ings", "ing", "als", "al", "ances", "ance", "tions", "tion",
                   "ions", "ion", "ates", "ate", "ship", "ed", "es", "e", "y", "s"):  # fmt: skip
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    if len(word) > 4 and word.endswith(("ct", "pt")):
        word = word[:-1]  # inspect, inspection
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return {"scrib": "scrib", "subscrip": "subscrib", "prescrip": "prescrib", "deliver": "deliver"}.get(word, word)
