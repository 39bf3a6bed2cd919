"""What a description says of itself: what its reader is asked to do, and whoever writes it."""

from __future__ import annotations

import re
from dataclasses import replace

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.facts import Noun
from helios_magic.designer.stands import Chunk
from helios_magic.designer.words import words

_MADE = r"(?:tables?|schema|(?:data ?base|data) (?:schema|model|design|structure)|database|design|structure|columns)"
_MAKE = (
    r"(?:propose|suggest|design|create|make|draw up|draft|set up|build|model|structure|recommend|sketch|come up with|"
    r"help (?:me|us) with|help (?:me|us) (?:to )?\w+)"
)
_HOW = r"how (?:would|should|could|do) (?:you|i|we|one)"
_MEASURED = r"(?:moneys?|amounts?|prices?|timestamps?|times|dates|ids?|keys|primary keys|identifiers)"
_ASKED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"^(?:hi|hello|hey|dear)(?: \w+){0,2}[,!] (?=\w+ \w)", ""),
        (rf"^(?:please|(?:could|can|would|will) you(?: please)?|{_HOW}) {_MAKE} ", ""),
        (rf"^(?:what|which) (?:\w+ )?{_MADE} (?:would|do|should|will|could) (?:you|i|we)\b[^?]*\?$", ""),
        (rf"^(?:me |us )?(?:a|an|the|some|suitable|good|\s)*{_MADE}(?: for (?:this|that|it|us))?[.?!]?$", ""),
        (rf"^how (?:should|could|would) (?:an?|the|my|our) (?={_MADE}\b)([^?]*?) (?:look|be)(?: like)?\?$", r"\1."),
        (r"^do (?:i|we) need an? (?:separate|own|extra|additional|special) table for (?:the |my |our )?([^?]*s)\?$",
         r"We store \1."),
        (r"^should (?:we keep |i keep )?(?:the )?([\w-]+) (?:be|get|have|go|in|into)\b[^?]*\btable\b[^?]*\?$",
         r"Each \1 is recorded."),
        (rf"^(?:all )?{_MEASURED} (?:(?:is|are) )?(?:(?:stored|kept|held|saved) )?(?:as|in) [^,.;]{{2,40}}[.;]?$", ""),
    )
)  # fmt: skip
_KEEPS = frozenset(
    {"run", "operate", "own", "manage", "lead", "coordinate", "organise", "organize", "maintain", "direct", "head"}
)


def unasked(text: str) -> str:
    """A sentence without what it asks of its reader; nothing where that is all."""
    for pattern, meaning in _ASKED:
        text = pattern.sub(meaning, text)
    return text


def ours(chunks: tuple[Chunk, ...]) -> set[str]:
    """Names of the one organisation that writes: `we run a guest house`, `I am the secretary of a fire brigade`."""
    if len(chunks) > 2 and chunks[0].noun is not None and _wants(chunks[0].noun, chunks[1], chunks[2]):
        return {chunks[0].noun.name}
    if len(chunks) < 3 or chunks[0].kind != "pronoun" or chunks[0].word not in {"we", "i"}:
        return set()
    verb, noun = chunks[1], chunks[2].noun
    if noun is None or not (verb.kind == "be" or (verb.kind == "verb" and verb.word in _KEEPS)):
        return set()
    if not _one(noun) or (verb.kind == "verb" and catalogue().kind(noun.name) not in {"place", "group", "thing"}):
        return set()
    whole = (
        chunks[4].noun
        if len(chunks) > 4 and chunks[3].kind == "prep" and chunks[3].word in {"of", "at", "for"}
        else None
    )
    return {noun.name} | ({whole.name} if whole is not None and _one(whole) else set())


def _wants(noun: Noun, verb: Chunk, then: Chunk) -> bool:
    """`A small hotel group needs to see …`, `our choir wants …`: for whom it is built."""
    wants = (verb.kind == "modal" and then.kind == "verb") or (verb.kind == "verb" and verb.word in {"want", "need"})
    several = verb.kind == "modal" and then.word not in words().system_verbs | words().classes["mental"]
    return wants and not several and _one(noun) and catalogue().kind(noun.name) in {"place", "group"}


def _one(noun: Noun) -> bool:
    return not (noun.plural or noun.many) and noun.determiner in {"a", "an", "the", "our", "my", "this"}


def aside(noun: Noun, named: set[str], speaker: set[str]) -> Noun:
    """The noun, marked where it is whoever writes, or another word for what is named: medication management."""
    if noun.name in speaker and _one(noun):
        return replace(noun, weak=True)
    tail = noun.words[-1].lower() if len(noun.words) > 1 else ""
    if tail in words().classes["gerund_tails"] and not noun.plural:
        entry = catalogue().exact(noun.name)
        others = {catalogue().exact(name) for name in named - {noun.name}}
        if entry is not None and entry in others:
            return replace(noun, weak=True)
    return noun
