"""What the grammar reads from a sentence, before anyone decides what is a table and what a column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.words import is_plural, plural, singular, snake, words

_SPAN = re.compile(r"(?:\d+|[a-z]+)_(?:second|minute|hour|day|week|month|year)")
_MOST_WORDS = 8
"""A longer noun phrase names nothing that could be a table."""


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun phrase: its words without articles, and what stood before them."""

    words: tuple[str, ...]
    determiner: str = ""
    many: bool = False
    one: bool = False
    counted: bool = False
    """By an exact number: four."""
    other: bool = False
    """`other`, `another`: of the same sort as one that was named."""
    possessive: bool = False
    """`their`, `its`: it belongs to what was named before."""
    weak: bool = False
    """Spoken of, but no reason to keep it."""

    sure: bool = False
    """Spoken of as several elsewhere: a tool of a tool library, and not the tool that is to be built."""

    @property
    def name(self) -> str:
        """Its name as a table would have it, in the singular: `order_item`; empty where nothing is left."""
        return _name(self.words)

    @property
    def head(self) -> str:
        return self.name.rpartition("_")[2]

    @property
    def plural(self) -> bool:
        """Whether it speaks of several: in the plural, or by a word such as many, or a history of them."""
        last = self.words[-1] if self.words else ""
        if self.one and not self.many:
            return False  # one of our technicians
        return self.many or is_plural(snake(last)) or singular(snake(last)) in words().classes["collective"]

    @property
    def several(self) -> bool:
        """Whether what is said holds of many of them: `users`, `every user`."""
        return self.plural or self.determiner in {"each", "every", "all"}

    @property
    def system(self) -> bool:
        """Whether it names what is to be built, or nothing at all."""
        known = words().classes
        last = singular(snake(self.words[-1])) if self.words else ""
        if (
            last in known["gerund_tails"]
            and self.name.rpartition("_")[2] not in known["systems"]
            and len(self.words) > 1
        ):
            return not (is_plural(self.name) or catalogue().nearest(self.name))  # inventory tracking
        if self.weak or (last == "system" and not self.plural and self.determiner not in {"each", "every"}):
            return True
        if self.determiner == "my" and not self.plural and catalogue().nearest(self.name) is None:
            return True
        return (
            not self.name
            or len(self.words) > _MOST_WORDS
            or (not self.plural and last in known["systems"] and not self.sure and not self._per_one)
            or (self.name in known["empty"] and self.determiner not in {"each", "every"} and not self._kept)
        )

    @property
    def _kept(self) -> bool:
        """`a home is divided into wards`, `sales are rung up`; but `at home`, `for sale`."""
        kind = catalogue().kind(self.name)
        sold = self.plural and (kind == "event" or self.name == "home") and catalogue().exact(self.name) is not None
        return sold or (self.determiner in {"a", "an"} and kind == "place")

    @property
    def _per_one(self) -> bool:
        """`at one site`, `each product`: something that there are several of, as the catalogue knows."""
        known = catalogue().exact(self.name) is not None or self.name in words().called.values()
        return (self.one or self.determiner in {"each", "every"}) and known

    @property
    def temporal(self) -> bool:
        """A time: `each day`, `the rainy season`."""
        known = words().classes["temporal"]
        if self.sure and self.name == "season":
            return False  # that of a league
        if self.head == "day" and self.plural and "_" in self.name:
            return self.name.split("_")[-2] in words().classes["calendar"] | known  # but distribution days
        return self.head in known or (self.head == "interval" and bool(known & set(self.name.split("_"))))

    def of(self, other: Noun) -> Noun:
        """`proof` of `delivery`: one noun."""
        return replace(self, words=(*self.words, "of", *other.words))


@lru_cache(maxsize=8192)
def _name(said: tuple[str, ...]) -> str:
    known = words().classes
    rest = _unmeasured([snake(word) for word in said if snake(word)])
    while len(rest) > 1 and (rest[0] in known["dropped"] or rest[0].isdigit()) and not _whole(rest):
        rest.pop(0)
    while len(rest) > 1 and rest[-1] in known["gerund_tails"]:
        rest.pop()
    if len(rest) > 1 and rest[-1] in {"record", "records"} and _kept_of("_".join(rest[:-1]), "_".join(rest)):
        rest.pop()
    if rest and (rest[0] in known["dropped"] or rest[0] in known["gerund_tails"]) and len(rest) == 1:
        return rest[0] if rest[0] in words().called.values() else ""
    if len(rest) > 1 and _merely_described(rest):
        rest.pop(0)
    if len(rest) > 1 and "_of_" in rest[0] and catalogue().exact("_".join(rest[1:])) is not None:
        rest.pop(0)  # time-of-use tariffs
    if len(rest) > 1 and rest[-1] == "count":
        rest[-2] = singular(rest[-2])
    if "of" in rest[1:]:
        at = rest.index("of")
        if rest[at - 1] == "chain":
            return singular("_".join(rest[at + 1 :]))
        return "_".join([*rest[: at - 1], singular(rest[at - 1]), *rest[at:]])
    name = "_".join(rest)
    if name.startswith(("max_", "min_")):
        return name  # max_participants
    return singular(name)


