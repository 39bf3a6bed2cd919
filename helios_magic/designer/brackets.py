"""What stands in brackets behind a noun: its properties, its choices, or a sentence about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.chunks import Sentence, sentences
from helios_magic.designer.facts import Chooses, Hangs, Noun, Owns, Shares
from helios_magic.designer.properties import bare, is_property, property_kind
from helios_magic.designer.relatives import Relatives
from helios_magic.designer.stands import Chunk
from helios_magic.designer.words import singular, snake, words


class Brackets(Relatives):
    """How to read a bracket."""

    def read(self) -> None:
        """Read the whole sentence: what `grammar` adds."""
        raise NotImplementedError

    def _bracket(self, noun: Noun, inside: str) -> None:
        if re.match(r"[A-Z]{0,2}\d|[IVX]+ ?(?:-|–|to) ?[IVX]+\b", inside):
            return  # teams (2 to 5 people), classes (U9 to U17), phases (I-IV)
        whole = self.chunks[0].noun
        if self.sentence.first and not (self._verbal() or noun.plural) and whole is not None and whole.system:
            return  # backend for a helpdesk (Postgres)
        (sentence,) = sentences(inside.replace(".", " ").replace(";", ","))[:1] or (None,)
        if sentence is None:
            return
        kinds = [chunk.kind for chunk in sentence.chunks]
        if "shares" in kinds and self.context.subject is not None:
            self._fact(Shares(self.context.subject, noun))
        elif any(chunk.kind in {"verb", "be", "modal"} for chunk in sentence.chunks):
            inner = type(self)(sentence, self.reading, self.context)
            inner.read()
        else:
            self._bracketed(noun, sentence)

    def _bracketed(self, noun: Noun, sentence: Sentence) -> None:
        placed = _placed(sentence.chunks)
        if placed:
            self.reading.facts.extend(Hangs(noun, preposition, each) for preposition, each in placed)
            return
        nouns = _named(sentence.chunks)
        joints = {chunk.word for chunk in sentence.chunks if chunk.kind in {"and", "comma"}}
        grouped = is_property(noun) and catalogue().exact(noun.name) is not None  # categories (economy, van)
        sorts = _known_sorts(noun, nouns) or (_sorts(nouns) and not grouped)
        either = "or" in joints or "/" in joints
        if either and any(map(is_property, nouns)):
            nouns = self._some_chosen(noun, sentence)
        elif len(nouns) > 1 and (either or sorts):
            self._choose(noun, nouns)
            return
        elif len(nouns) > 1 and noun.head in words().uncountable and not any(map(is_property, nouns)):
            return  # equipment (tents, stoves): such as these
        for each in nouns:
            if each.other:
                self._fact(Hangs(noun, "of", each))
            elif each.name and (not each.system or is_property(each)):
                self._fact(Owns(noun, each, bracket=True))

    def _choose(self, noun: Noun, nouns: list[Noun]) -> None:
        self._fact(Chooses(noun, tuple("_".join(map(snake, each.words)) for each in nouns)))

    def _some_chosen(self, noun: Noun, sentence: Sentence) -> list[Noun]:
        """`cards (yellow or red, minute)`: a choice among the properties; what is left are properties."""
        left: list[Noun] = []
        for part in _between_commas(sentence.chunks):
            nouns = _named(part)
            if len(nouns) > 1 and any(chunk.kind == "and" and chunk.word in {"or", "/"} for chunk in part):
                if not any(map(is_property, nouns)):
                    self._choose(noun, nouns)
                    continue
                nouns = nouns[:1]  # name or nickname
            left += nouns
        return left


def _placed(chunks: Sequence[Chunk]) -> list[tuple[str, Noun]]:
    """`posts (each by one author, in one category)`: prepositions, each with what stands behind it."""
    rest = chunks[1:] if chunks and chunks[0].kind == "pronoun" and chunks[0].word == "each" else chunks
    parts = _between_commas(rest)
    pairs = [(part[0].word, part[1].noun) for part in parts if [chunk.kind for chunk in part] == ["prep", "np"]]
    found = [(preposition, noun) for preposition, noun in pairs if noun is not None and preposition != "with"]
    stated = all(noun.one or noun.determiner in {"a", "an"} for _, noun in found)
    return found if len(found) == len(parts) and stated else []


def _sorts(nouns: list[Noun]) -> bool:
    """`legs (truck, rail, vessel)`: no properties, and nothing that the catalogue would keep."""
    plain = all(bare(noun) or not (noun.plural or noun.determiner or noun.other) for noun in nouns)
    known = all(catalogue().exact(noun.name) is not None for noun in nouns)
    return plain and not known and not any(is_property(noun) or property_kind(noun.name) for noun in nouns)


def _known_sorts(noun: Noun, nouns: list[Noun]) -> bool:
    """`activities (calls, e-mails, meetings)`, `staff (cooks, waiters)`: sorts of it, as the catalogue knows."""
    entry = catalogue().exact(noun.name)
    known = [catalogue().exact(each.name) for each in nouns]
    if entry is None or not all(each.plural for each in nouns):
        return False
    alike = any(singular(each.name) in entry.called for each in nouns)
    return alike or (entry.kind == "person" and all(each is not None and each.kind == "person" for each in known))


def _between_commas(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    parts: list[list[Chunk]] = [[]]
    for chunk in chunks:
        if chunk.kind == "comma":
            parts.append([])
        else:
            parts[-1].append(chunk)
    return parts


def _named(chunks: Sequence[Chunk]) -> list[Noun]:
    """Its nouns; `date of birth` is one."""
    nouns: list[Noun] = []
    of = False
    for chunk in chunks:
        if chunk.noun is not None:
            if of and nouns and is_property(nouns[-1]) and bare(chunk.noun):
                nouns[-1] = nouns[-1].of(chunk.noun)
            else:
                nouns.append(chunk.noun)
        of = chunk.kind == "prep" and chunk.word == "of"
    return nouns
