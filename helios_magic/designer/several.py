"""Which nouns a description speaks of as of several: a tool of a tool library, and not the tool that is to be built."""

from __future__ import annotations

from dataclasses import replace

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.chunks import Sentence
from helios_magic.designer.facts import Noun
from helios_magic.designer.framing import aside, ours
from helios_magic.designer.words import words

_LEAGUE = frozenset({"league", "match", "team", "episode", "championship", "fixture"})
"""Where one of these is spoken of, a season is one of several that are kept."""


def kept(said: list[Sentence]) -> list[Sentence]:
    """A tool or a shop may be what is to be built; where the text speaks of several, it is kept."""
    nouns = [chunk.noun for sentence in said for chunk in sentence.chunks if chunk.noun is not None]
    several = {noun.name for noun in nouns if noun.plural} | _met(said)
    verbs = {chunk.word for sentence in said for chunk in sentence.chunks if chunk.kind == "verb"}
    several |= {words().alone[verb] for verb in verbs if verb in words().alone}  # candidates apply; the application
    if _LEAGUE & {noun.name for noun in nouns}:
        several.add("season")
    speaker = set().union(*(ours(sentence.chunks) for sentence in said)) - several
    named = {noun.name for noun in nouns}
    return [
        replace(
            sentence,
            chunks=tuple(
                chunk if chunk.noun is None else replace(chunk, noun=aside(_sure(chunk.noun, several), named, speaker))
                for chunk in sentence.chunks
            ),
        )
        for sentence in said
    ]


def _met(said: list[Sentence]) -> set[str]:
    """`Trees stand at a site`, `interviews belong to an application`: nothing has to do with what is built."""
    return (
        _counted_by(said)
        | _told_of(said)
        | {
            noun.name
            for sentence in said
            if not sentence.first
            for before, chunk in zip(sentence.chunks, sentence.chunks[1:], strict=False)
            if before.kind == "prep" and before.word in {"to", "at", "on", "in"} and (noun := chunk.noun) is not None
            if before.word != "in" or catalogue().kind(noun.name) == "place"
            if noun.determiner in {"a", "an"} and "_" not in noun.name
        }
    )


def _counted_by(said: list[Sentence]) -> set[str]:
    """`awards are handed out per edition`: there are several of what something is counted by."""
    return {
        noun.name
        for sentence in said
        for before, chunk in zip(sentence.chunks, sentence.chunks[1:], strict=False)
        if before.kind == "prep" and before.word == "per" and (noun := chunk.noun) is not None
        if len(noun.words) == 1 and catalogue().knows(noun.name)
    }


def _told_of(said: list[Sentence]) -> set[str]:
    """`Excavations: a site is divided into trenches`, `policies of a product`: one of several."""
    return {
        noun.name
        for sentence in said
        for before, chunk, then in zip(sentence.chunks, sentence.chunks[1:], sentence.chunks[2:], strict=False)
        if before.kind == "colon" and then.kind in {"verb", "be", "modal"} and (noun := chunk.noun) is not None
        if noun.determiner in {"a", "an"} and len(noun.words) == 1 and catalogue().knows(noun.name)
    } | {
        noun.name
        for sentence in said
        for child, before, chunk in zip(sentence.chunks, sentence.chunks[1:], sentence.chunks[2:], strict=False)
        if child.noun is not None and child.noun.plural and before.word in {"of", "for"} and before.kind == "prep"
        if (noun := chunk.noun) is not None and noun.determiner in {"a", "an"} and len(noun.words) == 1
        if catalogue().exact(noun.name) is not None and catalogue().kind(noun.name) == "thing"
    }


def _sure(noun: Noun, several: set[str]) -> Noun:
    return replace(noun, sure=True) if noun.name in several else noun