def _merely_described(rest: list[str]) -> bool:
    """Whether the first word says no more than how often, what they do, or what was done: no part of the name."""
    known = words().classes
    if rest[0] in known["frequency"] and _known_without(rest):
        return True  # yearly stock counts
    acting = len(rest) == 2 and rest[0] in known["acting"]
    if acting and (catalogue().kind(rest[1]) == "person" or singular(rest[1]) in known["organisations"]):
        return True  # a presiding judge
    return _done_to(rest)


def _known_without(rest: list[str]) -> bool:
    """Whether the catalogue knows the name without its first word, and not with it."""
    return catalogue().exact("_".join(rest)) is None and catalogue().knows("_".join(rest[1:]))


def _unmeasured(rest: list[str]) -> list[str]:
    """`ten-minute measurements`: how often is no part of the name; but a ten-minute interval."""
    spanned = len(rest) > 1 and _SPAN.fullmatch(rest[0]) and rest[-1] not in {"interval", "intervals"}
    return rest[1:] if spanned else rest


def _done_to(rest: list[str]) -> bool:
    """`uploaded CVs`, `a licensed ringer`: what is done to a thing that the catalogue knows is no part of its name."""
    name = "_".join(rest[1:])
    done = words().forms.get(rest[0], ("", ""))[1] == "past" and rest[0].endswith("ed")
    if done and len(rest) == 2 and catalogue().kind(name) == "person":
        return not catalogue().knows("_".join(rest))
    return done and is_plural(name) and _known_without(rest)


_NAMING = frozenset({"open", "missing", "lost", "broken", "damaged"})
"""Adjectives that begin the names of things as well: an open day, lost property."""


def _whole(rest: list[str]) -> bool:
    """`old status`, `new status`: of two such properties the first word tells which; and an open day is no day."""
    if catalogue().exact("_".join(rest)) is not None and rest[0] in _NAMING:
        return True
    return rest[0] in words().classes["apart"] and len(rest) == 2 and rest[1] in words().attributes


def _kept_of(name: str, whole: str) -> bool:
    """Whether the records of somebody are no more than what is kept of him: employee records, but patient records."""
    entry = catalogue().exact(name)
    return entry is not None and entry.kind == "person" and catalogue().exact(whole) is None


@lru_cache(maxsize=8192)
def table_name(name: str) -> str:
    """The plural of a noun's name; a history or a log stays one."""
    head, of, rest = name.partition("_of_")
    return f"{plural(head)}_of_{rest}" if of else plural(name)


@dataclass(frozen=True, slots=True)
class Listed:
    """It stands by itself: in a list, or as the object of what the system does."""

    noun: Noun


@dataclass(frozen=True, slots=True)
class Owns:
    """`owner` has `item`; `bracket` where it stood in brackets, `loose` where only the list went on."""

    owner: Noun
    item: Noun
    verb: str = "have"
    bracket: bool = False
    loose: bool = False
    far: bool = False
    """Only one of a long list, which may have gone on without its owner."""


@dataclass(frozen=True, slots=True)
class Acts:
    """`subject` does something with `object`; `way` is the verb's class, `preposition` what stood between."""

    subject: Noun
    verb: str
    way: str
    object: Noun
    preposition: str = ""
    passive: bool = False
    loose: bool = False
    """Only one of a long list, which may have gone on without the verb."""


@dataclass(frozen=True, slots=True)
class Hangs:
    """`child` of, at, in, for, per `parent`."""

    child: Noun
    preposition: str
    parent: Noun


@dataclass(frozen=True, slots=True)
class Between:
    """`noun` is between two of `target`."""

    noun: Noun
    target: Noun


@dataclass(frozen=True, slots=True)
class Shares:
    """Both have many of the other, said in as many words."""

    one: Noun
    other: Noun


@dataclass(frozen=True, slots=True)
class Meets:
    """`other` is spoken of in a clause about `noun` (`exhibitions on which an artwork was shown`)."""

    noun: Noun
    other: Noun
    role: str = ""


@dataclass(frozen=True, slots=True)
class Bears:
    """`item` is a property of `one` with `other`: how many of a product are in a parcel, when a route is at a stop.

    `sure`: it is none of one of them alone.
    """

    one: Noun
    other: Noun
    item: Noun
    verb: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Chooses:
    """`noun` is one of these: `entries (debit or credit)`."""

    noun: Noun
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undergoes:
    """Something is done to `noun`, nobody says by whom: `each plot is harvested`."""

    noun: Noun
    verb: str


@dataclass(frozen=True, slots=True)
class Does:
    """`subject` does something, nobody says to what: `members pay every month`."""

    subject: Noun
    verb: str


@dataclass(frozen=True, slots=True)
class Is:
    """`a skipper, who must be a member`: the noun is a role that one of the sort has."""

    noun: Noun
    sort: Noun


Fact = Is | Undergoes | Does | Listed | Owns | Acts | Hangs | Between | Shares | Meets | Bears | Chooses


@dataclass(slots=True)
class Reading:
    """All that was read of a description."""

    facts: list[Fact] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    of_system: bool = False
    """Whether it says what the system shall do."""
    begins: list[int] = field(default_factory=list)
    """Where in `facts` each sentence begins."""
    said: list[tuple[Noun, ...]] = field(default_factory=list)
    """The nouns of each sentence, in its order."""
    bracketed: set[str] = field(default_factory=set)
    """The words in brackets, as singulars."""

    @property
    def sentences(self) -> list[list[Fact]]:
        """The facts, sentence by sentence; none of nothing."""
        return [self.facts[begin:end] for begin, end in pairwise([*self.begins, len(self.facts)])]
