"""What stands in brackets behind a noun: its properties, its choices, or a sentence about it."""

from __future__ import annotations

from helios_magic.designer.catalogue import catalogue
from helios_magic.designer.chunks import Sentence, sentences
from helios_magic.designer.facts import Chooses, Hangs, Noun, Owns, Shares
from helios_magic.designer.properties import bare, is_property, property_kind
from helios_magic.designer.relatives import Relatives
from helios_magic.designer.words import snake


class Brackets(Relatives):
    """How to read a bracket."""

    def read(self) -> None:
        """Read the whole sentence: what `grammar` adds."""
        raise NotImplementedError

    def _bracket(self, noun: Noun, inside: str) -> None:
        if inside[:1].isdigit():
            return  # teams (2 to 5 people)
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
        nouns = _named(sentence)
        joints = {chunk.word for chunk in sentence.chunks if chunk.kind in {"and", "comma"}}
        grouped = is_property(noun) and catalogue().exact(noun.name) is not None  # categories (economy, van)
        if len(nouns) > 1 and ("or" in joints or "/" in joints or (_sorts(nouns) and not grouped)):
            self._fact(Chooses(noun, tuple("_".join(map(snake, each.words)) for each in nouns)))
            return
        for each in nouns:
            if each.other:
                self._fact(Hangs(noun, "of", each))
            elif each.name and (not each.system or is_property(each)):
                self._fact(Owns(noun, each, bracket=True))


def _sorts(nouns: list[Noun]) -> bool:
    """`legs (truck, rail, vessel)`: no properties, and nothing that the catalogue would keep."""
    plain = all(bare(noun) or not (noun.plural or noun.determiner or noun.other) for noun in nouns)
    known = all(catalogue().exact(noun.name) is not None for noun in nouns)
    return plain and not known and not any(is_property(noun) or property_kind(noun.name) for noun in nouns)


def _named(sentence: Sentence) -> list[Noun]:
    """Its nouns; `date of birth` is one."""
    nouns: list[Noun] = []
    of = False
    for chunk in sentence.chunks:
        if chunk.noun is not None:
            if of and nouns and is_property(nouns[-1]) and bare(chunk.noun):
                nouns[-1] = nouns[-1].of(chunk.noun)
            else:
                nouns.append(chunk.noun)
        of = chunk.kind == "prep" and chunk.word == "of"
    return nouns
